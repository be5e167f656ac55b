// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/reassembly.h"

#include <limits>
#include <tuple>
#include <utility>

namespace ocellus::sctp {
namespace {

constexpr int64_t kFirstPlace = std::numeric_limits<int64_t>::min();
constexpr uint32_t kLastMessage = std::numeric_limits<uint32_t>::max();

}  // namespace

bool Reassembly::Key::operator<(const Key& other) const {
  return std::tie(unordered, stream, message, place) <
         std::tie(other.unordered, other.stream, other.message, other.place);
}

Reassembly::Reassembly(size_t max_message_size, bool interleaving)
    : max_message_size_(max_message_size), interleaving_(interleaving), current_(runs_.end()) {}

void Reassembly::Add(const DataChunk& data) {
  const Key key = KeyOf(data);
  const int64_t ahead = data.unordered ? 0 : Ahead(key.message, next_.Get(data.stream));
  if (ahead < 0) return;  // Of a message that is over (invariant 2).

  if (data.beginning && data.end && ahead == 0 && data.payload.size() <= max_message_size_) {
    Deliver(data.stream, data.ppid, {data.payload.begin(), data.payload.end()});
    if (!data.unordered) AdvancePast(data.stream, key.message);
    return;
  }
  const Runs::iterator run = Insert(key, data);
  if (run == runs_.end()) return;
  current_ = run;
  if (!run->second.whole() || ahead > 0) return;
  HandOver(run);
  if (!data.unordered) AdvancePast(data.stream, key.message);
}

void Reassembly::Skip(Tsn new_cumulative_tsn, RecordList<SkippedSequence> skipped) {
  for (size_t i = 0; i < skipped.size(); ++i) {
    const SkippedSequence message = skipped[i];
    const uint32_t last = message.sequence.value();
    if (Ahead(last, next_.Get(message.stream)) >= 0) AdvancePast(message.stream, last);
  }
  // RFC 3758 section 3.6: parts of unordered messages up to there are removed.
  const int64_t last_place = tsns_.Unwrap(new_cumulative_tsn);
  Runs::iterator run = runs_.lower_bound({true, StreamId(0), 0, kFirstPlace});
  while (run != runs_.end() && run->first.place <= last_place) {
    ++stats_.skipped_runs;
    Erase(run++);
  }
}

void Reassembly::Skip(RecordList<SkippedMessage> skipped) {
  for (size_t i = 0; i < skipped.size(); ++i) {
    const SkippedMessage message = skipped[i];
    const uint32_t last = message.message_id.value();
    if (message.unordered) {
      // Half of the numbers are behind the last one.
      FlushMessages(true, message.stream, last - (kLastMessage >> 1), last);
    } else if (Ahead(last, next_.Get(message.stream)) >= 0) {
      AdvancePast(message.stream, last);
    }
  }
}

void Reassembly::ResetStreams(RecordList<StreamNumber> streams) {
  if (streams.empty()) {
    while (!runs_.empty()) Erase(runs_.begin());
    next_.Clear();
    return;
  }
  for (size_t i = 0; i < streams.size(); ++i) {
    const StreamId stream = streams[i].stream;
    if (next_.Get(stream) != 0) next_.Set(stream, 0);
    DropStream(false, stream);
    if (interleaving_) DropStream(true, stream);
  }
}

std::optional<ReceivedMessage> Reassembly::PollMessage() {
  if (messages_.empty()) return std::nullopt;
  ReceivedMessage message = std::move(messages_.front());
  messages_.pop_front();
  held_bytes_ -= message.payload.size() + kOverhead;
  return message;
}

std::optional<StreamId> Reassembly::PollOversized() {
  if (oversized_.empty()) return std::nullopt;
  return oversized_.Pop();
}

Reassembly::Key Reassembly::KeyOf(const DataChunk& data) {
  if (interleaving_) {
    return {data.unordered, data.stream, data.message_id.value(), data.fragment};
  }
  const int64_t place = tsns_.Unwrap(data.tsn);
  if (data.unordered) return {true, StreamId(0), 0, place};
  return {false, data.stream, data.sequence.value(), place};
}

bool Reassembly::SameMessage(const Key& a, const Key& b) {
  return a.unordered == b.unordered && a.stream == b.stream && a.message == b.message;
}

bool Reassembly::Precedes(const Runs::value_type& run, const Key& key, StreamId stream) {
  return SameMessage(run.first, key) && run.second.last_place + 1 == key.place &&
         !run.second.ends && run.second.stream == stream;
}

size_t Reassembly::Cost(const Run& run) {
  return run.payload.size() + kOverhead * (1 + run.payload.pieces());
}

Reassembly::Runs::iterator Reassembly::Insert(const Key& key, const DataChunk& data) {
  const bool follows_current =
      current_ != runs_.end() && Precedes(*current_, key, data.stream) && !data.beginning;
  const Runs::iterator right = follows_current ? std::next(current_) : runs_.lower_bound(key);
  if (right != runs_.end() && SameMessage(right->first, key) && right->first.place == key.place) {
    return runs_.end();
  }
  if (right != runs_.begin()) {
    const Runs::iterator left = std::prev(right);
    Run& run = left->second;
    if (SameMessage(left->first, key) && run.last_place >= key.place) return runs_.end();
    if (Precedes(*left, key, data.stream) && !data.beginning) {
      Append(run, data.payload);
      run.last_place = key.place;
      run.ends = data.end;
      JoinNext(left);
      return left;
    }
  }
  Run run;
  run.stream = data.stream;
  run.ppid = data.ppid;
  run.last_place = key.place;
  run.begins = data.beginning;
  run.ends = data.end;
  const Runs::iterator inserted = runs_.emplace_hint(right, key, std::move(run));
  held_bytes_ += Cost(inserted->second);
  Append(inserted->second, data.payload);
  JoinNext(inserted);
  return inserted;
}

void Reassembly::JoinNext(Runs::iterator run) {
  const Runs::iterator next = std::next(run);
  if (next == runs_.end() || !Precedes(*run, next->first, next->second.stream) ||
      next->second.begins) {
    return;
  }
  Run& joined = run->second;
  Run& rest = next->second;
  joined.last_place = rest.last_place;
  joined.ends = rest.ends;
  if (joined.oversized || rest.oversized ||
      joined.payload.size() + rest.payload.size() > max_message_size_) {
    DropPayload(joined);
  } else {
    joined.payload.Append(rest.payload);
  }
  Erase(next);
}

void Reassembly::Append(Run& run, Bytes payload) {
  if (run.oversized || run.payload.size() + payload.size() > max_message_size_) {
    DropPayload(run);
    return;
  }
  held_bytes_ -= Cost(run);
  run.payload.Append(payload);
  held_bytes_ += Cost(run);
}

void Reassembly::DropPayload(Run& run) {
  held_bytes_ -= Cost(run);
  run.payload.Clear();
  held_bytes_ += Cost(run);
  run.oversized = true;
  if (!run.begins || run.reported) return;
  run.reported = true;
  ++stats_.oversized_messages;
  oversized_.PushDroppingOldest(run.stream);
}

void Reassembly::Erase(Runs::iterator run) {
  if (run == current_) current_ = runs_.end();
  held_bytes_ -= Cost(run->second);
  runs_.erase(run);
}

void Reassembly::HandOver(Runs::iterator run) {
  Run& message = run->second;
  if (!message.oversized) {
    held_bytes_ -= Cost(message);
    Deliver(message.stream, message.ppid, message.payload.Take());
    held_bytes_ += Cost(message);
  }
  Erase(run);
}

void Reassembly::Deliver(StreamId stream, Ppid ppid, std::vector<uint8_t> payload) {
  ++stats_.messages;
  stats_.message_bytes += payload.size();
  held_bytes_ += payload.size() + kOverhead;
  messages_.push_back({stream, ppid, std::move(payload)});
}

void Reassembly::AdvancePast(StreamId stream, uint32_t last) {
  if (!runs_.empty()) FlushMessages(false, stream, next_.Get(stream), last);
  uint32_t next = After(last);
  while (!runs_.empty()) {
    const Runs::iterator run = runs_.lower_bound({false, stream, next, kFirstPlace});
    if (run == runs_.end() || !SameMessage(run->first, {false, stream, next, 0})) break;
    if (!run->second.whole()) break;
    FlushMessages(false, stream, next, next);
    next = After(next);
  }
  next_.Set(stream, next);
}

void Reassembly::FlushMessages(bool unordered, StreamId stream, uint32_t first, uint32_t last) {
  if (first > last) {
    FlushMessages(unordered, stream, first, kLastMessage);
    first = 0;
  }
  Runs::iterator run = runs_.lower_bound({unordered, stream, first, kFirstPlace});
  while (run != runs_.end() && run->first.unordered == unordered && run->first.stream == stream &&
         run->first.message <= last) {
    const Runs::iterator next = std::next(run);
    if (run->second.whole()) {
      HandOver(run);
    } else {
      ++stats_.skipped_runs;
      Erase(run);
    }
    run = next;
  }
}

void Reassembly::DropStream(bool unordered, StreamId stream) {
  Runs::iterator run = runs_.lower_bound({unordered, stream, 0, kFirstPlace});
  while (run != runs_.end() && run->first.unordered == unordered && run->first.stream == stream) {
    Erase(run++);
  }
}

int64_t Reassembly::Ahead(uint32_t a, uint32_t b) const {
  if (interleaving_) return MessageId(a).DistanceFrom(MessageId(b));
  return StreamSequence(static_cast<uint16_t>(a))
      .DistanceFrom(StreamSequence(static_cast<uint16_t>(b)));
}

uint32_t Reassembly::After(uint32_t message) const {
  return interleaving_ ? message + 1 : static_cast<uint16_t>(message + 1);
}

}  // namespace ocellus::sctp
