// SPDX-License-Identifier: Apache-2.0
// The newest value of something that one thread tells another: one producer, one consumer, no
// locks, and nothing to fill up. Beside Mailbox, for what grows old instead of having to arrive.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

namespace ocellus {

// Invariant: back_, front_ and the index in middle_ are three different slots.
template <typename T>
class Latest {
 public:
  Latest() = default;
  explicit Latest(const T& initial) { slots_.fill(initial); }

  // Producer thread.
  void Store(T value) {
    slots_[back_] = std::move(value);
    back_ = middle_.exchange(back_ | kFresh, std::memory_order_acq_rel) & kIndex;
  }

  // Consumer thread. The newest value; valid until the next call.
  const T& Load() {
    if ((middle_.load(std::memory_order_relaxed) & kFresh) != 0) {
      front_ = middle_.exchange(front_, std::memory_order_acq_rel) & kIndex;
    }
    return slots_[front_];
  }

 private:
  static constexpr uint32_t kIndex = 3;
  static constexpr uint32_t kFresh = 4;  // The consumer has not seen it.

  std::array<T, 3> slots_{};
  std::atomic<uint32_t> middle_{1};  // The slot that is on its way.
  uint32_t back_ = 0;                // Producer thread: the slot that it writes next.
  uint32_t front_ = 2;               // Consumer thread: the slot that it reads.
};

}  // namespace ocellus
