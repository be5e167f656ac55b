// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_transfers.h"

#include <gmock/gmock.h>

#include "firmware/control/error_code.h"
#include "tests/control/file_client.h"

namespace ocellus::control {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using FileTransfersTest = FileTransferTest;

TEST_F(FileTransfersTest, AreIndependent) {
  const FileContent a = MakeContent(500'000, 1);
  const FileContent b = MakeContent(400'000, 2);
  store.Put("recordings", "a", a);
  const TransferId download = OpenAs(auth::Role::kOperator);
  const TransferId upload = OpenAs(auth::Role::kAdmin);
  SayGet(download, "recordings", "a");
  SayPut(upload, "b", b);
  EXPECT_EQ(Poll(upload).texts.size(), 1u);
  Send(upload, b, 0, b.size());
  EXPECT_EQ(Poll(download).bytes, a);
  EXPECT_EQ(PollText(upload), R"({"type":"done","sha256":")" + HashOf(b) + "\"}");
  EXPECT_EQ(*store.Find("firmware", "b"), b);
}

TEST_F(FileTransfersTest, WaitForTheirRequestFirst) {
  const TransferId silent = OpenAs(auth::Role::kAdmin);
  EXPECT_EQ(transfers.next_deadline(), now + FileTransfers::kIdleTimeout);
  for (const char* text : {"", "hello", "{'type':'received'}"}) {
    const TransferId id = OpenAs(auth::Role::kAdmin);
    Say(id, text);
    CodeOf(PollText(id));
    EXPECT_TRUE(IsOver(id)) << text;
  }
  const TransferId early = OpenAs(auth::Role::kAdmin);
  Send(early, {1}, 0, 1);
  EXPECT_EQ(CodeOf(PollText(early)), kFailedPrecondition);
  EXPECT_TRUE(IsOver(early));
  Say(silent, "{'type':'cancel'}");
  EXPECT_TRUE(IsOver(silent));
}

TEST_F(FileTransfersTest, IgnoreWhatComesAfterTheirEnd) {
  const TransferId id = OpenAs(auth::Role::kAdmin);
  SayGet(id, "recordings", "missing");
  transfers.HandleStore(now);
  SayGet(id, "recordings", "missing");
  Send(id, {1}, 0, 1);
  EXPECT_EQ(Poll(id).texts.size(), 1u);
  EXPECT_TRUE(IsOver(id));
  Say(id, "{'type':'cancel'}");
  Send(id, {1}, 0, 1);
  transfers.HandleClosed(id);
  EXPECT_THAT(Poll(id).texts, IsEmpty());
  EXPECT_FALSE(transfers.PollFinished());
  EXPECT_EQ(transfers.count(), 0u);
}

TEST_F(FileTransfersTest, AreForgottenWhenTheirChannelCloses) {
  store.Put("recordings", "a", MakeContent(300'000));
  const TransferId id = OpenAs(auth::Role::kOperator);
  SayGet(id, "recordings", "a");
  transfers.HandleStore(now);
  transfers.HandleClosed(id);
  EXPECT_EQ(transfers.count(), 0u);
  EXPECT_EQ(store.open_files(), 0u);
  EXPECT_FALSE(transfers.PollFinished());
  EXPECT_EQ(transfers.next_deadline(), kNever);
}

TEST_F(FileTransfersTest, EndWhenTheClientAsksNothing) {
  const TransferId id = OpenAs(auth::Role::kViewer);
  now += FileTransfers::kIdleTimeout;
  transfers.HandleTimeout(now);
  EXPECT_EQ(CodeOf(PollText(id)), kTimeout);
  EXPECT_TRUE(IsOver(id));
}

// Checklist 44.
TEST_F(FileTransfersTest, EndWhenTheClientStopsReading) {
  store.Put("recordings", "a", MakeContent(3'000'000));
  const TransferId id = OpenAs(auth::Role::kOperator);
  SayGet(id, "recordings", "a");
  EXPECT_THAT(Poll(id, kMaxFileTextSize).texts.size(), 1u);  // The offer.
  now += FileTransfers::kIdleTimeout - Duration(1);
  transfers.HandleTimeout(now);
  EXPECT_EQ(store.open_files(), 1u);
  now += Duration(1);
  transfers.HandleTimeout(now);
  EXPECT_EQ(store.open_files(), 0u);
  EXPECT_FALSE(transfers.PollFinished()) << "there may be room for the error";
  // There is none.
  EXPECT_THAT(Poll(id, 0).texts, IsEmpty());
  now += FileTransfers::kIdleTimeout;
  EXPECT_EQ(transfers.next_deadline(), now);
  transfers.HandleTimeout(now);
  EXPECT_TRUE(IsOver(id));
  EXPECT_EQ(transfers.next_deadline(), kNever);
}

TEST_F(FileTransfersTest, EndWhenTheClientStopsSendingAndGoOnLater) {
  const FileContent content = MakeContent(500'000);
  const TransferId id = OpenAs(auth::Role::kAdmin);
  SayPut(id, "a", content);
  Poll(id);
  Send(id, content, 0, 100'000);
  Poll(id);
  now += FileTransfers::kIdleTimeout;
  transfers.HandleTimeout(now);
  EXPECT_EQ(CodeOf(PollText(id)), kTimeout);
  EXPECT_TRUE(IsOver(id));
  const TransferId again = OpenAs(auth::Role::kAdmin);
  SayPut(again, "a", content);
  EXPECT_EQ(PollText(again), R"({"type":"accept","offset":100000})");
}

TEST_F(FileTransfersTest, HaveTimeWhileTheDiskIsSlow) {
  const FileContent content = MakeContent(100'000);
  const TransferId id = OpenAs(auth::Role::kAdmin);
  store.is_slow = true;
  SayPut(id, "a", content);
  now += std::chrono::minutes(5);
  transfers.HandleTimeout(now);
  EXPECT_EQ(transfers.next_deadline(), kNever);
  store.Work();
  Poll(id);
  Send(id, content, 0, content.size());
  now += std::chrono::minutes(5);
  transfers.HandleTimeout(now);
  store.is_slow = false;
  store.Work();
  EXPECT_EQ(PollText(id), R"({"type":"done","sha256":")" + HashOf(content) + "\"}");
}

TEST_F(FileTransfersTest, EndWhenTheClientNeverSaysThatItHasAll) {
  store.Put("recordings", "a", {1});
  const TransferId id = OpenAs(auth::Role::kOperator);
  SayGet(id, "recordings", "a");
  Poll(id);
  EXPECT_FALSE(transfers.PollFinished());
  now += FileTransfers::kIdleTimeout;
  transfers.HandleTimeout(now);
  EXPECT_EQ(CodeOf(PollText(id)), kTimeout);
  EXPECT_TRUE(IsOver(id));
}

TEST_F(FileTransfersTest, TakeABoundedStepEachTurn) {
  store.Put("recordings", "a", MakeContent(3'000'000));
  std::vector<TransferId> ids;
  for (size_t i = 0; i < 2 * kMaxFileCompletionsPerTurn; ++i) {
    ids.push_back(OpenAs(auth::Role::kOperator));
    SayGet(ids.back(), "recordings", "a");
  }
  transfers.HandleStore(now);
  EXPECT_LE(transfers.next_deadline(), now) << "there is more to do";
  size_t offers = 0;
  for (const TransferId id : ids) offers += transfers.PollMessage(now, id, 1000) ? 1 : 0;
  EXPECT_EQ(offers, kMaxFileCompletionsPerTurn);
}

TEST_F(FileTransfersTest, HashSnapshotsStepByStep) {
  ASSERT_TRUE(library.AddSnapshot(Ticket(1), "s", MakeContent(3 * kFileBlockSize), 1).ok());
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_LE(transfers.next_deadline(), now);
    EXPECT_FALSE(library.PollFinished());
    transfers.HandleStore(now);
  }
  EXPECT_TRUE(library.PollFinished());
  EXPECT_EQ(transfers.next_deadline(), kNever);
}

// Viewers that take all they may leave room for those who steer.
TEST_F(FileTransfersTest, AreLimited) {
  store.Put("recordings", "a", MakeContent(300'000));
  ASSERT_TRUE(library.AddSnapshot(Ticket(1), "s", MakeContent(100'000), 1).ok());
  transfers.HandleStore(now);
  transfers.HandleStore(now);
  std::vector<TransferId> viewers;
  for (size_t i = 0; i < kMaxViewerFileTransfers; ++i) {
    viewers.push_back(OpenAs(auth::Role::kViewer));
    SayGet(viewers.back(), "snapshots", "s.jpg");
  }
  const TransferId refused = OpenAs(auth::Role::kViewer);
  SayGet(refused, "snapshots", "s.jpg");
  EXPECT_EQ(CodeOf(PollText(refused)), kResourceExhausted);
  EXPECT_TRUE(IsOver(refused));
  for (size_t i = kMaxViewerFileTransfers; i < kMaxFileTransfers; ++i) {
    const TransferId id = OpenAs(auth::Role::kOperator);
    SayGet(id, "recordings", "a");
    EXPECT_EQ(Poll(id, kMaxFileTextSize).texts.size(), 1u);
  }
  const TransferId admin = OpenAs(auth::Role::kAdmin);
  SayGet(admin, "recordings", "a");
  EXPECT_EQ(CodeOf(PollText(admin)), kResourceExhausted);

  transfers.HandleClosed(viewers.front());
  const TransferId next = OpenAs(auth::Role::kViewer);
  SayGet(next, "snapshots", "s.jpg");
  EXPECT_EQ(Poll(next).bytes.size(), 100'000u);
}

TEST_F(FileTransfersTest, SayThatThereIsNoStore) {
  FileLibrary alone(nullptr);
  FileTransfers without(alone);
  for (const char* request :
       {R"({"type":"get","area":"firmware","name":"a"})",
        R"({"type":"put","area":"firmware","name":"a","size":0,"sha256":)"
        R"("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})"}) {
    const TransferId id = without.Open(now, auth::Role::kAdmin);
    without.HandleText(now, id, request);
    without.HandleStore(now);
    const auto message = without.PollMessage(now, id, 1000);
    ASSERT_TRUE(message);
    EXPECT_EQ(CodeOf(std::string(AsText(message->payload))), kUnavailable);
    EXPECT_EQ(without.PollFinished(), id);
  }
}

}  // namespace
}  // namespace ocellus::control
