// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "firmware/base/limits.h"
#include "tests/hal/fake_file_store.h"

namespace ocellus::control {
namespace {

using ::testing::HasSubstr;

constexpr Ticket kTicket{7};

struct FileLibraryTest : testing::Test {
  // What a call came to, written; or its error. `other` is what the store answers to others.
  std::string Written(const Outcome& outcome) {
    if (const auto* value = std::get_if<json::Value>(&outcome)) return value->Write();
    if (const auto* status = std::get_if<Status>(&outcome)) return status->ToString();
    EXPECT_FALSE(library.PollCompletion());
    const auto finished = library.PollFinished();
    if (!finished) return "pending";
    EXPECT_EQ(finished->ticket, kTicket);
    return finished->result.ok() ? finished->result->Write() : finished->result.status().ToString();
  }
  std::string List(auth::Role role, const std::string& area) {
    return Written(library.List(kTicket, role, area));
  }
  std::string Delete(auth::Role role, const std::string& area, const std::string& name) {
    return Written(library.Delete(kTicket, role, area, name));
  }
  std::string TakeSnapshot(const std::string& stem, size_t size = 3) {
    EXPECT_TRUE(library.AddSnapshot(kTicket, stem, std::vector<uint8_t>(size, 'x'), 1234).ok());
    return Written(Pending{});
  }

  hal::FakeFileStore store;
  FileLibrary library{&store};
};

TEST_F(FileLibraryTest, ListsTheNewestFilesFirst) {
  store.Put("recordings", "old.mp4", {1, 2, 3});
  store.Put("recordings", "new.mp4", {1});
  EXPECT_EQ(List(auth::Role::kOperator, "recordings"),
            R"({"area":"recordings","total":2,"files":[)"
            R"({"name":"new.mp4","size":1,"modified_unix_ms":1700000000002},)"
            R"({"name":"old.mp4","size":3,"modified_unix_ms":1700000000001}]})");
  EXPECT_EQ(List(auth::Role::kAdmin, "firmware"), R"({"area":"firmware","total":0,"files":[]})");
}

// The list is a message that every client takes: RFC 8841 section 6.1 has 64 KiB as the default.
TEST_F(FileLibraryTest, ListsNoMoreThanAMessageTakes) {
  for (size_t i = 0; i < kMaxListedFiles + 10; ++i) {
    std::string name = std::to_string(i);
    store.Put("recordings", name + std::string(kMaxFileNameSize - name.size(), 'x'), {1});
  }
  const std::string list = List(auth::Role::kOperator, "recordings");
  EXPECT_LT(list.size(), 64u * 1024);
  EXPECT_THAT(list, HasSubstr(R"("total":266)"));
  const auto parsed = json::Value::Parse(list);
  EXPECT_EQ(parsed->view()["files"].size(), kMaxListedFiles);
}

TEST_F(FileLibraryTest, RefusesWhoMayNot) {
  EXPECT_THAT(List(auth::Role::kViewer, "recordings"), HasSubstr("permission denied"));
  EXPECT_THAT(List(auth::Role::kOperator, "firmware"), HasSubstr("admin"));
  EXPECT_THAT(List(auth::Role::kAdmin, "secrets"), HasSubstr("not found"));
  EXPECT_THAT(Delete(auth::Role::kViewer, "snapshots", "a.jpg"), HasSubstr("operator"));
  EXPECT_THAT(Delete(auth::Role::kAdmin, "firmware", "../a"), HasSubstr("invalid"));
}

TEST_F(FileLibraryTest, DeletesFilesAndSaysSo) {
  store.Put("firmware", "a.img", {1});
  EXPECT_EQ(Delete(auth::Role::kAdmin, "firmware", "a.img"), "{}");
  EXPECT_EQ(store.Find("firmware", "a.img"), nullptr);
  EXPECT_EQ(library.PollChanged(), FileArea::kFirmware);
  EXPECT_FALSE(library.PollChanged());
  EXPECT_THAT(Delete(auth::Role::kAdmin, "firmware", "a.img"), HasSubstr("not found"));
  EXPECT_FALSE(library.PollChanged());
}

TEST_F(FileLibraryTest, NamesASnapshotOnceItIsHashed) {
  ASSERT_TRUE(library.AddSnapshot(kTicket, "a", std::vector<uint8_t>(2 * kFileBlockSize), 1).ok());
  EXPECT_EQ(Written(Pending{}), "pending");
  EXPECT_TRUE(library.has_work());
  EXPECT_THAT(Written(Pending{}), HasSubstr(R"("name":"a.jpg","size":131072,)"));
  EXPECT_FALSE(library.has_work());
  EXPECT_EQ(library.PollChanged(), FileArea::kSnapshots);
}

TEST_F(FileLibraryTest, ListsAndDeletesSnapshotsToo) {
  const std::string hash = "cd2eb0837c9b4c962c22d2ff8b5441b7b45805887f051d39bf133b583baf6860";
  EXPECT_EQ(TakeSnapshot("a"), R"({"name":"a.jpg","size":3,"modified_unix_ms":1234,"sha256":")" +
                                   hash + R"(","area":"snapshots"})");
  TakeSnapshot("b");
  EXPECT_THAT(List(auth::Role::kViewer, "snapshots"),
              HasSubstr(R"("total":2,"files":[{"name":"b.jpg")"));
  EXPECT_EQ(Delete(auth::Role::kOperator, "snapshots", "b.jpg"), "{}");
  EXPECT_THAT(List(auth::Role::kViewer, "snapshots"), HasSubstr(R"([{"name":"a.jpg")"));
  EXPECT_THAT(Delete(auth::Role::kOperator, "snapshots", "b.jpg"), HasSubstr("not found"));
}

TEST_F(FileLibraryTest, HasSnapshotsAlsoWithoutAStore) {
  FileLibrary alone(nullptr);
  ASSERT_TRUE(alone.AddSnapshot(kTicket, "a", {1, 2}, 1).ok());
  EXPECT_FALSE(alone.PollCompletion());
  EXPECT_TRUE(alone.PollFinished()->result.ok());
  const Outcome outcome = alone.List(kTicket, auth::Role::kAdmin, "firmware");
  EXPECT_EQ(std::get<Status>(outcome).code(), StatusCode::kUnavailable);
}

TEST_F(FileLibraryTest, RefusesMoreCallsThanItKeeps) {
  store.is_slow = true;
  for (size_t i = 0; i < kMaxFileCalls; ++i) {
    ASSERT_TRUE(
        std::holds_alternative<Pending>(library.List(Ticket(i), auth::Role::kAdmin, "firmware")));
  }
  EXPECT_THAT(List(auth::Role::kAdmin, "firmware"), HasSubstr("too many"));
  store.Work();
  EXPECT_FALSE(library.PollCompletion());
  std::set<uint64_t> answered;
  while (const auto finished = library.PollFinished()) answered.insert(finished->ticket.value());
  EXPECT_EQ(answered.size(), kMaxFileCalls);
}

TEST_F(FileLibraryTest, KeepsAnswersOfCallsAndOfTransfersApart) {
  store.Put("firmware", "a.img", {1, 2});
  const hal::FileRequestId mine =
      library.Start(hal::OpenFile{library.NewHandle(), "firmware", "a.img"});
  ASSERT_TRUE(
      std::holds_alternative<Pending>(library.List(kTicket, auth::Role::kAdmin, "firmware")));
  const auto completion = library.PollCompletion();
  ASSERT_TRUE(completion);
  EXPECT_EQ(completion->id, mine);
  EXPECT_EQ(completion->size, 2u);
  EXPECT_FALSE(library.PollCompletion());
  EXPECT_TRUE(library.PollFinished());
}

}  // namespace
}  // namespace ocellus::control
