// SPDX-License-Identifier: Apache-2.0
// Reads any bytes as an SCTP packet, and writes what it understood: that must be read the same.
#include <vector>

#include "firmware/rtc/sctp/packet.h"

namespace ocellus::sctp {
namespace {

// Appends a chunk that was read; those that we do not know cannot be written.
struct Rewriter {
  PacketWriter& packet;

  template <typename AnyChunk>
  bool operator()(const AnyChunk& chunk) const {
    return packet.Append(chunk);
  }
  bool operator()(const UnknownChunk&) const { return true; }
};

// The packet as we would have written it, without the chunks that we do not know.
std::vector<uint8_t> Rewrite(Bytes packet) {
  auto reader = PacketReader::Parse(packet, ZeroChecksum::kAccepted);
  if (!reader.ok()) return {};
  // Reports of unknown parameters and padding may add to what came.
  std::vector<uint8_t> out(2 * packet.size() + 64);
  PacketWriter writer(out, reader->header());
  while (const auto chunk = reader->Next()) {
    CHECK(std::visit(Rewriter{writer}, *chunk), "no room for chunk kind %zu after %zu bytes",
          chunk->index(), writer.size());
  }
  out.resize(writer.Finish(Checksum::kCrc32c));
  return out;
}

void Run(Bytes packet) {
  const std::vector<uint8_t> once = Rewrite(packet);
  if (once.size() <= CommonHeader::kSize) return;
  CHECK(Rewrite(once) == once, "what we write is read otherwise, %zu bytes", once.size());
}

}  // namespace
}  // namespace ocellus::sctp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // As over DTLS with zero checksums: a checksum that must fit would keep the fuzzer out.
  std::vector<uint8_t> packet(data, data + size);
  for (size_t i = 8; i < 12 && i < size; ++i) packet[i] = 0;
  ocellus::sctp::Run(packet);
  return 0;
}
