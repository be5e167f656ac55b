// SPDX-License-Identifier: Apache-2.0
// First in, first out, in a fixed array. Whoever declares one says what happens when it is full.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "firmware/base/check.h"

namespace ocellus {

template <typename T, size_t kCapacity>
class Ring {
 public:
  static constexpr size_t capacity() { return kCapacity; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == kCapacity; }

  // False, and nothing is stored, when the ring is full.
  [[nodiscard]] bool Push(T item) {
    if (full()) return false;
    items_[(head_ + size_) % kCapacity] = std::move(item);
    ++size_;
    return true;
  }

  // Stores `item` in any case; the oldest makes room.
  void PushDroppingOldest(T item) {
    if (full()) Pop();
    CHECK(Push(std::move(item)), "no room after a Pop: %zu of %zu", size_, kCapacity);
  }

  T Pop() {
    CHECK(!empty(), "Pop of an empty ring, capacity %zu", kCapacity);
    T item = std::move(items_[head_]);
    items_[head_] = T();
    head_ = (head_ + 1) % kCapacity;
    --size_;
    return item;
  }

  // 0 is the oldest.
  T& operator[](size_t index) {
    CHECK(index < size_, "ring index %zu of %zu", index, size_);
    return items_[(head_ + index) % kCapacity];
  }
  const T& operator[](size_t index) const {
    CHECK(index < size_, "ring index %zu of %zu", index, size_);
    return items_[(head_ + index) % kCapacity];
  }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }

  void Clear() {
    while (!empty()) Pop();
  }

 private:
  std::array<T, kCapacity> items_{};
  size_t head_ = 0;
  size_t size_ = 0;
};

}  // namespace ocellus
