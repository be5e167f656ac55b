// SPDX-License-Identifier: Apache-2.0
// Stands for the io thread's event loop: the test sleeps in it until another thread wakes it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "firmware/base/check.h"
#include "hal/waker.h"

namespace ocellus::linux_platform {

class AwaitingWaker final : public hal::Waker {
 public:
  void Wake() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++wakes_;
    woken_.notify_all();
  }

  // Sleeps until Wake has been called since the last time.
  void Await() {
    std::unique_lock<std::mutex> lock(mutex_);
    const bool in_time =
        woken_.wait_for(lock, std::chrono::seconds(30), [&] { return wakes_ > seen_; });
    CHECK(in_time, "nobody woke the io thread; %d wakes so far", wakes_);
    seen_ = wakes_;
  }

  // What `poll` returns once it returns something.
  template <typename Poll>
  auto AwaitPolled(Poll poll) {
    while (true) {
      if (auto polled = poll()) return std::move(*polled);
      Await();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  int wakes_ = 0;
  int seen_ = 0;
};

}  // namespace ocellus::linux_platform
