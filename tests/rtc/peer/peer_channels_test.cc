// SPDX-License-Identifier: Apache-2.0
// Data channels between two peers. What a bad network does to them is
// scenario/data_channel_*_test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/peer_pair.h"
#include "tests/sim/scripted_viewer.h"

namespace ocellus::peer {
namespace {

using sctp::ChannelId;
using sctp::ChannelOptions;
using sctp::MessageKind;
using sim::ChannelLog;
using sim::PeerPair;
using sim::PeerPairOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

ChannelOptions Labelled(const char* label) {
  ChannelOptions options;
  options.label = label;
  return options;
}

// A connected pair, and all that happens on both sides' channels.
class PeerChannels : public testing::Test {
 protected:
  void Connect(PeerPairOptions options = {}) {
    options.conditions.delay = milliseconds(20);
    pair_ = std::make_unique<PeerPair>(options);
    pair_->camera().AddChannelUser(camera_log_);
    pair_->viewer().AddChannelUser(viewer_log_);
    pair_->Negotiate();
    ASSERT_TRUE(pair_->RunUntilConnected());
  }
  // A channel that the viewer has opened, with the same id on both sides.
  ChannelId Open(const ChannelOptions& options) {
    const auto id = viewer().channels()->Open(now(), options);
    EXPECT_TRUE(id.ok()) << id.status().ToString();
    Run(seconds(1));
    EXPECT_EQ(camera_log_.Find(options.label), *id);
    return *id;
  }
  void Send(Peer& from, ChannelId id, MessageKind kind, std::string_view text) {
    const Status sent = from.channels()->Send(now(), id, kind, AsBytes(text));
    EXPECT_TRUE(sent.ok()) << sent.ToString();
  }

  void Run(Duration duration) { pair_->network().RunFor(duration); }
  Time now() { return pair_->network().now(); }
  Peer& camera() { return pair_->camera().peer(); }
  Peer& viewer() { return pair_->viewer().peer(); }

  ChannelLog camera_log_;
  ChannelLog viewer_log_;
  std::unique_ptr<PeerPair> pair_;
};

TEST_F(PeerChannels, AreOpenedByEitherSide) {
  Connect();
  const auto by_viewer = viewer().channels()->Open(now(), Labelled("from the viewer"));
  const auto by_camera = camera().channels()->Open(now(), Labelled("from the camera"));
  ASSERT_TRUE(by_viewer.ok() && by_camera.ok());
  Run(seconds(1));
  ASSERT_EQ(camera_log_.opened().size(), 2u);
  ASSERT_EQ(viewer_log_.opened().size(), 2u);
  EXPECT_EQ(camera_log_.Find("from the viewer"), *by_viewer);
  EXPECT_EQ(viewer_log_.Find("from the camera"), *by_camera);
  // RFC 8832 section 6: the DTLS client's are even. That is the camera.
  EXPECT_EQ(by_camera->value() % 2, 0);
  EXPECT_EQ(by_viewer->value() % 2, 1);
}

TEST_F(PeerChannels, CarryEveryKindOfMessageBothWays) {
  Connect();
  const ChannelId id = Open(Labelled("control"));
  const std::string large(200'000, 'x');
  for (Peer* peer : {&camera(), &viewer()}) {
    Send(*peer, id, MessageKind::kString, "text");
    Send(*peer, id, MessageKind::kString, "");
    Send(*peer, id, MessageKind::kBinary, std::string_view("\0\1", 2));
    Send(*peer, id, MessageKind::kBinary, "");
    Send(*peer, id, MessageKind::kBinary, large);
  }
  Run(seconds(5));
  for (const ChannelLog* log : {&camera_log_, &viewer_log_}) {
    EXPECT_THAT(log->Payloads(id), ElementsAre("text", "", std::string("\0\1", 2), "", large));
    ASSERT_EQ(log->messages().size(), 5u);
    EXPECT_EQ(log->messages()[1].kind, MessageKind::kString);
    EXPECT_EQ(log->messages()[3].kind, MessageKind::kBinary);
  }
}

TEST_F(PeerChannels, CloseOnBothSides) {
  Connect();
  const ChannelId id = Open(Labelled("control"));
  Send(viewer(), id, MessageKind::kString, "last words");
  viewer().channels()->Close(now(), id);
  Run(seconds(1));
  EXPECT_THAT(camera_log_.Payloads(id), ElementsAre("last words"));
  EXPECT_THAT(camera_log_.closed(), ElementsAre(id));
  EXPECT_THAT(viewer_log_.closed(), ElementsAre(id));
  EXPECT_EQ(Open(Labelled("again")), id);
}

TEST_F(PeerChannels, AreThereOnlyWhenBothSidesWantThem) {
  for (const bool camera_wants : {true, false}) {
    for (const bool viewer_wants : {true, false}) {
      PeerPairOptions options;
      options.camera_channels = camera_wants;
      options.viewer_channels = viewer_wants;
      Connect(options);
      EXPECT_EQ(camera().channels() != nullptr, camera_wants && viewer_wants);
      EXPECT_EQ(viewer().channels() != nullptr, camera_wants && viewer_wants);
      EXPECT_TRUE(pair_->RunUntilFirstPicture());
    }
  }
}

TEST_F(PeerChannels, AreNotThereBeforeTheyCanBeUsedAndOnceAllIsOver) {
  PeerPair pair({});
  pair.Negotiate();
  EXPECT_EQ(pair.camera().peer().channels(), nullptr);
  ASSERT_TRUE(pair.RunUntilConnected());
  EXPECT_NE(pair.camera().peer().channels(), nullptr);
  pair.camera().peer().Close(pair.network().now());
  EXPECT_EQ(pair.camera().peer().channels(), nullptr);
  pair.network().RunFor(seconds(1));
  EXPECT_EQ(pair.viewer().closed(), CloseReason::kBye);
  EXPECT_EQ(pair.viewer().peer().channels(), nullptr);
}

// Somebody who steers and does not watch.
TEST_F(PeerChannels, NeedNoVideo) {
  PeerPairOptions options;
  options.viewer_watches = false;
  Connect(options);
  const ChannelId id = Open(Labelled("control"));
  Send(camera(), id, MessageKind::kString, "hello");
  Run(seconds(60));
  EXPECT_THAT(viewer_log_.Payloads(id), ElementsAre("hello"));
  EXPECT_EQ(camera().stats().video.packets_sent, 0u);
  EXPECT_EQ(camera().state(), State::kConnected);
  // Silence is no reason to go, and the farewell arrives.
  viewer().Close(now());
  Run(seconds(1));
  EXPECT_EQ(pair_->camera().closed(), CloseReason::kBye);
}

// As libraries that keep SRTP out of calls without media.
TEST_F(PeerChannels, NeedNoSrtpWithoutVideo) {
  PeerPairOptions options;
  options.camera_profiles = {srtp::Profile::kAeadAes128Gcm};
  options.viewer_profiles = {srtp::Profile::kAes128CmHmacSha1_80};
  options.viewer_watches = false;
  Connect(options);
  EXPECT_FALSE(pair_->camera().connected()->profile);
  EXPECT_FALSE(pair_->viewer().connected()->profile);
  const ChannelId id = Open(Labelled("control"));
  Send(viewer(), id, MessageKind::kString, "hello");
  Run(seconds(60));
  EXPECT_THAT(camera_log_.Payloads(id), ElementsAre("hello"));
  camera().Close(now());
  Run(seconds(1));
  EXPECT_EQ(pair_->viewer().closed(), CloseReason::kBye);
}

// Checklist 42.
TEST_F(PeerChannels, RefuseAMessageThatThePeerWouldNotTake) {
  Connect();
  const ChannelId id = Open(Labelled("control"));
  const std::string too_large(kMaxChannelMessageSize + 1, 'x');
  EXPECT_EQ(viewer().channels()->Send(now(), id, MessageKind::kBinary, AsBytes(too_large)).code(),
            StatusCode::kInvalidArgument);
  const std::string_view largest = std::string_view(too_large).substr(1);
  Send(viewer(), id, MessageKind::kBinary, largest);
  Run(seconds(5));
  EXPECT_THAT(camera_log_.Payloads(id), ElementsAre(largest));
}

// Checklist 44. The viewer's application hangs; the camera's memory does not grow.
TEST_F(PeerChannels, SayWhenThePeerDoesNotRead) {
  PeerPairOptions options;
  options.viewer_watches = false;  // Packets of media are borrowed, and could not wait.
  Connect(options);
  const ChannelId id = Open(Labelled("log"));
  pair_->viewer().SetReading(false);
  const std::string message(16 * 1024, 'x');
  Status sent;
  size_t taken = 0;
  for (int i = 0; i < 10'000 && sent.ok(); ++i) {
    sent = camera().channels()->Send(now(), id, MessageKind::kBinary, AsBytes(message));
    if (sent.ok()) ++taken;
    Run(milliseconds(10));
  }
  EXPECT_EQ(sent.code(), StatusCode::kResourceExhausted);
  EXPECT_LT(taken, 9'999u);
  Run(seconds(20));
  EXPECT_GT(camera().channels()->buffered_amount(id), 0u);
  // It wakes up, and nothing was lost.
  pair_->viewer().SetReading(true);
  Run(seconds(20));
  EXPECT_EQ(viewer_log_.Payloads(id).size(), taken);
  EXPECT_EQ(camera().channels()->buffered_amount(id), 0u);
}

TEST_F(PeerChannels, SayWhenMoreCanBeSent) {
  Connect();
  const ChannelId id = Open(Labelled("file"));
  camera().channels()->SetBufferedAmountLowThreshold(id, 10'000);
  Send(camera(), id, MessageKind::kBinary, std::string(100'000, 'x'));
  EXPECT_EQ(camera_log_.amounts_low(), 0u);
  Run(seconds(2));
  EXPECT_EQ(camera_log_.amounts_low(), 1u);
}

TEST_F(PeerChannels, AreInTheStatistics) {
  Connect();
  const ChannelId id = Open(Labelled("control"));
  Send(viewer(), id, MessageKind::kString, "12345");
  Run(seconds(1));
  const PeerStats stats = camera().stats();
  ASSERT_TRUE(stats.channels.has_value());
  EXPECT_EQ(stats.channels->channels, 1u);
  EXPECT_EQ(stats.channels->messages_received, 1u);
  EXPECT_GE(stats.channels->bytes_received, 5u);
  EXPECT_TRUE(stats.channels->interleaving);
  EXPECT_EQ(stats.data_ignored, 0u);
}

// Where STUN carries the handshake in small datagrams, data is not held to that.
TEST_F(PeerChannels, FillTheirDatagramsHoweverTheHandshakeTravelled) {
  PeerPairOptions options;
  options.viewer_handshake = HandshakeInStun::kOffer;
  options.viewer_watches = false;
  Connect(options);
  const ChannelId id = Open(Labelled("file"));
  size_t largest = 0;
  pair_->network().Observe(
      [](void* context, const sim::Network::Observation& sent) {
        size_t& seen = *static_cast<size_t*>(context);
        seen = std::max(seen, sent.payload.size());
      },
      &largest);
  Send(camera(), id, MessageKind::kBinary, std::string(100'000, 'x'));
  Run(seconds(2));
  EXPECT_LE(largest, kMaxDatagramSize);
  EXPECT_GT(largest, kMaxDatagramSize - 8);
}

// --- A peer who breaks the rules -----------------------------------------------------------------

// Carries datagrams between a camera and a viewer whose every packet the test makes.
class ScriptedCall {
 public:
  explicit ScriptedCall(bool with_data)
      : camera_(now_, {sim::TestCertificate(0), profiles_, wall_clock_, &ring_},
                ice::HostCandidates(Span<const SocketAddress>(&kCamera, 1)), random_) {
    const auto answer = camera_.Answer(now_, with_data ? viewer_.OfferWithData() : viewer_.Offer());
    CHECK(answer.ok(), "%s", answer.status().ToString().c_str());
    viewer_.HandleAnswer(*answer);
    Deliver(viewer_.MakeCheck());
  }

  // The camera's packets to the viewer, and the viewer's part of the handshake back, but for its
  // last flight, which is returned.
  std::vector<uint8_t> TakeLastFlight() {
    uint8_t buffer[kMaxDatagramSize];
    while (!viewer_.has_keys()) {
      while (const auto sent = camera_.PollTransmit(now_, buffer)) {
        if (buffer[0] >= 20 && buffer[0] <= 63) {
          viewer_.HandleDtls(now_, Bytes(buffer).first(sent->size));
        }
      }
      if (viewer_.has_keys()) break;
      while (const auto datagram = viewer_.PollDtls(now_)) Deliver(*datagram);
    }
    return *viewer_.PollDtls(now_);
  }

  // A message in a DTLS record of its own.
  std::vector<uint8_t> Encrypt(std::string_view message) {
    CHECK(viewer_.dtls().Send(now_, AsBytes(message)).ok(), "%zu bytes", message.size());
    return *viewer_.PollDtls(now_);
  }

  void Deliver(std::vector<uint8_t> packet) {
    camera_.HandleDatagram(now_, {kCamera, kViewer, packet});
  }
  Peer& camera() { return camera_; }

 private:
  static inline const SocketAddress kCamera = *SocketAddress::Parse("192.0.2.1:8555");
  static inline const SocketAddress kViewer = *SocketAddress::Parse("198.51.100.7:40000");

  const Time now_{std::chrono::hours(1)};
  sim::SeededRandom random_{1};
  FrameRing ring_;
  const WallClock wall_clock_{now_, NtpTime::FromUnix(sim::kWallTimeAtStart)};
  const std::vector<srtp::Profile> profiles_ = {srtp::Profile::kAes128CmHmacSha1_80};
  sim::ScriptedViewer viewer_{now_};
  Peer camera_;
};

TEST(PeerData, ThatWasNotAgreedOnIsIgnoredAndCounted) {
  ScriptedCall call(false);
  call.Deliver(call.TakeLastFlight());
  ASSERT_EQ(call.camera().state(), State::kConnected);
  for (int i = 0; i < 10; ++i) call.Deliver(call.Encrypt("not asked for"));
  EXPECT_EQ(call.camera().stats().data_ignored, 10u);
  EXPECT_EQ(call.camera().state(), State::kConnected);
  EXPECT_FALSE(call.camera().stats().channels.has_value());
}

// Nothing but garbage, which is SCTP's to drop.
TEST(PeerData, ThatIsNoSctpHarmsNothing) {
  ScriptedCall call(true);
  call.Deliver(call.TakeLastFlight());
  ASSERT_EQ(call.camera().state(), State::kConnected);
  for (int i = 0; i < 10; ++i) call.Deliver(call.Encrypt("no SCTP packet"));
  const PeerStats stats = call.camera().stats();
  EXPECT_EQ(stats.state, State::kConnected);
  ASSERT_TRUE(stats.channels.has_value());
  EXPECT_EQ(stats.channels->packets_dropped, 10u);
  EXPECT_EQ(stats.data_ignored, 0u);
}

// A server may speak as soon as its last flight is written, in the same datagram.
TEST(PeerData, ThatComesWithTheLastFlightIsRead) {
  ScriptedCall call(true);
  std::vector<uint8_t> flight = call.TakeLastFlight();
  const std::vector<uint8_t> message = call.Encrypt("first words");
  flight.insert(flight.end(), message.begin(), message.end());
  call.Deliver(flight);
  const PeerStats stats = call.camera().stats();
  EXPECT_EQ(stats.state, State::kConnected);
  ASSERT_TRUE(stats.channels.has_value());
  EXPECT_EQ(stats.channels->packets_received, 1u);
}

}  // namespace
}  // namespace ocellus::peer
