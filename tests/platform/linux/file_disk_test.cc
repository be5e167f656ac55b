// SPDX-License-Identifier: Apache-2.0
// What the contract of hal::FileStore (tests/hal/file_store_conformance.h) does not say: how files
// lie on the disk, and what else may lie there.
#include "platform/linux/file_disk.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "firmware/base/limits.h"
#include "platform/linux/file.h"
#include "tests/platform/linux/power_cut.h"
#include "tests/platform/linux/temporary_directory.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct FileDiskTest : testing::Test {
  hal::FileCompletion Do(const hal::FileRequest& request) {
    return *disk.Do(hal::FileRequestId(1), request);
  }
  // Closes what it has opened.
  void Close(hal::FileHandle file, hal::Unfinished unfinished = hal::Unfinished::kKeep) {
    EXPECT_FALSE(disk.Do(hal::FileRequestId(1), hal::CloseFile{file, unfinished}));
  }
  // An upload of `size` bytes, of which `there` have come.
  Status Begin(hal::FileHandle file, const std::string& name, uint64_t size, size_t there = 0) {
    const Status status = Do(hal::CreateFile{file, "firmware", name, size, {}, kQuota}).status;
    if (status.ok() && there > 0) {
      EXPECT_TRUE(Do(hal::AppendFile{file, std::vector<uint8_t>(there)}).status.ok());
    }
    return status;
  }
  Status Write(const std::string& name, size_t size) {
    RETURN_IF_ERROR(Begin(kFile, name, size, size));
    return Do(hal::CommitFile{kFile}).status;
  }
  // Everything that stands in the area.
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(area)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }
  void Age(const std::string& path, int64_t seconds) const {
    const timespec times[2] = {{seconds, 0}, {seconds, 0}};
    EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }
  std::string PartOf(const std::string& name) const {
    return area + "/." + name + "." + std::string(64, '0') + ".part";
  }

  static constexpr uint64_t kQuota = 10'000'000;
  static constexpr hal::FileHandle kFile{1};
  static constexpr hal::FileHandle kOther{2};

  TemporaryDirectory directory;
  const std::string area = directory / "files/firmware";
  FileDisk disk{directory / "files"};
};

TEST_F(FileDiskTest, KeepsFilesForOurUserOnly) {
  const mode_t before = umask(0);
  ASSERT_TRUE(Write("a.img", 10).ok());
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat((area + "/a.img").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  ASSERT_EQ(stat(area.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  EXPECT_THAT(Names(), ElementsAre("a.img"));
}

TEST_F(FileDiskTest, ReadsAndListsRegularFilesOnly) {
  ASSERT_TRUE(Write("a.img", 10).ok());
  ASSERT_EQ(mkfifo((area + "/fifo").c_str(), 0600), 0);
  ASSERT_EQ(mkdir((area + "/folder").c_str(), 0700), 0);
  ASSERT_EQ(symlink("/etc/passwd", (area + "/link").c_str()), 0);
  ASSERT_TRUE(WriteFileAtomically(area + "/.hidden", {}, FileAccess::kPublic).ok());
  ASSERT_TRUE(WriteFileAtomically(area + "/a*b", {}, FileAccess::kPublic).ok());
  ASSERT_TRUE(Begin(kFile, "b.img", 10, 5).ok());
  EXPECT_EQ(Do(hal::ListFiles{"firmware", 100}).total, 1u);
  EXPECT_EQ(Do(hal::OpenFile{kOther, "firmware", "fifo"}).status.code(), StatusCode::kUnsupported);
  EXPECT_EQ(Do(hal::OpenFile{kOther, "firmware", "folder"}).status.code(),
            StatusCode::kUnsupported);
  EXPECT_FALSE(Do(hal::OpenFile{kOther, "firmware", "link"}).status.ok());
  EXPECT_FALSE(Do(hal::DeleteFile{"firmware", "folder"}).status.ok());
}

TEST_F(FileDiskTest, TakesNoPathForAName) {
  ASSERT_TRUE(Write("a.img", 10).ok());
  for (const char* name : {"../firmware/a.img", "..", ".", "", "a/b", ".a.part"}) {
    constexpr auto kInvalid = StatusCode::kInvalidArgument;
    EXPECT_EQ(Do(hal::OpenFile{kFile, "firmware", name}).status.code(), kInvalid) << name;
    EXPECT_EQ(Do(hal::DeleteFile{"firmware", name}).status.code(), kInvalid) << name;
    EXPECT_EQ(Begin(kFile, name, 10).code(), kInvalid) << name;
  }
}

TEST_F(FileDiskTest, NamesNoPathOfTheDiskInItsErrors) {
  const Status missing = Do(hal::OpenFile{kFile, "firmware", "a.img"}).status;
  EXPECT_THAT(missing.message(), HasSubstr("firmware/a.img"));
  EXPECT_THAT(missing.message(), Not(HasSubstr(directory.path())));
}

TEST_F(FileDiskTest, GoesOnAfterAPowerCut) {
  ASSERT_TRUE(Begin(kFile, "a.img", 10, 5).ok());
  FileDisk next(directory / "files");  // The first one never closes what it has open.
  const auto created =
      *next.Do(hal::FileRequestId(1), hal::CreateFile{kOther, "firmware", "a.img", 10, {}, kQuota});
  EXPECT_TRUE(created.status.ok());
  EXPECT_EQ(created.size, 5u);
}

TEST_F(FileDiskTest, BeginsAnewWhereMoreIsThereThanShouldBe) {
  ASSERT_TRUE(Begin(kFile, "a.img", 10, 5).ok());
  Close(kFile);
  const auto created = Do(hal::CreateFile{kFile, "firmware", "a.img", 4, {}, kQuota});
  EXPECT_TRUE(created.status.ok());
  EXPECT_EQ(created.size, 0u);
}

TEST_F(FileDiskTest, DeletesWhatOtherAttemptsLeftWhenItNeedsTheRoom) {
  for (const std::string name : {"old", "older", "new"}) {
    ASSERT_TRUE(Begin(kFile, name, 4'000'000, 3'000'000).ok());
    Close(kFile);
  }
  Age(PartOf("older"), 1'000);
  Age(PartOf("old"), 2'000);
  ASSERT_TRUE(Begin(kFile, "a.img", 4'000'000).ok());
  EXPECT_EQ(access(PartOf("older").c_str(), F_OK), -1);
  EXPECT_EQ(access(PartOf("old").c_str(), F_OK), 0);
  // What is being written stays, and counts with the size that it will have.
  ASSERT_TRUE(Begin(kOther, "b.img", 6'000'000).ok());
  EXPECT_EQ(access(PartOf("new").c_str(), F_OK), -1);
  EXPECT_EQ(access(PartOf("a.img").c_str(), F_OK), 0);
  const Status full = Begin(hal::FileHandle(3), "c.img", 1);
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(full.message(), HasSubstr("10000001"));
  EXPECT_EQ(access(PartOf("c.img").c_str(), F_OK), -1);
}

TEST_F(FileDiskTest, KeepsWhatIsThereWhenThereIsNoRoomForTheRest) {
  ASSERT_TRUE(Begin(kFile, "a.img", 8'000'000, 1'000).ok());
  Close(kFile);
  ASSERT_TRUE(Write("b.img", 3'000'000).ok());
  EXPECT_EQ(Begin(kFile, "a.img", 8'000'000).code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(access(PartOf("a.img").c_str(), F_OK), 0);
}

TEST_F(FileDiskTest, LimitsTheNumberOfFiles) {
  for (size_t i = 0; i < kMaxUploadedFiles; ++i) {
    ASSERT_TRUE(Write("f" + std::to_string(i), 0).ok());
  }
  EXPECT_EQ(Write("more", 0).code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(Write("f0", 1).ok()) << "it replaces one";
}

TEST_F(FileDiskTest, LeavesRoomOnTheDisk) {
  constexpr uint64_t kHuge = uint64_t{1} << 60;
  const Status full = Do(hal::CreateFile{kFile, "firmware", "a.img", kHuge, {}, 2 * kHuge}).status;
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(full.message(), HasSubstr("the disk has"));
  EXPECT_THAT(Names(), IsEmpty());
}

// The largest size of a file stands for a full disk: some bytes fit, then none.
TEST_F(FileDiskTest, SaysWhenNoMoreFits) {
  ASSERT_TRUE(Begin(kFile, "a.img", 100'000, 10'000).ok());
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit full{50'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  const Status status = Do(hal::AppendFile{kFile, std::vector<uint8_t>(90'000)}).status;
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(status.message(), HasSubstr("firmware/a.img"));
  Close(kFile, hal::Unfinished::kDiscard);
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(FileDiskTest, APowerCutLeavesTheOldOrTheNew) {
  std::string order;
  PowerCut cut = PowerCut::kHappened;
  for (int call = 1; cut == PowerCut::kHappened; ++call) {
    ASSERT_TRUE(Write("a.img", 1'000).ok());
    cut = CutPowerAtCall(
        call,
        [&] {
          if (!Write("a.img", 100'000).ok()) _exit(1);
        },
        order);
    if (cut == PowerCut::kUnsupported) GTEST_SKIP() << "processes cannot be traced here";
    const uint64_t size = Do(hal::OpenFile{kOther, "firmware", "a.img"}).size;
    EXPECT_TRUE(size == 1'000 || size == 100'000) << size << " bytes at call " << call;
    Close(kOther);
  }
  EXPECT_EQ(order, "sync rename sync");
}

TEST_F(FileDiskTest, IsNotWrittenByTwoAtOnce) {
  ASSERT_TRUE(Begin(kFile, "a.img", 10, 5).ok());
  EXPECT_EQ(Begin(kOther, "a.img", 10).code(), StatusCode::kFailedPrecondition);
  Close(kFile);
  EXPECT_TRUE(Begin(kOther, "a.img", 10).ok());
}

TEST_F(FileDiskTest, KeepsTheOldFileWhenTheNewOneCannotGetItsName) {
  ASSERT_TRUE(Begin(kFile, "a.img", 3, 3).ok());
  ASSERT_EQ(mkdir((area + "/a.img").c_str(), 0700), 0);  // rename(2) cannot replace a directory.
  EXPECT_FALSE(Do(hal::CommitFile{kFile}).status.ok());
  Close(kFile, hal::Unfinished::kDiscard);
  EXPECT_THAT(Names(), ElementsAre("a.img"));
}

}  // namespace
}  // namespace ocellus::linux_platform
