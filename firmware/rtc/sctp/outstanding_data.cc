// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/outstanding_data.h"

#include <algorithm>
#include <utility>

namespace ocellus::sctp {
namespace {

// Chunks that an idle association has room for.
constexpr size_t kKeptChunks = 32;

}  // namespace

const OutstandingChunk& OutstandingData::operator[](Tsn tsn) const {
  CHECK(Contains(tsn), "TSN %u is not in [%u, %u)", static_cast<unsigned>(tsn.value()),
        static_cast<unsigned>(first_.value()), static_cast<unsigned>(next_tsn_.value()));
  return const_cast<OutstandingData*>(this)->At(tsn);
}

void OutstandingData::PushSent(Time now, const Fragment& fragment) {
  const Tsn tsn = next_tsn_;
  OutstandingChunk& chunk = Push(fragment);
  chunk.transmissions = 1;
  chunk.sent_at = now;
  bytes_in_flight_ += SizeOf(chunk);
  Append(in_flight_, tsn);
}

void OutstandingData::PushAbandoned(const Fragment& fragment) {
  Push(fragment).state = ChunkState::kAbandoned;
}

OutstandingChunk& OutstandingData::Push(const Fragment& fragment) {
  if (size() == ring_.size()) Grow();
  OutstandingChunk& chunk = At(next_tsn_);
  chunk = OutstandingChunk();
  chunk.fragment = fragment;
  ++next_tsn_;
  return chunk;
}

void OutstandingData::Grow() {
  std::vector<OutstandingChunk> larger(std::max(kKeptChunks, ring_.size() * 2));
  for (Tsn tsn = first_; tsn != next_tsn_; ++tsn) {
    larger[tsn.value() & (larger.size() - 1)] = At(tsn);
  }
  ring_ = std::move(larger);
}

void OutstandingData::Append(List& list, Tsn tsn) {
  At(tsn).previous = list.tail;
  if (list.size == 0) {
    list.head = tsn;
  } else {
    At(list.tail).next = tsn;
  }
  list.tail = tsn;
  ++list.size;
}

void OutstandingData::Remove(List& list, Tsn tsn) {
  const OutstandingChunk& chunk = At(tsn);
  if (list.head == tsn) {
    list.head = chunk.next;
  } else {
    At(chunk.previous).next = chunk.next;
  }
  if (list.tail == tsn) {
    list.tail = chunk.previous;
  } else {
    At(chunk.next).previous = chunk.previous;
  }
  --list.size;
}

void OutstandingData::Unlist(Tsn tsn) {
  const OutstandingChunk& chunk = At(tsn);
  switch (chunk.state) {
    case ChunkState::kInFlight:
      Remove(in_flight_, tsn);
      bytes_in_flight_ -= SizeOf(chunk);
      return;
    case ChunkState::kLost:
      Remove(lost_, tsn);
      return;
    case ChunkState::kAcknowledged:
    case ChunkState::kAbandoned:
      return;
  }
}

void OutstandingData::MarkLost(Tsn tsn) {
  Unlist(tsn);
  At(tsn).state = ChunkState::kLost;
  Append(lost_, tsn);
}

void OutstandingData::MarkResent(Time now, Tsn tsn) {
  Unlist(tsn);
  OutstandingChunk& chunk = At(tsn);
  chunk.state = ChunkState::kInFlight;
  chunk.sent_at = now;
  if (chunk.transmissions < UINT16_MAX) ++chunk.transmissions;
  bytes_in_flight_ += SizeOf(chunk);
  Append(in_flight_, tsn);
}

void OutstandingData::MarkAllLost() {
  in_flight_ = List();
  lost_ = List();
  bytes_in_flight_ = 0;
  for (Tsn tsn = first_; tsn != next_tsn_; ++tsn) {
    OutstandingChunk& chunk = At(tsn);
    if (chunk.state != ChunkState::kInFlight && chunk.state != ChunkState::kLost) continue;
    chunk.state = ChunkState::kLost;
    Append(lost_, tsn);
  }
}

void OutstandingData::MarkAbandoned(MessageIndex index) {
  const Message& message = queue_.message(index);
  const Tsn begin = first_.IsNewerThan(message.first_tsn) ? first_ : message.first_tsn;
  for (Tsn tsn = begin; Contains(tsn) && !tsn.IsNewerThan(message.last_tsn); ++tsn) {
    OutstandingChunk& chunk = At(tsn);
    if (chunk.fragment.message != index || chunk.state == ChunkState::kAcknowledged) continue;
    Unlist(tsn);
    chunk.state = ChunkState::kAbandoned;
  }
}

void OutstandingData::Acknowledge(Tsn tsn, Acknowledged& result) {
  OutstandingChunk& chunk = At(tsn);
  if (chunk.state == ChunkState::kAcknowledged || chunk.state == ChunkState::kAbandoned) return;
  Unlist(tsn);
  chunk.state = ChunkState::kAcknowledged;
  ++result.chunks;
  result.bytes += SizeOf(chunk);
  const Transmission sent = {chunk.sent_at, tsn};
  if (!result.latest || sent.IsLaterThan(*result.latest)) {
    result.latest = sent;
    result.latest_was_retransmitted = chunk.transmissions > 1;
  }
  if (chunk.transmissions == 1 &&
      (!result.latest_original || *result.latest_original < chunk.sent_at)) {
    result.latest_original = chunk.sent_at;
  }
}

// RFC 9260 section 6.2.1: an acknowledgement of what was not sent is either hostile or broken.
bool OutstandingData::IsPlausible(const SackChunk& sack) const {
  const Tsn newest = next_tsn_ - 1;
  // Half of all numbers away, it would be neither newer nor older.
  if (newest.DistanceFrom(sack.cumulative_tsn) < 0) return false;
  for (size_t i = 0; i < sack.gaps.size(); ++i) {
    const GapBlock gap = sack.gaps[i];
    if (gap.first == 0 || gap.last < gap.first) return false;
    if ((sack.cumulative_tsn + gap.last).IsNewerThan(newest)) return false;
  }
  return true;
}

std::optional<Acknowledged> OutstandingData::HandleSack(const SackChunk& sack) {
  if (!IsPlausible(sack)) return std::nullopt;
  Acknowledged result;
  if (cumulative_ack().IsNewerThan(sack.cumulative_tsn)) return result;
  HandleCumulative(sack.cumulative_tsn, result);
  HandleGaps(sack, result);
  if (!empty() && At(first_).state == ChunkState::kAcknowledged) HandleReneging();
  return result;
}

void OutstandingData::HandleCumulative(Tsn cumulative, Acknowledged& result) {
  while (first_ != cumulative + 1) {
    Acknowledge(first_, result);
    queue_.ReleaseChunk(At(first_).fragment.message);
    ++first_;
  }
  if (empty() && ring_.size() > kKeptChunks) {
    ring_ = {};
    gaps_ = {};
    new_gaps_ = {};
  }
}

void OutstandingData::HandleGaps(const SackChunk& sack, Acknowledged& result) {
  new_gaps_.clear();
  auto old = gaps_.begin();
  const size_t count = std::min(sack.gaps.size(), kMaxSctpGapBlocks);
  for (size_t i = 0; i < count; ++i) {
    const GapBlock gap = sack.gaps[i];
    const Range range = {sack.cumulative_tsn + gap.first, sack.cumulative_tsn + gap.last};
    // Blocks are in order and apart where they come from an honest peer; others are left out.
    if (!new_gaps_.empty() && !range.first.IsNewerThan(new_gaps_.back().last)) continue;
    Tsn tsn = range.first;
    while (!tsn.IsNewerThan(range.last)) {
      while (old != gaps_.end() && tsn.IsNewerThan(old->last)) ++old;
      if (old != gaps_.end() && !old->first.IsNewerThan(tsn)) {
        tsn = old->last + 1;
        continue;
      }
      Acknowledge(tsn, result);
      ++tsn;
    }
    new_gaps_.push_back(range);
  }
  std::swap(gaps_, new_gaps_);
}

// The peer has dropped what it had acknowledged beyond a gap (RFC 9260 section 6.2.1: "it is
// possible [...] to discard data"): what this SACK does not have is to be sent again, or
// skipped where its message was given up.
void OutstandingData::HandleReneging() {
  auto gap = gaps_.begin();
  for (Tsn tsn = first_; tsn != next_tsn_; ++tsn) {
    while (gap != gaps_.end() && tsn.IsNewerThan(gap->last)) ++gap;
    if (gap != gaps_.end() && !gap->first.IsNewerThan(tsn)) continue;
    if (At(tsn).state != ChunkState::kAcknowledged) continue;
    if (queue_.message(At(tsn).fragment.message).abandoned) {
      At(tsn).state = ChunkState::kAbandoned;
    } else {
      MarkLost(tsn);
    }
  }
}

}  // namespace ocellus::sctp
