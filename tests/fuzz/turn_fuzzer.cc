// SPDX-License-Identifier: Apache-2.0
// A whole TURN client under any sequence of what a server, its peers and its owner may do. The
// server holds the right key and answers what was asked, so that the fuzzer gets behind both; and
// everything that the server says goes through the stream framer, too, in any cut.
#include <array>

#include "firmware/base/byte_reader.h"
#include "firmware/base/limits.h"
#include "firmware/rtc/crypto/digest.h"
#include "firmware/rtc/stun/message_writer.h"
#include "firmware/rtc/turn/channel_data.h"
#include "firmware/rtc/turn/client.h"
#include "firmware/rtc/turn/stream_framer.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::turn {
namespace {

using stun::AttributeType;

class Driver {
 public:
  explicit Driver(Bytes script)
      : script_(script),
        random_(1),
        protocol_(script_.ReadU8() % 2 ? TransportProtocol::kUdp : TransportProtocol::kTcp),
        client_(now_, {protocol_, "user", "pass"}, random_) {}

  void Run() {
    while (script_.ok() && script_.remaining() > 0) {
      Step();
      Drain();
    }
    // Left alone, it must come to rest or go on at its own pace, but never spin.
    for (int i = 0; i < 100 && client_.next_deadline() != kNever; ++i) {
      now_ = std::max(now_, client_.next_deadline());
      client_.HandleTimeout(now_);
      Drain();
      CHECK(client_.next_deadline() > now_, "the deadline stays due in state %d",
            static_cast<int>(client_.state()));
    }
  }

 private:
  // Twelve peers on four hosts, one of them with IPv6.
  static SocketAddress Peer(uint8_t number) {
    const uint8_t v4[] = {192, 0, 2, static_cast<uint8_t>(number % 4)};
    const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, number};
    const Bytes ip = number % 4 == 3 ? Bytes(v6) : Bytes(v4);
    return {*IpAddress::FromBytes(ip), static_cast<uint16_t>(1000 + number % 3)};
  }

  void Step() {
    switch (script_.ReadU8() % 10) {
      case 0:
        now_ += std::chrono::milliseconds(script_.ReadU16());
        client_.HandleTimeout(now_);
        break;
      case 1:
        now_ += std::chrono::seconds(script_.ReadU8());
        client_.HandleTimeout(now_);
        break;
      case 2:
        Send(Peer(script_.ReadU8()), script_.ReadU8());
        break;
      case 3:
        Say(Bytes(script_.ReadBytes(std::min<size_t>(script_.ReadU8(), script_.remaining()))));
        break;
      case 4:
        Answer(stun::MessageClass::kSuccess);
        break;
      case 5:
        Answer(stun::MessageClass::kError);
        break;
      case 6:
        SayData(Peer(script_.ReadU8()));
        break;
      case 7:
        SayChannelData(script_.ReadU8(), script_.ReadU16());
        break;
      case 8:
        for (int i = 0; i < 12; ++i) Send(Peer(script_.ReadU8() % 12), 100);
        break;
      case 9:
        if (script_.ReadU8() == 0) client_.Close(now_);
        break;
    }
  }

  void Send(const SocketAddress& peer, size_t size) {
    if (client_.Prepare(now_, peer)) Drain();
    std::array<uint8_t, 256 + kMaxRelayOverhead> packet{};
    const size_t room = std::min(packet.size(), size + script_.ReadU8() % (kMaxRelayOverhead + 1));
    const SocketAddress& relayed = peer.ip.is_v4() ? relayed_v4_ : relayed_v6_;
    const auto wrapped = client_.Wrap(now_, relayed, peer, MutableBytes(packet).first(room), size);
    if (!wrapped) return;
    const MutableBytes message = MutableBytes(packet).first(*wrapped);
    const auto channel_data = ParseChannelData(message);
    CHECK(channel_data || stun::Message::Parse(message).ok(), "a message of %zu bytes", *wrapped);
    CHECK(!channel_data || channel_data->data.size() == size, "%zu bytes", size);
  }

  // By a datagram, and by a stream in two pieces.
  void Say(Bytes bytes) {
    std::array<uint8_t, 2048> copy{};
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    if (protocol_ == TransportProtocol::kUdp) {
      Hear(MutableBytes(copy).first(bytes.size()));
      return;
    }
    const size_t cut = bytes.empty() ? 0 : script_.ReadU8() % bytes.size();
    for (Bytes piece : {Bytes(copy).first(cut), Bytes(copy).subspan(cut, bytes.size() - cut)}) {
      while (const auto message = framer_.Next(piece)) Hear(*message);
      CHECK(piece.empty() || framer_.broken(), "%zu bytes are left", piece.size());
    }
    if (framer_.broken()) framer_ = StreamFramer();
  }

  void Hear(MutableBytes message) {
    const auto relayed = client_.HandleMessage(now_, message);
    if (!relayed || relayed->payload.empty()) return;
    CHECK(relayed->payload.begin() >= message.begin() && relayed->payload.end() <= message.end(),
          "the payload is elsewhere");
    relayed->payload[0] = 0;
  }

  // To one of the last requests; 0 is the newest.
  void Answer(stun::MessageClass message_class) {
    const size_t age = script_.ReadU8() % asked_.size();
    const Asked& asked = asked_[(next_asked_ + asked_.size() - 1 - age) % asked_.size()];
    const uint8_t flags = script_.ReadU8();
    std::array<uint8_t, 1024> bytes;
    stun::MessageWriter writer(bytes, {message_class, asked.method, asked.id});
    if (message_class == stun::MessageClass::kError) {
      constexpr unsigned kCodes[] = {401, 438, 437, 403, 420, 440, 441, 443, 486, 508, 300, 500};
      const size_t choice = script_.ReadU8() % (std::size(kCodes) + 1);
      writer.AddErrorCode(static_cast<stun::ErrorCode>(
          choice < std::size(kCodes) ? kCodes[choice] : 300 + script_.ReadU8()));
      if (flags & 1) writer.AddText(AttributeType::kRealm, flags & 2 ? "realm" : "another");
      if (flags & 4) writer.Add(AttributeType::kNonce, script_.ReadBytes(script_.ReadU8() % 16));
      if (flags & 8) writer.AddAddress(AttributeType::kAlternateServer, relayed_v4_);
    } else {
      if (flags & 1) writer.AddXorAddress(AttributeType::kXorRelayedAddress, relayed_v4_);
      if (flags & 2) writer.AddXorAddress(AttributeType::kXorRelayedAddress, relayed_v6_);
      if (flags & 4) writer.AddU32(AttributeType::kLifetime, script_.ReadU32());
      if (flags & 8) writer.AddU32(static_cast<AttributeType>(script_.ReadU16()), 0);
    }
    if (flags & 16) {
      const size_t size = std::min<size_t>(script_.ReadU8() % 32, script_.remaining());
      writer.Add(AttributeType::kPasswordAlgorithms, script_.ReadBytes(size));
    }
    Sign(writer, flags >> 5);
    Say(Bytes(bytes).first(writer.Finish().value()));
  }

  // With the key that the client makes of each of the realms and algorithms.
  static void Sign(stun::MessageWriter& writer, int how) {
    const std::string realm = how & 1 ? "realm" : "another";
    const std::string secret = "user:" + realm + ":pass";
    if (how & 2) {
      writer.AddIntegrity(crypto::Md5(AsBytes(secret)));
    } else if (how & 4) {
      writer.AddIntegritySha256(crypto::Sha256(AsBytes(secret)));
    }
  }

  void SayData(const SocketAddress& peer) {
    std::array<uint8_t, 256> bytes;
    stun::MessageWriter writer(bytes, {stun::MessageClass::kIndication, stun::Method::kData, {}});
    writer.AddXorAddress(AttributeType::kXorPeerAddress, peer);
    writer.AddText(AttributeType::kData, std::string(script_.ReadU8() % 64, 'd'));
    Say(Bytes(bytes).first(writer.Finish().value()));
  }

  // `length` need not be that of what follows.
  void SayChannelData(uint8_t channel, uint16_t length) {
    std::array<uint8_t, 68> bytes{};
    ByteWriter writer(bytes);
    writer.WriteU16(static_cast<uint16_t>(kFirstChannel + channel % 8));
    writer.WriteU16(channel & 0x80 ? length : length % 64);
    Say(Bytes(bytes).first(channel & 0x40 ? bytes.size() : 4 + length % 64));
  }

  void Drain() {
    std::array<uint8_t, kMaxDatagramSize> out;
    while (const auto size = client_.PollTransmit(now_, out)) {
      const auto message = stun::Message::Parse(Bytes(out).first(*size));
      CHECK(message.ok(), "a message that is not STUN");
      asked_[next_asked_++ % asked_.size()] = {message->method(), message->transaction_id()};
    }
    while (const auto event = client_.PollEvent()) {
      CHECK(client_.state() != Client::State::kAllocating, "an event for nothing");
    }
  }

  struct Asked {
    stun::Method method = stun::Method::kAllocate;
    stun::TransactionId id{};
  };

  ByteReader script_;
  Time now_{std::chrono::hours(1)};
  sim::SeededRandom random_;
  TransportProtocol protocol_;
  Client client_;
  StreamFramer framer_;
  std::array<Asked, 4> asked_;
  size_t next_asked_ = 0;
  const SocketAddress relayed_v4_ = *SocketAddress::Parse("203.0.113.5:50000");
  const SocketAddress relayed_v6_ = *SocketAddress::Parse("[2001:db8:1::5]:50001");
};

}  // namespace
}  // namespace ocellus::turn

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::turn::Driver({data, size}).Run();
  return 0;
}
