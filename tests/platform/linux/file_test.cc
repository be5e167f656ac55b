// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/platform/linux/power_cut.h"
#include "tests/platform/linux/temporary_directory.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::HasSubstr;

mode_t ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(File, ComesBackAsWritten) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const std::string content(10'000, 'x');
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes(content), FileAccess::kPublic).ok());
  EXPECT_EQ(*ReadFile(path, content.size(), FileAccess::kPublic), content);
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("other"), FileAccess::kPublic).ok());
  EXPECT_EQ(*ReadFile(path, 100, FileAccess::kPublic), "other");
  EXPECT_NE(access((path + ".new").c_str(), F_OK), 0);
}

// Checklist 30: one certificate per device, made at first boot, key file 0600.
TEST(File, SecretsAreOursAloneFromTheStart) {
  const TemporaryDirectory directory;
  const std::string path = directory / "key.pem";
  const mode_t before = umask(0);
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("secret"), FileAccess::kSecret).ok());
  umask(before);
  EXPECT_EQ(ModeOf(path), 0600u);
  EXPECT_EQ(*ReadFile(path, 100, FileAccess::kSecret), "secret");
}

// Checklist 30.
TEST(File, SecretsThatOthersCanReadAreRefused) {
  const TemporaryDirectory directory;
  const std::string path = directory / "key.pem";
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("secret"), FileAccess::kPublic).ok());
  const Status status = ReadFile(path, 100, FileAccess::kSecret).status();
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(status.message(), HasSubstr(path));
  EXPECT_THAT(status.message(), HasSubstr("0644"));
  EXPECT_THAT(status.message(), HasSubstr("chmod 600"));
}

TEST(File, WhatAPowerCutLeftIsReplaced) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  ASSERT_TRUE(WriteFileAtomically(path + ".new", AsBytes("half"), FileAccess::kPublic).ok());
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("whole"), FileAccess::kSecret).ok());
  EXPECT_EQ(*ReadFile(path, 100, FileAccess::kSecret), "whole");
}

TEST(File, AFailedWriteKeepsTheOldFile) {
  const TemporaryDirectory directory;
  const std::string path = directory / "name";
  ASSERT_EQ(mkdir(path.c_str(), 0700), 0);  // rename(2) cannot replace a directory by a file.
  const Status status = WriteFileAtomically(path, AsBytes("x"), FileAccess::kPublic);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr(path));
  EXPECT_NE(access((path + ".new").c_str(), F_OK), 0);
}

TEST(File, APowerCutLeavesTheOldOrTheNew) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  const std::string before(3'000, 'a');
  const std::string after(5'000, 'b');
  std::string order;
  PowerCut cut = PowerCut::kHappened;
  for (int call = 1; cut == PowerCut::kHappened; ++call) {
    ASSERT_TRUE(WriteFileAtomically(path, AsBytes(before), FileAccess::kSecret).ok());
    const auto body = [&] {
      if (!WriteFileAtomically(path, AsBytes(after), FileAccess::kSecret).ok()) _exit(1);
    };
    cut = CutPowerAtCall(call, body, order);
    if (cut == PowerCut::kUnsupported) GTEST_SKIP() << "processes cannot be traced here";
    const auto content = ReadFile(path, 10'000, FileAccess::kSecret);
    ASSERT_TRUE(content.ok()) << content.status().ToString() << " at call " << call;
    EXPECT_TRUE(*content == before || *content == after) << "torn at call " << call;
  }
  // The content is on the disk before it has the name, and then the name is.
  EXPECT_EQ(order, "sync rename sync");
}

TEST(File, IsGoneOnceRemoved) {
  const TemporaryDirectory directory;
  const std::string path = directory / "file";
  ASSERT_TRUE(WriteFileAtomically(path, AsBytes("x"), FileAccess::kPublic).ok());
  EXPECT_TRUE(RemoveFile(path).ok());
  EXPECT_NE(access(path.c_str(), F_OK), 0);
  const Status again = RemoveFile(path);
  EXPECT_EQ(again.code(), StatusCode::kNotFound);
  EXPECT_THAT(again.message(), HasSubstr(path));
}

TEST(File, ErrorsNameThePath) {
  const TemporaryDirectory directory;
  const Status missing = ReadFile(directory / "missing", 100, FileAccess::kPublic).status();
  EXPECT_EQ(missing.code(), StatusCode::kNotFound);
  EXPECT_THAT(missing.message(), HasSubstr(directory / "missing"));
  EXPECT_EQ(ReadFile(directory.path(), 100, FileAccess::kPublic).status().code(),
            StatusCode::kUnsupported);
  const std::string large = directory / "large";
  ASSERT_TRUE(WriteFileAtomically(large, AsBytes("12345"), FileAccess::kPublic).ok());
  EXPECT_EQ(ReadFile(large, 4, FileAccess::kPublic).status().code(),
            StatusCode::kResourceExhausted);
}

TEST(File, AFifoDoesNotBlock) {
  const TemporaryDirectory directory;
  const std::string path = directory / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(ReadFile(path, 100, FileAccess::kPublic).status().code(), StatusCode::kUnsupported);
}

TEST(File, DirectoriesAreMadeWithTheirParentsForUsAlone) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(CreateDirectories(directory / "a/b/c").ok());
  EXPECT_EQ(ModeOf(directory / "a/b/c"), 0700u);
  EXPECT_TRUE(CreateDirectories(directory / "a/b/c").ok());
}

TEST(File, ADirectoryInPlaceOfAFileIsRefused) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileAtomically(directory / "file", {}, FileAccess::kPublic).ok());
  EXPECT_FALSE(CreateDirectories(directory / "file").ok());
  EXPECT_FALSE(CreateDirectories(directory / "file/below").ok());
}

}  // namespace
}  // namespace ocellus::linux_platform
