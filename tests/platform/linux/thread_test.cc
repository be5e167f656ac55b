// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/thread.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>

#include <atomic>
#include <memory>

namespace ocellus::linux_platform {
namespace {

TEST(Thread, HasItsNameCutToWhatTheKernelKeeps) {
  std::string name;
  {
    const auto thread = Thread::Start("a name that is too long", [&name] {
      char buffer[16];
      pthread_getname_np(pthread_self(), buffer, sizeof(buffer));
      name = buffer;
    });
    ASSERT_TRUE(thread.ok());
  }
  EXPECT_EQ(name, "a name that is ");
}

TEST(Thread, LeavesTheStoppingSignalsToTheIoThread) {
  sigset_t mask;
  sigemptyset(&mask);
  {
    ASSERT_TRUE(Thread::Start("t", [&] { pthread_sigmask(SIG_BLOCK, nullptr, &mask); }).ok());
  }
  EXPECT_EQ(sigismember(&mask, SIGTERM), 1);
  EXPECT_EQ(sigismember(&mask, SIGINT), 1);
  EXPECT_EQ(sigismember(&mask, SIGUSR1), 0);

  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0) << "the starting thread's own mask must not change";
}

TEST(Thread, DetachedItOwnsWhatItNeeds) {
  std::atomic<bool> done{false};
  std::atomic<bool> freed{false};
  struct Owned {
    ~Owned() { freed = true; }
    std::atomic<bool>& freed;
  };
  {
    const std::shared_ptr<Owned> owned(new Owned{freed});
    ASSERT_TRUE(Thread::StartDetached("t", [&done, owned] { done = !owned->freed; }).ok());
  }
  while (!freed) sched_yield();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace ocellus::linux_platform
