// SPDX-License-Identifier: Apache-2.0
// The client against tests/sim's TURN server, which was written from the RFCs and apart from it, on
// a network that loses, and with peers behind it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "firmware/base/limits.h"
#include "firmware/rtc/turn/client.h"
#include "tests/sim/network.h"
#include "tests/sim/turn_server.h"

namespace ocellus::turn {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

SocketAddress At(const char* text) { return *SocketAddress::Parse(text); }

constexpr Duration kInterval = milliseconds(80);

// A camera's end of the relay: sends each of its peers a packet every 80 ms, once it can.
class Camera : public sim::Node {
 public:
  Camera(sim::Network& network, const sim::TurnServer& server, ClientOptions options)
      : network_(network), server_(server.address()), options_(std::move(options)) {
    network_.Attach(*this, {kSelf.ip});
    Restart();
  }
  ~Camera() override { network_.Detach(*this); }

  // Without a goodbye, on the same port.
  void Restart() {
    client_.emplace(network_.now(), options_, random_);
    allocated_.reset();
    failed_.reset();
  }

  void HandleDatagram(Time now, const Datagram& in) override {
    const auto relayed = client_->HandleMessage(now, in.payload);
    if (relayed && AsText(relayed->payload) == "media") ++echoes[relayed->peer];
    TakeEvents();
  }
  void HandleTimeout(Time now) override {
    client_->HandleTimeout(now);
    TakeEvents();
  }
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override {
    if (const auto size = client_->PollTransmit(now, out)) return ToServer(*size);
    if (!allocated_ || now < next_media_) return std::nullopt;
    if (peer_ == peers.size()) {
      next_media_ = now + kInterval;
      peer_ = 0;
      return std::nullopt;
    }
    const SocketAddress& peer = peers[peer_];
    if (client_->Prepare(now, peer)) return ToServer(client_->PollTransmit(now, out).value());
    ++peer_;
    std::memcpy(out.data(), "media", 5);
    const auto size = client_->Wrap(now, allocated_->relayed[0], peer, out, 5);
    if (!size) return PollTransmit(now, out);
    ++sent[peer];
    return ToServer(*size);
  }
  Time next_deadline() const override {
    const Time media = allocated_ && !peers.empty() ? next_media_ : kNever;
    return std::min(client_->next_deadline(), media);
  }

  Client& client() { return *client_; }
  const std::optional<Allocated>& allocated() const { return allocated_; }
  const std::optional<Failed>& failed() const { return failed_; }

  std::vector<SocketAddress> peers;
  struct ByText {
    bool operator()(const SocketAddress& a, const SocketAddress& b) const {
      return a.ToString() < b.ToString();
    }
  };
  std::map<SocketAddress, int, ByText> sent;
  std::map<SocketAddress, int, ByText> echoes;

 private:
  Transmit ToServer(size_t size) const { return {kSelf, server_, size}; }
  void TakeEvents() {
    while (auto event = client_->PollEvent()) {
      if (auto* allocated = std::get_if<Allocated>(&*event)) allocated_ = std::move(*allocated);
      if (auto* failed = std::get_if<Failed>(&*event)) failed_ = std::move(*failed);
    }
    if (failed_) allocated_.reset();
  }

  const SocketAddress kSelf = At("198.51.100.7:8555");
  sim::Network& network_;
  const SocketAddress server_;
  const ClientOptions options_;
  sim::SeededRandom random_{3};
  std::optional<Client> client_;
  std::optional<Allocated> allocated_;
  std::optional<Failed> failed_;
  Time next_media_{};
  size_t peer_ = 0;
};

// Sends back what it gets.
class Echo : public sim::Node {
 public:
  Echo(sim::Network& network, const SocketAddress& self) : network_(network), self_(self) {
    network_.Attach(*this, {self.ip});
  }
  ~Echo() override { network_.Detach(*this); }
  void HandleDatagram(Time, const Datagram& in) override {
    remote_ = in.remote;
    payload_.assign(in.payload.begin(), in.payload.end());
  }
  void HandleTimeout(Time) override {}
  std::optional<Transmit> PollTransmit(Time, MutableBytes out) override {
    if (payload_.empty()) return std::nullopt;
    std::copy(payload_.begin(), payload_.end(), out.begin());
    const size_t size = payload_.size();
    payload_.clear();
    return Transmit{self_, remote_, size};
  }
  Time next_deadline() const override { return kNever; }

 private:
  sim::Network& network_;
  const SocketAddress self_;
  SocketAddress remote_;
  std::vector<uint8_t> payload_;
};

class SimulatedServer : public testing::Test {
 protected:
  void Lose(double loss) {
    sim::LinkConditions conditions;
    conditions.delay = milliseconds(20);
    conditions.loss = loss;
    network_.SetDefaultConditions(conditions);
  }
  bool Allocate(Duration limit = seconds(1)) {
    return network_.RunUntilTrue([this] { return camera_.allocated().has_value(); }, limit);
  }

  sim::Network network_{5};
  sim::TurnServerOptions options_;
  sim::TurnServer server_{network_, options_, 9};
  Camera camera_{
      network_, server_, {TransportProtocol::kUdp, options_.username, options_.password}};
  const SocketAddress near_ = At("203.0.113.9:5000");
  const SocketAddress far_ = At("203.0.113.10:6000");
  Echo near_peer_{network_, near_};
  Echo far_peer_{network_, far_};
};

// Checklist 11.
TEST_F(SimulatedServer, CarriesEveryPacketForHours) {
  Lose(0);
  ASSERT_TRUE(Allocate());
  camera_.peers = {near_, far_};
  network_.RunFor(minutes(65));
  camera_.peers.clear();
  network_.RunFor(seconds(1));
  for (const SocketAddress& peer : {near_, far_}) {
    EXPECT_NEAR(camera_.sent[peer], minutes(65) / kInterval, 10);
    EXPECT_EQ(camera_.echoes[peer], camera_.sent[peer]);
  }
  const sim::TurnServerStats& stats = server_.stats();
  EXPECT_EQ(stats.malformed + stats.dropped_to_peers + stats.dropped_from_peers, 0u);
  EXPECT_EQ(stats.refused + stats.wrong_credentials, 0u);
  EXPECT_EQ(stats.allocations_expired + stats.permissions_expired + stats.channels_expired, 0u);
  EXPECT_LT(stats.indications_to_peers, 30u) << "channels carry the rest";
  EXPECT_EQ(stats.channels, 2u);

  camera_.client().Close(network_.now());
  network_.RunFor(seconds(1));
  EXPECT_EQ(server_.allocations(), 0u);
  EXPECT_EQ(camera_.client().state(), Client::State::kClosed);
}

// Checklist 11. A tenth of all datagrams is lost, and each nonce is good for a few minutes.
TEST_F(SimulatedServer, KeepsTheRelayOnABadNetwork) {
  Lose(0.1);
  ASSERT_TRUE(Allocate(seconds(20)));
  camera_.peers = {near_, far_};
  for (int i = 0; i < 10; ++i) {
    network_.RunFor(minutes(7));
    server_.MakeNoncesStale();
  }
  EXPECT_FALSE(camera_.failed());
  for (const SocketAddress& peer : {near_, far_}) {
    const double back = camera_.echoes[peer] / static_cast<double>(camera_.sent[peer]);
    EXPECT_NEAR(back, 0.9 * 0.9 * 0.9 * 0.9, 0.02);
  }
  const sim::TurnServerStats& stats = server_.stats();
  EXPECT_GE(stats.stale_nonces, 9u);
  EXPECT_EQ(stats.allocations_expired + stats.permissions_expired + stats.channels_expired, 0u);
  EXPECT_EQ(stats.refused + stats.wrong_credentials, 0u);
}

TEST_F(SimulatedServer, ReachesTheOthersWhenOnePeerIsForbidden) {
  Lose(0);
  server_.ForbidPeer(far_.ip);
  ASSERT_TRUE(Allocate());
  camera_.peers = {near_, far_};
  network_.RunFor(minutes(10));
  EXPECT_NEAR(camera_.echoes[near_], minutes(10) / kInterval, 10);
  EXPECT_EQ(camera_.echoes[far_], 0);
  EXPECT_LT(camera_.sent[far_], 20) << "nothing is sent in vain";
  EXPECT_LE(server_.stats().refused, 4u);
}

// Checklist 11: 437. It knows nothing of us, and we learn it without waiting for the next Refresh.
TEST_F(SimulatedServer, TellsSoonThatItWasRestarted) {
  Lose(0);
  ASSERT_TRUE(Allocate());
  camera_.peers = {near_};
  network_.RunFor(minutes(1));
  server_.Kill();
  network_.RunFor(seconds(2));
  server_.Start();
  EXPECT_TRUE(network_.RunUntilTrue([this] { return camera_.failed().has_value(); }, seconds(5)));
  EXPECT_EQ(camera_.failed()->error, stun::ErrorCode::kAllocationMismatch);
  camera_.Restart();
  EXPECT_TRUE(Allocate());
}

// Checklist 11: 437. The camera was restarted: its port is the same, and so is its user.
TEST_F(SimulatedServer, GivesAnotherAllocationToAPortThatHasOne) {
  Lose(0);
  ASSERT_TRUE(Allocate());
  network_.RunFor(minutes(1));
  camera_.Restart();
  EXPECT_TRUE(Allocate());
  EXPECT_EQ(server_.allocations(), 1u);
  EXPECT_EQ(server_.stats().deletions, 1u);
}

}  // namespace
}  // namespace ocellus::turn
