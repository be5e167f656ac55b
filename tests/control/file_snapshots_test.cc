// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_snapshots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/base/limits.h"

namespace ocellus::control {
namespace {

using ::testing::ElementsAre;

std::vector<uint8_t> Jpeg(size_t size) { return std::vector<uint8_t>(size, 7); }

// Adds one, and hashes it.
std::string Take(FileSnapshots& snapshots, const std::string& stem, size_t size = 10) {
  EXPECT_TRUE(snapshots.Add(stem, Jpeg(size), 1).ok());
  const Snapshot* listed = nullptr;
  while (listed == nullptr) listed = snapshots.HashStep();
  return listed->name;
}

std::vector<std::string> NamesOf(const FileSnapshots& snapshots) {
  std::vector<std::string> names;
  for (const Snapshot* snapshot : snapshots.List()) names.push_back(snapshot->name);
  return names;
}

TEST(FileSnapshots, AreListedOnceTheyAreHashed) {
  FileSnapshots snapshots;
  ASSERT_TRUE(snapshots.Add("a", Jpeg(3 * kFileBlockSize), 5).ok());
  EXPECT_EQ(snapshots.HashStep(), nullptr);
  EXPECT_EQ(snapshots.HashStep(), nullptr);
  EXPECT_TRUE(snapshots.is_hashing());
  EXPECT_TRUE(snapshots.List().empty());
  EXPECT_EQ(snapshots.Acquire("a.jpg"), nullptr);
  const Snapshot* listed = snapshots.HashStep();
  ASSERT_NE(listed, nullptr);
  EXPECT_FALSE(snapshots.is_hashing());
  EXPECT_EQ(listed->digest, crypto::Sha256(listed->jpeg));
  EXPECT_EQ(listed->unix_ms, 5);
  EXPECT_THAT(NamesOf(snapshots), ElementsAre("a.jpg"));
}

TEST(FileSnapshots, HaveDifferentNames) {
  FileSnapshots snapshots;
  ASSERT_TRUE(snapshots.Add("a", Jpeg(1), 1).ok());  // Not listed yet.
  ASSERT_TRUE(snapshots.Add("a", Jpeg(2), 1).ok());
  EXPECT_EQ(snapshots.HashStep()->name, "a.jpg");
  EXPECT_EQ(snapshots.HashStep()->name, "a-2.jpg");
  EXPECT_EQ(Take(snapshots, "a"), "a-3.jpg");
}

TEST(FileSnapshots, AreTheNewestOnesFirst) {
  FileSnapshots snapshots;
  for (size_t i = 0; i < kMaxSnapshots + 2; ++i) Take(snapshots, "s" + std::to_string(i));
  EXPECT_THAT(NamesOf(snapshots), ElementsAre("s9.jpg", "s8.jpg", "s7.jpg", "s6.jpg", "s5.jpg",
                                              "s4.jpg", "s3.jpg", "s2.jpg"));
}

TEST(FileSnapshots, StayForTheirReader) {
  FileSnapshots snapshots;
  Take(snapshots, "first", 100);
  const Snapshot* first = snapshots.Acquire("first.jpg");
  const Snapshot* again = snapshots.Acquire("first.jpg");
  ASSERT_EQ(first, again);
  for (size_t i = 0; i < kMaxSnapshots; ++i) Take(snapshots, "s" + std::to_string(i));
  EXPECT_EQ(snapshots.Acquire("first.jpg"), nullptr) << "it is listed no more";
  snapshots.Release(*again);
  EXPECT_EQ(first->jpeg, Jpeg(100));
  snapshots.Release(*first);  // Freed; the address sanitizer would see a use.
  EXPECT_EQ(NamesOf(snapshots).size(), kMaxSnapshots);
}

TEST(FileSnapshots, CanBeDeletedWhileTheyAreRead) {
  FileSnapshots snapshots;
  Take(snapshots, "a", 100);
  const Snapshot* reading = snapshots.Acquire("a.jpg");
  EXPECT_TRUE(snapshots.Delete("a.jpg").ok());
  EXPECT_EQ(snapshots.Delete("a.jpg").code(), StatusCode::kNotFound);
  EXPECT_EQ(reading->jpeg, Jpeg(100));
  EXPECT_EQ(Take(snapshots, "a"), "a.jpg");
  snapshots.Release(*reading);
  EXPECT_THAT(NamesOf(snapshots), ElementsAre("a.jpg"));
}

TEST(FileSnapshots, AreBounded) {
  FileSnapshots snapshots;
  EXPECT_EQ(snapshots.Add("a", Jpeg(kMaxSnapshotSize + 1), 1).code(),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(snapshots.Add("../a", Jpeg(1), 1).code(), StatusCode::kInvalidArgument);
  for (size_t i = 0; i < kMaxSnapshots; ++i) ASSERT_TRUE(snapshots.Add("a", Jpeg(1), 1).ok());
  EXPECT_EQ(snapshots.Add("a", Jpeg(1), 1).code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace ocellus::control
