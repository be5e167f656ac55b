// SPDX-License-Identifier: Apache-2.0
// The fakes for files and settings keep the contracts of what they stand for.
#include "tests/hal/fake_file_store.h"
#include "tests/hal/fake_storage.h"
#include "tests/hal/file_store_conformance.h"

namespace ocellus::hal {
namespace {

struct FakeFileStoreRig final : FileStoreRig {
  FileStore& store() override { return fake; }
  FileCompletion Await() override {
    std::optional<FileCompletion> completion = fake.PollCompletion();
    CHECK(completion.has_value(), "no completion; %zu requests wait", fake.waiting());
    return std::move(*completion);
  }

  FakeFileStore fake;
};

INSTANTIATE_TEST_SUITE_P(Fake, FileStoreConformance, testing::Values([] {
                           return std::unique_ptr<FileStoreRig>(new FakeFileStoreRig());
                         }));

TEST(FakeStorage, KeepsWhatIsWrittenUnlessTheDiskIsBroken) {
  FakeStorage storage;
  EXPECT_EQ(storage.Read("a").status().code(), StatusCode::kNotFound);
  storage.Write("a", "1");
  EXPECT_EQ(*storage.Read("a"), "1");
  storage.write_status = Status(StatusCode::kResourceExhausted, "full");
  storage.Write("a", "2");
  EXPECT_EQ(*storage.Read("a"), "1");
  storage.write_status = {};
  storage.Write("a", std::nullopt);
  EXPECT_EQ(storage.Read("a").status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(storage.PollWritten()->status.ok());
  EXPECT_EQ(storage.PollWritten()->status.code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(storage.PollWritten()->status.ok());
  EXPECT_FALSE(storage.PollWritten());
}

}  // namespace
}  // namespace ocellus::hal
