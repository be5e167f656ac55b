// SPDX-License-Identifier: Apache-2.0
// Data channels with a hostile peer. The input is a script: what the peer sends, and what the
// application does meanwhile. Packets have the right tag, so that they get far; chunks are the
// input's, or a DCEP message's whole content is.
#include <algorithm>

#include "firmware/base/byte_reader.h"
#include "firmware/rtc/sctp/data_channels.h"
#include "firmware/rtc/sctp/dcep.h"
#include "firmware/rtc/sctp/packet.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::sctp {
namespace {

constexpr VerificationTag kPeerTag{0x12345678};
constexpr Tsn kPeerTsn{1000};

class Session {
 public:
  Session(bool interleaving, size_t max_message_size) : interleaving_(interleaving) {
    Config config;
    config.max_message_size = max_message_size;
    channels_.emplace(now_, config, random_);
    channels_->Start(now_, true);
    InitChunk init;
    init.tag = kPeerTag;
    init.window = 100'000;
    init.outbound_streams = init.inbound_streams = 65'535;
    init.initial_tsn = kPeerTsn;
    init.extensions = {true, interleaving, true, true};
    Send(VerificationTag(), init);
    Poll();
    Send(tag_, CookieEchoChunk{cookie_});
    Poll();
    CHECK(channels_->is_connected(), "tag %u", static_cast<unsigned>(tag_.value()));
  }

  void Play(ByteReader& script) {
    while (script.remaining() > 0) {
      Step(script);
      Poll();
    }
    // Whatever has happened, it comes to rest.
    for (int i = 0; i < 200 && channels_->next_deadline() != kNever; ++i) Wait();
  }

 private:
  template <typename AnyChunk>
  void Send(VerificationTag tag, const AnyChunk& chunk) {
    uint8_t buffer[kMaxReceivedDatagramSize];
    PacketWriter packet(buffer, {5000, 5000, tag});
    if (packet.Append(chunk)) HandlePacket(Bytes(buffer, packet.Finish(Checksum::kZero)));
  }

  void HandlePacket(Bytes packet) { channels_->HandlePacket(now_, packet); }

  void Step(ByteReader& script) {
    const uint8_t what = script.ReadU8();
    const ChannelId id(script.ReadU8());
    const size_t size = script.ReadU8();
    const Bytes bytes = script.ReadBytes(std::min(size, script.remaining()));
    switch (what % 10) {
      case 0:
      case 1:
        return SendChunks(bytes);
      case 2:
      case 3:
        return SendMessage(id, kPpidDcep, bytes);
      case 4:
        return SendMessage(id, Ppid(50u + size % 8), bytes);
      case 5: {
        ChannelOptions options;
        options.ordered = size % 2 == 0;
        if (size % 3 == 1) options.max_retransmits = static_cast<uint16_t>(size);
        if (size % 5 == 1 && !options.max_retransmits) {
          options.max_lifetime = std::chrono::milliseconds(size);
        }
        if (size % 7 == 1) options.negotiated = id;
        static_cast<void>(channels_->Open(now_, options));
        return;
      }
      case 6:
        static_cast<void>(channels_->Send(now_, id, MessageKind::kBinary, bytes));
        return;
      case 7:
        return channels_->Close(now_, id);
      case 8:
        if (size == 255) channels_->Shutdown(now_);
        return Wait();
      default:
        return SendReset(id, size);
    }
  }

  void SendChunks(Bytes chunks) {
    uint8_t buffer[CommonHeader::kSize + 256] = {0x13, 0x88, 0x13, 0x88};
    ByteWriter writer(MutableBytes(buffer).subspan(4));
    writer.WriteU32(tag_.value());
    writer.WriteU32(0);
    writer.WriteBytes(chunks);
    HandlePacket(Bytes(buffer, 4 + writer.size()));
  }

  void SendMessage(StreamId stream, Ppid ppid, Bytes payload) {
    DataChunk data;
    data.tsn = next_tsn_;
    ++next_tsn_;
    data.stream = stream;
    data.ppid = ppid;
    data.interleaved = interleaving_;
    data.message_id = next_message_;
    ++next_message_;
    data.unordered = data.beginning = data.end = true;
    data.payload = payload;
    Send(tag_, data);
  }

  void SendReset(StreamId stream, size_t tsns_behind) {
    RecordBuffer<StreamNumber, 1> streams;
    static_cast<void>(streams.Add({stream}));
    OutgoingResetRequest reset;
    reset.request = next_request_;
    ++next_request_;
    reset.last_tsn = next_tsn_ - static_cast<uint32_t>(tsns_behind % 4);
    reset.streams = streams.list();
    Send(tag_, ReconfigChunk{reset, std::nullopt});
  }

  void Wait() {
    now_ = std::max(now_, std::min(channels_->next_deadline(), now_ + std::chrono::seconds(1)));
    if (now_ >= channels_->next_deadline()) channels_->HandleTimeout(now_);
    Poll();
  }

  void Poll() {
    while (const auto event = channels_->PollEvent()) {
      CHECK(!failed_, "an event after ChannelsFailed: %zu", event->index());
      failed_ = std::holds_alternative<ChannelsFailed>(*event);
    }
    CHECK(channels_->stats().channels <= kMaxChannels, "%zu channels", channels_->stats().channels);
    uint8_t buffer[kMaxReceivedDatagramSize];
    size_t packets = 0;
    while (const auto size = channels_->PollTransmit(now_, buffer)) {
      CHECK(*size <= kDefaultMtu && ++packets < 10'000, "packet %zu of %zu bytes", packets, *size);
      auto reader = PacketReader::Parse(Bytes(buffer, *size), ZeroChecksum::kAccepted);
      CHECK(reader.ok(), "a packet of ours: %s", reader.status().ToString().c_str());
      while (const auto chunk = reader->Next()) {
        if (const auto* answer = std::get_if<InitAckChunk>(&*chunk)) {
          if (!cookie_.empty()) continue;
          tag_ = answer->init.tag;
          cookie_.assign(answer->cookie.begin(), answer->cookie.end());
        }
      }
    }
  }

  const bool interleaving_;
  sim::SeededRandom random_{1};
  Time now_{std::chrono::hours(1)};
  std::optional<DataChannels> channels_;
  VerificationTag tag_;
  std::vector<uint8_t> cookie_;
  Tsn next_tsn_ = kPeerTsn;
  MessageId next_message_{0};
  ReconfigSequence next_request_{kPeerTsn.value()};
  bool failed_ = false;
};

}  // namespace
}  // namespace ocellus::sctp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ocellus;
  ByteReader script(Bytes(data, size));
  const uint8_t how = script.ReadU8();
  sctp::Session session((how & 1) != 0, (how & 2) != 0 ? 100 : kMaxChannelMessageSize);
  session.Play(script);
  const Result<sctp::DcepOpen> open = sctp::DcepOpen::Parse(Bytes(data, size));
  if (open.ok()) {
    const auto again = open->Write();
    CHECK(sctp::DcepOpen::Parse(again).ok(), "an OPEN of %zu bytes", again.size());
  }
  return 0;
}
