// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "firmware/base/limits.h"
#include "platform/linux/file.h"
#include "tests/platform/linux/awaiting_waker.h"
#include "tests/platform/linux/temporary_directory.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::HasSubstr;

struct LinuxStorageTest : testing::Test {
  void Open() { storage = std::move(*LinuxStorage::Open(directory / "state", waker)); }
  hal::StorageWritten Await() {
    return waker.AwaitPolled([&] { return storage->PollWritten(); });
  }

  TemporaryDirectory directory;
  AwaitingWaker waker;
  std::unique_ptr<LinuxStorage> storage =
      std::move(*LinuxStorage::Open(directory / "state", waker));
};

TEST_F(LinuxStorageTest, OutlivesTheProgram) {
  EXPECT_EQ(storage->Read("settings.json").status().code(), StatusCode::kNotFound);
  storage->Write("settings.json", "{}");
  const hal::StorageWritten written = Await();
  EXPECT_EQ(written.name, "settings.json");
  EXPECT_TRUE(written.status.ok()) << written.status.ToString();
  Open();
  EXPECT_EQ(*storage->Read("settings.json"), "{}");
}

TEST_F(LinuxStorageTest, LosesNothingThatWasWrittenBeforeTheEnd) {
  for (int i = 0; i <= 20; ++i) {
    storage->Write("a", std::to_string(i));
    storage->Write("b", std::to_string(2 * i));
  }
  Open();
  EXPECT_EQ(*storage->Read("a"), "20");
  EXPECT_EQ(*storage->Read("b"), "40");
}

TEST_F(LinuxStorageTest, WritesOnlyTheLastOfThoseThatWait) {
  for (int i = 0; i <= 1000; ++i) storage->Write("a", std::to_string(i));
  EXPECT_TRUE(Await().status.ok());
  EXPECT_TRUE(Await().status.ok());
  EXPECT_FALSE(storage->PollWritten());
  EXPECT_EQ(*storage->Read("a"), "1000");
}

TEST_F(LinuxStorageTest, RemovesWhatIsNotToBeKept) {
  storage->Write("a", "1");
  EXPECT_TRUE(Await().status.ok());
  storage->Write("a", std::nullopt);
  EXPECT_TRUE(Await().status.ok());
  EXPECT_EQ(storage->Read("a").status().code(), StatusCode::kNotFound);
  storage->Write("a", std::nullopt);
  EXPECT_TRUE(Await().status.ok()) << "it is gone already";
}

TEST_F(LinuxStorageTest, KeepsThingsForOurUserOnly) {
  storage->Write("token", "secret");
  EXPECT_TRUE(Await().status.ok());
  struct stat status {};
  const std::string path = directory / "state/token";
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_EQ(storage->Read("token").status().code(), StatusCode::kPermissionDenied);
}

TEST_F(LinuxStorageTest, SaysWhatCouldNotBeWrittenAndKeepsTheOld) {
  storage->Write("a", "old");
  EXPECT_TRUE(Await().status.ok());
  storage->Write("a", std::string(kMaxStoredSize + 1, 'x'));
  const hal::StorageWritten too_large = Await();
  EXPECT_EQ(too_large.status.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(too_large.status.message(), HasSubstr("/a"));
  EXPECT_EQ(*storage->Read("a"), "old");

  ASSERT_TRUE(WriteFileAtomically(directory / "file", {}, FileAccess::kPublic).ok());
  storage = std::move(*LinuxStorage::Open(directory / "file", waker));
  storage->Write("a", "1");
  EXPECT_FALSE(Await().status.ok());
}

}  // namespace
}  // namespace ocellus::linux_platform
