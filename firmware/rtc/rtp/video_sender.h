// SPDX-License-Identifier: Apache-2.0
// Sends one video stream to one viewer: makes RTP packets of the FrameRing's payloads as they are
// asked for, answers NACKs from a history of a few bytes a packet, and reports (RFC 3550, RFC 4585,
// RFC 4588, RFC 5104).
// Does not encrypt, pace to a bandwidth or touch sockets. io thread only. Owned by Peer.
// State: kNew -> Start -> kWaiting for a keyframe <-> kSending -> Close -> kClosed.
//
// Invariants:
//   1. Packets are numbered when they are built, so a skipped frame leaves no gap.
//   2. No frame is sent whose predecessors since the last keyframe were not.
//   3. One (SSRC, sequence number) never stands for two different packets: with AES-GCM that would
//      give the key away. Without RTX, a retransmission is the first packet bit for bit.
#pragma once

#include <optional>
#include <string>

#include "firmware/base/frame_ring.h"
#include "firmware/base/random.h"
#include "firmware/base/strong_id.h"
#include "firmware/base/units.h"
#include "firmware/rtc/rtcp/compound.h"
#include "firmware/rtc/rtp/burst_limiter.h"
#include "firmware/rtc/rtp/extensions.h"
#include "firmware/rtc/rtp/packet.h"
#include "firmware/rtc/rtp/round_trip.h"
#include "firmware/rtc/rtp/send_history.h"

namespace ocellus::rtp {

// As negotiated; what is absent is not sent.
struct ExtensionIds {
  std::optional<ExtensionId> mid;
  std::optional<ExtensionId> transport_cc;
  std::optional<ExtensionId> playout_delay;
  std::optional<ExtensionId> abs_capture_time;
};

struct VideoSenderConfig {
  Ssrc ssrc;
  PayloadType payload_type;
  // Both or none. With them, retransmissions go as RTX.
  std::optional<Ssrc> rtx_ssrc;
  std::optional<PayloadType> rtx_payload_type;
  bool nack = false;  // Negotiated: NACKs are answered.
  ExtensionIds extensions;
  std::string mid;    // Sent when it has 1 to kMaxMidSize characters.
  std::string cname;  // At most 255 bytes.
};

struct VideoSenderStats {
  uint64_t packets_sent = 0;  // Media and retransmissions.
  uint64_t bytes_sent = 0;    // Their payloads.
  uint64_t frames_sent = 0;
  uint64_t keyframes_sent = 0;
  uint64_t frames_skipped = 0;  // Passed over because the viewer was behind.
  uint64_t retransmissions_sent = 0;
  uint64_t nacks_received = 0;              // Packets that were asked for,
  uint64_t retransmissions_refused = 0;     // and refused: gone, too soon or over the budget.
  uint64_t keyframe_requests_received = 0;  // PLI and FIR.
  uint64_t ssrc_collisions = 0;             // Reports from somebody who uses our SSRC; dropped.
  // From the last report of the viewer; absent before the first.
  std::optional<rtcp::ReportBlock> last_report;
  std::optional<Duration> round_trip;
};

class VideoSender {
 public:
  // Sequence numbers (below 2^15, for SRTP) and the timestamp begin at random (RFC 3550
  // section 5.1). `ring` and `random` outlive this.
  VideoSender(const VideoSenderConfig& config, const FrameRing& ring, Random& random);

  // The connection stands: begins at the newest keyframe in the ring and follows it to the
  // present. When there is none, or an old one, asks for a keyframe and waits for it; not for long
  // while there is an old one.
  void Start(Time now);

  // Frame `id` is in the ring. Poll afterwards.
  void Enqueue(Time now, FrameId id);

  // Builds the next plain RTP packet in `out`, which has kMaxDatagramSize bytes: retransmissions
  // first, then media. Returns its size, at most kMaxDatagramSize less the SRTP tag; nullopt when
  // there is nothing to send now.
  std::optional<size_t> PollRtp(Time now, MutableBytes out);

  // Builds a compound of sender report and CNAME when one is due (the first as soon as there is a
  // frame), with a BYE after Close. `wall` also dates abs-capture-time, so poll this first.
  std::optional<size_t> PollRtcp(Time now, const WallClock& wall, MutableBytes out);

  // One packet of an authenticated compound of the viewer.
  void HandleRtcp(Time now, const rtcp::Packet& packet);

  // True once when the viewer needs a keyframe, however often it has asked. Whoever makes
  // keyframes limits their rate over all viewers.
  bool TakeKeyframeRequest();
  // Packets that were under way are lost, and the viewer's requests for them go astray.
  void HandlePathChange() { AskForKeyframe(); }

  // When PollRtp or PollRtcp will have something without a new frame.
  Time next_deadline() const;

  // Nothing is sent afterwards but one BYE.
  void Close();

  // Who reported on our video has said BYE. Other sources of the viewer come and go.
  bool viewer_left() const { return viewer_left_; }

  const VideoSenderStats& stats() const { return stats_; }

 private:
  enum class State : uint8_t { kNew, kWaiting, kSending, kClosed };

  // What differs between a packet and its retransmission by RTX.
  struct Identity {
    Ssrc ssrc;
    PayloadType payload_type;
    SequenceNumber sequence_number;
    std::optional<SequenceNumber> original;  // RFC 4588 section 4: OSN, in front of the payload.
  };
  // The value of abs-capture-time that a frame went out with.
  struct CaptureTime {
    FrameId frame = 0;
    NtpTime captured;
  };

  bool running() const { return state_ == State::kWaiting || state_ == State::kSending; }
  bool uses_rtx() const { return config_.rtx_ssrc && config_.rtx_payload_type; }

  void BeginAt(FrameId keyframe);
  void WaitForKeyframe();
  void AskForKeyframe();
  void EndPatience();
  // The keyframe to go on with instead of `frame`, which is nullptr when it has left the ring.
  std::optional<FrameId> FindShortcut(const FrameRing::Frame* frame) const;
  // The frame whose payload is next; nullptr when all is sent.
  const FrameRing::Frame* NextFrame();
  std::optional<size_t> WriteMedia(Time now, MutableBytes out);
  void BeginKeyframe(Time now, FrameId id);
  std::optional<size_t> WriteRetransmission(MutableBytes out);
  size_t WritePacket(const FrameRing::Frame& frame, const SentPacket& sent,
                     const Identity& identity, MutableBytes out);
  // Which extensions the first packet of `frame` gets, besides transport-cc.
  uint8_t ChooseExtensions(Time now, const FrameRing::Frame& frame);
  void AddExtensions(const FrameRing::Frame& frame, const SentPacket& sent,
                     ExtensionWriter& writer) const;
  std::optional<NtpTime> FindCaptureTime(FrameId frame) const;
  RtpTimestamp TimestampAt(Time now) const;

  void HandleReport(Time now, Ssrc reporter, const rtcp::RecordList<rtcp::ReportBlock>& blocks);
  void HandleNack(Time now, const rtcp::Nack& nack);
  void HandlePictureLoss(Time now);
  void HandleFullIntraRequest(const rtcp::FullIntraRequest& request);

  const VideoSenderConfig config_;
  const FrameRing& ring_;
  Random& random_;
  const uint32_t timestamp_offset_;
  SendHistory history_;
  SequenceNumber next_rtx_;
  TransportSequenceNumber next_transport_cc_;
  BurstLimiter burst_;
  RoundTrip round_trip_;

  State state_ = State::kNew;
  // The next packet of media.
  FrameId frame_ = 0;
  uint32_t payload_ = 0;
  // The frame that ties the media clock to Time: the last one that was begun.
  std::optional<FrameInfo> reference_;
  std::optional<Time> keyframe_sent_at_;
  // The viewer shows nothing new until a keyframe has come: the next one, or the one that is named.
  bool awaits_keyframe_ = true;
  std::optional<FrameId> awaited_keyframe_;

  Time patience_ends_ = kNever;  // While waiting with an old keyframe at hand.
  bool keyframe_requested_ = false;
  std::optional<Ssrc> viewer_;  // Who has reported on our SSRC, and so knows the stream.
  bool viewer_left_ = false;
  bool reported_ = false;
  bool bye_due_ = false;
  std::optional<uint8_t> last_fir_;
  Time next_report_{};
  Time next_capture_time_{};
  std::optional<WallClock> wall_;
  Ring<CaptureTime, 8> capture_times_;  // Full: older packets with one are not sent again.

  uint32_t packet_count_ = 0;  // Of the media SSRC, as the sender report has it.
  uint32_t octet_count_ = 0;
  VideoSenderStats stats_;
};

}  // namespace ocellus::rtp
