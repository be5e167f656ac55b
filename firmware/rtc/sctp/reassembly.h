// SPDX-License-Identifier: Apache-2.0
// Puts messages together from fragments that come in any order, and hands them over in the order of
// their stream (RFC 9260 sections 6.6 and 6.9, RFC 8260 section 2). io thread only. Owned by
// Receiver, which keeps duplicate TSNs away and bounds what is held here.
//
// Fragments that follow each other are joined at once into a run, so that a message is one run that
// grows; with losses it is several, which join as the gaps are filled. A message that comes in
// order (as most do) touches one run, remembered from the fragment before.
//
// Invariants:
//  1. Runs of one message do not overlap, and do not touch: then they would be one.
//  2. No ordered run is of a message before the next one of its stream, nor is a whole run that
//     next one.
//  3. held_bytes() is the sum of Cost() over runs, and of payload + kOverhead over messages that
//     were not polled.
//
// What is unordered and not interleaved has no number of its own: parts of such messages that a
// stream reset leaves behind stay until the peer's next FORWARD-TSN. An honest peer leaves none.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "firmware/base/ring.h"
#include "firmware/rtc/sctp/chunk.h"
#include "firmware/rtc/sctp/next_messages.h"
#include "firmware/rtc/sctp/reconfig_chunk.h"
#include "firmware/rtc/sctp/rope.h"

namespace ocellus::sctp {

struct ReceivedMessage {
  StreamId stream;
  Ppid ppid;
  std::vector<uint8_t> payload;
};

class Reassembly {
 public:
  // Bytes that a run, each piece of it and a message cost beside the payload: the containers'
  // nodes, and what the heap adds.
  static constexpr size_t kOverhead = 96;
  // The most that one fragment adds to held_bytes() beside its payload.
  static constexpr size_t kFragmentOverhead = 2 * kOverhead;

  struct Stats {
    uint64_t messages = 0;
    uint64_t message_bytes = 0;
    uint64_t oversized_messages = 0;
    uint64_t skipped_runs = 0;  // Parts of messages that the peer has given up.
  };

  // `interleaving`: I-DATA, else DATA.
  Reassembly(size_t max_message_size, bool interleaving);

  // Takes a fragment with a TSN that never came before.
  void Add(const DataChunk& data);

  // The peer gives up what is missing up to `new_cumulative_tsn`. Whole messages that waited for
  // it are handed over; parts are dropped.
  void Skip(Tsn new_cumulative_tsn, RecordList<SkippedSequence> skipped);
  void Skip(RecordList<SkippedMessage> skipped);

  // The streams (none means all) begin again at 0, without what is unfinished on them.
  void ResetStreams(RecordList<StreamNumber> streams);

  bool has_messages() const { return !messages_.empty(); }
  std::optional<ReceivedMessage> PollMessage();
  std::optional<StreamId> PollOversized();

  size_t held_bytes() const { return held_bytes_; }
  const Stats& stats() const { return stats_; }

 private:
  // Where a run begins. A message's own number and the fragment's place within it are SSN and TSN
  // with DATA, MID and FSN with I-DATA. Unordered DATA has no number but its TSNs, so all of it is
  // kept as if it were one message of stream 0. Numbers that wrap are compared for equality here;
  // TSNs are unwrapped.
  struct Key {
    bool unordered = false;
    StreamId stream;
    uint32_t message = 0;
    int64_t place = 0;

    bool operator<(const Key& other) const;
  };

  struct Run {
    StreamId stream;
    Ppid ppid;  // Of the first fragment.
    int64_t last_place = 0;
    bool begins = false;     // With the message's first fragment.
    bool ends = false;       // With its last one.
    bool oversized = false;  // Larger than a message may be: the payload was dropped.
    bool reported = false;   // As oversized; where the message begins, so once.
    Rope payload;

    bool whole() const { return begins && ends; }
  };
  using Runs = std::map<Key, Run>;

  Key KeyOf(const DataChunk& data);
  static bool SameMessage(const Key& a, const Key& b);
  // Whether what is at `key` continues the run, unless it begins a message.
  static bool Precedes(const Runs::value_type& run, const Key& key, StreamId stream);

  static size_t Cost(const Run& run);

  // The run that the fragment became part of; end() when it contradicts what is there (two
  // fragments with one number), and was dropped.
  Runs::iterator Insert(const Key& key, const DataChunk& data);
  // Joins the run with the one behind it where that follows directly.
  void JoinNext(Runs::iterator run);
  // Where that makes the run larger than a message may be, its payload is dropped.
  void Append(Run& run, Bytes payload);
  void DropPayload(Run& run);
  void Erase(Runs::iterator run);

  // Turns a whole run into a message.
  void HandOver(Runs::iterator run);
  void Deliver(StreamId stream, Ppid ppid, std::vector<uint8_t> payload);
  // Ordered message `last` and those before it are over: hands over or drops what there is of
  // them, and hands over those that waited for them.
  void AdvancePast(StreamId stream, uint32_t last);
  // Hands over whole messages from `first` to `last`, which may wrap, and drops parts of others.
  void FlushMessages(bool unordered, StreamId stream, uint32_t first, uint32_t last);
  void DropStream(bool unordered, StreamId stream);

  // How far message `a` of a stream is ahead of `b`.
  int64_t Ahead(uint32_t a, uint32_t b) const;
  uint32_t After(uint32_t message) const;

  const size_t max_message_size_;
  const bool interleaving_;
  Unwrapper<Tsn> tsns_;
  Runs runs_;
  Runs::iterator current_;  // The run that the last fragment became part of; end() for none.
  NextMessages next_;       // By SSN or MID.
  std::deque<ReceivedMessage> messages_;
  Ring<StreamId, 16> oversized_;  // Full: the oldest report makes room.
  size_t held_bytes_ = 0;
  Stats stats_;
};

}  // namespace ocellus::sctp
