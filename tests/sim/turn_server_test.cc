// SPDX-License-Identifier: Apache-2.0
// The server itself, asked by a client that writes its messages one by one.
#include "tests/sim/turn_server.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "firmware/rtc/crypto/digest.h"

namespace ocellus::sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using stun::AttributeType;
using stun::Message;
using stun::MessageClass;
using stun::MessageWriter;
using stun::Method;

SocketAddress Address(std::string_view text) { return *SocketAddress::Parse(text); }

const SocketAddress kClient = Address("198.51.100.7:40000");
const SocketAddress kPeer = Address("203.0.113.9:5000");
const SocketAddress kPeerV6 = Address("[2001:db8:9::9]:5000");

// Sends bytes and keeps what comes.
class Socket : public Node {
 public:
  Socket(Network& network, const SocketAddress& self) : network_(network), self_(self) {
    network.Attach(*this, {self.ip});
  }
  ~Socket() override { network_.Detach(*this); }

  void HandleDatagram(Time, const Datagram& in) override {
    from = in.remote;
    received.assign(in.payload.begin(), in.payload.end());
    ++count;
  }
  void HandleTimeout(Time) override {}
  std::optional<Transmit> PollTransmit(Time, MutableBytes out) override {
    if (!outgoing_) return std::nullopt;
    std::copy(outgoing_->begin(), outgoing_->end(), out.begin());
    const Transmit transmit{self_, to_, outgoing_->size()};
    outgoing_.reset();
    return transmit;
  }
  Time next_deadline() const override { return kNever; }

  // Sends, and clears what was received before; whatever answers has arrived afterwards.
  void Send(const SocketAddress& to, Bytes bytes) {
    received.clear();
    from = {};
    to_ = to;
    outgoing_ = std::vector<uint8_t>(bytes.begin(), bytes.end());
    network_.RunFor(std::chrono::milliseconds(1));
  }
  std::string text() const { return std::string(AsText(received)); }

  std::vector<uint8_t> received;
  SocketAddress from;
  int count = 0;

 private:
  Network& network_;
  const SocketAddress self_;
  SocketAddress to_;
  std::optional<std::vector<uint8_t>> outgoing_;
};

TurnServerOptions Dual() {
  TurnServerOptions options;
  options.addresses.push_back(*IpAddress::Parse("2001:db8::50"));
  return options;
}

struct Exchange {
  explicit Exchange(const TurnServerOptions& options = {})
      : network(1),
        server(network, options, 2),
        client(network, kClient),
        peer(network, kPeer),
        peer_v6(network, kPeerV6) {
    const std::string text = username + ":turn.example:" + password;
    const crypto::Md5Digest digest = crypto::Md5(AsBytes(text));
    key.assign(digest.begin(), digest.end());
  }

  // Sends a request with credentials, as far as they are known; 0 for success, else the error. The
  // nonce is taken from the answer.
  template <typename Fill>
  unsigned Ask(Method method, Fill fill) {
    std::vector<uint8_t> bytes(600);
    random.Fill(id);
    MessageWriter writer(bytes, {MessageClass::kRequest, method, id});
    fill(writer);
    if (!nonce.empty()) {
      writer.AddText(AttributeType::kUsername, username);
      writer.AddText(AttributeType::kRealm, "turn.example");
      writer.AddText(AttributeType::kNonce, nonce);
      writer.AddIntegrity(key);
    }
    bytes.resize(*writer.Finish());
    last_request = bytes;
    client.Send(server.address(), bytes);
    return Read();
  }
  unsigned Read() {
    answer.reset();
    const auto parsed = Message::Parse(client.received);
    if (!parsed.ok()) return 999;
    answer.emplace(*parsed);
    EXPECT_EQ(answer->transaction_id(), id);
    const auto next_nonce = answer->Find(AttributeType::kNonce);
    if (next_nonce) nonce = std::string(AsText(*next_nonce));
    if (answer->message_class() == MessageClass::kSuccess) return 0;
    return static_cast<unsigned>(answer->FindErrorCode().value());
  }

  unsigned Allocate() {
    return Ask(Method::kAllocate, [](MessageWriter& writer) {
      writer.AddU32(AttributeType::kRequestedTransport, 17u << 24);
    });
  }
  // With the 401 before it.
  void AllocateWell() {
    ASSERT_EQ(Allocate(), 401u);
    ASSERT_EQ(Allocate(), 0u);
    relayed = *answer->FindXorAddress(AttributeType::kXorRelayedAddress);
  }
  unsigned Refresh(uint32_t lifetime) {
    return Ask(Method::kRefresh, [lifetime](MessageWriter& writer) {
      writer.AddU32(AttributeType::kLifetime, lifetime);
    });
  }
  unsigned Permit(std::initializer_list<SocketAddress> peers) {
    return Ask(Method::kCreatePermission, [&peers](MessageWriter& writer) {
      for (const SocketAddress& each : peers) {
        writer.AddXorAddress(AttributeType::kXorPeerAddress, each);
      }
    });
  }
  unsigned Bind(uint16_t channel, const SocketAddress& to) {
    return Ask(Method::kChannelBind, [&](MessageWriter& writer) {
      writer.AddU32(AttributeType::kChannelNumber, uint32_t{channel} << 16);
      writer.AddXorAddress(AttributeType::kXorPeerAddress, to);
    });
  }
  void SendIndication(const SocketAddress& to, std::string_view text) {
    std::vector<uint8_t> bytes(600);
    MessageWriter writer(bytes, {MessageClass::kIndication, Method::kSend, id});
    writer.AddXorAddress(AttributeType::kXorPeerAddress, to);
    writer.AddText(AttributeType::kData, text);
    bytes.resize(*writer.Finish());
    client.Send(server.address(), bytes);
  }
  void SendChannelData(uint16_t channel, std::string_view text) {
    std::vector<uint8_t> bytes = {static_cast<uint8_t>(channel >> 8), static_cast<uint8_t>(channel),
                                  0, static_cast<uint8_t>(text.size())};
    bytes.insert(bytes.end(), text.begin(), text.end());
    client.Send(server.address(), bytes);
  }

  Network network;
  TurnServer server;
  Socket client;
  Socket peer;
  Socket peer_v6;
  SeededRandom random{3};
  std::string username = "camera";
  std::string password = "a password";
  std::vector<uint8_t> key;
  std::string nonce;
  stun::TransactionId id{};
  std::vector<uint8_t> last_request;
  std::optional<Message> answer;
  SocketAddress relayed;
};

// Numbers and forms that do not come from our own STUN code. RFC 8489 sections 5 and 14, RFC 8656
// sections 17 and 18.
TEST(TurnServer, ReadsAndWritesBytesThatWereWrittenByHand) {
  Exchange exchange;
  const uint8_t binding[] = {0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xA4, 0x42, 1,  2,
                             3,    4,    5,    6,    7,    8,    9,    10,   11, 12};
  exchange.client.Send(exchange.server.address(), binding);
  // XOR-MAPPED-ADDRESS: 40000 ^ 0x2112, 198.51.100.7 ^ 0x2112A442.
  const uint8_t success[] = {0x01, 0x01, 0x00, 0x24, 0x21, 0x12, 0xA4, 0x42, 1,    2,   3,
                             4,    5,    6,    7,    8,    9,    10,   11,   12,   0,   0x20,
                             0,    8,    0,    1,    0xBD, 0x52, 0xE7, 0x21, 0xC0, 0x45};
  ASSERT_GE(exchange.client.received.size(), sizeof(success));
  EXPECT_EQ(Bytes(exchange.client.received).first(sizeof(success)), Bytes(success));

  const uint8_t allocate[] = {0x00, 0x03, 0x00, 0x08, 0x21, 0x12, 0xA4, 0x42, 1,  2,
                              3,    4,    5,    6,    7,    8,    9,    10,   11, 12,
                              0x00, 0x19, 0x00, 0x04, 17,   0,    0,    0};
  exchange.client.Send(exchange.server.address(), allocate);
  const std::vector<uint8_t>& answer = exchange.client.received;
  ASSERT_GE(answer.size(), 28u);
  const uint8_t unauthenticated[] = {0x00, 0x09, 0x00, 0x04, 0x00, 0x00, 4, 1};
  EXPECT_EQ(answer[0], 0x01);
  EXPECT_EQ(answer[1], 0x13);
  EXPECT_EQ(Bytes(answer).subspan(20, 8), Bytes(unauthenticated));
}

TEST(TurnServer, TellsEveryoneItsAddress) {
  Exchange exchange;
  EXPECT_EQ(exchange.Ask(Method::kBinding, [](MessageWriter&) {}), 0u);
  EXPECT_EQ(exchange.answer->FindXorAddress(AttributeType::kXorMappedAddress), kClient);
  EXPECT_FALSE(exchange.answer->Has(AttributeType::kOtherAddress));
  EXPECT_EQ(exchange.server.stats().bindings, 1u);
}

// RFC 5780 section 6.1.
TEST(TurnServer, AnswersFromWhereItIsAskedTo) {
  TurnServerOptions options;
  options.alternate_address = *IpAddress::Parse("192.0.2.51");
  Exchange exchange(options);
  const auto ask = [&](uint32_t change) {
    EXPECT_EQ(exchange.Ask(Method::kBinding,
                           [change](MessageWriter& writer) {
                             writer.AddU32(AttributeType::kChangeRequest, change);
                           }),
              0u);
    EXPECT_EQ(exchange.answer->FindAddress(AttributeType::kOtherAddress),
              Address("192.0.2.51:3479"));
    EXPECT_EQ(exchange.answer->FindAddress(AttributeType::kResponseOrigin), exchange.client.from);
    return exchange.client.from;
  };
  EXPECT_EQ(ask(0), Address("192.0.2.50:3478"));
  EXPECT_EQ(ask(2), Address("192.0.2.50:3479"));
  EXPECT_EQ(ask(4), Address("192.0.2.51:3478"));
  EXPECT_EQ(ask(6), Address("192.0.2.51:3479"));
}

TEST(TurnServer, WantsCredentialsForAllButBinding) {
  Exchange exchange;
  EXPECT_EQ(exchange.Allocate(), 401u);
  EXPECT_EQ(exchange.answer->Find(AttributeType::kRealm).value(), AsBytes("turn.example"));
  EXPECT_FALSE(exchange.answer->has_integrity());
  EXPECT_EQ(exchange.server.stats().unauthenticated, 1u);

  exchange.key[0] ^= 1;
  EXPECT_EQ(exchange.Allocate(), 401u);
  exchange.key[0] ^= 1;
  exchange.username = "stranger";
  EXPECT_EQ(exchange.Allocate(), 401u);
  EXPECT_EQ(exchange.server.stats().wrong_credentials, 2u);
  exchange.username = "camera";
  EXPECT_EQ(exchange.Allocate(), 0u);
  EXPECT_TRUE(exchange.answer->IntegrityMatches(exchange.key));
}

TEST(TurnServer, WantsAFreshNonce) {
  Exchange exchange;
  exchange.AllocateWell();
  exchange.server.MakeNoncesStale();
  EXPECT_EQ(exchange.Refresh(600), 438u);
  EXPECT_EQ(exchange.Refresh(600), 0u);
  EXPECT_EQ(exchange.server.stats().stale_nonces, 1u);
}

TEST(TurnServer, AllocatesOnceAndRepeatsItsAnswer) {
  Exchange exchange;
  exchange.AllocateWell();
  EXPECT_EQ(exchange.relayed.ip, exchange.server.address().ip);
  EXPECT_GE(exchange.relayed.port, 49152);
  EXPECT_EQ(exchange.answer->FindXorAddress(AttributeType::kXorMappedAddress), kClient);
  EXPECT_EQ(exchange.answer->FindU32(AttributeType::kLifetime), 600u);

  exchange.client.Send(exchange.server.address(), exchange.last_request);
  EXPECT_EQ(exchange.Read(), 0u);
  EXPECT_EQ(exchange.answer->FindXorAddress(AttributeType::kXorRelayedAddress), exchange.relayed);
  EXPECT_EQ(exchange.Allocate(), 437u);
  EXPECT_EQ(exchange.server.stats().allocations, 1u);
}

TEST(TurnServer, RefusesAllocationsThatAreNotUdpOrNotMeant) {
  Exchange exchange;
  EXPECT_EQ(exchange.Allocate(), 401u);
  EXPECT_EQ(exchange.Ask(Method::kAllocate, [](MessageWriter&) {}), 400u);
  EXPECT_EQ(exchange.Ask(Method::kAllocate,
                         [](MessageWriter& writer) {
                           writer.AddU32(AttributeType::kRequestedTransport, 6u << 24);
                         }),
            442u);
  EXPECT_EQ(exchange.Ask(Method::kAllocate,
                         [](MessageWriter& writer) {
                           writer.AddU32(AttributeType::kRequestedTransport, 17u << 24);
                           writer.AddU32(AttributeType::kRequestedAddressFamily, 2u << 24);
                         }),
            440u);
  EXPECT_EQ(exchange.Ask(Method::kAllocate,
                         [](MessageWriter& writer) {
                           writer.AddFlag(static_cast<AttributeType>(0x0018));  // EVEN-PORT
                         }),
            420u);
  EXPECT_EQ(exchange.server.allocations(), 0u);
}

TEST(TurnServer, LendsAnAddressOfEachFamily) {
  Exchange exchange(Dual());
  EXPECT_EQ(exchange.Allocate(), 401u);
  EXPECT_EQ(exchange.Ask(Method::kAllocate,
                         [](MessageWriter& writer) {
                           writer.AddU32(AttributeType::kRequestedTransport, 17u << 24);
                           writer.AddU32(AttributeType::kAdditionalAddressFamily, 2u << 24);
                         }),
            0u);
  std::vector<SocketAddress> relayed;
  for (const stun::Attribute attribute : *exchange.answer) {
    if (attribute.type != AttributeType::kXorRelayedAddress) continue;
    relayed.push_back(*exchange.answer->ReadXorAddress(attribute.value));
  }
  ASSERT_EQ(relayed.size(), 2u);
  EXPECT_TRUE(relayed[0].ip.is_v4());
  EXPECT_FALSE(relayed[1].ip.is_v4());

  EXPECT_EQ(exchange.Permit({kPeerV6}), 0u);
  exchange.SendIndication(kPeerV6, "six");
  EXPECT_EQ(exchange.peer_v6.text(), "six");
  EXPECT_EQ(exchange.peer_v6.from, relayed[1]);
}

TEST(TurnServer, SaysWhyThereIsNoAddressOfTheOtherFamily) {
  Exchange exchange;
  EXPECT_EQ(exchange.Allocate(), 401u);
  EXPECT_EQ(exchange.Ask(Method::kAllocate,
                         [](MessageWriter& writer) {
                           writer.AddU32(AttributeType::kRequestedTransport, 17u << 24);
                           writer.AddU32(AttributeType::kAdditionalAddressFamily, 2u << 24);
                         }),
            0u);
  const uint8_t error[] = {2, 0, 4, 40};
  EXPECT_EQ(exchange.answer->Find(AttributeType::kAddressErrorCode).value(), Bytes(error));
  EXPECT_EQ(exchange.Permit({kPeerV6}), 443u);
}

TEST(TurnServer, RelaysOnlyWithPermission) {
  Exchange exchange;
  exchange.AllocateWell();
  exchange.SendIndication(kPeer, "early");
  exchange.peer.Send(exchange.relayed, AsBytes("early"));
  EXPECT_TRUE(exchange.peer.received.empty());
  EXPECT_EQ(exchange.server.stats().dropped_to_peers, 1u);
  EXPECT_EQ(exchange.server.stats().dropped_from_peers, 1u);

  EXPECT_EQ(exchange.Permit({kPeer}), 0u);
  exchange.SendIndication(kPeer, "out");
  EXPECT_EQ(exchange.peer.text(), "out");
  EXPECT_EQ(exchange.peer.from, exchange.relayed);
  exchange.client.received.clear();
  exchange.peer.Send(exchange.relayed, AsBytes("in"));
  const auto indication = Message::Parse(exchange.client.received);
  ASSERT_TRUE(indication.ok());
  EXPECT_EQ(indication->method(), Method::kData);
  EXPECT_EQ(indication->Find(AttributeType::kData).value(), AsBytes("in"));
  EXPECT_EQ(indication->FindXorAddress(AttributeType::kXorPeerAddress), kPeer);
}

TEST(TurnServer, RelaysByChannels) {
  Exchange exchange;
  exchange.AllocateWell();
  EXPECT_EQ(exchange.Bind(0x3FFF, kPeer), 400u);
  EXPECT_EQ(exchange.Bind(0x5000, kPeer), 400u);
  EXPECT_EQ(exchange.Bind(0x4000, kPeer), 0u);
  EXPECT_EQ(exchange.Bind(0x4001, kPeer), 400u);
  EXPECT_EQ(exchange.Bind(0x4000, Address("203.0.113.9:5001")), 400u);

  exchange.SendChannelData(0x4000, "out");
  EXPECT_EQ(exchange.peer.text(), "out");
  exchange.client.received.clear();
  exchange.peer.Send(exchange.relayed, AsBytes("in"));
  const uint8_t channel_data[] = {0x40, 0x00, 0x00, 0x02, 'i', 'n'};
  EXPECT_EQ(Bytes(exchange.client.received), Bytes(channel_data));

  exchange.peer.received.clear();
  exchange.SendChannelData(0x4002, "nobody");
  const uint8_t lying[] = {0x40, 0x00, 0x00, 0x09, 'i', 'n'};
  exchange.client.Send(exchange.server.address(), lying);
  EXPECT_TRUE(exchange.peer.received.empty());
  EXPECT_EQ(exchange.server.stats().dropped_to_peers, 1u);
  EXPECT_EQ(exchange.server.stats().malformed, 1u);
}

TEST(TurnServer, ForgetsWhatIsNotRefreshed) {
  Exchange exchange;
  exchange.AllocateWell();
  EXPECT_EQ(exchange.Bind(0x4000, kPeer), 0u);
  exchange.network.RunFor(minutes(5));
  EXPECT_EQ(exchange.server.stats().permissions_expired, 1u);
  exchange.SendChannelData(0x4000, "without permission");
  EXPECT_TRUE(exchange.peer.received.empty());

  EXPECT_EQ(exchange.Permit({kPeer}), 0u);
  EXPECT_EQ(exchange.Refresh(1200), 0u);
  EXPECT_EQ(exchange.answer->FindU32(AttributeType::kLifetime), 1200u);
  exchange.network.RunFor(minutes(5));
  EXPECT_EQ(exchange.server.stats().channels_expired, 1u);
  exchange.network.RunFor(minutes(15));
  EXPECT_EQ(exchange.server.stats().allocations_expired, 1u);
  EXPECT_EQ(exchange.Refresh(600), 437u);
  EXPECT_EQ(exchange.Permit({kPeer}), 437u);
}

TEST(TurnServer, FreesOnALifetimeOfNothing) {
  Exchange exchange;
  exchange.AllocateWell();
  EXPECT_EQ(exchange.Refresh(0), 0u);
  EXPECT_EQ(exchange.answer->FindU32(AttributeType::kLifetime), 0u);
  EXPECT_EQ(exchange.server.allocations(), 0u);
  EXPECT_EQ(exchange.server.stats().deletions, 1u);
  EXPECT_EQ(exchange.Refresh(0), 437u);
}

TEST(TurnServer, RefusesOnCommand) {
  Exchange exchange;
  exchange.server.Refuse(Method::kAllocate, 486, 1);
  exchange.server.Refuse(Method::kAllocate, 508, 1);
  EXPECT_EQ(exchange.Allocate(), 401u);
  EXPECT_EQ(exchange.Allocate(), 486u);
  EXPECT_EQ(exchange.Allocate(), 508u);
  EXPECT_EQ(exchange.Allocate(), 0u);
  exchange.server.ForbidPeer(kPeer.ip);
  EXPECT_EQ(exchange.Permit({Address("203.0.113.8:1"), kPeer}), 403u);
  EXPECT_EQ(exchange.server.stats().permissions, 0u);
  EXPECT_EQ(exchange.Bind(0x4000, kPeer), 403u);
  EXPECT_EQ(exchange.server.stats().errors.at(403), 2u);
}

TEST(TurnServer, ForgetsAllWhenItDies) {
  Exchange exchange;
  exchange.AllocateWell();
  exchange.server.Kill();
  EXPECT_EQ(exchange.Refresh(600), 999u);
  exchange.server.Start();
  EXPECT_EQ(exchange.Refresh(600), 438u);
  EXPECT_EQ(exchange.Refresh(600), 437u);
  EXPECT_EQ(exchange.Allocate(), 0u);
}

TEST(TurnServer, IsAStunServerAloneWhereItSaysSo) {
  TurnServerOptions options;
  options.service = TurnServerOptions::Service::kStun;
  Exchange exchange(options);
  EXPECT_EQ(exchange.Ask(Method::kBinding, [](MessageWriter&) {}), 0u);
  EXPECT_EQ(exchange.Allocate(), 400u);
}

}  // namespace
}  // namespace ocellus::sim
