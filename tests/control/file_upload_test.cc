// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_upload.h"

#include <gmock/gmock.h>

#include "firmware/control/error_code.h"
#include "tests/control/file_client.h"

namespace ocellus::control {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Upload : FileTransferTest {
  static std::string Accept(size_t offset) {
    return Format(R"({"type":"accept","offset":%zu})", offset);
  }
  static std::string Done(const FileContent& content) {
    return R"({"type":"done","sha256":")" + HashOf(content) + "\"}";
  }
  const FileContent* Stored(const std::string& name) { return store.Find("firmware", name); }

  // An attempt at `content` whose connection breaks after `sent` bytes.
  void BreakAfter(const std::string& name, const FileContent& content, size_t sent) {
    const TransferId id = OpenAs(auth::Role::kAdmin);
    SayPut(id, name, content);
    Poll(id);
    Send(id, content, 0, sent);
    transfers.HandleClosed(id);
  }

  const TransferId admin = OpenAs(auth::Role::kAdmin);
};

TEST_F(Upload, GetsItsNameWhenItIsWhole) {
  const FileContent content = MakeContent(3'000'001);
  SayPut(admin, "a.img", content);
  EXPECT_EQ(PollText(admin), Accept(0));
  Send(admin, content, 0, kFileUploadWindow);
  Poll(admin);
  EXPECT_EQ(Stored("a.img"), nullptr);
  Send(admin, content, kFileUploadWindow, 2 * kFileUploadWindow - kFileProgressStep);
  Poll(admin);
  // From where the camera's last progress was.
  EXPECT_EQ(FileTransferTest::Upload(admin, content, 2 * kFileUploadWindow - kFileProgressStep),
            Done(content));
  ASSERT_NE(Stored("a.img"), nullptr);
  EXPECT_EQ(*Stored("a.img"), content);
  EXPECT_TRUE(IsOver(admin));
  EXPECT_EQ(library.PollChanged(), FileArea::kFirmware);
  EXPECT_EQ(store.open_files(), 0u);
}

TEST_F(Upload, TakesFilesOfAnySize) {
  for (const size_t size : {size_t{0}, size_t{1}, kFileMessageSize, kFileBlockSize - 1,
                            kFileBlockSize, kFileBlockSize + 1, kFileUploadWindow + 1}) {
    const FileContent content = MakeContent(size);
    const TransferId id = OpenAs(auth::Role::kAdmin);
    SayPut(id, "a", content);
    const Reply reply = Poll(id);
    ASSERT_FALSE(reply.texts.empty());
    EXPECT_EQ(reply.texts.front(), Accept(0));
    if (size > 0) {
      EXPECT_EQ(FileTransferTest::Upload(id, content), Done(content)) << size;
    } else {
      EXPECT_EQ(reply.texts.back(), Done(content));
    }
    ASSERT_NE(Stored("a"), nullptr);
    EXPECT_EQ(*Stored("a"), content);
    EXPECT_TRUE(IsOver(id));
  }
}

TEST_F(Upload, TellsItsProgressAsTheDiskWrites) {
  const FileContent content = MakeContent(kFileUploadWindow);
  SayPut(admin, "a", content);
  Poll(admin);
  store.is_slow = true;
  Send(admin, content, 0, kFileUploadWindow - 1);
  EXPECT_THAT(Poll(admin).texts, IsEmpty());
  store.Work();  // The first block. What has come meanwhile is written at once.
  EXPECT_THAT(Poll(admin).texts, IsEmpty());
  store.Work();
  EXPECT_THAT(Poll(admin).texts, ElementsAre(R"({"type":"progress","offset":1048575})"));
}

TEST_F(Upload, GoesOnWhereTheConnectionHasBroken) {
  const FileContent content = MakeContent(700'000);
  BreakAfter("a", content, 500'001);
  SayPut(admin, "a", content);
  EXPECT_EQ(PollText(admin), Accept(500'001));
  EXPECT_EQ(FileTransferTest::Upload(admin, content, 500'001), Done(content));
  EXPECT_EQ(*Stored("a"), content);
}

TEST_F(Upload, GoesOnWhereEverythingHadCome) {
  const FileContent content = MakeContent(100'000);
  store.commit_status = Status(StatusCode::kInternal, "broken");
  store.is_slow = true;
  const TransferId first = OpenAs(auth::Role::kAdmin);
  SayPut(first, "a", content);
  store.Work();
  Poll(first);
  Send(first, content, 0, content.size());
  transfers.HandleClosed(first);
  store.Work();
  store.is_slow = false;
  store.commit_status = {};
  SayPut(admin, "a", content);
  EXPECT_THAT(Poll(admin).texts, ElementsAre(Accept(100'000), Done(content)));
}

TEST_F(Upload, BeginsAnewForAnotherFileOfTheName) {
  BreakAfter("a", MakeContent(700'000), 300'000);
  const FileContent other = MakeContent(700'000, /*seed=*/2);
  SayPut(admin, "a", other);
  EXPECT_EQ(PollText(admin), Accept(0));
  EXPECT_EQ(FileTransferTest::Upload(admin, other), Done(other));
}

TEST_F(Upload, TakesThePlaceOfItsOwnBrokenConnection) {
  const FileContent content = MakeContent(700'000);
  SayPut(admin, "a", content);
  Poll(admin);
  Send(admin, content, 0, 200'000);
  Poll(admin);
  const TransferId again = OpenAs(auth::Role::kAdmin);
  SayPut(again, "a", content);
  EXPECT_EQ(PollText(again), Accept(200'000));
  EXPECT_EQ(CodeOf(PollText(admin)), kFailedPrecondition);
  EXPECT_TRUE(IsOver(admin));
  EXPECT_EQ(FileTransferTest::Upload(again, content, 200'000), Done(content));
  EXPECT_EQ(*Stored("a"), content);
}

TEST_F(Upload, IsNotReplacedWhileItGetsItsName) {
  const FileContent content = MakeContent(1000);
  SayPut(admin, "a", content);
  Poll(admin);
  store.is_slow = true;
  Send(admin, content, 0, content.size());
  store.Work();
  transfers.HandleStore(now);  // Written and committing.
  const TransferId again = OpenAs(auth::Role::kAdmin);
  SayPut(again, "a", content);
  Say(admin, "{'type':'cancel'}");
  Send(admin, content, 0, 1);
  store.is_slow = false;
  store.Work();
  EXPECT_EQ(PollText(admin), Done(content));
  EXPECT_EQ(PollText(again), Accept(0));
}

TEST_F(Upload, WithAWrongHashIsDiscarded) {
  const FileContent content = MakeContent(700'000);
  FileContent broken = content;
  broken[650'000] ^= 1;
  SayPut(admin, "a", content);
  Poll(admin);
  const std::string error = FileTransferTest::Upload(admin, broken);
  EXPECT_EQ(CodeOf(error), kInvalidParams);
  EXPECT_THAT(error, HasSubstr(HashOf(broken)));
  EXPECT_TRUE(IsOver(admin));
  EXPECT_EQ(Stored("a"), nullptr);
  EXPECT_EQ(store.FindPart("firmware", "a"), nullptr);
  EXPECT_FALSE(library.PollChanged());
}

// What an earlier attempt has left may be torn by a power cut.
TEST_F(Upload, NoticesThatWhatIsThereIsBroken) {
  const FileContent content = MakeContent(700'000);
  BreakAfter("a", content, 500'000);
  const_cast<FileContent*>(store.FindPart("firmware", "a"))->at(1234) ^= 1;
  SayPut(admin, "a", content);
  EXPECT_EQ(PollText(admin), Accept(500'000));
  EXPECT_EQ(CodeOf(FileTransferTest::Upload(admin, content, 500'000)), kInvalidParams);
  const TransferId again = OpenAs(auth::Role::kAdmin);
  SayPut(again, "a", content);
  EXPECT_THAT(Poll(again).texts, ElementsAre(Accept(0)));
}

TEST_F(Upload, OfMoreThanItAnnouncedIsDiscarded) {
  const FileContent content = MakeContent(100'000);
  SayPut(admin, "a", content);
  Poll(admin);
  Send(admin, content, 0, 99'999);
  transfers.HandleBinary(now, admin, Bytes(content).first(2));
  EXPECT_EQ(CodeOf(PollText(admin)), kInvalidParams);
  EXPECT_EQ(store.FindPart("firmware", "a"), nullptr);
}

TEST_F(Upload, BeyondTheWindowEnds) {
  const FileContent content = MakeContent(2 * kFileUploadWindow);
  SayPut(admin, "a", content);
  Poll(admin);
  store.is_slow = true;
  Send(admin, content, 0, kFileUploadWindow);
  EXPECT_THAT(Poll(admin).texts, IsEmpty());
  transfers.HandleBinary(now, admin, Bytes(content).first(1));
  EXPECT_EQ(CodeOf(PollText(admin)), kResourceExhausted);
  EXPECT_TRUE(IsOver(admin));
}

// A million messages of one byte cost no more memory than their bytes.
TEST_F(Upload, InTinyMessagesIsWrittenInBlocks) {
  const FileContent content = MakeContent(kFileUploadWindow);
  SayPut(admin, "a", content);
  Poll(admin);
  store.is_slow = true;
  for (size_t i = 0; i < content.size(); ++i) {
    transfers.HandleBinary(now, admin, Bytes(content).subspan(i, 1));
    transfers.HandleBinary(now, admin, Bytes());
  }
  EXPECT_EQ(store.waiting(), 1u);
  store.is_slow = false;
  store.Work();
  EXPECT_EQ(Poll(admin).texts.back(), Done(content));
}

TEST_F(Upload, InMessagesThatAreTooLargeEnds) {
  const FileContent content = MakeContent(100'000);
  SayPut(admin, "a", content);
  Poll(admin);
  transfers.HandleBinary(now, admin, Bytes(content).first(kFileMessageSize + 1));
  EXPECT_EQ(CodeOf(PollText(admin)), kInvalidParams);
}

TEST_F(Upload, BeforeItIsAcceptedEnds) {
  const FileContent content = MakeContent(100);
  store.is_slow = true;
  SayPut(admin, "a", content);
  Send(admin, content, 0, 1);
  EXPECT_EQ(CodeOf(PollText(admin)), kFailedPrecondition);
}

TEST_F(Upload, OntoAFullDiskIsDiscardedAndSaysSo) {
  const FileContent content = MakeContent(700'000);
  store.free_bytes = 300'000;
  SayPut(admin, "a", content);
  Poll(admin);
  const std::string error = FileTransferTest::Upload(admin, content);
  EXPECT_EQ(CodeOf(error), kResourceExhausted);
  EXPECT_THAT(error, HasSubstr("disk is full"));
  EXPECT_EQ(store.FindPart("firmware", "a"), nullptr);
  EXPECT_EQ(store.open_files(), 0u);
}

TEST_F(Upload, OverTheQuotaIsRefusedBeforeItBegins) {
  Say(admin, Format("{'type':'put','area':'firmware','name':'a','size':%u,'sha256':'%s'}",
                    static_cast<unsigned>(kFirmwareAreaSize + 1), HashOf({}).c_str()));
  EXPECT_EQ(CodeOf(PollText(admin)), kResourceExhausted);
  EXPECT_TRUE(IsOver(admin));
}

TEST_F(Upload, ThatCannotGetItsNameIsDiscardedAndSaysSo) {
  const FileContent content = MakeContent(1000);
  store.commit_status = Status(StatusCode::kInternal, "firmware/a: no");
  SayPut(admin, "a", content);
  Poll(admin);
  EXPECT_EQ(CodeOf(FileTransferTest::Upload(admin, content)), kInternalError);
  EXPECT_EQ(store.FindPart("firmware", "a"), nullptr);
  EXPECT_FALSE(library.PollChanged());
}

TEST_F(Upload, TakesTheRoleAdminAndAnAreaForIt) {
  for (const auth::Role role : {auth::Role::kViewer, auth::Role::kOperator}) {
    const TransferId id = OpenAs(role);
    SayPut(id, "a", {});
    EXPECT_EQ(CodeOf(PollText(id)), kPermissionDenied);
  }
  Say(admin,
      "{'type':'put','area':'recordings','name':'a','size':0,'sha256':'" + HashOf({}) + "'}");
  EXPECT_EQ(CodeOf(PollText(admin)), kUnsupported);
}

TEST_F(Upload, IsToldWhenItsClientHasGone) {
  const FileContent content = MakeContent(1000);
  SayPut(admin, "a", content);
  Poll(admin);
  store.is_slow = true;
  Send(admin, content, 0, content.size());
  store.Work();
  transfers.HandleStore(now);
  transfers.HandleClosed(admin);  // While it gets its name.
  store.Work();
  transfers.HandleStore(now);
  EXPECT_EQ(library.PollChanged(), FileArea::kFirmware);
  EXPECT_EQ(*Stored("a"), content);
  EXPECT_EQ(store.open_files(), 0u);
}

TEST_F(Upload, CanBeCancelledInEachState) {
  const FileContent content = MakeContent(300'000);
  BreakAfter("a", content, 150'000);
  store.is_slow = true;
  for (size_t answers = 0; answers < 6; ++answers) {
    const TransferId id = OpenAs(auth::Role::kAdmin);
    SayPut(id, "a", content);
    for (size_t i = 0; i < answers; ++i) {
      store.Work(1);
      for (const std::string& text : Poll(id).texts) {
        const auto parsed = json::Value::Parse(text);
        Send(id, content, static_cast<size_t>(*parsed->view()["offset"].AsNumber()), 200'000);
      }
    }
    Say(id, "{'type':'cancel'}");
    EXPECT_THAT(Poll(id).texts, IsEmpty()) << answers;
    EXPECT_TRUE(IsOver(id)) << answers;
    store.Work();
    EXPECT_EQ(store.open_files(), 0u) << answers;
    EXPECT_EQ(store.FindPart("firmware", "a"), nullptr) << answers;
  }
}

}  // namespace
}  // namespace ocellus::control
