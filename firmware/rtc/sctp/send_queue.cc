// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/send_queue.h"

#include <algorithm>
#include <utility>

namespace ocellus::sctp {
namespace {

// Bytes that a message counts in the buffer besides its payload, so that many small ones are
// bounded too.
constexpr size_t kMessageOverhead = sizeof(Message);

// Messages whose slots an idle association keeps.
constexpr size_t kKeptMessages = 64;

// Virtual time of one byte at priority 1.
constexpr uint64_t kVirtualByte = 1 << 16;

}  // namespace

SendQueue::Stream* SendQueue::Find(StreamId id) {
  for (Stream& stream : streams_) {
    if (stream.used && stream.id == id) return &stream;
  }
  return nullptr;
}

const SendQueue::Stream* SendQueue::Find(StreamId id) const {
  return const_cast<SendQueue*>(this)->Find(id);
}

SendQueue::Stream& SendQueue::FindOrAdd(StreamId id) {
  if (Stream* const found = Find(id)) return *found;
  for (Stream& stream : streams_) {
    if (stream.used) continue;
    stream = Stream();
    stream.id = id;
    stream.used = true;
    return stream;
  }
  streams_.emplace_back();
  streams_.back().id = id;
  streams_.back().used = true;
  return streams_.back();
}

SendQueue::Stream& SendQueue::StreamOf(const Message& message) {
  Stream* const stream = Find(message.stream);
  CHECK(stream != nullptr, "a message of stream %u, which is gone", message.stream.value());
  return *stream;
}

Status SendQueue::Enqueue(Time now, OutgoingMessage outgoing) {
  if (outgoing.payload.empty()) return StatusCode::kInvalidArgument;
  if (outgoing.payload.size() > room()) return StatusCode::kResourceExhausted;

  MessageIndex index = static_cast<MessageIndex>(messages_.size());
  if (free_messages_.empty()) {
    messages_.emplace_back();
  } else {
    index = free_messages_.back();
    free_messages_.pop_back();
  }
  const size_t size = outgoing.payload.size();
  Message& message = messages_[index];
  message.payload = std::move(outgoing.payload);
  message.stream = outgoing.stream;
  message.ppid = outgoing.ppid;
  message.ordered = outgoing.options.ordered;
  message.max_retransmits = outgoing.options.max_retransmits;
  // After the lifetime: one of 0 is for what can be sent at once.
  if (outgoing.options.max_lifetime) {
    message.expires_at = now + *outgoing.options.max_lifetime + Duration(1);
  }
  buffered_bytes_ += size + kMessageOverhead;

  Stream& stream = FindOrAdd(outgoing.stream);
  if (stream.head) {
    messages_[stream.tail].next = index;
  } else {
    stream.head = index;
    stream.served = std::max(stream.served, virtual_time_);
    next_expiry_ = std::min(next_expiry_, message.expires_at);
  }
  stream.tail = index;
  stream.buffered += size;
  return {};
}

size_t SendQueue::room() const {
  const size_t used = buffered_bytes_ + kMessageOverhead;
  return used < kMaxSctpSendBuffer ? kMaxSctpSendBuffer - used : 0;
}

size_t SendQueue::buffered_amount(StreamId id) const {
  const Stream* const stream = Find(id);
  return stream == nullptr ? 0 : stream->buffered;
}

void SendQueue::SetPriority(StreamId id, uint16_t priority) {
  FindOrAdd(id).priority = std::max<uint16_t>(1, priority);
}

void SendQueue::SetPaused(StreamId id, bool paused) { FindOrAdd(id).paused = paused; }

bool SendQueue::IsDrained(StreamId id) const {
  const Stream* const stream = Find(id);
  if (stream == nullptr) return true;
  return stream->unfinished == 0 && (stream->paused || !stream->head);
}

void SendQueue::Renumber(StreamId id) {
  CHECK(IsDrained(id), "stream %u is renumbered before it is drained", id.value());
  Stream* const stream = Find(id);
  if (stream == nullptr) return;
  stream->next_sequence = StreamSequence();
  stream->next_ordered_id = MessageId();
  stream->next_unordered_id = MessageId();
}

void SendQueue::DiscardQueued(StreamId id) {
  Stream* const stream = Find(id);
  if (stream == nullptr || !stream->head) return;
  const MessageIndex head = *stream->head;
  const bool begun = messages_[head].taken > 0;
  std::optional<MessageIndex> dropped = begun ? messages_[head].next : head;
  while (dropped) {
    const std::optional<MessageIndex> next = messages_[*dropped].next;
    stream->buffered -= messages_[*dropped].payload.size();
    Free(*dropped);
    dropped = next;
  }
  if (begun) {
    messages_[head].next.reset();
    stream->tail = head;
  } else {
    stream->head.reset();
  }
}

void SendQueue::Forget(StreamId id) {
  DiscardQueued(id);
  CHECK(IsDrained(id), "stream %u is forgotten before it is drained", id.value());
  Stream* const stream = Find(id);
  if (stream != nullptr) stream->used = false;
}

std::optional<MessageIndex> SendQueue::Next() const {
  if (unfinished_) return unfinished_;
  const Stream* next = nullptr;
  for (const Stream& stream : streams_) {
    if (!stream.used || !stream.head) continue;
    if (stream.paused && messages_[*stream.head].taken == 0) continue;
    if (next == nullptr || stream.served < next->served) next = &stream;
  }
  return next == nullptr ? std::nullopt : next->head;
}

size_t SendQueue::remaining(MessageIndex index) const {
  return messages_[index].payload.size() - messages_[index].taken;
}

Fragment SendQueue::Take(MessageIndex index, size_t size, Tsn tsn) {
  Message& message = messages_[index];
  Stream& stream = StreamOf(message);
  CHECK(stream.head == index && size > 0 && size <= remaining(index) && size <= UINT16_MAX,
        "%zu bytes taken of %zu", size, remaining(index));
  if (message.taken == 0) {
    message.first_tsn = tsn;
    if (message.ordered) {
      message.sequence = stream.next_sequence;
      ++stream.next_sequence;
    }
    MessageId& next_id = message.ordered ? stream.next_ordered_id : stream.next_unordered_id;
    message.id = next_id;
    ++next_id;
    ++stream.unfinished;
  }
  const Fragment fragment = {index, message.taken, message.fragments, static_cast<uint16_t>(size)};
  message.taken += static_cast<uint32_t>(size);
  ++message.fragments;
  ++message.chunks;
  message.last_tsn = tsn;
  stream.buffered -= size;
  virtual_time_ = stream.served;
  stream.served += size * kVirtualByte / stream.priority;

  if (message.taken == message.payload.size()) {
    unfinished_.reset();
    PopHead(stream);
  } else if (!interleaving_) {
    unfinished_ = index;
  }
  return fragment;
}

std::optional<Fragment> SendQueue::Abandon(MessageIndex index, Tsn tsn) {
  Message& message = messages_[index];
  CHECK(message.taken > 0 && !message.abandoned, "message %u is abandoned twice or unsent",
        static_cast<unsigned>(index));
  ++messages_dropped_;
  message.abandoned = true;
  const size_t rest = remaining(index);
  buffered_bytes_ -= message.payload.size();
  message.payload = {};
  if (rest == 0) return std::nullopt;

  Stream& stream = StreamOf(message);
  stream.buffered -= rest;
  if (unfinished_ == index) unfinished_.reset();
  PopHead(stream);
  ++message.chunks;
  message.last_tsn = tsn;
  return Fragment{index, message.taken, message.fragments, 0};
}

void SendQueue::ReleaseChunk(MessageIndex index) {
  Message& message = messages_[index];
  CHECK(message.chunks > 0, "message %u has no chunk to release", static_cast<unsigned>(index));
  --message.chunks;
  if (message.chunks > 0 || (!message.abandoned && remaining(index) > 0)) return;  // Invariant 3.
  --StreamOf(message).unfinished;
  Free(index);
}

std::optional<MessageIndex> SendQueue::DropExpired(Time now) {
  if (delivery_required_) return std::nullopt;
  Time next_expiry = kNever;
  for (Stream& stream : streams_) {
    while (stream.used && stream.head) {
      const MessageIndex index = *stream.head;
      const Message& message = messages_[index];
      if (now < message.expires_at) {
        next_expiry = std::min(next_expiry, message.expires_at);
        break;
      }
      if (message.taken > 0) {
        next_expiry_ = now;
        return index;
      }
      stream.buffered -= message.payload.size();
      ++messages_dropped_;
      PopHead(stream);
      Free(index);
    }
  }
  next_expiry_ = next_expiry;
  return std::nullopt;
}

void SendQueue::PopHead(Stream& stream) {
  stream.head = messages_[*stream.head].next;
  if (stream.head) next_expiry_ = std::min(next_expiry_, messages_[*stream.head].expires_at);
}

void SendQueue::Free(MessageIndex index) {
  buffered_bytes_ -= messages_[index].payload.size() + kMessageOverhead;
  messages_[index] = Message();
  free_messages_.push_back(index);
  if (free_messages_.size() == messages_.size() && messages_.size() > kKeptMessages) {
    messages_ = {};
    free_messages_ = {};
  }
}

}  // namespace ocellus::sctp
