// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/file_store.h"

#include "tests/hal/file_store_conformance.h"
#include "tests/platform/linux/awaiting_waker.h"
#include "tests/platform/linux/temporary_directory.h"

namespace ocellus::linux_platform {
namespace {

struct LinuxFileStoreRig final : hal::FileStoreRig {
  hal::FileStore& store() override { return *opened; }
  hal::FileCompletion Await() override {
    return waker.AwaitPolled([&] { return opened->PollCompletion(); });
  }

  TemporaryDirectory directory;
  AwaitingWaker waker;
  std::unique_ptr<LinuxFileStore> opened =
      std::move(*LinuxFileStore::Open(directory / "files", waker));
};

}  // namespace
}  // namespace ocellus::linux_platform

namespace ocellus::hal {
namespace {

INSTANTIATE_TEST_SUITE_P(Linux, FileStoreConformance, testing::Values([] {
                           return std::unique_ptr<FileStoreRig>(
                               new linux_platform::LinuxFileStoreRig());
                         }));

}  // namespace
}  // namespace ocellus::hal

namespace ocellus::linux_platform {
namespace {

TEST(LinuxFileStore, FinishesWhatWasStartedBeforeItsEnd) {
  LinuxFileStoreRig rig;
  constexpr hal::FileHandle kFile(1);
  uint64_t id = 1;
  const auto start = [&](hal::FileRequest request) {
    rig.opened->Start(hal::FileRequestId(id++), std::move(request));
  };
  start(hal::CreateFile{kFile, "firmware", "a.img", 3, {}, 1000});
  start(hal::AppendFile{kFile, {1, 2, 3}});
  start(hal::CommitFile{kFile});
  rig.opened = std::move(*LinuxFileStore::Open(rig.directory / "files", rig.waker));
  start(hal::OpenFile{kFile, "firmware", "a.img"});
  EXPECT_EQ(rig.Await().size, 3u);
}

}  // namespace
}  // namespace ocellus::linux_platform
