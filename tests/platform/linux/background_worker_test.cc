// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/background_worker.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <vector>

#include "tests/platform/linux/awaiting_waker.h"

namespace ocellus::linux_platform {
namespace {

using Worker = BackgroundWorker<int, int>;

// A disk that does not answer until it is told to.
struct Disk {
  std::atomic<int> begun{0};
  std::atomic<int> done{0};
  std::atomic<bool> answers{false};
};

Worker::Work WorkOn(std::shared_ptr<Disk> disk) {
  return [disk = std::move(disk)](int request) -> std::optional<int> {
    ++disk->begun;
    while (!disk->answers) sched_yield();
    ++disk->done;
    return request;
  };
}

TEST(BackgroundWorker, AnswersInOrderAndWakesTheIoThread) {
  AwaitingWaker waker;
  const auto worker = std::move(*Worker::Start(
      "test", [](int request) { return std::optional<int>(request * request); }, waker));
  for (int i = 1; i <= 100; ++i) worker->Post(i);
  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(waker.AwaitPolled([&] { return worker->Poll(); }), i * i);
  }
  EXPECT_FALSE(worker->Poll());
}

TEST(BackgroundWorker, AnswersOnlyWhatHasAnAnswer) {
  AwaitingWaker waker;
  const auto worker = std::move(*Worker::Start(
      "test", [](int request) { return request < 0 ? std::nullopt : std::optional<int>(request); },
      waker));
  worker->Post(-1);
  worker->Post(2);
  EXPECT_EQ(waker.AwaitPolled([&] { return worker->Poll(); }), 2);
  EXPECT_FALSE(worker->Poll());
}

TEST(BackgroundWorker, NeverBlocksWhoPosts) {
  AwaitingWaker waker;
  const auto disk = std::make_shared<Disk>();
  const auto worker = std::move(*Worker::Start("test", WorkOn(disk), waker));
  for (int i = 0; i < 10; ++i) worker->Post(i);
  EXPECT_FALSE(worker->Poll());
  disk->answers = true;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(waker.AwaitPolled([&] { return worker->Poll(); }), i);
  }
}

TEST(BackgroundWorker, LosesNothingAtItsEnd) {
  AwaitingWaker waker;
  const auto disk = std::make_shared<Disk>();
  auto worker = std::move(*Worker::Start("test", WorkOn(disk), waker));
  for (int i = 0; i < 100; ++i) worker->Post(i);
  disk->answers = true;
  worker.reset();
  EXPECT_EQ(disk->done, 100);
}

TEST(BackgroundWorker, DoesNotWaitForAHungDiskForLong) {
  const auto disk = std::make_shared<Disk>();
  {
    AwaitingWaker waker;  // Gone before the disk answers: the sanitizers would see a use.
    auto worker =
        std::move(*Worker::Start("test", WorkOn(disk), waker, std::chrono::milliseconds(1)));
    worker->Post(1);
    worker->Post(2);
    while (disk->begun == 0) sched_yield();
    worker.reset();  // Hangs if it waits.
    EXPECT_EQ(disk->done, 0);
  }
  disk->answers = true;
  while (disk.use_count() > 1) sched_yield();  // The thread frees what they shared.
  EXPECT_EQ(disk->done, 2) << "and what it was given is done if it can be";
}

}  // namespace
}  // namespace ocellus::linux_platform
