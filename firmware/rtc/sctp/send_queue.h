// SPDX-License-Identifier: Apache-2.0
// The messages of all streams, from Enqueue until the peer has them or they are given up, and whose
// turn it is. Streams share by weighted fair queueing (RFC 8260 section 3.6): in whole messages, or
// fragment by fragment with I-DATA. Payloads are kept once; fragments refer to them.
// io thread only. Owned by Sender.
//
// Invariants:
//  1. A stream's list holds the messages that are not taken completely; only its head can be begun.
//  2. Without interleaving at most one message is begun and not taken completely.
//  3. A message lives until it is taken completely or abandoned, and all its chunks are released.
#pragma once

#include <optional>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/sctp/outgoing_message.h"

namespace ocellus::sctp {

using MessageIndex = uint32_t;

struct Message {
  std::vector<uint8_t> payload;
  StreamId stream;
  Ppid ppid;
  bool ordered = true;
  bool abandoned = false;
  std::optional<uint16_t> max_retransmits;
  Time expires_at = kNever;

  // Set when its first fragment is taken.
  StreamSequence sequence;
  MessageId id;
  uint32_t taken = 0;      // Bytes.
  uint32_t fragments = 0;  // Taken.

  uint32_t chunks = 0;  // On their way: taken and not released.
  Tsn first_tsn;        // Of those, while there are any.
  Tsn last_tsn;

  std::optional<MessageIndex> next;  // Of the same stream.
};

// A part of a message that becomes a chunk.
struct Fragment {
  MessageIndex message = 0;
  uint32_t offset = 0;
  uint32_t number = 0;  // From 0 within its message.
  uint16_t size = 0;
};

class SendQueue {
 public:
  // Fragments of different messages may follow each other from now on.
  void AllowInterleaving() { interleaving_ = true; }
  // The peer cannot skip messages: none is given up from now on.
  void RequireDelivery() { delivery_required_ = true; }

  // Errors: kResourceExhausted (room()), kInvalidArgument (empty).
  Status Enqueue(Time now, OutgoingMessage message);
  size_t room() const;
  size_t buffered_bytes() const { return buffered_bytes_; }
  size_t buffered_amount(StreamId stream) const;

  void SetPriority(StreamId stream, uint16_t priority);
  void SetPaused(StreamId stream, bool paused);
  bool IsDrained(StreamId stream) const;
  void Renumber(StreamId stream);
  void DiscardQueued(StreamId stream);
  void Forget(StreamId stream);

  // Whose fragment is to be sent next; none when nothing waits.
  std::optional<MessageIndex> Next() const;
  // Bytes of it that are not taken yet.
  size_t remaining(MessageIndex message) const;
  // Takes `size` bytes of Next(): they become the chunk `tsn`.
  Fragment Take(MessageIndex message, size_t size, Tsn tsn);

  // Gives a message up. What was not taken of it is dropped; when that is not nothing, `tsn` stands
  // for it and the result is its chunk, so that the peer can be told to skip it.
  std::optional<Fragment> Abandon(MessageIndex message, Tsn tsn);
  // One chunk of the message is done with: `message` is not to be used when it was the last.
  void ReleaseChunk(MessageIndex message);

  const Message& message(MessageIndex index) const { return messages_[index]; }
  Bytes payload(const Fragment& fragment) const {
    return Bytes(messages_[fragment.message].payload).subspan(fragment.offset, fragment.size);
  }

  // Drops the messages whose lifetime is over before anything of them was sent. Returns one that is
  // begun, to be abandoned; call it again then.
  std::optional<MessageIndex> DropExpired(Time now);
  // When to call DropExpired: not later than that anything expires.
  Time next_expiry() const { return delivery_required_ ? kNever : next_expiry_; }

  uint64_t messages_dropped() const { return messages_dropped_; }

 private:
  // Where a stream stands. `served` is its virtual time: bytes sent, divided by its weight.
  struct Stream {
    StreamId id;
    bool used = false;
    bool paused = false;
    uint16_t priority = 256;
    StreamSequence next_sequence;
    MessageId next_ordered_id;
    MessageId next_unordered_id;
    std::optional<MessageIndex> head;
    MessageIndex tail = 0;
    uint32_t unfinished = 0;  // Messages that are begun, and not all released.
    size_t buffered = 0;
    uint64_t served = 0;
  };

  Stream& FindOrAdd(StreamId id);
  Stream* Find(StreamId id);
  const Stream* Find(StreamId id) const;
  Stream& StreamOf(const Message& message);
  void PopHead(Stream& stream);
  void Free(MessageIndex index);

  bool interleaving_ = false;
  bool delivery_required_ = false;
  std::vector<Message> messages_;
  std::vector<MessageIndex> free_messages_;
  std::vector<Stream> streams_;  // Few: kMaxChannels.
  size_t buffered_bytes_ = 0;
  uint64_t virtual_time_ = 0;               // Of the stream that was served last.
  std::optional<MessageIndex> unfinished_;  // Invariant 2.
  Time next_expiry_ = kNever;
  uint64_t messages_dropped_ = 0;
};

}  // namespace ocellus::sctp
