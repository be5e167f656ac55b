// SPDX-License-Identifier: Apache-2.0
// Everything about data that goes out of one association: the messages that wait and the chunks
// that nobody has acknowledged yet, fair order between streams, loss recovery, the congestion
// window, partial reliability. RFC 9260 sections 6 and 7, RFC 3758, RFC 7496, RFC 8260.
// Does not make packets (it fills the PacketWriter that it is given), and knows nothing of
// handshakes and of data that comes in. io thread only. Owned by Association.
//
// Messages are taken from the beginning; nothing leaves before Start().
#pragma once

#include <cstdint>
#include <optional>

#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/sctp/congestion_window.h"
#include "firmware/rtc/sctp/loss_detector.h"
#include "firmware/rtc/sctp/outgoing_message.h"
#include "firmware/rtc/sctp/outstanding_data.h"
#include "firmware/rtc/sctp/pacer.h"
#include "firmware/rtc/sctp/packet.h"
#include "firmware/rtc/sctp/retransmission_timeout.h"
#include "firmware/rtc/sctp/send_queue.h"

namespace ocellus::sctp {

// What the handshake found out about the peer.
struct PeerTraits {
  uint32_t receive_window = 0;         // a_rwnd of its INIT or INIT ACK.
  bool interleaving = false;           // Both sides support I-DATA (RFC 8260).
  bool forward_tsn = false;            // Both sides support FORWARD-TSN (RFC 3758).
  std::optional<Duration> round_trip;  // As measured by the handshake.
};

struct SenderStats {
  Duration smoothed_round_trip{};
  Duration base_round_trip{};    // The least of late: without any queue.
  Duration queueing_delay{};     // What queues add to it now.
  size_t congestion_window = 0;  // Bytes.
  size_t bytes_in_flight = 0;
  size_t buffered_bytes = 0;              // Of all messages not yet acknowledged completely.
  uint64_t chunks_sent = 0;               // Retransmissions included.
  uint64_t payload_bytes_sent = 0;        // For the first time.
  uint64_t retransmissions = 0;           // Chunks.
  uint64_t chunks_lost = 0;               // Found to be lost; some were only late.
  uint64_t spurious_retransmissions = 0;  // Reported by the peer as duplicates.
  uint64_t timeouts = 0;                  // Retransmission timer expirations.
  uint64_t messages_abandoned = 0;        // Partial reliability.
  uint64_t bad_sacks = 0;                 // Ignored: they acknowledge what was never sent.
  bool interleaving = false;              // Messages of several streams share the way.
};

class Sender {
 public:
  // `initial_tsn` is that of our INIT. `max_packet` is the size of the PacketWriters' buffers:
  // packets are filled up to it, their common header (12 bytes) included. At least 64.
  Sender(Tsn initial_tsn, size_t max_packet);
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // The association is up: data may leave from now on.
  void Start(Time now, const PeerTraits& peer);

  // Queues a message.
  // Errors: kResourceExhausted when it does not fit into kMaxSctpSendBuffer (see room()),
  // kInvalidArgument when it is empty.
  Status Enqueue(Time now, OutgoingMessage message);
  // Bytes of payload that Enqueue takes now.
  size_t room() const { return queue_.room(); }

  // Bytes of the stream that have not been sent for the first time: WebRTC's bufferedAmount.
  size_t buffered_amount(StreamId stream) const { return queue_.buffered_amount(stream); }

  // The weight of the stream's share of the bandwidth while others have data too (RFC 8831 section
  // 6.4, RFC 8260 section 3.6); 256 where it was never set. At least 1.
  void SetPriority(StreamId stream, uint16_t priority) { queue_.SetPriority(stream, priority); }

  // Stream resets (RFC 6525 section 5.1.2): pause the stream, let what is on its way arrive, ask
  // the peer, renumber, resume. A paused stream finishes the message that it has begun, and keeps
  // the others.
  void Pause(StreamId stream) { queue_.SetPaused(stream, true); }
  void Resume(StreamId stream) { queue_.SetPaused(stream, false); }
  // Nothing of the stream is on its way, and no message of it half sent. Messages that wait whole
  // do not count while it is paused.
  bool IsDrained(StreamId stream) const { return queue_.IsDrained(stream); }
  // The stream begins again with SSN and MID 0. Needs IsDrained().
  void Renumber(StreamId stream) { queue_.Renumber(stream); }
  // Drops the stream's messages of which nothing was sent yet.
  void DiscardQueued(StreamId stream) { queue_.DiscardQueued(stream); }
  // The stream is closed for good: drops what waits, and all that is known of the stream; it would
  // begin again with SSN and MID 0 and the usual priority. Needs Pause() and IsDrained().
  void Forget(StreamId stream) { queue_.Forget(stream); }

  // A SACK has come. One that contradicts what was sent is ignored and counted.
  void HandleSack(Time now, const SackChunk& sack);
  void HandleTimeout(Time now);

  // Appends what may leave now (retransmissions first, then FORWARD-TSN, then new data); false when
  // nothing was appended: nothing may leave now, or it needs an emptier packet. So: send packets
  // until one stays empty.
  bool WriteChunks(Time now, PacketWriter& packet);

  // When to call HandleTimeout and WriteChunks again; kNever when idle.
  Time next_deadline() const;

  // The TSN that the next new chunk gets; the one before it is RFC 6525's "Sender's Last Assigned
  // TSN".
  Tsn next_tsn() const { return data_.next_tsn(); }
  // The peer has everything up to and including this one.
  Tsn cumulative_ack() const { return data_.cumulative_ack(); }
  // Nothing waits and nothing is on its way: SHUTDOWN may be sent (RFC 9260 section 9.2).
  bool IsDrained() const { return data_.empty() && queue_.buffered_bytes() == 0; }

  // The peer has been silent for kMaxSctpRetransmissions timeouts: the association is gone.
  bool failed() const { return silent_timeouts_ > kMaxSctpRetransmissions; }

  SenderStats stats() const;

 private:
  // What one call of WriteChunks has appended.
  struct Written {
    size_t bytes = 0;
    bool probe = false;  // A probe may exceed the congestion window by one packet.
  };

  void HandleDuplicates(size_t reported);
  void HandleAcknowledged(Time now, const Acknowledged& acknowledged, size_t in_flight_before);
  void DetectLosses(Time now);
  void HandleRecoveryTimer(Time now);
  // Starts the timer again: something was sent or acknowledged.
  void RestartTimer(Time now);

  bool WindowIsOpen() const { return data_.bytes_in_flight() + max_packet_ <= window_.window(); }
  // Whether a chunk of so many bytes fits into what the peer can take (RFC 9260 section 6.1).
  bool PeerHasRoomFor(size_t bytes) const;
  // Whether WriteChunks would write, if the pacer lets it.
  bool WantsToSend() const;
  void WriteRetransmissions(Time now, PacketWriter& packet, Written& written);
  void WriteNewData(Time now, PacketWriter& packet, Written& written);
  void WriteTailProbe(Time now, PacketWriter& packet, Written& written);
  bool Retransmit(Time now, Tsn tsn, PacketWriter& packet, Written& written);
  DataChunk MakeChunk(Tsn tsn, const Fragment& fragment) const;

  // Partial reliability (RFC 3758).
  bool IsGivenUp(Time now, const OutstandingChunk& chunk) const;
  void Abandon(Time now, MessageIndex message);
  void AbandonGivenUp(Time now);
  void DropExpired(Time now);
  void AdvanceAckPoint();
  bool WriteForwardTsn(Time now, PacketWriter& packet);

  const size_t max_packet_;
  bool started_ = false;
  bool interleaving_ = false;
  bool forward_tsn_ = false;
  uint32_t peer_window_ = 0;  // a_rwnd of the newest SACK.

  SendQueue queue_;
  OutstandingData data_;
  LossDetector losses_;
  RetransmissionTimeout timeout_;
  CongestionWindow window_;
  Pacer pacer_;

  // The one timer: first for probes of the tail, then, without an answer, for all in flight.
  Time timer_ = kNever;
  int probes_ = 0;          // Since the last acknowledgement.
  bool probe_due_ = false;  // To be sent by WriteChunks.
  int silent_timeouts_ = 0;
  Time idle_since_ = kNever;  // Since nothing is in flight; kNever while something is.

  // Up to here the peer is told to wait for nothing: RFC 3758's Advanced.Peer.Ack.Point.
  Tsn advanced_;
  bool forward_due_ = false;
  Time forward_sent_at_{};

  SenderStats counters_;  // Those of it that count.
};

}  // namespace ocellus::sctp
