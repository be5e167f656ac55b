// SPDX-License-Identifier: Apache-2.0
// A Sender whose peer is the test: what it sends is taken apart, and SACKs are made up.
#pragma once

#include <array>
#include <initializer_list>
#include <utility>
#include <vector>

#include "firmware/rtc/sctp/sender.h"

namespace ocellus::sctp {

// What one packet had in it.
struct SentPacket {
  struct Data {
    Tsn tsn;
    StreamId stream;
    StreamSequence sequence;
    MessageId message_id;
    bool beginning;
    bool end;
    bool immediate;
    size_t size;
  };
  std::vector<Data> data;
  std::optional<Tsn> forward;
  std::vector<std::pair<StreamId, StreamSequence>> skipped;
  std::vector<SkippedMessage> skipped_messages;
};

class ScriptedSender {
 public:
  static constexpr size_t kMaxPacket = 1120;
  static constexpr Tsn kFirst{0xfffffffe};  // Wraps at the third chunk.

  explicit ScriptedSender(uint32_t window = 1'000'000, bool interleaving = false,
                          bool forward_tsn = true)
      : window_(window), sender_(kFirst, kMaxPacket) {
    PeerTraits peer;
    peer.receive_window = window;
    peer.interleaving = interleaving;
    peer.forward_tsn = forward_tsn;
    peer.round_trip = std::chrono::milliseconds(10);
    sender_.Start(now_, peer);
  }

  Sender& operator*() { return sender_; }
  Sender* operator->() { return &sender_; }
  Time now() const { return now_; }

  Status Send(StreamId stream, size_t size, const SendOptions& options = {}) {
    return sender_.Enqueue(now_, {stream, kPpidBinary, std::vector<uint8_t>(size, 1), options});
  }

  // What leaves now.
  std::vector<SentPacket> TakePackets() {
    std::vector<SentPacket> packets;
    std::array<uint8_t, kMaxPacket> buffer;
    while (true) {
      PacketWriter writer(buffer, {});
      if (!sender_.WriteChunks(now_, writer)) return packets;
      packets.push_back(Read(Bytes(buffer).first(writer.Finish(Checksum::kZero))));
    }
  }

  // What leaves until then; its timers run.
  std::vector<SentPacket> Wait(Duration duration) {
    const Time end = now_ + duration;
    std::vector<SentPacket> all = TakePackets();
    while (sender_.next_deadline() <= end) {
      now_ = std::max(now_, sender_.next_deadline());
      sender_.HandleTimeout(now_);
      for (SentPacket& packet : TakePackets()) all.push_back(std::move(packet));
    }
    now_ = end;
    return all;
  }

  // All up to kFirst + `cumulative` - 1 have come, and the chunks [first, last] by the same count.
  void Acknowledge(size_t cumulative, std::initializer_list<std::pair<size_t, size_t>> gaps = {},
                   std::optional<uint32_t> window = {}) {
    SackChunk sack;
    sack.cumulative_tsn = At(cumulative) - 1;
    sack.window = window.value_or(window_);
    RecordBuffer<GapBlock, 16> blocks;
    for (const auto& [first, last] : gaps) {
      const bool added = blocks.Add({static_cast<uint16_t>(first + 1 - cumulative),
                                     static_cast<uint16_t>(last + 1 - cumulative)});
      CHECK(added, "more than %zu gaps", blocks.size());
    }
    sack.gaps = blocks.list();
    sender_.HandleSack(now_, sack);
  }

  static Tsn At(size_t number) { return kFirst + static_cast<uint32_t>(number); }

 private:
  static SentPacket Read(Bytes bytes) {
    SentPacket packet;
    auto reader = PacketReader::Parse(bytes, ZeroChecksum::kAccepted);
    CHECK(reader.ok(), "a packet of %zu bytes does not parse", bytes.size());
    while (auto chunk = reader->Next()) {
      if (const auto* data = std::get_if<DataChunk>(&*chunk)) {
        packet.data.push_back({data->tsn, data->stream, data->sequence, data->message_id,
                               data->beginning, data->end, data->immediate, data->payload.size()});
      } else if (const auto* forward = std::get_if<ForwardTsnChunk>(&*chunk)) {
        packet.forward = forward->new_cumulative_tsn;
        for (size_t i = 0; i < forward->skipped.size(); ++i) {
          packet.skipped.emplace_back(forward->skipped[i].stream, forward->skipped[i].sequence);
        }
      } else if (const auto* i_forward = std::get_if<IForwardTsnChunk>(&*chunk)) {
        packet.forward = i_forward->new_cumulative_tsn;
        for (size_t i = 0; i < i_forward->skipped.size(); ++i) {
          packet.skipped_messages.push_back(i_forward->skipped[i]);
        }
      }
    }
    return packet;
  }

  const uint32_t window_;
  Time now_ = Time(std::chrono::seconds(100));
  Sender sender_;
};

}  // namespace ocellus::sctp
