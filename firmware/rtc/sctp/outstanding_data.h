// SPDX-License-Identifier: Apache-2.0
// The chunks between the peer's cumulative acknowledgement and the newest one sent, in a ring by
// TSN: which are in flight, lost, acknowledged beyond a gap or abandoned (RFC 9260 section 6.2.1,
// RFC 3758 section 3.5). io thread only. Owned by Sender.
//
// A SACK costs what it changes: gap blocks that the one before had are passed over.
//
// Invariants:
//  1. The ring holds the TSNs (cumulative_ack(), next_tsn()), without holes.
//  2. Chunks in flight are in a list in the order of their last transmission, lost ones in another
//     in the order in which they are to be sent again; the others are in none.
//  3. The first chunk is never acknowledged: the cumulative acknowledgement would include it.
#pragma once

#include <vector>

#include "firmware/rtc/sctp/chunk.h"
#include "firmware/rtc/sctp/send_queue.h"

namespace ocellus::sctp {

enum class ChunkState : uint8_t { kInFlight, kLost, kAcknowledged, kAbandoned };

struct OutstandingChunk {
  Fragment fragment;
  ChunkState state = ChunkState::kInFlight;
  uint16_t transmissions = 0;
  Time sent_at{};  // The last time.
  // Neighbours in its list; meaningless at the list's ends.
  Tsn previous;
  Tsn next;
};

// When a chunk was sent, and which: of two that left at once, the one with the higher TSN left
// later (RFC 8985 section 5.1).
struct Transmission {
  Time sent_at{};
  Tsn tsn;

  bool IsLaterThan(const Transmission& other) const {
    return sent_at > other.sent_at || (sent_at == other.sent_at && tsn.IsNewerThan(other.tsn));
  }
};

// What a SACK acknowledged for the first time.
struct Acknowledged {
  size_t chunks = 0;
  size_t bytes = 0;
  // The latest transmission among them, and among those that were sent once.
  std::optional<Transmission> latest;
  bool latest_was_retransmitted = false;
  std::optional<Time> latest_original;
};

class OutstandingData {
 public:
  OutstandingData(Tsn initial_tsn, SendQueue& queue)
      : queue_(queue), first_(initial_tsn), next_tsn_(initial_tsn) {}

  Tsn cumulative_ack() const { return first_ - 1; }
  Tsn next_tsn() const { return next_tsn_; }
  size_t size() const { return next_tsn_.value() - first_.value(); }
  bool empty() const { return size() == 0; }
  bool full() const { return size() >= kMaxSctpOutstandingChunks; }

  // Bytes of the chunks in flight, with their headers.
  size_t bytes_in_flight() const { return bytes_in_flight_; }
  bool in_flight() const { return in_flight_.size > 0; }
  size_t chunks_in_flight() const { return in_flight_.size; }
  std::optional<Tsn> oldest_in_flight() const { return in_flight_.first(); }
  std::optional<Tsn> newest_in_flight() const {
    return in_flight_.size == 0 ? std::nullopt : std::optional(in_flight_.tail);
  }
  std::optional<Tsn> first_lost() const { return lost_.first(); }
  size_t lost() const { return lost_.size; }
  // Bytes that a chunk counts.
  static size_t SizeOf(const OutstandingChunk& chunk) {
    return chunk.fragment.size + DataChunk::kIDataHeaderSize;
  }

  bool Contains(Tsn tsn) const { return tsn.value() - first_.value() < size(); }
  const OutstandingChunk& operator[](Tsn tsn) const;

  // The next TSN is sent for the first time. Not when full().
  void PushSent(Time now, const Fragment& fragment);
  // The next TSN stands for the rest of an abandoned message. Also when full(): there are fewer
  // such messages than streams.
  void PushAbandoned(const Fragment& fragment);

  void MarkLost(Tsn tsn);
  void MarkResent(Time now, Tsn tsn);
  // Everything in flight is lost; lost ones are in the order of their TSNs then.
  void MarkAllLost();
  // Chunks of the message that are not acknowledged will not be sent again.
  void MarkAbandoned(MessageIndex message);

  // None, and nothing is changed, when the SACK acknowledges what was never sent.
  // A SACK that is older than one before it acknowledges nothing.
  std::optional<Acknowledged> HandleSack(const SackChunk& sack);

 private:
  struct List {
    Tsn head;
    Tsn tail;
    size_t size = 0;

    std::optional<Tsn> first() const { return size == 0 ? std::nullopt : std::optional(head); }
  };
  // From first to last, both included.
  struct Range {
    Tsn first;
    Tsn last;
  };

  OutstandingChunk& At(Tsn tsn) { return ring_[tsn.value() & (ring_.size() - 1)]; }
  OutstandingChunk& Push(const Fragment& fragment);
  void Grow();
  void Append(List& list, Tsn tsn);
  void Remove(List& list, Tsn tsn);
  // Takes the chunk out of its list.
  void Unlist(Tsn tsn);
  void Acknowledge(Tsn tsn, Acknowledged& result);
  bool IsPlausible(const SackChunk& sack) const;
  void HandleCumulative(Tsn cumulative, Acknowledged& result);
  void HandleGaps(const SackChunk& sack, Acknowledged& result);
  void HandleReneging();

  SendQueue& queue_;
  std::vector<OutstandingChunk> ring_;  // A power of two, or empty. At TSN modulo its size.
  Tsn first_;
  Tsn next_tsn_;
  List in_flight_;
  List lost_;
  size_t bytes_in_flight_ = 0;
  std::vector<Range> gaps_;      // Of the SACK before: in order, apart.
  std::vector<Range> new_gaps_;  // Of this one, while it is looked at.
};

}  // namespace ocellus::sctp
