// SPDX-License-Identifier: Apache-2.0
// What every hal::FileStore must do; each driver's test instantiates it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hal/file_store.h"

namespace ocellus::hal {

// A store under test: empty, with room for some megabytes.
class FileStoreRig {
 public:
  virtual ~FileStoreRig() = default;
  virtual FileStore& store() = 0;
  // The next completion, which must come.
  virtual FileCompletion Await() = 0;
};

class FileStoreConformance : public testing::TestWithParam<std::unique_ptr<FileStoreRig> (*)()> {
 protected:
  static constexpr uint64_t kQuota = 1'000'000;
  static constexpr std::array<uint8_t, 32> kDigest{1, 2, 3};

  FileRequestId Start(FileRequest request) {
    const FileRequestId id(next_request_++);
    rig_->store().Start(id, std::move(request));
    return id;
  }
  // The answer to `request`, which is the only one.
  FileCompletion Do(FileRequest request) {
    const FileRequestId id = Start(std::move(request));
    FileCompletion completion = rig_->Await();
    EXPECT_EQ(completion.id, id);
    return completion;
  }
  FileHandle NewHandle() { return FileHandle(next_handle_++); }
  CreateFile Creation(FileHandle file, const std::string& name, uint64_t size) const {
    return {file, "firmware", name, size, kDigest, kQuota};
  }
  void Write(const std::string& name, const std::vector<uint8_t>& content) {
    const FileHandle file = NewHandle();
    EXPECT_TRUE(Do(Creation(file, name, content.size())).status.ok());
    EXPECT_TRUE(Do(AppendFile{file, content}).status.ok());
    EXPECT_TRUE(Do(CommitFile{file}).status.ok());
  }
  std::vector<std::string> ListNames(size_t most = 100) {
    std::vector<std::string> names;
    for (const FileEntry& entry : Do(ListFiles{"firmware", most}).files) {
      names.push_back(entry.name);
    }
    return names;
  }
  std::vector<uint8_t> ReadAll(FileHandle file) { return Do(ReadFile{file, 0, 1'000'000}).content; }

  const std::unique_ptr<FileStoreRig> rig_ = GetParam()();
  uint64_t next_request_ = 1;
  uint64_t next_handle_ = 1;
};

TEST_P(FileStoreConformance, HasNothingAtFirst) {
  const FileCompletion list = Do(ListFiles{"recordings", 10});
  EXPECT_TRUE(list.status.ok());
  EXPECT_TRUE(list.files.empty());
  EXPECT_EQ(list.total, 0u);
  EXPECT_EQ(Do(OpenFile{NewHandle(), "firmware", "a"}).status.code(), StatusCode::kNotFound);
  EXPECT_EQ(Do(DeleteFile{"firmware", "a"}).status.code(), StatusCode::kNotFound);
  EXPECT_FALSE(rig_->store().PollCompletion());
}

TEST_P(FileStoreConformance, ReadsWhatWasWritten) {
  const FileHandle file = NewHandle();
  const FileCompletion created = Do(Creation(file, "a", 5));
  EXPECT_TRUE(created.status.ok()) << created.status.ToString();
  EXPECT_EQ(created.size, 0u);
  EXPECT_TRUE(Do(AppendFile{file, {1, 2, 3}}).status.ok());
  EXPECT_TRUE(Do(AppendFile{file, {4, 5}}).status.ok());
  EXPECT_THAT(ListNames(), testing::IsEmpty()) << "it is not whole yet";
  EXPECT_TRUE(Do(CommitFile{file}).status.ok());

  const FileCompletion list = Do(ListFiles{"firmware", 10});
  ASSERT_EQ(list.files.size(), 1u);
  EXPECT_EQ(list.files[0].name, "a");
  EXPECT_EQ(list.files[0].size, 5u);
  EXPECT_GT(list.files[0].modified_unix_ms, 1'500'000'000'000);

  const FileHandle reading = NewHandle();
  EXPECT_EQ(Do(OpenFile{reading, "firmware", "a"}).size, 5u);
  EXPECT_EQ(Do(ReadFile{reading, 1, 2}).content, (std::vector<uint8_t>{2, 3}));
  EXPECT_EQ(Do(ReadFile{reading, 3, 100}).content, (std::vector<uint8_t>{4, 5}));
  EXPECT_THAT(Do(ReadFile{reading, 5, 100}).content, testing::IsEmpty());
}

TEST_P(FileStoreConformance, GoesOnWithWhatWasKept) {
  const FileHandle first = NewHandle();
  Do(Creation(first, "a", 5));
  Do(AppendFile{first, {1, 2, 3}});
  Start(CloseFile{first, Unfinished::kKeep});
  const FileHandle second = NewHandle();
  EXPECT_EQ(Do(Creation(second, "a", 5)).size, 3u);
  EXPECT_EQ(ReadAll(second), (std::vector<uint8_t>{1, 2, 3}));
  Do(AppendFile{second, {4, 5}});
  EXPECT_TRUE(Do(CommitFile{second}).status.ok());
  const FileHandle reading = NewHandle();
  Do(OpenFile{reading, "firmware", "a"});
  EXPECT_EQ(ReadAll(reading), (std::vector<uint8_t>{1, 2, 3, 4, 5}));
}

TEST_P(FileStoreConformance, BeginsAnewForAnotherDigestOrAfterADiscard) {
  const FileHandle first = NewHandle();
  Do(Creation(first, "a", 5));
  Do(AppendFile{first, {1, 2, 3}});
  Start(CloseFile{first, Unfinished::kKeep});
  CreateFile other = Creation(NewHandle(), "a", 5);
  other.digest[0] = 99;
  EXPECT_EQ(Do(other).size, 0u);
  const FileHandle third = NewHandle();
  EXPECT_EQ(Do(Creation(third, "a", 5)).size, 3u);
  Start(CloseFile{third, Unfinished::kDiscard});
  EXPECT_EQ(Do(Creation(NewHandle(), "a", 5)).size, 0u);
}

TEST_P(FileStoreConformance, KeepsReadersFromChanges) {
  Write("a", {1, 2, 3});
  const FileHandle reading = NewHandle();
  Do(OpenFile{reading, "firmware", "a"});
  Write("a", {4, 5});
  EXPECT_EQ(ReadAll(reading), (std::vector<uint8_t>{1, 2, 3}));
  const FileHandle newer = NewHandle();
  Do(OpenFile{newer, "firmware", "a"});
  EXPECT_TRUE(Do(DeleteFile{"firmware", "a"}).status.ok());
  EXPECT_EQ(ReadAll(newer), (std::vector<uint8_t>{4, 5}));
  EXPECT_THAT(ListNames(), testing::IsEmpty());
}

TEST_P(FileStoreConformance, ListsTheNewestFirstAndSaysHowManyThereAre) {
  for (const char* name : {"a", "b", "c"}) Write(name, {1});
  EXPECT_EQ(ListNames(2).size(), 2u);
  const FileCompletion list = Do(ListFiles{"firmware", 2});
  EXPECT_EQ(list.total, 3u);
  EXPECT_GE(list.files[0].modified_unix_ms, list.files[1].modified_unix_ms);
}

TEST_P(FileStoreConformance, KeepsToTheQuota) {
  Write("a", std::vector<uint8_t>(600'000));
  EXPECT_EQ(Do(Creation(NewHandle(), "b", 400'001)).status.code(), StatusCode::kResourceExhausted);
  const FileHandle fits = NewHandle();
  EXPECT_TRUE(Do(Creation(fits, "b", 400'000)).status.ok());
  Start(CloseFile{fits, Unfinished::kDiscard});
  EXPECT_TRUE(Do(Creation(NewHandle(), "a", 1'000'000)).status.ok()) << "it replaces the old one";
}

TEST_P(FileStoreConformance, TakesRequestsInARow) {
  const FileHandle file = NewHandle();
  const FileRequestId created = Start(Creation(file, "a", 2));
  const FileRequestId appended = Start(AppendFile{file, {1, 2}});
  const FileRequestId committed = Start(CommitFile{file});
  Start(CloseFile{file, Unfinished::kDiscard});  // Too late.
  const FileRequestId listed = Start(ListFiles{"firmware", 10});
  EXPECT_EQ(rig_->Await().id, created);
  EXPECT_EQ(rig_->Await().id, appended);
  EXPECT_EQ(rig_->Await().id, committed);
  const FileCompletion list = rig_->Await();
  EXPECT_EQ(list.id, listed);
  EXPECT_EQ(list.total, 1u);
}

TEST_P(FileStoreConformance, SaysThatAFileIsNotOpen) {
  const FileHandle file = NewHandle();
  constexpr auto kNotOpen = StatusCode::kFailedPrecondition;
  EXPECT_EQ(Do(ReadFile{file, 0, 10}).status.code(), kNotOpen);
  EXPECT_EQ(Do(AppendFile{file, {1}}).status.code(), kNotOpen);
  EXPECT_EQ(Do(CommitFile{file}).status.code(), kNotOpen);
  Start(CloseFile{file, Unfinished::kKeep});
  Write("a", {1});
  Do(OpenFile{file, "firmware", "a"});
  EXPECT_EQ(Do(AppendFile{file, {1}}).status.code(), kNotOpen);
  EXPECT_EQ(Do(CommitFile{file}).status.code(), kNotOpen);
  Start(CloseFile{file, Unfinished::kDiscard});
  EXPECT_EQ(ListNames().size(), 1u) << "whoever reads cannot discard";
}

}  // namespace ocellus::hal
