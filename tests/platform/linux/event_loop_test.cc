// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/linux/clock.h"
#include "platform/linux/thread.h"

namespace ocellus::linux_platform {
namespace {

using std::chrono::milliseconds;
using Wakeup = EventLoop::Wakeup;

class EventLoopTest : public testing::Test {
 protected:
  EventLoopTest() : loop_(std::move(*EventLoop::Open())) {}

  const LinuxClock clock_;
  const std::unique_ptr<EventLoop> loop_;
};

struct Pipe {
  Pipe() {
    int ends[2];
    CHECK(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0, "pipe2");
    out = FileDescriptor(ends[0]);
    in = FileDescriptor(ends[1]);
  }
  void Write() const { CHECK(write(in.get(), "x", 1) == 1, "write"); }
  void Read() const {
    char c;
    CHECK(read(out.get(), &c, 1) == 1, "read");
  }
  FileDescriptor out;
  FileDescriptor in;
};

TEST_F(EventLoopTest, SleepsUntilTheDeadlineAndNotLess) {
  const Time deadline = clock_.Now() + milliseconds(20);
  EXPECT_EQ(loop_->Wait(deadline), Wakeup::kWork);
  EXPECT_GE(clock_.Now(), deadline);
}

TEST_F(EventLoopTest, PastDeadlinesReturnAtOnceTimeAfterTime) {
  loop_->Wait(Time());
  loop_->Wait(Time());
  loop_->Wait(clock_.Now());
  loop_->Wait(clock_.Now() - milliseconds(1));
}

// An app as the loop sees it: work every 5 ms until it has had enough.
TEST_F(EventLoopTest, RunsAnAppAtItsDeadlinesWithoutIdleWakeups) {
  const Time start = clock_.Now();
  Time next = start;
  int turns = 0;
  int pumps = 0;
  while (turns < 10) {
    ++pumps;
    const Time now = clock_.Now();
    if (now >= next) {
      ++turns;
      next += milliseconds(5);
    }
    if (turns < 10) loop_->Wait(next);
  }
  EXPECT_EQ(pumps, 10);
  EXPECT_GE(clock_.Now() - start, milliseconds(45));
}

TEST_F(EventLoopTest, AnEarlierDeadlineReplacesALaterOne) {
  const Pipe pipe;
  bool readable = false;
  ASSERT_TRUE(loop_->Add({pipe.out.get(), &readable}).ok());
  pipe.Write();
  loop_->Wait(clock_.Now() + std::chrono::hours(1));
  pipe.Read();
  loop_->Wait(clock_.Now() + milliseconds(1));  // Hangs when the hour still counts.
}

TEST_F(EventLoopTest, ALaterDeadlineReplacesAnEarlierOneThatHasPassed) {
  loop_->Wait(clock_.Now());
  const Time later = clock_.Now() + milliseconds(10);
  loop_->Wait(later);
  EXPECT_GE(clock_.Now(), later);
}

TEST_F(EventLoopTest, FlagsWhatIsReadable) {
  const Pipe first;
  const Pipe second;
  bool first_readable = false;
  bool second_readable = false;
  ASSERT_TRUE(loop_->Add({first.out.get(), &first_readable}).ok());
  ASSERT_TRUE(loop_->Add({second.out.get(), &second_readable}).ok());
  second.Write();
  EXPECT_EQ(loop_->Wait(kNever), Wakeup::kWork);
  EXPECT_FALSE(first_readable);
  EXPECT_TRUE(second_readable);
}

TEST_F(EventLoopTest, WhatIsNotReadYetIsFlaggedAgain) {
  const Pipe pipe;
  bool readable = false;
  ASSERT_TRUE(loop_->Add({pipe.out.get(), &readable}).ok());
  pipe.Write();
  loop_->Wait(kNever);
  readable = false;
  loop_->Wait(kNever);
  EXPECT_TRUE(readable);
}

TEST_F(EventLoopTest, WakesBeforeTheWaitAreNotLostAndBecomeOne) {
  loop_->Wake();
  loop_->Wake();
  EXPECT_EQ(loop_->Wait(kNever), Wakeup::kWork);
  const Time deadline = clock_.Now() + milliseconds(5);
  loop_->Wait(deadline);
  EXPECT_GE(clock_.Now(), deadline) << "the second Wake has become a wake-up of its own";
}

TEST_F(EventLoopTest, OtherThreadsWakeIt) {
  std::atomic<int> seen{0};
  const auto thread = Thread::Start("waker", [&] {
    for (int i = 0; i < 1000; ++i) {
      const int before = seen;
      loop_->Wake();
      while (seen == before) {
      }
    }
  });
  ASSERT_TRUE(thread.ok());
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(loop_->Wait(kNever), Wakeup::kWork);
    ++seen;
  }
}

TEST_F(EventLoopTest, AStoppingSignalIsAWakeup) {
  kill(getpid(), SIGTERM);
  EXPECT_EQ(loop_->Wait(kNever), Wakeup::kStop);
}

TEST(EventLoop, TheSecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const auto loop = EventLoop::Open();
        kill(getpid(), SIGINT);
        if ((*loop)->Wait(kNever) == Wakeup::kStop) kill(getpid(), SIGINT);
        (*loop)->Wait(kNever);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace ocellus::linux_platform
