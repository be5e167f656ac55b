// SPDX-License-Identifier: Apache-2.0
// Takes any bytes three ways: as payloads of packets for the depacketizer, as an Annex B stream
// that must come through packetizer and depacketizer unchanged, and as parameter sets.
#include "firmware/base/annexb.h"
#include "firmware/base/h264_sps.h"
#include "firmware/base/limits.h"
#include "firmware/media/h264_depacketizer.h"
#include "firmware/media/h264_packetizer.h"

namespace ocellus::media {
namespace {

constexpr uint8_t kMarker = 1 << 0;
constexpr uint8_t kNextTimestamp = 1 << 1;
constexpr uint8_t kGap = 1 << 2;

// A byte of flags, a byte of size and a payload, again and again.
void Depacketize(Bytes input) {
  H264Depacketizer depacketizer;
  H264Depacketizer::Packet packet;
  while (input.size() >= 2) {
    const uint8_t flags = input[0];
    const size_t size = std::min<size_t>(input[1], input.size() - 2);
    packet.marker = (flags & kMarker) != 0;
    if (flags & kNextTimestamp) packet.timestamp = packet.timestamp + 3000;
    packet.sequence_number = packet.sequence_number + (flags & kGap ? 2 : 1);
    packet.payload = input.subspan(2, size);
    input = input.subspan(2 + size);
    depacketizer.HandlePacket(packet);
    while (const AccessUnit* unit = depacketizer.PollAccessUnit()) {
      for (const auto& nal : unit->frame.nals) {
        CHECK(nal.size > 0 && nal.offset + nal.size <= unit->frame.data.size(),
              "NAL unit of %zu bytes", nal.size);
      }
    }
  }
}

void ThereAndBack(Bytes input) {
  hal::EncodedFrame frame;
  frame.data.assign(input.begin(), input.end());
  FindNals(frame.data, frame.nals);
  static FrameRing ring({64 * 1024, 16, 4096});
  H264Packetizer packetizer(ring);
  const auto id = packetizer.Push(frame);
  if (!id.ok()) return;
  H264Depacketizer depacketizer;
  H264Depacketizer::Packet packet;
  const FrameRing::Frame& stored = *ring.Find(*id);
  for (size_t i = 0; i < stored.payload_count; ++i) {
    packet.payload = ring.payload(stored, i);
    CHECK(packet.payload.size() <= kMaxRtpPayloadSize, "payload of %zu bytes",
          packet.payload.size());
    packet.marker = i + 1 == stored.payload_count;
    depacketizer.HandlePacket(packet);
    packet.sequence_number = packet.sequence_number + 1;
  }
  const AccessUnit* unit = depacketizer.PollAccessUnit();
  CHECK(unit != nullptr && !unit->damaged, "frame of %zu payloads did not come back",
        static_cast<size_t>(stored.payload_count));
}

}  // namespace
}  // namespace ocellus::media

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ocellus::Bytes input(data, size);
  ocellus::media::Depacketize(input);
  ocellus::media::ThereAndBack(input);
  static_cast<void>(ocellus::ParseH264Sps(input));
  return 0;
}
