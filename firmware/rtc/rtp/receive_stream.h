// SPDX-License-Identifier: Apache-2.0
// Receives one stream of RTP: unwraps RTX (RFC 4588), drops duplicates, keeps the statistics, and
// reports them with NACK and PLI (RFC 3550, RFC 4585).
// Does not decrypt and does not put packets into order. io thread only.
#pragma once

#include <optional>
#include <string>

#include "firmware/base/random.h"
#include "firmware/rtc/rtcp/compound.h"
#include "firmware/rtc/rtp/missing_packets.h"
#include "firmware/rtc/rtp/packet.h"
#include "firmware/rtc/rtp/reception_statistics.h"

namespace ocellus::rtp {

struct ReceiveStreamConfig {
  Ssrc local_ssrc;    // Of our reports.
  std::string cname;  // At most 255 bytes.
  Ssrc ssrc;
  PayloadType payload_type;
  // Both or none.
  std::optional<Ssrc> rtx_ssrc;
  std::optional<PayloadType> rtx_payload_type;
  uint32_t clock_rate = 90'000;  // Hz.
  bool nack = true;
};

struct ReceiveStreamStats {
  uint64_t packets_received = 0;
  uint64_t packets_recovered = 0;  // Of them by retransmission.
  uint64_t duplicates = 0;
  uint64_t invalid = 0;  // A number out of the stream, or RTX without a packet in it.
};

class ReceiveStream {
 public:
  // `random` outlives this.
  ReceiveStream(const ReceiveStreamConfig& config, Random& random);

  // Takes a packet from a decrypted datagram. Returns the packet of media that came with it (as
  // borrowed as `packet`); nullopt when that is none, a duplicate or not of this stream.
  std::optional<Packet> HandlePacket(Time now, const Packet& packet);
  // One packet of an authenticated compound: sender reports count, and BYE.
  void HandleRtcp(Time now, const rtcp::Packet& packet);

  // The measured round trip; retransmissions are asked for again after it.
  void SetRoundTrip(Duration round_trip) { round_trip_ = round_trip; }
  // The decoder needs a keyframe.
  void RequestKeyframe() { keyframe_needed_ = true; }

  // Builds a compound in `out` (kMaxDatagramSize) when a report, a NACK or a PLI is due.
  std::optional<size_t> PollRtcp(Time now, MutableBytes out);
  Time next_deadline() const;

  // The sender of this stream has said BYE.
  bool sender_left() const { return sender_left_; }

  const ReceiveStreamStats& stats() const { return stats_; }

 private:
  // The packet of media in an RTX one; nullopt when it is empty.
  std::optional<Packet> Unwrap(const Packet& rtx) const;

  const ReceiveStreamConfig config_;
  Random& random_;
  ReceptionStatistics statistics_;
  MissingPackets missing_;
  Duration round_trip_ = std::chrono::milliseconds(100);
  Time next_report_ = kNever;  // Until the first packet.
  bool keyframe_needed_ = false;
  bool sender_left_ = false;
  ReceiveStreamStats stats_;
};

}  // namespace ocellus::rtp
