// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_download.h"

#include <gmock/gmock.h>

#include "firmware/control/error_code.h"
#include "tests/control/file_client.h"

namespace ocellus::control {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Download : FileTransferTest {
  static std::string Offer(const std::string& name, size_t size, size_t offset) {
    return Format(R"({"type":"offer","name":"%s","size":%zu,"offset":%zu})", name.c_str(), size,
                  offset);
  }
  static std::string End(const FileContent& content) {
    return R"({"type":"end","sha256":")" + HashOf(content) + "\"}";
  }
  static FileContent Tail(const FileContent& content, size_t offset) {
    return FileContent(content.data() + offset, content.data() + content.size());
  }

  const TransferId id = OpenAs(auth::Role::kAdmin);
};

TEST_F(Download, BringsTheWholeFileAndItsHash) {
  const FileContent content = MakeContent(300'001);
  store.Put("recordings", "a.mp4", content);
  SayGet(id, "recordings", "a.mp4");
  const Reply reply = Poll(id);
  EXPECT_THAT(reply.texts, ElementsAre(Offer("a.mp4", content.size(), 0), End(content)));
  EXPECT_EQ(reply.bytes, content);
  EXPECT_FALSE(transfers.PollFinished());
  Say(id, "{'type':'received'}");
  EXPECT_TRUE(IsOver(id));
  EXPECT_EQ(store.open_files(), 0u);
}

TEST_F(Download, BringsFilesOfAnySize) {
  for (const size_t size : {size_t{0}, size_t{1}, kFileMessageSize, kFileBlockSize - 1,
                            kFileBlockSize, kFileBlockSize + 1, 2 * kFileBlockSize}) {
    const FileContent content = MakeContent(size);
    store.Put("recordings", "a", content);
    const TransferId each = OpenAs(auth::Role::kOperator);
    SayGet(each, "recordings", "a");
    const Reply reply = Poll(each);
    EXPECT_THAT(reply.texts, ElementsAre(Offer("a", size, 0), End(content)));
    EXPECT_EQ(reply.bytes, content);
  }
}

TEST_F(Download, ComesInMessagesThatTheClientTakes) {
  const FileContent content = MakeContent(2500);
  store.Put("recordings", "a", content);
  const TransferId small = transfers.Open(now, auth::Role::kOperator, 1000);
  SayGet(small, "recordings", "a");
  std::vector<size_t> sizes;
  for (int turn = 0; turn < 10; ++turn) {
    transfers.HandleStore(now);
    while (const auto message = transfers.PollMessage(now, small, kFileTransferWindow)) {
      if (message->kind == FileMessage::Kind::kBinary) sizes.push_back(message->payload.size());
    }
  }
  EXPECT_THAT(sizes, ElementsAre(1000, 1000, 500));
}

TEST_F(Download, GoesOnInTheMiddleWithTheHashOfAll) {
  const FileContent content = MakeContent(300'000);
  store.Put("recordings", "a", content);
  for (const size_t offset : {size_t{1}, kFileBlockSize, size_t{200'000}, content.size()}) {
    const TransferId each = OpenAs(auth::Role::kOperator);
    SayGet(each, "recordings", "a", offset);
    const Reply reply = Poll(each);
    EXPECT_THAT(reply.texts, ElementsAre(Offer("a", content.size(), offset), End(content)));
    EXPECT_EQ(reply.bytes, Tail(content, offset)) << offset;
  }
}

TEST_F(Download, BringsSnapshotsFromMemory) {
  const FileContent content = MakeContent(100'000);
  ASSERT_TRUE(library.AddSnapshot(Ticket(1), "s", content, 1).ok());
  const TransferId viewer = OpenAs(auth::Role::kViewer);
  Poll(viewer);  // Hashes it.
  SayGet(viewer, "snapshots", "s.jpg", 500);
  const Reply reply = Poll(viewer);
  EXPECT_THAT(
      reply.texts,
      ElementsAre(R"({"type":"offer","name":"s.jpg","size":100000,"offset":500,"sha256":")" +
                      HashOf(content) + "\"}",
                  End(content)));
  EXPECT_EQ(reply.bytes, Tail(content, 500));
}

TEST_F(Download, KeepsASnapshotThatIsDroppedMeanwhile) {
  const FileContent content = MakeContent(100'000);
  ASSERT_TRUE(library.AddSnapshot(Ticket(1), "s", content, 1).ok());
  Poll(id);
  SayGet(id, "snapshots", "s.jpg");
  library.Delete(Ticket(2), auth::Role::kAdmin, "snapshots", "s.jpg");
  EXPECT_EQ(Poll(id).bytes, content);
}

TEST_F(Download, IsOfTheFileAsItWasOpened) {
  const FileContent content = MakeContent(500'000);
  store.Put("recordings", "a", content);
  SayGet(id, "recordings", "a");
  transfers.HandleStore(now);  // It is open.
  store.Put("recordings", "a", MakeContent(100, /*seed=*/2));
  EXPECT_EQ(Poll(id).bytes, content);
}

TEST_F(Download, NeverHasMoreInTheChannelThanItsRoom) {
  store.Put("recordings", "a", MakeContent(1'000'000));
  SayGet(id, "recordings", "a");
  size_t room = kFileTransferWindow;
  for (int turn = 0; turn < 100; ++turn) {
    transfers.HandleStore(now);
    while (const auto message = transfers.PollMessage(now, id, room)) {
      ASSERT_LE(message->payload.size(), room);
      room -= message->payload.size();
    }
  }
  EXPECT_LT(room, kFileMessageSize);
  EXPECT_LE(store.waiting(), 1u);
}

TEST_F(Download, SaysWhyThereIsNone) {
  store.Put("recordings", "a", {1, 2, 3});
  struct Case {
    const char* area;
    const char* name;
    size_t offset;
    int code;
  };
  for (const Case& each :
       {Case{"recordings", "b", 0, kNotFound}, Case{"snapshots", "b.jpg", 0, kNotFound},
        Case{"recordings", "a", 4, kInvalidParams}}) {
    const TransferId other = OpenAs(auth::Role::kAdmin);
    SayGet(other, each.area, each.name, each.offset);
    EXPECT_EQ(CodeOf(PollText(other)), each.code) << each.name;
    EXPECT_TRUE(IsOver(other));
  }
  const TransferId viewer = OpenAs(auth::Role::kViewer);
  SayGet(viewer, "recordings", "a");
  EXPECT_EQ(CodeOf(PollText(viewer)), kPermissionDenied);
  EXPECT_EQ(store.open_files(), 0u);
}

TEST_F(Download, SaysWhenTheFileBecomesShorter) {
  store.Put("recordings", "a", MakeContent(300'000));
  SayGet(id, "recordings", "a");
  transfers.HandleStore(now);
  const_cast<FileContent*>(store.Find("recordings", "a"))->resize(100'000);
  const Reply reply = Poll(id);
  ASSERT_EQ(reply.texts.size(), 2u);
  EXPECT_EQ(CodeOf(reply.texts[1]), kUnavailable);
  EXPECT_TRUE(IsOver(id));
  EXPECT_EQ(store.open_files(), 0u);
}

TEST_F(Download, CanBeCancelledInEachState) {
  store.Put("recordings", "a", MakeContent(300'000));
  store.is_slow = true;
  for (size_t answers = 0; answers < 8; ++answers) {
    const TransferId each = OpenAs(auth::Role::kAdmin);
    SayGet(each, "recordings", "a");
    for (size_t i = 0; i < answers; ++i) {
      store.Work(1);
      Poll(each);
    }
    Say(each, "{'type':'cancel'}");
    EXPECT_THAT(Poll(each).texts, IsEmpty()) << answers;
    EXPECT_TRUE(IsOver(each)) << answers;
    store.Work();
    EXPECT_EQ(store.open_files(), 0u) << answers;
  }
}

TEST_F(Download, EndsWhereTheClientBreaksTheRules) {
  store.Put("recordings", "a", MakeContent(300'000));
  for (const char* text : {"{'type':'received'}", "{'type':'get','area':'recordings','name':'a'}",
                           "{", "{'type':'offer'}"}) {
    const TransferId each = OpenAs(auth::Role::kAdmin);
    SayGet(each, "recordings", "a");
    transfers.HandleStore(now);
    Say(each, text);
    const Reply reply = Poll(each);
    CodeOf(reply.texts.empty() ? "" : reply.texts.back());
    EXPECT_TRUE(IsOver(each)) << text;
  }
  SayGet(id, "recordings", "a");
  transfers.HandleBinary(now, id, Bytes());
  EXPECT_EQ(CodeOf(PollText(id)), kInvalidParams);
  EXPECT_TRUE(IsOver(id));
  EXPECT_EQ(store.open_files(), 0u);
}

}  // namespace
}  // namespace ocellus::control
