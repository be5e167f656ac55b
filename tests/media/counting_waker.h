// SPDX-License-Identifier: Apache-2.0
// Counts how often the io thread would have been woken. Any thread.
#pragma once

#include <atomic>

#include "hal/waker.h"

namespace ocellus::media {

class CountingWaker final : public hal::Waker {
 public:
  void Wake() override { ++wakes_; }
  int wakes() const { return wakes_; }

 private:
  std::atomic<int> wakes_{0};
};

}  // namespace ocellus::media
