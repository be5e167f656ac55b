// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as RTCP and lets a sender of video have it, which must go on sending.
#include <array>

#include "firmware/rtc/rtp/video_sender.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::rtp {
namespace {

// The SSRC that the seeds of vectors/rfc-derived are about.
constexpr Ssrc kSsrc(0x22222222);

void PushFrame(Time now, bool keyframe, FrameRing& ring) {
  const Status status = ring.Begin({now, 0, keyframe}, 400, 4);
  CHECK(status.ok(), "%s", status.ToString().c_str());
  for (int i = 0; i < 4; ++i) ring.Append(100);
  ring.Commit();
}

size_t Drain(Time now, VideoSender& sender) {
  std::array<uint8_t, kMaxDatagramSize> out;
  size_t packets = 0;
  while (sender.PollRtp(now, out)) ++packets;
  static_cast<void>(sender.PollRtcp(now, WallClock{now, NtpTime(1)}, out));
  return packets;
}

void WalkFeedback(const rtcp::Packet& packet) {
  const auto* feedback = std::get_if<rtcp::TransportFeedback>(&packet);
  if (feedback == nullptr) return;
  size_t count = 0;
  auto cursor = feedback->Packets();
  while (cursor.Next()) ++count;
  CHECK(count == feedback->packet_status_count, "%zu statuses of %u", count,
        static_cast<unsigned>(feedback->packet_status_count));
}

void Run(Bytes datagram) {
  auto reader = rtcp::CompoundReader::Parse(datagram);
  if (!reader.ok()) return;
  static FrameRing ring({8192, 16, 64});
  sim::SeededRandom random(1);
  VideoSenderConfig config;
  config.ssrc = kSsrc;
  config.nack = true;
  Time now(std::chrono::seconds(1));
  PushFrame(now, true, ring);
  VideoSender sender(config, ring, random);
  sender.Start(now);
  Drain(now, sender);
  size_t packets = 0;
  while (const auto packet = reader->Next()) {
    sender.HandleRtcp(now, *packet);
    WalkFeedback(*packet);
    if (const auto* sdes = std::get_if<rtcp::SourceDescription>(&*packet)) {
      static_cast<void>(sdes->FindCname(kSsrc));
    }
    now += std::chrono::milliseconds(10);
    packets += Drain(now, sender);
  }
  CHECK(packets <= kMaxQueuedRetransmissions, "%zu retransmissions", packets);
  PushFrame(now, false, ring);
  sender.Enqueue(now, ring.newest());
  CHECK(Drain(now, sender) == 4, "stopped sending, frame %u", static_cast<unsigned>(ring.newest()));
}

}  // namespace
}  // namespace ocellus::rtp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::rtp::Run({data, size});
  return 0;
}
