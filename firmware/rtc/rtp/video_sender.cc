// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/video_sender.h"

#include <algorithm>

#include "firmware/rtc/rtcp/interval.h"

namespace ocellus::rtp {
namespace {

// SentPacket::extensions.
constexpr uint8_t kMid = 1 << 0;
constexpr uint8_t kPlayoutDelay = 1 << 1;
constexpr uint8_t kCaptureTime = 1 << 2;

// draft abs-capture-time: "at least once every second" lets a receiver interpolate.
constexpr Duration kCaptureTimeInterval = std::chrono::seconds(1);

// A joiner begins at a keyframe of at most this age, and its viewer decodes quickly what came
// since. With an older one it waits for the new one that it asks for.
constexpr Duration kOldKeyframe = std::chrono::milliseconds(500);

// How long it waits: then the camera makes none on demand, and the old one is all there is.
constexpr Duration kKeyframePatience = std::chrono::milliseconds(400);

// A viewer that is further behind a newer keyframe than this leaves out the frames before it.
constexpr Duration kMaxLateness = std::chrono::milliseconds(200);

// Behind header, extension block and payload must be room for the longer SRTP tag, AEAD_AES_128_GCM
// (RFC 7714 section 14.2), and for the OSN of a retransmission.
constexpr size_t kSrtpTagSize = 16;
constexpr size_t kOriginalNumberSize = 2;
constexpr size_t kExtensionHeaderSize = 4;

// Random, but below 2^15: a receiver that misses the packets before a wrap could not know of it,
// and would decrypt with the wrong rollover counter for good (RFC 3711 section 3.3.1).
SequenceNumber FirstSequenceNumber(Random& random) {
  return SequenceNumber(static_cast<uint16_t>(random.NextU32() & 0x7fff));
}

// The largest block of extension elements beside a payload of `payload_size`.
size_t ExtensionRoom(size_t payload_size) {
  constexpr size_t kBesides =
      kHeaderSize + kExtensionHeaderSize + kOriginalNumberSize + kSrtpTagSize;
  CHECK(payload_size <= kMaxRtpPayloadSize, "payload of %zu bytes", payload_size);
  return std::min(kMaxDatagramSize - kBesides - payload_size, ExtensionWriter::kMaxBlockSize);
}

}  // namespace

VideoSender::VideoSender(const VideoSenderConfig& config, const FrameRing& ring, Random& random)
    : config_(config),
      ring_(ring),
      random_(random),
      timestamp_offset_(random.NextU32()),
      history_(FirstSequenceNumber(random)),
      next_rtx_(FirstSequenceNumber(random)),
      next_transport_cc_(1) {
  CHECK(config_.cname.size() <= 255, "CNAME of %zu bytes", config_.cname.size());
}

void VideoSender::Start(Time now) {
  if (state_ != State::kNew) return;
  next_report_ = now;
  const std::optional<FrameId> keyframe = ring_.newest_keyframe();
  if (keyframe && now - ring_.Find(*keyframe)->info.captured_at <= kOldKeyframe) {
    return BeginAt(*keyframe);
  }
  WaitForKeyframe();
  if (keyframe) patience_ends_ = now + kKeyframePatience;
}

void VideoSender::Enqueue(Time, FrameId id) {
  const FrameRing::Frame* frame = ring_.Find(id);
  if (state_ == State::kWaiting && frame != nullptr && frame->info.keyframe) BeginAt(id);
}

std::optional<size_t> VideoSender::PollRtp(Time now, MutableBytes out) {
  CHECK(out.size() >= kMaxDatagramSize, "buffer of %zu bytes", out.size());
  if (!running() || !burst_.Allows(now)) return std::nullopt;
  if (now >= patience_ends_) EndPatience();
  std::optional<size_t> size;
  if (history_.has_requests()) size = WriteRetransmission(out);
  if (!size) size = WriteMedia(now, out);
  if (size) burst_.Spend();
  return size;
}

std::optional<size_t> VideoSender::PollRtcp(Time now, const WallClock& wall, MutableBytes out) {
  wall_ = wall;
  const bool report_due = running() && reference_ && now >= next_report_;
  if (!report_due && !bye_due_) return std::nullopt;
  next_report_ = now + rtcp::NextReportInterval(random_);
  reported_ = true;

  ByteWriter writer(out);
  rtcp::SenderReport report;
  report.sender = config_.ssrc;
  report.ntp = wall.ToNtp(now);
  report.timestamp = TimestampAt(now);
  report.packet_count = packet_count_;
  report.octet_count = octet_count_;
  report.Write(writer);
  rtcp::SourceDescription::Write(config_.ssrc, config_.cname, writer);
  if (bye_due_) {
    bye_due_ = false;
    rtcp::RecordBuffer<rtcp::Source, 2> sources;
    bool added = sources.Add({config_.ssrc});
    if (uses_rtx()) added = added && sources.Add({*config_.rtx_ssrc});
    CHECK(added, "no room behind %zu SSRCs", sources.list().size());
    rtcp::Bye{sources.list()}.Write(writer);
  }
  CHECK(writer.ok(), "no room for a report in %zu bytes", out.size());
  round_trip_.HandleReportSent(now, report.ntp);
  return writer.size();
}

void VideoSender::HandleRtcp(Time now, const rtcp::Packet& packet) {
  if (!running()) return;
  if (const auto* receiver = std::get_if<rtcp::ReceiverReport>(&packet)) {
    HandleReport(now, receiver->sender, receiver->blocks);
  } else if (const auto* sender = std::get_if<rtcp::SenderReport>(&packet)) {
    HandleReport(now, sender->sender, sender->blocks);
  } else if (const auto* nack = std::get_if<rtcp::Nack>(&packet)) {
    if (config_.nack && nack->source == config_.ssrc) HandleNack(now, *nack);
  } else if (const auto* pli = std::get_if<rtcp::PictureLossIndication>(&packet)) {
    if (pli->source == config_.ssrc) HandlePictureLoss(now);
  } else if (const auto* fir = std::get_if<rtcp::FullIntraRequest>(&packet)) {
    HandleFullIntraRequest(*fir);
  } else if (const auto* bye = std::get_if<rtcp::Bye>(&packet)) {
    if (viewer_ && bye->Names(*viewer_)) viewer_left_ = true;
  }
}

bool VideoSender::TakeKeyframeRequest() {
  const bool requested = keyframe_requested_;
  keyframe_requested_ = false;
  return requested && running();
}

Time VideoSender::next_deadline() const {
  if (!running()) return kNever;
  const bool media_waits = state_ == State::kSending && frame_ <= ring_.newest();
  Time deadline = kNever;
  if (media_waits || history_.has_requests()) deadline = burst_.next_refill();
  if (reference_) deadline = std::min(deadline, next_report_);
  return std::min(deadline, patience_ends_);
}

void VideoSender::Close() {
  // RFC 3550 section 6.3.7: "a participant which never sent an RTP or RTCP packet MUST NOT send a
  // BYE packet when they leave the group".
  if (!running()) return;
  bye_due_ = packet_count_ > 0 || reported_;
  state_ = State::kClosed;
}

void VideoSender::BeginAt(FrameId keyframe) {
  state_ = State::kSending;
  patience_ends_ = kNever;
  frame_ = keyframe;
  payload_ = 0;
  reference_ = ring_.Find(keyframe)->info;
}

void VideoSender::EndPatience() {
  patience_ends_ = kNever;
  const std::optional<FrameId> keyframe = ring_.newest_keyframe();
  if (state_ == State::kWaiting && keyframe) BeginAt(*keyframe);
}

void VideoSender::WaitForKeyframe() {
  state_ = State::kWaiting;
  AskForKeyframe();
}

void VideoSender::AskForKeyframe() {
  keyframe_requested_ = true;
  awaits_keyframe_ = true;
}

std::optional<FrameId> VideoSender::FindShortcut(const FrameRing::Frame* frame) const {
  const std::optional<FrameId> keyframe = ring_.newest_keyframe();
  if (!keyframe || *keyframe <= frame_) return std::nullopt;
  if (frame == nullptr) return keyframe;
  const Duration saved = ring_.Find(*keyframe)->info.captured_at - frame->info.captured_at;
  return saved > kMaxLateness ? keyframe : std::nullopt;
}

const FrameRing::Frame* VideoSender::NextFrame() {
  if (state_ != State::kSending || frame_ > ring_.newest()) return nullptr;
  const FrameRing::Frame* frame = ring_.Find(frame_);
  if (frame != nullptr && payload_ > 0) return frame;
  if (const std::optional<FrameId> keyframe = FindShortcut(frame)) {
    stats_.frames_skipped += *keyframe - frame_;
    BeginAt(*keyframe);
    return ring_.Find(frame_);
  }
  if (frame == nullptr) WaitForKeyframe();  // The ring went past us: invariant 2.
  return frame;
}

std::optional<size_t> VideoSender::WriteMedia(Time now, MutableBytes out) {
  const FrameRing::Frame* frame = NextFrame();
  if (frame == nullptr) return std::nullopt;
  SentPacket sent;
  sent.frame = static_cast<uint32_t>(frame->id);
  sent.payload = static_cast<uint16_t>(payload_);
  if (config_.extensions.transport_cc) {
    sent.transport_cc = next_transport_cc_;
    ++next_transport_cc_;
  }
  if (payload_ == 0) {
    reference_ = frame->info;
    if (frame->info.keyframe) BeginKeyframe(now, frame->id);
    sent.extensions = ChooseExtensions(now, *frame);
  }
  const bool is_first = packet_count_ == 0;
  const Identity identity{config_.ssrc, config_.payload_type, history_.Add(sent), std::nullopt};
  const size_t size = WritePacket(*frame, sent, identity, out);
  // Nobody misses the packet in front of the first one that came; and this one has the parameter
  // sets, some 70 bytes without which the keyframe is worth nothing.
  if (is_first && config_.nack) history_.Repeat(identity.sequence_number);

  if (++payload_ == frame->payload_count) {
    ++stats_.frames_sent;
    if (frame->info.keyframe) ++stats_.keyframes_sent;
    ++frame_;
    payload_ = 0;
  }
  return size;
}

void VideoSender::BeginKeyframe(Time now, FrameId id) {
  keyframe_sent_at_ = now;
  if (awaits_keyframe_) awaited_keyframe_ = id;
  awaits_keyframe_ = false;
}

std::optional<size_t> VideoSender::WriteRetransmission(MutableBytes out) {
  while (std::optional<SendHistory::Retransmission> again = history_.PopRequest()) {
    // The frame is among the last 2^32, whose lower halves are unique.
    const FrameId newest = ring_.newest();
    const FrameId id =
        newest - static_cast<uint32_t>(static_cast<uint32_t>(newest) - again->packet.frame);
    const FrameRing::Frame* frame = ring_.Find(id);
    const bool lost_capture_time =
        (again->packet.extensions & kCaptureTime) != 0 && !FindCaptureTime(id);
    if (frame == nullptr || lost_capture_time) {
      ++stats_.retransmissions_refused;
      continue;
    }
    Identity identity{config_.ssrc, config_.payload_type, again->number, std::nullopt};
    if (uses_rtx()) {
      identity = {*config_.rtx_ssrc, *config_.rtx_payload_type, next_rtx_, again->number};
      ++next_rtx_;
      if (config_.extensions.transport_cc) {
        again->packet.transport_cc = next_transport_cc_;
        ++next_transport_cc_;
      }
    }
    ++stats_.retransmissions_sent;
    // A second copy of what is missing saves many viewers another round trip without a picture.
    if (id == awaited_keyframe_) history_.Repeat(again->number);
    return WritePacket(*frame, again->packet, identity, out);
  }
  return std::nullopt;
}

size_t VideoSender::WritePacket(const FrameRing::Frame& frame, const SentPacket& sent,
                                const Identity& identity, MutableBytes out) {
  const Bytes payload = ring_.payload(frame, sent.payload);
  ExtensionWriter extensions;
  AddExtensions(frame, sent, extensions);
  Packet packet;
  packet.marker = sent.payload + 1u == frame.payload_count;
  packet.payload_type = identity.payload_type;
  packet.sequence_number = identity.sequence_number;
  packet.timestamp = RtpTimestamp(timestamp_offset_ + frame.info.media_time);
  packet.ssrc = identity.ssrc;
  packet.extensions = extensions.extensions();

  ByteWriter writer(out);
  packet.WriteHeader(writer);
  if (identity.original) writer.WriteU16(identity.original->value());
  writer.WriteBytes(payload);
  CHECK(writer.ok() && writer.size() + kSrtpTagSize <= kMaxDatagramSize, "packet of %zu bytes",
        writer.size());

  ++stats_.packets_sent;
  stats_.bytes_sent += payload.size();
  if (!identity.original) {
    ++packet_count_;
    octet_count_ += static_cast<uint32_t>(payload.size());
  }
  return writer.size();
}

uint8_t VideoSender::ChooseExtensions(Time now, const FrameRing::Frame& frame) {
  uint8_t chosen = 0;
  // Until the viewer reports on our SSRC, any packet may be the first that it gets.
  if (frame.info.keyframe || !viewer_) {
    const size_t mid_size = config_.mid.size();
    if (config_.extensions.mid && mid_size > 0 && mid_size <= kMaxMidSize) chosen |= kMid;
    if (config_.extensions.playout_delay) chosen |= kPlayoutDelay;
  }
  if (config_.extensions.abs_capture_time && wall_ &&
      (frame.info.keyframe || now >= next_capture_time_)) {
    chosen |= kCaptureTime;
    next_capture_time_ = now + kCaptureTimeInterval;
    capture_times_.PushDroppingOldest({frame.id, wall_->ToNtp(frame.info.captured_at)});
  }
  return chosen;
}

// A function of its arguments and of what never changes, so that a retransmission gets the same
// (invariant 3).
void VideoSender::AddExtensions(const FrameRing::Frame& frame, const SentPacket& sent,
                                ExtensionWriter& writer) const {
  const ExtensionIds& ids = config_.extensions;
  if (ids.transport_cc) writer.Add(*ids.transport_cc, WriteTransportCc(sent.transport_cc));
  if (sent.extensions == 0) return;
  const size_t room = ExtensionRoom(ring_.payload(frame, sent.payload).size());
  if (sent.extensions & kPlayoutDelay) {
    writer.Add(*ids.playout_delay, PlayoutDelay{}.Write(), room);
  }
  if (sent.extensions & kCaptureTime) {
    writer.Add(*ids.abs_capture_time, AbsCaptureTime{*FindCaptureTime(frame.id), {}}.Write(), room);
  }
  // Last, because a long one may not fit beside a full payload.
  if (sent.extensions & kMid) writer.Add(*ids.mid, AsBytes(config_.mid), room);
}

std::optional<NtpTime> VideoSender::FindCaptureTime(FrameId frame) const {
  for (size_t i = 0; i < capture_times_.size(); ++i) {
    if (capture_times_[i].frame == frame) return capture_times_[i].captured;
  }
  return std::nullopt;
}

RtpTimestamp VideoSender::TimestampAt(Time now) const {
  constexpr int64_t kTicksPer100Microseconds = 9;  // 90 kHz.
  const Duration since = now - reference_->captured_at;
  const int64_t ticks = since.count() * kTicksPer100Microseconds / 100;
  return RtpTimestamp(timestamp_offset_ + reference_->media_time + static_cast<uint32_t>(ticks));
}

void VideoSender::HandleReport(Time now, Ssrc reporter,
                               const rtcp::RecordList<rtcp::ReportBlock>& blocks) {
  // RFC 3550 section 8.2: a collision, or our own report come back. The SSRC was announced to the
  // viewer, so it is the viewer's to change.
  if (reporter == config_.ssrc) {
    ++stats_.ssrc_collisions;
    return;
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    const rtcp::ReportBlock block = blocks[i];
    if (block.source != config_.ssrc) continue;
    viewer_ = reporter;
    round_trip_.HandleReportBlock(now, block);
    stats_.last_report = block;
    stats_.round_trip = round_trip_.measured();
  }
}

void VideoSender::HandleNack(Time now, const rtcp::Nack& nack) {
  const Duration round_trip = round_trip_.estimate();
  nack.ForEachLost([&](SequenceNumber number) {
    ++stats_.nacks_received;
    if (history_.Request(now, number, round_trip) != SendHistory::Answer::kGranted) {
      ++stats_.retransmissions_refused;
    }
  });
}

void VideoSender::HandlePictureLoss(Time now) {
  ++stats_.keyframe_requests_received;
  // It was sent before the keyframe that is under way could arrive.
  if (keyframe_sent_at_ && now - *keyframe_sent_at_ < round_trip_.estimate()) return;
  AskForKeyframe();
}

void VideoSender::HandleFullIntraRequest(const rtcp::FullIntraRequest& request) {
  for (size_t i = 0; i < request.entries.size(); ++i) {
    const rtcp::FullIntraRequest::Entry entry = request.entries[i];
    if (entry.source != config_.ssrc) continue;
    ++stats_.keyframe_requests_received;
    // RFC 5104 section 4.3.1.2: a repetition of the same command has the same number.
    if (last_fir_ == entry.sequence_number) continue;
    last_fir_ = entry.sequence_number;
    AskForKeyframe();
  }
}

}  // namespace ocellus::rtp
