// SPDX-License-Identifier: Apache-2.0
// The receiving half of an SCTP association: which TSNs have come, when and what to acknowledge,
// and putting messages together (RFC 9260 sections 6.2, 6.6 and 6.7, RFC 3758 section 3.6, RFC 8260
// section 2). Does not send: it writes its SACK into a packet of the association. io thread only.
// Owned by Association.
#pragma once

#include "firmware/base/time.h"
#include "firmware/rtc/sctp/packet.h"
#include "firmware/rtc/sctp/reassembly.h"
#include "firmware/rtc/sctp/received_tsns.h"

namespace ocellus::sctp {

struct ReceiverOptions {
  // Bytes of the largest message that is taken. Larger ones are dropped and reported.
  size_t max_message_size = 0;
  // Bytes that may wait here, in parts of messages and whole ones: the window that we advertise.
  // Memory stays below twice that and four of the largest messages, for buffers double as they
  // grow, and 256 KiB for the numbers of all streams. A peer that begins more messages than fit,
  // interleaved, is a violation(): none of them could ever be finished.
  size_t buffer_size = 0;
  // I-DATA and I-FORWARD-TSN instead of DATA and FORWARD-TSN, as agreed on.
  bool interleaving = false;
};

struct ReceiverStats {
  uint64_t chunks = 0;  // New ones.
  uint64_t duplicate_chunks = 0;
  uint64_t refused_chunks = 0;  // No room, or too far ahead: the peer sends them again.
  uint64_t messages = 0;
  uint64_t message_bytes = 0;
  uint64_t oversized_messages = 0;
  uint64_t skipped_messages = 0;  // Parts of messages that the peer has given up.
  size_t held_bytes = 0;          // Of messages and their parts that are here, with overhead.
};

class Receiver {
 public:
  Receiver(Tsn peer_initial_tsn, const ReceiverOptions& options);

  // The chunks of one packet, and then EndPacket: every second packet is acknowledged at once.
  void HandleData(Time now, const DataChunk& data);
  void HandleForwardTsn(Time now, const ForwardTsnChunk& forward);
  void HandleForwardTsn(Time now, const IForwardTsnChunk& forward);
  void EndPacket(Time now);

  // Incoming streams start again at 0; what is unfinished on them is dropped. No streams means
  // all. To be called when cumulative_tsn() has reached the request's last_tsn, and after
  // PollMessage has been emptied (RFC 6525 section 5.2.2).
  void ResetStreams(RecordList<StreamNumber> streams);

  // The next whole message.
  std::optional<ReceivedMessage> PollMessage();
  // The stream of a message that was larger than max_message_size, once for each such message.
  std::optional<StreamId> PollOversized();

  // Whether there is something to acknowledge: a packet that leaves anyway should take it along.
  bool sack_pending() const { return acknowledgement_ != Acknowledgement::kNone; }
  // Whether a SACK is to leave now.
  bool SackDue(Time now) const;
  // False when it does not fit, and nothing is changed then. As many gaps as have room.
  [[nodiscard]] bool WriteSack(Time now, PacketWriter& packet);
  // When SackDue() becomes true by itself. It also does by the calls above (PollMessage opens the
  // window again): ask after them.
  Time next_deadline() const;

  Tsn cumulative_tsn() const { return tsns_.cumulative(); }
  // Bytes that we can take.
  uint32_t window() const;
  // What the peer did that ends an association: abort with this cause (RFC 9260 section 3.3.10).
  std::optional<CauseCode> violation() const { return violation_; }
  ReceiverStats stats() const;

 private:
  enum class Acknowledgement : uint8_t {
    kNone,     // Nothing to say.
    kDelayed,  // By deadline_.
    kDue,
  };

  // RFC 9260 section 6.2: "SHOULD be generated for at least every second packet".
  static constexpr int kPacketsPerSack = 2;

  // Whether the chunk is new and may be kept; counts it when not.
  bool Admits(const DataChunk& data);
  // Whether the chunk is of the kind that was agreed on; a violation when not.
  bool IsExpectedKind(bool interleaved);

  const ReceiverOptions options_;
  ReceivedTsns tsns_;
  Reassembly reassembly_;
  RecordBuffer<DuplicateTsn, kMaxSctpDuplicates> duplicates_;
  Acknowledgement acknowledgement_ = Acknowledgement::kNone;
  Time deadline_ = kNever;
  bool packet_had_data_ = false;
  int packets_until_sack_ = 1;  // The first one at once, so that the peer starts quickly.
  uint32_t advertised_window_;
  std::optional<CauseCode> violation_;
  ReceiverStats stats_;
};

}  // namespace ocellus::sctp
