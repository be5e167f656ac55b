// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/receive_stream.h"

#include <algorithm>

#include "firmware/rtc/rtcp/interval.h"

namespace ocellus::rtp {

ReceiveStream::ReceiveStream(const ReceiveStreamConfig& config, Random& random)
    : config_(config), random_(random), statistics_(config.ssrc, config.clock_rate) {}

std::optional<Packet> ReceiveStream::HandlePacket(Time now, const Packet& packet) {
  std::optional<Packet> media;
  if (packet.ssrc == config_.ssrc && packet.payload_type == config_.payload_type) {
    if (statistics_.HandlePacket(now, packet)) media = packet;
  } else if (packet.ssrc == config_.rtx_ssrc && packet.payload_type == config_.rtx_payload_type) {
    media = Unwrap(packet);
  } else {
    return std::nullopt;
  }
  if (!media) {
    ++stats_.invalid;
    return std::nullopt;
  }
  if (next_report_ == kNever) next_report_ = now + rtcp::NextReportInterval(random_) / 2;
  switch (missing_.HandlePacket(now, media->sequence_number)) {
    case MissingPackets::Arrival::kNew:
      break;
    case MissingPackets::Arrival::kRecovered:
      ++stats_.packets_recovered;
      break;
    case MissingPackets::Arrival::kDuplicate:
      ++stats_.duplicates;
      return std::nullopt;
  }
  ++stats_.packets_received;
  return media;
}

void ReceiveStream::HandleRtcp(Time now, const rtcp::Packet& packet) {
  if (const auto* report = std::get_if<rtcp::SenderReport>(&packet)) {
    statistics_.HandleSenderReport(now, *report);
  } else if (const auto* bye = std::get_if<rtcp::Bye>(&packet)) {
    if (bye->Names(config_.ssrc)) sender_left_ = true;
  }
}

std::optional<size_t> ReceiveStream::PollRtcp(Time now, MutableBytes out) {
  MissingPackets::NackItems nack_items;
  if (config_.nack) missing_.Poll(now, round_trip_, nack_items);
  if (missing_.TakeGivenUp()) keyframe_needed_ = true;
  const bool nack_due = !nack_items.list().empty();
  if (now < next_report_ && !nack_due && !keyframe_needed_) return std::nullopt;

  // RFC 4585 section 3.1: feedback travels behind a report and a CNAME too.
  ByteWriter writer(out);
  rtcp::RecordBuffer<rtcp::ReportBlock, 1> blocks;
  if (const std::optional<rtcp::ReportBlock> block = statistics_.TakeReportBlock(now)) {
    CHECK(blocks.Add(*block), "no room for a report block in %d", 1);
  }
  rtcp::ReceiverReport{config_.local_ssrc, blocks.list()}.Write(writer);
  rtcp::SourceDescription::Write(config_.local_ssrc, config_.cname, writer);
  if (nack_due) {
    rtcp::Nack{config_.local_ssrc, config_.ssrc, nack_items.list()}.Write(writer);
  }
  if (keyframe_needed_) {
    rtcp::PictureLossIndication{config_.local_ssrc, config_.ssrc}.Write(writer);
    keyframe_needed_ = false;
  }
  CHECK(writer.ok(), "no room for a report in %zu bytes", out.size());
  if (now >= next_report_) next_report_ = now + rtcp::NextReportInterval(random_);
  return writer.size();
}

Time ReceiveStream::next_deadline() const {
  return config_.nack ? std::min(next_report_, missing_.next_deadline()) : next_report_;
}

// RFC 4588 section 4: the payload begins with the original sequence number, the rest is the
// original's.
std::optional<Packet> ReceiveStream::Unwrap(const Packet& rtx) const {
  if (rtx.payload.size() <= 2) return std::nullopt;
  Packet media = rtx;
  media.ssrc = config_.ssrc;
  media.payload_type = config_.payload_type;
  media.sequence_number =
      SequenceNumber(static_cast<uint16_t>(rtx.payload[0] << 8 | rtx.payload[1]));
  media.payload = rtx.payload.subspan(2);
  return media;
}

}  // namespace ocellus::rtp
