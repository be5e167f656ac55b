// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/missing_packets.h"

#include <algorithm>

namespace ocellus::rtp {
namespace {

// A packet that did not come after so many requests is given up, as browsers do.
constexpr uint8_t kMaxRequests = 10;

}  // namespace

template <typename Predicate>
void MissingPackets::RemoveIf(Predicate&& predicate) {
  const auto end = missing_.begin() + static_cast<std::ptrdiff_t>(count_);
  count_ = static_cast<size_t>(std::remove_if(missing_.begin(), end, predicate) - missing_.begin());
}

MissingPackets::Arrival MissingPackets::HandlePacket(Time now, SequenceNumber number) {
  if (!started_) {
    started_ = true;
    highest_ = number;
    return Arrival::kNew;
  }
  const int ahead = number.DistanceFrom(highest_);
  if (ahead <= 0) {
    const size_t before = count_;
    RemoveIf([&](const Missing& missing) { return missing.number == number; });
    return count_ < before ? Arrival::kRecovered : Arrival::kDuplicate;
  }
  const size_t gap = static_cast<size_t>(ahead) - 1;
  if (count_ + gap > missing_.size()) {
    count_ = 0;
    given_up_ = true;
  } else {
    for (SequenceNumber lost = highest_ + 1; lost != number; ++lost) {
      missing_[count_++] = {lost, 0, now};
    }
  }
  highest_ = number;
  return Arrival::kNew;
}

void MissingPackets::Poll(Time now, Duration round_trip, NackItems& items) {
  std::optional<rtcp::NackItem> item;
  const auto flush = [&] {
    if (item) CHECK(items.Add(*item), "no room for %zu missing packets", count_);
    item.reset();
  };
  for (size_t i = 0; i < count_; ++i) {
    Missing& missing = missing_[i];
    if (now < missing.ask_at || missing.requests == kMaxRequests) continue;
    ++missing.requests;
    missing.ask_at = now + round_trip;
    const int behind = item ? missing.number.DistanceFrom(item->first) : 0;
    if (item && behind <= 16) {
      item->following = static_cast<uint16_t>(item->following | 1u << (behind - 1));
      continue;
    }
    flush();
    item = rtcp::NackItem{missing.number, 0};
  }
  flush();
  const size_t before = count_;
  RemoveIf([&](const Missing& missing) {
    return missing.requests == kMaxRequests && now >= missing.ask_at;
  });
  if (count_ < before) given_up_ = true;
}

Time MissingPackets::next_deadline() const {
  Time deadline = kNever;
  for (size_t i = 0; i < count_; ++i) deadline = std::min(deadline, missing_[i].ask_at);
  return deadline;
}

bool MissingPackets::TakeGivenUp() {
  const bool given_up = given_up_;
  given_up_ = false;
  return given_up;
}

}  // namespace ocellus::rtp
