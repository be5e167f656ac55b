// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/sctp/packet_path.h"

#include <algorithm>

#include "firmware/base/limits.h"

namespace ocellus::sctp {

PacketPath::PacketPath(PathEnd& a, PathEnd& b, const sim::LinkConditions& conditions, uint64_t seed)
    : a_(a), b_(b), a_to_b_(conditions, seed * 2), b_to_a_(conditions, seed * 2 + 1) {}

Time PacketPath::next_event() const {
  const Time deadline = std::min(a_.next_deadline(), b_.next_deadline());
  return arrivals_.empty() ? deadline : std::min(deadline, arrivals_.top().at);
}

bool PacketPath::Run(Time end, const std::function<bool()>& done) {
  // An end that asks for the time again and again without doing anything hangs the test otherwise.
  constexpr int kMaxTurnsWithoutTime = 100'000;
  int turns = 0;
  while (true) {
    Transmit(a_, b_, a_to_b_);
    Transmit(b_, a_, b_to_a_);
    if (done()) return true;
    const Time next = next_event();
    if (next > end) break;
    turns = next > now_ ? 0 : turns + 1;
    CHECK(turns < kMaxTurnsWithoutTime, "time stands still after %llu packets",
          static_cast<unsigned long long>(carried_));
    now_ = std::max(now_, next);
    if (!arrivals_.empty() && arrivals_.top().at <= now_) {
      const Arrival arrival = arrivals_.top();
      arrivals_.pop();
      arrival.to->HandlePacket(now_, arrival.packet);
    }
    for (PathEnd* path_end : {&a_, &b_}) {
      if (path_end->next_deadline() <= now_) path_end->HandleTimeout(now_);
    }
  }
  now_ = end;
  return false;
}

bool PacketPath::RunUntilQuiet(Duration most) {
  return RunUntil([this] { return next_event() == kNever; }, most);
}

void PacketPath::Transmit(PathEnd& from, PathEnd& to, sim::Link& link) {
  uint8_t buffer[kMaxReceivedDatagramSize];
  while (const auto size = from.PollTransmit(now_, buffer)) {
    const Bytes packet(buffer, *size);
    if (lose && lose(from, packet)) continue;
    for (const Time at : link.Carry(now_, *size)) {
      arrivals_.push({at, carried_++, &to, {packet.begin(), packet.end()}});
    }
  }
}

}  // namespace ocellus::sctp
