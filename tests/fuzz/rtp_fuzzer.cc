// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as RTP, writes what was read (the copy must read the same), and lets a receiver
// have it.
#include <array>

#include "firmware/rtc/rtp/extensions.h"
#include "firmware/rtc/rtp/receive_stream.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::rtp {
namespace {

void CheckCopy(const Packet& packet) {
  std::array<uint8_t, 5000> out;
  ByteWriter writer(out);
  packet.Write(writer);
  const auto copy = Packet::Parse(writer.written());
  CHECK(copy.ok(), "the copy of %zu bytes cannot be read", writer.size());
  CHECK(copy->marker == packet.marker && copy->payload_type == packet.payload_type &&
            copy->sequence_number == packet.sequence_number &&
            copy->timestamp == packet.timestamp && copy->ssrc == packet.ssrc &&
            copy->csrcs == packet.csrcs && copy->extensions.block == packet.extensions.block &&
            copy->payload == packet.payload && copy->padding == packet.padding,
        "the copy of %zu bytes is another", writer.size());
}

void AskEverything(const Packet& packet) {
  for (uint8_t id = 1; id < 16; ++id) {
    const auto data = packet.extensions.Find(ExtensionId(id));
    if (!data) continue;
    static_cast<void>(ParseTransportCc(*data));
    static_cast<void>(PlayoutDelay::Parse(*data));
    static_cast<void>(AbsCaptureTime::Parse(*data));
  }
}

// The packet, and four made of it, to a stream that expects it.
void Receive(const Packet& packet) {
  sim::SeededRandom random(1);
  ReceiveStreamConfig config;
  config.ssrc = packet.ssrc;
  config.payload_type = packet.payload_type;
  config.rtx_ssrc = Ssrc(packet.ssrc.value() + 1);
  config.rtx_payload_type = packet.payload_type;
  ReceiveStream stream(config, random);
  Time now(std::chrono::seconds(1));
  Packet next = packet;
  std::array<uint8_t, kMaxDatagramSize> out;
  for (uint16_t i = 0; i < 4; ++i) {
    stream.HandlePacket(now, next);
    static_cast<void>(stream.PollRtcp(now, out));
    now += std::chrono::milliseconds(300);
    next.sequence_number = packet.sequence_number + static_cast<uint16_t>(i * i * 40);
    next.ssrc = Ssrc(packet.ssrc.value() + i % 2);
  }
}

}  // namespace
}  // namespace ocellus::rtp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 4096) return 0;
  const auto packet = ocellus::rtp::Packet::Parse({data, size});
  if (!packet.ok()) return 0;
  ocellus::rtp::CheckCopy(*packet);
  ocellus::rtp::AskEverything(*packet);
  ocellus::rtp::Receive(*packet);
  return 0;
}
