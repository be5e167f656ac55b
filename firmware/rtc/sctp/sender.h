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
#include <vector>

#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/sctp/chunk.h"
#include "firmware/rtc/sctp/packet.h"
#include "firmware/rtc/sctp/types.h"

namespace ocellus::sctp {

// How a message is sent. With both limits absent it is sent until it arrives; with one of them it
// is given up when the limit is reached (RFC 8831 section 6.4), if the peer supports that.
struct SendOptions {
  bool ordered = true;
  std::optional<uint16_t> max_retransmits;  // RFC 7496: of each of its chunks.
  std::optional<Duration> max_lifetime;     // From Enqueue on.
};

struct OutgoingMessage {
  StreamId stream;
  Ppid ppid;
  std::vector<uint8_t> payload;  // Not empty: RFC 9260 section 3.3.1 has no empty messages.
  SendOptions options;
};

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
};

class Sender {
 public:
  // `initial_tsn` is that of our INIT. `max_packet` is the size of the PacketWriters' buffers:
  // packets are filled up to it, their common header (12 bytes) included. At least 64.
  Sender(Tsn initial_tsn, size_t max_packet);

  // The association is up: data may leave from now on.
  void Start(Time now, const PeerTraits& peer);

  // Queues a message.
  // Errors: kResourceExhausted when it does not fit into kMaxSctpSendBuffer (see room()),
  // kInvalidArgument when it is empty.
  Status Enqueue(Time now, OutgoingMessage message);
  // Bytes of payload that Enqueue takes now.
  size_t room() const;

  // Bytes of the stream that have not been sent for the first time: WebRTC's bufferedAmount.
  size_t buffered_amount(StreamId stream) const;

  // The weight of the stream's share of the bandwidth while others have data too (RFC 8831 section
  // 6.4, RFC 8260 section 3.6); 256 where it was never set. At least 1.
  void SetPriority(StreamId stream, uint16_t priority);

  // Stream resets (RFC 6525 section 5.1.2): pause the stream, let what is on its way arrive, ask
  // the peer, renumber, resume. A paused stream finishes the message that it has begun, and keeps
  // the others.
  void Pause(StreamId stream);
  void Resume(StreamId stream);
  // Nothing of the stream is on its way, and no message of it half sent. Messages that wait whole
  // do not count while it is paused.
  bool IsDrained(StreamId stream) const;
  // The stream begins again with SSN and MID 0. Needs IsDrained().
  void Renumber(StreamId stream);
  // Drops the stream's messages of which nothing was sent yet.
  void DiscardQueued(StreamId stream);
  // The stream is closed for good: drops what waits and the state of the stream (which is a few
  // bytes, but stays otherwise). Needs IsDrained().
  void Forget(StreamId stream);

  // A SACK has come. One that contradicts what was sent is ignored and counted.
  void HandleSack(Time now, const Sack& sack);
  void HandleTimeout(Time now);

  // Appends what may leave now (retransmissions first, then FORWARD-TSN, then new data); false when
  // nothing was appended: nothing may leave now, or it needs an emptier packet. So: send packets
  // until one stays empty.
  bool WriteChunks(Time now, PacketWriter& packet);

  // When to call HandleTimeout and WriteChunks again; kNever when idle.
  Time next_deadline() const;

  // The TSN that the next new chunk gets; the one before it is RFC 6525's "Sender's Last Assigned
  // TSN".
  Tsn next_tsn() const;
  // The peer has everything up to and including this one.
  Tsn cumulative_ack() const;
  // Nothing waits and nothing is on its way: SHUTDOWN may be sent (RFC 9260 section 9.2).
  bool IsDrained() const;

  // The peer has been silent for kMaxSctpRetransmissions timeouts: the association is gone.
  bool failed() const;

  SenderStats stats() const;
};

}  // namespace ocellus::sctp
