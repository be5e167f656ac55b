// SPDX-License-Identifier: Apache-2.0
// A peer that is written out chunk by chunk: it does what a test says, right or wrong, and keeps
// what it is sent.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "firmware/rtc/sctp/data_channels.h"
#include "firmware/rtc/sctp/packet.h"
#include "tests/rtc/sctp/channel_end.h"

namespace ocellus::sctp {

class RawPeer {
 public:
  static constexpr VerificationTag kTag{0x12345678};
  static constexpr Tsn kInitialTsn{0xfffffff0};

  // `end` has even ids, so the peer has odd ones.
  explicit RawPeer(ChannelEnd& end) : end_(end) {}

  Time now = PacketPath::kStart;
  Extensions extensions{true, false, true, false};
  uint16_t inbound_streams = 65'535;
  uint16_t outbound_streams = 65'535;

  // All the rest of the handshake, begun by the peer.
  void Connect();
  InitChunk MakeInit(VerificationTag tag = kTag) const;

  // One packet with these chunks.
  template <typename... Chunks>
  void Send(const Chunks&... chunks) {
    SendWithTag(local_tag_, chunks...);
  }
  template <typename... Chunks>
  void SendWithTag(VerificationTag tag, const Chunks&... chunks) {
    uint8_t buffer[4096];
    PacketWriter packet(buffer, {5000, 5000, tag});
    CHECK((packet.Append(chunks) && ...), "%zu chunks do not fit", sizeof...(chunks));
    SendPacket(Bytes(buffer, packet.Finish(Checksum::kCrc32c)));
  }
  void SendPacket(Bytes packet);
  // A whole message, in as many DATA chunks as it needs.
  void SendMessage(StreamId stream, Ppid ppid, Bytes payload);
  void SendReset(ReconfigSequence request, Tsn last_tsn, const std::vector<StreamId>& streams);
  // Lets time pass, and what is due happen.
  void Wait(Duration duration);

  Tsn next_tsn() const { return next_tsn_; }
  Tsn last_tsn() const { return next_tsn_ - 1; }
  void SkipTsn() { ++next_tsn_; }
  VerificationTag local_tag() const { return local_tag_; }
  Tsn local_initial_tsn() const { return local_initial_tsn_; }

  // The packets that came since the last call.
  std::vector<std::vector<uint8_t>> TakePackets();
  // All chunks of one kind in them; what they borrow lives as long as the peer.
  template <typename AnyChunk>
  std::vector<AnyChunk> Take() {
    std::vector<AnyChunk> found;
    for (auto& packet : TakePackets()) {
      kept_.push_back(std::move(packet));
      auto reader = PacketReader::Parse(kept_.back(), ZeroChecksum::kAccepted);
      CHECK(reader.ok(), "%s", reader.status().ToString().c_str());
      while (const auto chunk = reader->Next()) {
        if (const auto* wanted = std::get_if<AnyChunk>(&*chunk)) found.push_back(*wanted);
      }
    }
    return found;
  }

 private:
  void Collect();

  ChannelEnd& end_;
  VerificationTag local_tag_;  // Of the end that is tested.
  Tsn local_initial_tsn_;
  Tsn next_tsn_ = kInitialTsn;
  uint16_t next_sequence_ = 0;
  std::vector<std::vector<uint8_t>> packets_;
  std::deque<std::vector<uint8_t>> kept_;
};

}  // namespace ocellus::sctp
