// SPDX-License-Identifier: Apache-2.0
// Integers that cannot be mixed up: an Ssrc is not a PayloadType.
#pragma once

#include <cstdint>
#include <functional>

namespace ocellus {

template <typename Tag, typename Rep>
class StrongId {
 public:
  using rep = Rep;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }

  friend constexpr bool operator==(StrongId a, StrongId b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(StrongId a, StrongId b) { return a.value_ != b.value_; }
  friend constexpr bool operator<(StrongId a, StrongId b) { return a.value_ < b.value_; }

 private:
  Rep value_ = 0;
};

// RFC 3550 section 5.1: the synchronisation source of a stream; random, unique in its session.
using Ssrc = StrongId<struct SsrcTag, uint32_t>;

// RFC 3550 section 5.1: 0 to 127, meaning as negotiated.
using PayloadType = StrongId<struct PayloadTypeTag, uint8_t>;

// RFC 8285: the negotiated id of a header extension, 1 to 14 in the one-byte form.
using ExtensionId = StrongId<struct ExtensionIdTag, uint8_t>;

}  // namespace ocellus

template <typename Tag, typename Rep>
struct std::hash<ocellus::StrongId<Tag, Rep>> {
  size_t operator()(ocellus::StrongId<Tag, Rep> id) const { return std::hash<Rep>()(id.value()); }
};
