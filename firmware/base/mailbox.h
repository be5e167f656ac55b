// SPDX-License-Identifier: Apache-2.0
// The container that two threads share (beside Latest, for a value that only replaces the one
// before): bounded, one producer thread, one consumer thread, no locks. Waking the consumer is the
// platform's business (eventfd, task notification).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace ocellus {

template <typename T, size_t kCapacity>
class Mailbox {
  // So that the slots stay in order where the counters wrap: after 2^32 items on a 32-bit chip.
  static_assert(kCapacity > 0 && (kCapacity & (kCapacity - 1)) == 0, "must be a power of two");

 public:
  // Producer thread. False when full: `item` is then untouched, and the producer decides what is
  // lost.
  [[nodiscard]] bool Push(T& item) {
    const size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kCapacity) return false;
    items_[tail % kCapacity] = std::move(item);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  [[nodiscard]] bool Push(T&& item) { return Push(item); }

  // Consumer thread.
  std::optional<T> Pop() {
    const size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    std::optional<T> item(std::move(items_[head % kCapacity]));
    items_[head % kCapacity] = T();
    head_.store(head + 1, std::memory_order_release);
    return item;
  }

 private:
  std::array<T, kCapacity> items_{};
  // Both only ever grow; their difference is the number of items.
  alignas(64) std::atomic<size_t> head_{0};
  alignas(64) std::atomic<size_t> tail_{0};
};

}  // namespace ocellus
