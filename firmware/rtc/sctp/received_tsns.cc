// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/received_tsns.h"

#include <algorithm>

namespace ocellus::sctp {
namespace {

// The place of the lowest bit that is set; `word` is not 0.
uint32_t LowestBit(uint64_t word) { return static_cast<uint32_t>(__builtin_ctzll(word)); }

}  // namespace

ReceivedTsns::Arrival ReceivedTsns::Classify(Tsn tsn) const {
  const int32_t ahead = tsn.DistanceFrom(cumulative_);
  if (ahead <= 0) return Arrival::kDuplicate;
  if (static_cast<uint32_t>(ahead) > kCapacity) return Arrival::kTooFar;
  return has_gaps() && Test(tsn) ? Arrival::kDuplicate : Arrival::kNew;
}

void ReceivedTsns::Add(Tsn tsn) {
  CHECK(Classify(tsn) == Arrival::kNew, "TSN %u after %u", static_cast<unsigned>(tsn.value()),
        static_cast<unsigned>(cumulative_.value()));
  if (tsn != cumulative_ + 1) {
    Set(tsn);
    if (tsn.IsNewerThan(highest_)) highest_ = tsn;
    return;
  }
  cumulative_ = tsn;
  if (highest_.IsNewerThan(cumulative_)) {
    Absorb();
  } else {
    highest_ = cumulative_;
  }
}

void ReceivedTsns::AdvanceTo(Tsn tsn) {
  CHECK(tsn.IsNewerThan(cumulative_), "from TSN %u back to %u",
        static_cast<unsigned>(cumulative_.value()), static_cast<unsigned>(tsn.value()));
  if (!highest_.IsNewerThan(tsn)) {
    bits_.fill(0);
    cumulative_ = highest_ = tsn;
    return;
  }
  while (cumulative_ != tsn) {
    ++cumulative_;
    Clear(cumulative_);
  }
  Absorb();
}

void ReceivedTsns::ListGaps(size_t most, GapBuffer& out) const {
  const auto limit = static_cast<uint32_t>(highest_.DistanceFrom(cumulative_)) + 1;
  most = std::min(most, GapBuffer::capacity());
  for (uint32_t at = 1; out.size() < most;) {
    const uint32_t first = Find(true, at, limit);
    if (first == limit) return;
    at = Find(false, first, limit);
    const GapBlock block{static_cast<uint16_t>(first), static_cast<uint16_t>(at - 1)};
    CHECK(out.Add(block), "no room for gap block %zu", out.size());
  }
}

bool ReceivedTsns::Test(Tsn tsn) const {
  const size_t place = tsn.value() % kCapacity;
  return bits_[place / kBitsPerWord] >> (place % kBitsPerWord) & 1;
}

void ReceivedTsns::Set(Tsn tsn) {
  const size_t place = tsn.value() % kCapacity;
  bits_[place / kBitsPerWord] |= uint64_t{1} << (place % kBitsPerWord);
}

void ReceivedTsns::Clear(Tsn tsn) {
  const size_t place = tsn.value() % kCapacity;
  bits_[place / kBitsPerWord] &= ~(uint64_t{1} << (place % kBitsPerWord));
}

void ReceivedTsns::Absorb() {
  while (cumulative_ != highest_ && Test(cumulative_ + 1)) {
    ++cumulative_;
    Clear(cumulative_);
  }
}

uint32_t ReceivedTsns::Find(bool received, uint32_t from, uint32_t limit) const {
  while (from < limit) {
    const uint32_t place = (cumulative_ + from).value() % kCapacity;
    const uint64_t word = bits_[place / kBitsPerWord];
    const uint64_t wanted = (received ? word : ~word) >> (place % kBitsPerWord);
    if (wanted != 0) return std::min(from + LowestBit(wanted), limit);
    from += kBitsPerWord - place % kBitsPerWord;
  }
  return limit;
}

}  // namespace ocellus::sctp
