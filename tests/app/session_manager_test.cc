// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/session_manager.h"

#include <gtest/gtest.h>

#include <deque>

#include "firmware/base/limits.h"
#include "firmware/media/keyframe_policy.h"
#include "tests/sim/film.h"
#include "tests/sim/network.h"
#include "tests/sim/peer_pair.h"
#include "tests/sim/scripted_viewer.h"

namespace ocellus::app {
namespace {

using sim::SeededRandom;
using std::chrono::milliseconds;
using std::chrono::seconds;

const SocketAddress kCamera = *SocketAddress::Parse("192.0.2.1:8555");

// Keeps what is sent until the network asks for it.
class QueueSender : public PacketSender {
 public:
  MutableBytes SendBuffer() override { return buffer_; }
  void Send(Time, const Transmit& transmit) override {
    queue_.push_back({transmit, {buffer_, buffer_ + transmit.size}});
  }

  std::optional<Transmit> Pop(MutableBytes out) {
    if (queue_.empty()) return std::nullopt;
    const Transmit transmit = queue_.front().first;
    std::copy(queue_.front().second.begin(), queue_.front().second.end(), out.begin());
    queue_.pop_front();
    return transmit;
  }

 private:
  uint8_t buffer_[kMaxDatagramSize];
  std::deque<std::pair<Transmit, std::vector<uint8_t>>> queue_;
};

// A camera with many viewers on the simulated network.
class Camera : public sim::Node {
 public:
  explicit Camera(sim::Network& network, size_t max_viewers = 10, uint64_t seed = 1)
      : random_(seed),
        wall_clock_{network.now(), NtpTime::FromUnix(sim::kWallTimeAtStart)},
        film_(ring_, {}),
        next_frame_(network.now()),
        manager(max_viewers, {sim::TestCertificate(0), profiles_, wall_clock_, &ring_}, random_) {
    manager.SetLocalCandidates(network.now(),
                               ice::HostCandidates(std::vector<SocketAddress>{kCamera}));
    network.Attach(*this, {kCamera.ip});
  }

  void HandleDatagram(Time now, const Datagram& in) override { manager.HandleDatagram(now, in); }
  void HandleTimeout(Time now) override {
    manager.HandleTimeout(now);
    if (now >= next_frame_) {
      manager.EnqueueFrame(now, film_.Shoot(now, keyframe_due_));
      if (keyframe_due_) keyframes_.HandleKeyframe(now);
      keyframe_due_ = false;
      next_frame_ += film_.options().interval;
    }
  }
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override {
    if (const auto queued = sender_.Pop(out)) return queued;
    manager.Transmit(now, sender_);
    if (manager.TakeKeyframeRequest()) keyframes_.Request(now);
    if (keyframes_.TakeDue(now)) keyframe_due_ = true;
    return sender_.Pop(out);
  }
  Time next_deadline() const override {
    return std::min({manager.next_deadline(), next_frame_, keyframes_.next_deadline()});
  }
  const sim::Film& film() const { return film_; }

 private:
  SeededRandom random_;
  const std::vector<srtp::Profile> profiles_ = {srtp::Profile::kAeadAes128Gcm,
                                                srtp::Profile::kAes128CmHmacSha1_80};
  WallClock wall_clock_;
  FrameRing ring_;
  sim::Film film_;
  media::KeyframePolicy keyframes_;
  bool keyframe_due_ = true;
  Time next_frame_;
  QueueSender sender_;

 public:
  SessionManager manager;
};

class SessionManagerTest : public testing::Test {
 protected:
  struct Viewer {
    std::unique_ptr<sim::ViewerNode> node;
    signaling::AcceptedOffer accepted;
  };

  explicit SessionManagerTest(size_t max_viewers = 10) : camera(network, max_viewers) {
    sim::LinkConditions conditions;
    conditions.delay = milliseconds(5);
    network.SetDefaultConditions(conditions);
  }

  std::unique_ptr<sim::ViewerNode> MakeViewer(const std::string& address) {
    const peer::PeerConfig config{sim::TestCertificate(1), profiles, wall_clock};
    return std::make_unique<sim::ViewerNode>(
        network, config, std::vector<SocketAddress>{*SocketAddress::Parse(address)}, random);
  }

  Viewer Join(const std::string& address) {
    Viewer viewer{MakeViewer(address), {}};
    const auto offer = viewer.node->peer().OfferToReceive(network.now());
    auto accepted = camera.manager.Accept(network.now(), {}, *offer);
    CHECK(accepted.ok(), "%s", accepted.status().ToString().c_str());
    viewer.accepted = std::move(*accepted);
    const Status applied =
        viewer.node->peer().HandleAnswer(network.now(), viewer.accepted.answer_sdp);
    CHECK(applied.ok(), "%s", applied.ToString().c_str());
    return viewer;
  }

  bool SeesPictures(const Viewer& viewer) {
    const size_t before = viewer.node->pictures().size();
    network.RunFor(seconds(1));
    return viewer.node->pictures().size() >= before + 25;
  }

  SeededRandom random{7};
  sim::Network network{5};
  WallClock wall_clock{network.now(), NtpTime::FromUnix(sim::kWallTimeAtStart)};
  const std::vector<srtp::Profile> profiles = {srtp::Profile::kAeadAes128Gcm,
                                               srtp::Profile::kAes128CmHmacSha1_80};
  Camera camera;
};

TEST_F(SessionManagerTest, ManyViewersShareOnePort) {
  std::vector<Viewer> viewers;
  for (int i = 0; i < 10; ++i) {
    viewers.push_back(Join("198.51.100." + std::to_string(10 + i) + ":4000"));
  }
  network.RunFor(seconds(3));
  for (const Viewer& viewer : viewers) {
    ASSERT_GE(viewer.node->pictures().size(), 80u);
    for (size_t i = 1; i < viewer.node->pictures().size(); ++i) {
      ASSERT_EQ(viewer.node->pictures()[i].number, viewer.node->pictures()[i - 1].number + 1);
    }
  }
  EXPECT_EQ(camera.manager.GetViewers(network.now()).size(), 10u);
  // All joined at once, so one keyframe served them (and one was made before anybody came).
  EXPECT_LE(camera.film().keyframes(), 3u);
}

// Checklist 35: ten viewers that ask a thousand times a second each, for three seconds.
TEST_F(SessionManagerTest, AFloodOfKeyframeRequestsFromManyMakesOnePerInterval) {
  std::vector<Viewer> viewers;
  for (int i = 0; i < 10; ++i) {
    viewers.push_back(Join("198.51.100." + std::to_string(10 + i) + ":4000"));
  }
  network.RunFor(seconds(2));
  const uint32_t before = camera.film().keyframes();
  for (int i = 0; i < 3000; ++i) {
    for (Viewer& viewer : viewers) viewer.node->peer().RequestRemoteKeyframe();
    network.RunFor(milliseconds(1));
  }
  const uint32_t made = camera.film().keyframes() - before;
  EXPECT_GE(made, 5u);
  EXPECT_LE(made, 11u);  // One each 300 ms.
}

TEST_F(SessionManagerTest, TwoViewersOfOneHostAreToldApartByTheirPorts) {
  Viewer first = Join("198.51.100.7:4000");
  // The second attaches to the same address; the network would give it all packets.
  network.RunFor(seconds(1));
  ASSERT_TRUE(SeesPictures(first));
  Viewer second = Join("198.51.100.7:4001");
  network.RunFor(seconds(1));
  EXPECT_TRUE(SeesPictures(second));
  EXPECT_EQ(camera.manager.viewer_count(), 2u);
}

TEST_F(SessionManagerTest, NobodyIsAnsweredWithoutAnAddressToComeTo) {
  camera.manager.SetLocalCandidates(network.now(), {});
  auto viewer = MakeViewer("198.51.100.7:4000");
  const auto offer = viewer->peer().OfferToReceive(network.now());
  EXPECT_EQ(camera.manager.Accept(network.now(), {}, *offer).status().code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(camera.manager.viewer_count(), 0u);
  camera.manager.SetLocalCandidates(network.now(),
                                    ice::HostCandidates(std::vector<SocketAddress>{kCamera}));
  EXPECT_TRUE(camera.manager.Accept(network.now(), {}, *offer).ok());
}

TEST_F(SessionManagerTest, OneViewerTooManyIsRefusedUntilAPlaceIsFree) {
  std::vector<Viewer> viewers;
  for (int i = 0; i < 10; ++i) {
    viewers.push_back(Join("198.51.100." + std::to_string(10 + i) + ":4000"));
  }
  network.RunFor(seconds(1));
  auto extra = MakeViewer("198.51.100.99:4000");
  const auto offer = extra->peer().OfferToReceive(network.now());
  const auto refused = camera.manager.Accept(network.now(), {}, *offer);
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.status().message(), "all 10 viewer places are taken");
  EXPECT_TRUE(SeesPictures(viewers[0]));

  ASSERT_TRUE(camera.manager.Close(network.now(), viewers[0].accepted.id).ok());
  network.RunFor(milliseconds(20));
  EXPECT_EQ(viewers[0].node->closed(), peer::CloseReason::kBye);
  EXPECT_TRUE(camera.manager.Accept(network.now(), {}, *offer).ok());
  EXPECT_EQ(camera.manager.totals().viewers_refused, 1u);
}

// Whoever sends offers and never comes holds all places for some seconds, not for good.
TEST_F(SessionManagerTest, OffersWithoutViewersMakeRoomForOneThatComes) {
  Viewer early = Join("198.51.100.7:4000");
  auto nobody = MakeViewer("198.51.100.66:4000");
  const auto offer = nobody->peer().OfferToReceive(network.now());
  network.Detach(*nobody);
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(camera.manager.Accept(network.now(), {}, *offer).ok());
  EXPECT_FALSE(camera.manager.Accept(network.now(), {}, *offer).ok());
  network.RunFor(seconds(6));
  Viewer late = Join("198.51.100.8:4000");
  network.RunFor(seconds(1));
  // More offers take the places of others of their kind only.
  for (int i = 0; i < 100; ++i) static_cast<void>(camera.manager.Accept(network.now(), {}, *offer));
  EXPECT_EQ(camera.manager.viewer_count(), 10u);
  EXPECT_TRUE(SeesPictures(early));
  EXPECT_TRUE(SeesPictures(late));
}

TEST_F(SessionManagerTest, ASlotIsFreeAsSoonAsTheViewerSaysGoodbye) {
  Viewer viewer = Join("198.51.100.7:4000");
  network.RunFor(seconds(1));
  viewer.node->peer().Close(network.now());
  network.RunFor(milliseconds(100));
  EXPECT_EQ(camera.manager.viewer_count(), 0u);
  EXPECT_FALSE(camera.manager.Exists(viewer.accepted.id));
}

TEST_F(SessionManagerTest, ASlotIsFreeAfterConsentIsLost) {
  Viewer viewer = Join("198.51.100.7:4000");
  network.RunFor(seconds(1));
  network.Detach(*viewer.node);
  network.RunFor(seconds(31));
  EXPECT_EQ(camera.manager.viewer_count(), 0u);
}

// Checklist 45: bad offers, answered without harm to anybody.
TEST_F(SessionManagerTest, ABadOfferTakesNoSlot) {
  const auto refused = camera.manager.Accept(network.now(), {}, "v=0\r\nthis is no SDP\r\n");
  EXPECT_EQ(refused.status().code(), StatusCode::kMalformed);
  EXPECT_EQ(camera.manager.viewer_count(), 0u);
}

TEST_F(SessionManagerTest, UnknownSessionsAndOldGenerationsAreNamed) {
  Viewer viewer = Join("198.51.100.7:4000");
  const std::string fragment = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n";
  EXPECT_EQ(camera.manager.AddCandidates(network.now(), "nobody", "x", fragment).code(),
            StatusCode::kNotFound);
  EXPECT_EQ(camera.manager.Close(network.now(), "nobody").code(), StatusCode::kNotFound);
  EXPECT_EQ(camera.manager.AddCandidates(network.now(), viewer.accepted.id, "old", fragment).code(),
            StatusCode::kFailedPrecondition);
}

// Checklist 12.
TEST_F(SessionManagerTest, AnIceRestartKeepsThePictureAndRefusesOldCredentialsLater) {
  Viewer viewer = Join("198.51.100.7:4000");
  network.RunFor(seconds(1));
  auto restarted =
      camera.manager.RestartIce(network.now(), viewer.accepted.id,
                                "a=ice-ufrag:newufrag\r\na=ice-pwd:newpassword0123456789012345\r\n"
                                "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n");
  ASSERT_TRUE(restarted.ok()) << restarted.status().ToString();
  EXPECT_NE(restarted->ice_generation, viewer.accepted.ice_generation);
  EXPECT_NE(restarted->sdp_fragment.find("a=ice-ufrag:" + restarted->ice_generation),
            std::string::npos);
  EXPECT_TRUE(SeesPictures(viewer));  // Over the old path, until the viewer checks the new one.
}

// The second restart comes before the first has found a path: the one in use is from before both.
TEST_F(SessionManagerTest, TwoRestartsAtOnceKeepTheOldPath) {
  Viewer viewer = Join("198.51.100.7:4000");
  network.RunFor(seconds(1));
  for (const char* ufrag : {"first", "second"}) {
    const std::string fragment = std::string("a=ice-ufrag:") + ufrag +
                                 "\r\na=ice-pwd:newpassword0123456789012345\r\n"
                                 "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n";
    ASSERT_TRUE(camera.manager.RestartIce(network.now(), viewer.accepted.id, fragment).ok());
  }
  network.RunFor(seconds(35));  // Longer than the viewer's consent lasts without an answer.
  EXPECT_FALSE(viewer.node->closed().has_value());
  EXPECT_TRUE(SeesPictures(viewer));
}

// A phone on the move, or a NAT with a short memory.
TEST_F(SessionManagerTest, AViewerIsFollowedHoweverOftenItsAddressChanges) {
  sim::ScriptedViewer viewer(network.now());
  const auto accepted = camera.manager.Accept(network.now(), {}, viewer.Offer());
  ASSERT_TRUE(accepted.ok());
  viewer.HandleAnswer(accepted->answer_sdp);
  QueueSender sender;
  for (uint16_t i = 0; i < 3 * kMaxRoutesPerViewer; ++i) {
    const SocketAddress home = {*IpAddress::Parse("198.51.100.7"), static_cast<uint16_t>(4000 + i)};
    const auto deliver = [&](std::vector<uint8_t> packet) {
      camera.manager.HandleDatagram(network.now(), {kCamera, home, packet});
      camera.manager.Transmit(network.now(), sender);
    };
    deliver(viewer.MakeCheck());
    uint8_t buffer[kMaxDatagramSize];
    while (const auto sent = sender.Pop(buffer)) {
      const auto message = stun::Message::Parse(Bytes(buffer).first(sent->size));
      if (message.ok() && message->message_class() == stun::MessageClass::kRequest) {
        deliver(viewer.MakeAnswer(message->transaction_id(), kCamera));
      }
    }
    ASSERT_EQ(camera.manager.GetViewers(network.now())[0].remote_address, home.ToString());
    network.RunFor(milliseconds(60));
  }
}

// Checklist 10.
TEST_F(SessionManagerTest, AFloodOfForgedChecksCostsNothingButTheirParsing) {
  Viewer viewer = Join("198.51.100.7:4000");
  network.RunFor(seconds(1));
  struct Count {
    static void Observe(void* context, const sim::Network::Observation& seen) {
      auto& count = *static_cast<Count*>(context);
      if (seen.from == kCamera && seen.to.port == 666) count.bytes += seen.payload.size();
    }
    size_t bytes = 0;
  } answered;
  network.Observe(Count::Observe, &answered);
  size_t sent = 0;
  const std::string ufrag = viewer.accepted.ice_generation + ":abcd";
  for (int i = 0; i < 10'000; ++i) {
    // A binding request with the right USERNAME and nothing else.
    std::vector<uint8_t> check = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    for (int j = 0; j < 12; ++j) check.push_back(static_cast<uint8_t>(random.Next()));
    check.insert(check.end(), {0, 6, 0, static_cast<uint8_t>(ufrag.size())});
    check.insert(check.end(), ufrag.begin(), ufrag.end());
    while (check.size() % 4 != 0) check.push_back(0);
    check[3] = static_cast<uint8_t>(check.size() - 20);
    const SocketAddress stranger = {*IpAddress::Parse("203.0.113.66"), 666};
    network.Inject(stranger, kCamera, check);
    sent += check.size();
    if (i % 10 == 0) network.RunFor(milliseconds(1));
  }
  EXPECT_LE(answered.bytes, sent);
  EXPECT_LE(viewer.node->LongestGap(network.now()), milliseconds(40));
}

TEST_F(SessionManagerTest, MediaFromAStrangerIsDroppedAndCounted) {
  Viewer viewer = Join("198.51.100.7:4000");
  network.RunFor(seconds(1));
  const uint64_t before = camera.manager.totals().datagrams_dropped;
  const std::vector<uint8_t> packet(100, 0x80);
  for (int i = 0; i < 100; ++i) {
    network.Inject(*SocketAddress::Parse("203.0.113.66:666"), kCamera, packet);
  }
  network.RunFor(seconds(1));
  EXPECT_EQ(camera.manager.totals().datagrams_dropped, before + 100);
}

TEST_F(SessionManagerTest, ShutdownSaysGoodbyeToEveryViewer) {
  Viewer first = Join("198.51.100.7:4000");
  Viewer second = Join("198.51.100.8:4000");
  network.RunFor(seconds(1));
  camera.manager.CloseAll(network.now());
  network.RunFor(milliseconds(50));
  EXPECT_EQ(first.node->closed(), peer::CloseReason::kBye);
  EXPECT_EQ(second.node->closed(), peer::CloseReason::kBye);
  EXPECT_EQ(camera.manager.viewer_count(), 0u);
}

TEST_F(SessionManagerTest, TellsWhatEachViewerGets) {
  Viewer viewer = Join("198.51.100.7:4000");
  network.RunFor(seconds(5));
  const auto viewers = camera.manager.GetViewers(network.now());
  ASSERT_EQ(viewers.size(), 1u);
  EXPECT_EQ(viewers[0].state, "connected");
  EXPECT_EQ(viewers[0].remote_address, "198.51.100.7:4000");
  EXPECT_EQ(viewers[0].id, viewer.accepted.id.substr(0, 6));
  ASSERT_TRUE(viewers[0].round_trip_time.has_value());
  EXPECT_EQ(*viewers[0].round_trip_time, milliseconds(10));
  EXPECT_GT(viewers[0].bitrate.bits_per_second(), 900'000);
}

}  // namespace
}  // namespace ocellus::app
