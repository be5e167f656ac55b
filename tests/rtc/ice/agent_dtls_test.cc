// SPDX-License-Identifier: Apache-2.0
// What the agent's messages carry of a DTLS handshake (draft-hancke-webrtc-sped-00).
#include <gtest/gtest.h>

#include "firmware/rtc/stun/dtls_in_stun.h"
#include "tests/rtc/ice/scripted_peer.h"

namespace ocellus::ice {
namespace {

constexpr const char* kRemote = "198.51.100.1:40000";

// The messages that the agent sends now, all carrying `dtls`.
std::vector<std::vector<uint8_t>> PollWith(ScriptedPeer& peer, const stun::DtlsInStun& dtls) {
  std::vector<std::vector<uint8_t>> messages;
  uint8_t out[kMaxReceivedDatagramSize];
  while (const auto transmit = peer.agent.PollTransmit(peer.now, out, dtls)) {
    messages.emplace_back(out, out + transmit->size);
  }
  return messages;
}

void Receive(ScriptedPeer& peer, std::vector<uint8_t> message) {
  peer.agent.HandleDatagram(peer.now, {peer.local, Address(kRemote), message});
}

ForgedCheck GoodCheck(const ScriptedPeer& peer) {
  ForgedCheck check;
  check.recipient = peer.agent.local_credentials();
  check.sender_ufrag = peer.credentials.ufrag;
  return check;
}

TEST(AgentDtls, RidesInChecksAndInTheirAnswers) {
  ScriptedPeer peer(Role::kControlled);
  peer.agent.SetRemoteCredentials(peer.now, peer.credentials);
  Receive(peer, GoodCheck(peer).Write());
  const std::vector<uint8_t> datagram(500, 22);
  const uint8_t checksums[] = {1, 2, 3, 4};
  const auto messages = PollWith(peer, {Bytes(datagram), Bytes(checksums)});
  ASSERT_EQ(messages.size(), 2u);  // The answer, and the triggered check.
  for (const auto& bytes : messages) {
    const auto message = stun::Message::Parse(bytes);
    ASSERT_TRUE(message.ok());
    const bool is_answer = message->message_class() == stun::MessageClass::kSuccess;
    EXPECT_TRUE(message->IntegrityMatches(
        AsBytes(is_answer ? peer.agent.local_credentials().pwd : peer.credentials.pwd)));
    EXPECT_EQ(stun::DtlsInStun::Read(*message).datagram, Bytes(datagram));
    EXPECT_EQ(stun::DtlsInStun::Read(*message).acknowledgements, Bytes(checksums));
  }
}

// Checklist 10: nobody who has not authenticated itself gets more than it sent.
TEST(AgentDtls, RidesInNoRefusal) {
  ScriptedPeer peer(Role::kControlled);
  peer.agent.SetRemoteCredentials(peer.now, peer.credentials);
  const std::vector<uint8_t> datagram(500, 22);
  ForgedCheck stranger = GoodCheck(peer);
  stranger.recipient.pwd = std::string(24, 'x');
  ForgedCheck conflicting = GoodCheck(peer);
  conflicting.role = Role::kControlled;
  conflicting.tie_breaker = 0;
  ForgedCheck unknown = GoodCheck(peer);
  unknown.unknown = {static_cast<stun::AttributeType>(0x0030)};
  for (const ForgedCheck& refused : {stranger, unknown, conflicting}) {
    const std::vector<uint8_t> request = refused.Write();
    Receive(peer, request);
    peer.now += seconds(1);
    for (const auto& bytes : PollWith(peer, {Bytes(datagram), Bytes()})) {
      const auto message = stun::Message::Parse(bytes);
      ASSERT_TRUE(message.ok());
      if (message->message_class() != stun::MessageClass::kError) continue;
      EXPECT_TRUE(stun::DtlsInStun::Read(*message).empty());
      EXPECT_LE(bytes.size(), request.size());
    }
  }
}

// Checklist 24.
TEST(AgentDtls, IsLeftOutWhereTheMessageWouldBecomeTooLarge) {
  ScriptedPeer peer(Role::kControlled);
  peer.credentials.ufrag = std::string(256, 'u');
  peer.Start();
  const std::vector<uint8_t> datagram(kDtlsInStunMtu, 22);
  const auto messages = PollWith(peer, {Bytes(datagram), Bytes()});
  ASSERT_EQ(messages.size(), 1u);
  const auto message = stun::Message::Parse(messages[0]);
  ASSERT_TRUE(message.ok());
  EXPECT_TRUE(message->IntegrityMatches(AsBytes(peer.credentials.pwd)));
  EXPECT_FALSE(stun::DtlsInStun::Read(*message).datagram);
  EXPECT_TRUE(stun::DtlsInStun::Read(*message).acknowledgements);

  ScriptedPeer usual(Role::kControlled);
  usual.credentials.ufrag = std::string(32, 'u');
  usual.Start();
  const std::vector<uint8_t> sixteen(16);
  const auto fits = PollWith(usual, {Bytes(datagram), Bytes(sixteen)});
  ASSERT_EQ(fits.size(), 1u);
  EXPECT_GT(fits[0].size(), kDtlsInStunMtu);
  EXPECT_LE(fits[0].size(), kMaxDatagramSize);
}

// Checklist 2.
TEST(AgentDtls, OnlyWhatTheCurrentCredentialsProtectIsAuthentic) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  EXPECT_FALSE(peer.agent.is_authentic());
  ForgedCheck stranger = GoodCheck(peer);
  stranger.recipient.pwd = std::string(24, 'x');
  Receive(peer, stranger.Write());
  EXPECT_FALSE(peer.agent.is_authentic());
  Receive(peer, GoodCheck(peer).Write());
  EXPECT_TRUE(peer.agent.is_authentic());
  Receive(peer, {0, 1, 0, 0});
  EXPECT_FALSE(peer.agent.is_authentic());

  ASSERT_FALSE(peer.checks.empty());
  const SentCheck check = peer.checks.front();
  peer.Answer(check, {.pwd = std::string(24, 'x')});
  EXPECT_FALSE(peer.agent.is_authentic());
  peer.Answer(check, {.error = stun::ErrorCode::kServerError});
  EXPECT_FALSE(peer.agent.is_authentic());
}

TEST(AgentDtls, AnAnswerToOurCheckIsAuthentic) {
  ScriptedPeer peer(Role::kControlled);
  peer.Start();
  peer.Poll();
  ASSERT_EQ(peer.checks.size(), 1u);
  peer.Answer(peer.checks.front());
  EXPECT_TRUE(peer.agent.is_authentic());
  peer.Answer(peer.checks.front());  // Once more: it is the answer to nothing.
  EXPECT_FALSE(peer.agent.is_authentic());
}

}  // namespace
}  // namespace ocellus::ice
