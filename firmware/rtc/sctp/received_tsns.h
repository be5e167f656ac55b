// SPDX-License-Identifier: Apache-2.0
// Which TSNs have come: all up to the cumulative one, and a bit for each of those beyond it
// (RFC 9260 section 6.2). Constant memory, whatever the peer sends. io thread only.
#pragma once

#include <array>

#include "firmware/base/limits.h"
#include "firmware/rtc/sctp/chunk.h"

namespace ocellus::sctp {

class ReceivedTsns {
 public:
  enum class Arrival : uint8_t {
    kNew,
    kDuplicate,
    kTooFar,  // More than kMaxSctpTsnsAhead beyond the cumulative one: must come again.
  };

  // `cumulative` and what is before it count as received.
  explicit ReceivedTsns(Tsn cumulative) : cumulative_(cumulative), highest_(cumulative) {}

  Arrival Classify(Tsn tsn) const;
  // `tsn` has come. It must be kNew.
  void Add(Tsn tsn);
  // All up to `tsn`, which must be newer than cumulative(), count as received from now on.
  void AdvanceTo(Tsn tsn);

  Tsn cumulative() const { return cumulative_; }
  // Whether something beyond a missing TSN has come.
  bool has_gaps() const { return highest_ != cumulative_; }

  // The first `most` gap blocks: what has come beyond the cumulative TSN. Needs room for them.
  using GapBuffer = RecordBuffer<GapBlock, kMaxSctpGapBlocks>;
  void ListGaps(size_t most, GapBuffer& out) const;

 private:
  static constexpr uint32_t kBitsPerWord = 64;
  static constexpr uint32_t kCapacity = kMaxSctpTsnsAhead;
  // So that a TSN's place follows its predecessor's where the numbers wrap.
  static_assert((kCapacity & (kCapacity - 1)) == 0 && kCapacity % kBitsPerWord == 0);
  static_assert(kCapacity <= 0xFFFF, "gap blocks have 16 bits");

  bool Test(Tsn tsn) const;
  void Set(Tsn tsn);
  void Clear(Tsn tsn);
  // Moves the cumulative TSN over those that follow it.
  void Absorb();
  // The next distance from the cumulative TSN, `from` at least, whose bit is `received`; `limit`
  // when there is none before it.
  uint32_t Find(bool received, uint32_t from, uint32_t limit) const;

  Tsn cumulative_;
  Tsn highest_;  // Not older than cumulative_.
  // Of cumulative_ + 1 to highest_, each at its number modulo kCapacity; all others are 0.
  std::array<uint64_t, kCapacity / kBitsPerWord> bits_{};
};

}  // namespace ocellus::sctp
