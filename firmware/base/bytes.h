// SPDX-License-Identifier: Apache-2.0
// Borrowed views of bytes: C++17 has no std::span. A view never owns; whoever hands one out says
// for how long it is good (usually: for the call).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "firmware/base/check.h"

namespace ocellus {

template <typename T>
class Span {
 public:
  using value_type = std::remove_const_t<T>;

  constexpr Span() = default;
  constexpr Span(T* data, size_t size) : data_(data), size_(size) {}
  template <size_t kSize>
  constexpr Span(T (&array)[kSize]) : data_(array), size_(kSize) {}
  // From any contiguous container (std::vector, std::array, std::string for Bytes' cousins).
  template <typename Container, typename = std::enable_if_t<std::is_convertible_v<
                                    decltype(std::declval<Container&>().data()), T*>>>
  constexpr Span(Container&& container) : data_(container.data()), size_(container.size()) {}

  constexpr T* data() const { return data_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + size_; }

  constexpr T& operator[](size_t index) const {
    CHECK(index < size_, "span index %zu of %zu", index, size_);
    return data_[index];
  }

  constexpr Span subspan(size_t offset) const {
    CHECK(offset <= size_, "span offset %zu of %zu", offset, size_);
    return Span(data_ + offset, size_ - offset);
  }
  constexpr Span subspan(size_t offset, size_t size) const {
    CHECK(offset <= size_ && size <= size_ - offset, "span [%zu, +%zu) of %zu", offset, size,
          size_);
    return Span(data_ + offset, size);
  }
  constexpr Span first(size_t size) const { return subspan(0, size); }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

using Bytes = Span<const uint8_t>;
using MutableBytes = Span<uint8_t>;

inline bool operator==(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}
inline bool operator!=(Bytes a, Bytes b) { return !(a == b); }

// Compares in a time that depends on the sizes only: for tags, fingerprints and tokens.
bool ConstantTimeEqual(Bytes a, Bytes b);

// Overwrites a secret, in a way that the compiler may not leave out.
void Wipe(MutableBytes secret);

// The same bytes as text, and back. Both borrow.
inline std::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace ocellus
