// SPDX-License-Identifier: Apache-2.0
// Viewers that hold the keys and misuse them.
#include <gtest/gtest.h>

#include <deque>

#include "firmware/rtc/rtcp/compound.h"
#include "tests/sim/peer_pair.h"
#include "tests/sim/scripted_viewer.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SocketAddress kCamera = *SocketAddress::Parse("192.0.2.1:8555");

const SocketAddress kViewer = *SocketAddress::Parse("198.51.100.7:40000");

// Answers what it must to connect, and otherwise sends what the test says.
class HostileNode : public Node {
 public:
  HostileNode(Network& network, const SocketAddress& home)
      : viewer(network.now()), network_(network), home_(home) {
    network_.Attach(*this, {home.ip});
  }
  ~HostileNode() override { network_.Detach(*this); }

  void Send(const std::optional<ScriptedViewer::Packet>& packet,
            const SocketAddress& from = kViewer) {
    if (!packet) return;
    if (from.ip != home_.ip) return network_.Inject(from, kCamera, *packet);  // Forged.
    outgoing_.emplace_back(from, *packet);
  }
  void SendDtls(Time now) {
    while (const auto datagram = viewer.PollDtls(now)) Send(datagram);
  }
  template <typename Feedback>
  void SendRtcp(const Feedback& feedback) {
    uint8_t plain[kMaxDatagramSize];
    ByteWriter writer(plain);
    feedback.Write(writer);
    Send(viewer.ProtectRtcp(writer.written()));
  }

  void HandleDatagram(Time now, const Datagram& in) override {
    ++datagrams[in.local.ToString()];
    const uint8_t first = in.payload[0];
    if (first <= 3) {
      const auto message = stun::Message::Parse(in.payload);
      if (message->message_class() == stun::MessageClass::kRequest && answers) {
        Send(viewer.MakeAnswer(message->transaction_id(), in.remote), in.local);
      }
    } else if (first < 128) {
      viewer.HandleDtls(now, in.payload);
      if (!holds_back_dtls) SendDtls(now);
    } else {
      ++media[in.local.ToString()];
    }
  }
  void HandleTimeout(Time) override {}
  std::optional<Transmit> PollTransmit(Time, MutableBytes out) override {
    if (outgoing_.empty()) return std::nullopt;
    const auto [from, packet] = std::move(outgoing_.front());
    outgoing_.pop_front();
    std::copy(packet.begin(), packet.end(), out.begin());
    return Transmit{from, kCamera, packet.size()};
  }
  Time next_deadline() const override { return kNever; }

  ScriptedViewer viewer;
  bool answers = true;
  bool holds_back_dtls = false;
  std::map<std::string, size_t> datagrams, media;  // By where they arrived.

 private:
  Network& network_;
  const SocketAddress home_;
  std::deque<std::pair<SocketAddress, ScriptedViewer::Packet>> outgoing_;
};

class HostileViewer : public testing::Test {
 protected:
  HostileViewer()
      : camera(network, {TestCertificate(0), profiles, wall_clock, &ring}, ring, {kCamera}, random,
               {}),
        node(network, kViewer) {
    LinkConditions conditions;
    conditions.delay = milliseconds(10);
    network.SetDefaultConditions(conditions);
  }

  void Answer() {
    const auto answer = camera.peer().Answer(network.now(), node.viewer.Offer());
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    node.viewer.HandleAnswer(*answer);
  }
  void Connect() {
    Answer();
    node.Send(node.viewer.MakeCheck());
    network.RunFor(seconds(1));
    ASSERT_EQ(camera.peer().state(), peer::State::kConnected);
    ASSERT_GT(node.media[kViewer.ToString()], 0u);
  }

  void ExpectVideoForThirtySeconds() {
    ASSERT_EQ(camera.peer().state(), peer::State::kConnected);
    size_t& media = node.media[kViewer.ToString()];
    ASSERT_GT(media, 0u);
    size_t after_thirty_seconds = 0;
    for (int i = 0; i < 60; ++i) {
      static_cast<void>(camera.peer().AddRemoteCandidates(
          network.now(),
          "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 203.0.113." +
              std::to_string(i) + " 1 typ host\r\n"));
      network.RunFor(seconds(1));
      if (i == 30) after_thirty_seconds = media;
    }
    EXPECT_EQ(media, after_thirty_seconds);
  }

  SeededRandom random{1};
  Network network{2};
  const WallClock wall_clock{network.now(), NtpTime::FromUnix(kWallTimeAtStart)};
  FrameRing ring;
  const std::vector<srtp::Profile> profiles = {srtp::Profile::kAes128CmHmacSha1_80};
  CameraNode camera;
  HostileNode node;
};

TEST_F(HostileViewer, CannotMakeTheCameraTalkToItself) {
  const auto offer = camera.peer().Offer(network.now());
  ASSERT_TRUE(offer.ok());
  // It names our own credentials and address as its own.
  std::string answer = *offer;
  const auto replace = [&answer](const std::string& from, const std::string& to) {
    for (size_t at = 0; (at = answer.find(from, at)) != std::string::npos; at += to.size()) {
      answer.replace(at, from.size(), to);
    }
  };
  replace("a=sendonly", "a=recvonly");
  replace("a=setup:active", "a=setup:passive");
  EXPECT_EQ(camera.peer().HandleAnswer(network.now(), answer).code(), StatusCode::kInvalidArgument);
  replace(TestCertificate(0).fingerprint().ToString(), TestCertificate(1).fingerprint().ToString());
  const Status answered = camera.peer().HandleAnswer(network.now(), answer);
  ASSERT_TRUE(answered.ok()) << answered.ToString();
  struct Count {
    static void Observe(void* context, const Network::Observation&) {
      ++static_cast<Count*>(context)->datagrams;
    }
    size_t datagrams = 0;
  } count;
  network.Observe(Count::Observe, &count);
  network.RunFor(seconds(20));
  EXPECT_EQ(count.datagrams, 0u);
}

// It forges the address of its first check, and leaves the path that worked: RFC 7675 section 5.1.
TEST_F(HostileViewer, CannotSendTheVideoToAHostThatDidNotAskForIt) {
  const SocketAddress victim = *SocketAddress::Parse("203.0.113.99:9999");
  HostileNode bystander(network, victim);
  bystander.answers = false;
  Answer();
  node.Send(node.viewer.MakeCheck({false}), victim);
  network.RunFor(milliseconds(100));
  ASSERT_EQ(camera.peer().stats().path->remote, victim);
  node.Send(node.viewer.MakeCheck({false}));
  network.RunFor(seconds(2));
  ASSERT_EQ(camera.peer().state(), peer::State::kConnected);
  ASSERT_GT(node.media[kViewer.ToString()], 50u);
  node.answers = false;
  for (int i = 0; i < 60; ++i) {
    // Trickling keeps hope alive, and with it the session.
    static_cast<void>(camera.peer().AddRemoteCandidates(
        network.now(),
        "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 203.0.113." +
            std::to_string(i) + " 1 typ host\r\n"));
    network.RunFor(seconds(2));
  }
  EXPECT_EQ(bystander.media[victim.ToString()], 0u);
  EXPECT_LT(bystander.datagrams[victim.ToString()], 40u);
}

// It reads the handshake at home, and restarts ICE with a forged check before it completes it.
TEST_F(HostileViewer, CannotHaveAnotherHostVouchedForByItsHandshake) {
  const SocketAddress victim = *SocketAddress::Parse("203.0.113.99:9999");
  HostileNode bystander(network, victim);
  bystander.answers = false;
  node.answers = false;
  Answer();
  node.holds_back_dtls = true;
  node.Send(node.viewer.MakeCheck({false}));
  network.RunFor(milliseconds(30));  // The ClientHello is there.
  node.SendDtls(network.now());
  network.RunFor(milliseconds(30));  // And the camera's second flight.
  const auto restarted = camera.peer().RestartIce(network.now(), node.viewer.RestartIce());
  ASSERT_TRUE(restarted.ok());
  node.viewer.HandleFragment(*restarted);
  node.Send(node.viewer.MakeCheck({false}), victim);
  network.RunFor(milliseconds(30));
  node.Send(node.viewer.MakeCheck({false}));
  network.RunFor(milliseconds(30));
  node.SendDtls(network.now());
  network.RunFor(seconds(5));
  EXPECT_EQ(camera.peer().state(), peer::State::kConnected);
  EXPECT_EQ(camera.peer().stats().path->remote, victim);
  EXPECT_EQ(bystander.media[victim.ToString()], 0u);
}

// Not even the goodbye: our address has changed, and the first check to the new one is forged.
TEST_F(HostileViewer, DoesNotHaveGoodbyesSentToOthers) {
  const SocketAddress victim = *SocketAddress::Parse("203.0.113.99:9999");
  HostileNode bystander(network, victim);
  bystander.answers = false;
  Connect();
  camera.peer().SetLocalCandidates(network.now(), {});
  node.Send(node.viewer.MakeCheck(), victim);
  network.RunFor(milliseconds(30));
  ASSERT_EQ(camera.peer().stats().path->remote, victim);
  camera.peer().Close(network.now());
  network.RunFor(milliseconds(30));
  EXPECT_EQ(bystander.media[victim.ToString()], 0u);
}

// Checklist 7: that nothing was nominated, and it trickles on, does not keep the video coming.
TEST_F(HostileViewer, GetsNoVideoOnceItStopsAnswering) {
  Answer();
  node.Send(node.viewer.MakeCheck({false}));
  network.RunFor(seconds(1));
  node.answers = false;
  ExpectVideoForThirtySeconds();
}

// Completing the handshake shows that the video is wanted, but no longer than an answer would.
TEST_F(HostileViewer, GetsNoVideoForLongWhenItNeverAnswers) {
  node.answers = false;
  Answer();
  node.Send(node.viewer.MakeCheck({false}));
  network.RunFor(milliseconds(500));
  ExpectVideoForThirtySeconds();
}

// Checklist 6: packets with the right keys, that come from where no check has.
TEST_F(HostileViewer, ValidMediaFromANewAddressMovesNothing) {
  Connect();
  const SocketAddress elsewhere = *SocketAddress::Parse("203.0.113.99:9999");
  HostileNode bystander(network, elsewhere);
  const uint8_t report[] = {0x80, 201, 0, 1, 1, 0x23, 0x45, 0x67};
  for (int i = 0; i < 100; ++i) {
    node.Send(node.viewer.ProtectRtcp(report), elsewhere);
    network.RunFor(milliseconds(10));
  }
  EXPECT_EQ(camera.peer().stats().datagrams_unauthenticated, 100u);
  EXPECT_EQ(camera.peer().stats().path->remote, kViewer);
  EXPECT_TRUE(bystander.datagrams.empty());
}

// Checklist 26: with one bit changed, it is not even looked into.
TEST_F(HostileViewer, AForgedByeIsNotHeard) {
  Connect();
  rtcp::RecordBuffer<rtcp::ReportBlock, 1> blocks;
  rtcp::ReportBlock block;
  block.source = node.viewer.camera_ssrc();
  ASSERT_TRUE(blocks.Add(block));
  node.SendRtcp(rtcp::ReceiverReport{node.viewer.kSsrc, blocks.list()});
  const uint8_t bye[] = {0x81, 203, 0, 1, 1, 0x23, 0x45, 0x67};
  const auto good = node.viewer.ProtectRtcp(bye);
  ASSERT_TRUE(good.has_value());
  for (size_t bit = 0; bit < good->size() * 8; ++bit) {
    ScriptedViewer::Packet forged = *good;
    forged[bit / 8] = static_cast<uint8_t>(forged[bit / 8] ^ 1 << bit % 8);
    node.Send(forged);
  }
  network.RunFor(milliseconds(100));
  EXPECT_EQ(camera.peer().state(), peer::State::kConnected);
  node.Send(good);
  network.RunFor(milliseconds(100));
  EXPECT_EQ(camera.closed(), peer::CloseReason::kBye);
}

// Its microphone leaves, not itself.
TEST_F(HostileViewer, ByeForAnotherSourceEndsNothing) {
  Connect();
  rtcp::RecordBuffer<rtcp::ReportBlock, 1> blocks;
  rtcp::ReportBlock block;
  block.source = node.viewer.camera_ssrc();
  ASSERT_TRUE(blocks.Add(block));
  node.SendRtcp(rtcp::ReceiverReport{node.viewer.kSsrc, blocks.list()});
  rtcp::RecordBuffer<rtcp::Source, 2> others;
  ASSERT_TRUE(others.Add({Ssrc(7)}) && others.Add({node.viewer.camera_ssrc()}));
  node.SendRtcp(rtcp::Bye{others.list()});
  node.SendRtcp(rtcp::Bye{});
  network.RunFor(milliseconds(100));
  EXPECT_EQ(camera.peer().state(), peer::State::kConnected);
  rtcp::RecordBuffer<rtcp::Source, 1> itself;
  ASSERT_TRUE(itself.Add({node.viewer.kSsrc}));
  node.SendRtcp(rtcp::Bye{itself.list()});
  network.RunFor(milliseconds(100));
  EXPECT_EQ(camera.closed(), peer::CloseReason::kBye);
}

// Checklist 34: every packet of the last second, a thousand times a second.
TEST_F(HostileViewer, AFloodOfNacksIsAnsweredWithinABudget) {
  Connect();
  const rtp::VideoSenderStats before = camera.peer().stats().video;
  for (int i = 0; i < 2000; ++i) {
    rtcp::RecordBuffer<rtcp::NackItem, 256> items;
    for (uint16_t j = 0; j < 256; ++j) {
      ASSERT_TRUE(items.Add({SequenceNumber(static_cast<uint16_t>(random.Next())), 0xffff}));
    }
    node.SendRtcp(rtcp::Nack{node.viewer.kSsrc, node.viewer.camera_ssrc(), items.list()});
    network.RunFor(milliseconds(1));
  }
  const rtp::VideoSenderStats after = camera.peer().stats().video;
  EXPECT_GT(after.nacks_received - before.nacks_received, 2'000'000u);
  const uint64_t again = after.retransmissions_sent - before.retransmissions_sent;
  const uint64_t media = after.packets_sent - before.packets_sent - again;
  EXPECT_GT(again, 0u);
  EXPECT_LE(again, kMaxQueuedRetransmissions + media * kMaxRetransmissionPercent / 100);
  EXPECT_GE(after.frames_sent - before.frames_sent, 58u) << "and the video goes on";
}

// RFC 8838 allows any number, and RFC 8445 section 19.5.1 warns of it: checks keep their pace.
TEST_F(HostileViewer, TenThousandCandidatesAreCheckedAtThePaceOfOneViewer) {
  Answer();
  HostileNode bystander(network, *SocketAddress::Parse("203.0.113.99:9"));
  bystander.answers = false;
  for (int i = 0; i < 100; ++i) {
    std::string fragment = "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n";
    for (int j = 1; j <= 100; ++j) {
      fragment += "a=candidate:" + std::to_string(i * 100 + j) + " 1 udp 2130706431 203.0.113.99 " +
                  std::to_string(i * 100 + j) + " typ host\r\n";
    }
    ASSERT_TRUE(camera.peer().AddRemoteCandidates(network.now(), fragment).ok());
  }
  network.RunFor(seconds(10));
  size_t checks = 0;
  for (const auto& [address, count] : bystander.datagrams) checks += count;
  EXPECT_LE(bystander.datagrams.size(), kMaxRemoteCandidates);
  EXPECT_LE(checks, 2u * 10'000 / 50);  // One each Ta, and repetitions.
  // Among all of them it still finds who is there.
  node.Send(node.viewer.MakeCheck());
  network.RunFor(seconds(2));
  EXPECT_EQ(camera.peer().state(), peer::State::kConnected);
}

TEST(Disconnected, TheCameraRestsWhenNoAddressIsLeft) {
  PeerPair pair({});
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture());
  pair.network().RemoveAddress(kCamera.ip);
  pair.camera().peer().SetLocalCandidates(pair.network().now(), {});
  pair.network().RunFor(seconds(20));
  EXPECT_EQ(pair.camera().peer().state(), peer::State::kConnected);
}

}  // namespace
}  // namespace ocellus::sim
