// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/srtp/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "firmware/base/text.h"
#include "tests/rtc/srtp/reference_srtp.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::srtp {
namespace {

constexpr Profile kProfiles[] = {Profile::kAes128CmHmacSha1_80, Profile::kAeadAes128Gcm};
constexpr uint32_t kSsrc = 0xcafebabe;

ByteVector FromHex(std::string_view text) {
  ByteVector bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(*ParseNumber<uint8_t>(text.substr(i, 2), 16));
  }
  return bytes;
}

MasterKey MakeKey(uint64_t seed) {
  sim::SeededRandom random(seed);
  MasterKey key;
  random.Fill(key.key);
  random.Fill(key.salt);
  return key;
}

ByteVector RtpPacket(uint16_t sequence_number, size_t payload_size = 100, uint32_t ssrc = kSsrc) {
  ByteVector packet = {0x80,
                       96,
                       static_cast<uint8_t>(sequence_number >> 8),
                       static_cast<uint8_t>(sequence_number),
                       0,
                       0,
                       1,
                       0,
                       static_cast<uint8_t>(ssrc >> 24),
                       static_cast<uint8_t>(ssrc >> 16),
                       static_cast<uint8_t>(ssrc >> 8),
                       static_cast<uint8_t>(ssrc)};
  for (size_t i = 0; i < payload_size; ++i) packet.push_back(static_cast<uint8_t>(i));
  return packet;
}

// A receiver report with a number in it.
ByteVector RtcpPacket(uint8_t number, uint32_t ssrc = kSsrc) {
  return {0x80,
          201,
          0,
          2,
          static_cast<uint8_t>(ssrc >> 24),
          static_cast<uint8_t>(ssrc >> 16),
          static_cast<uint8_t>(ssrc >> 8),
          static_cast<uint8_t>(ssrc),
          0,
          0,
          0,
          number};
}

using Transform = std::optional<size_t> (Session::*)(MutableBytes, size_t);
using Inverse = std::optional<size_t> (Session::*)(MutableBytes);

std::optional<ByteVector> Protect(Session& session, Transform transform, ByteVector packet) {
  const size_t size = packet.size();
  packet.resize(size + kMaxRtcpOverhead);
  const std::optional<size_t> new_size = (session.*transform)(packet, size);
  if (!new_size) return std::nullopt;
  packet.resize(*new_size);
  return packet;
}

std::optional<ByteVector> Unprotect(Session& session, Inverse inverse, ByteVector packet) {
  const std::optional<size_t> new_size = (session.*inverse)(packet);
  if (!new_size) return std::nullopt;
  packet.resize(*new_size);
  return packet;
}

std::optional<ByteVector> ProtectRtp(Session& session, ByteVector packet) {
  return Protect(session, &Session::ProtectRtp, std::move(packet));
}
std::optional<ByteVector> ProtectRtcp(Session& session, ByteVector packet) {
  return Protect(session, &Session::ProtectRtcp, std::move(packet));
}
std::optional<ByteVector> UnprotectRtp(Session& session, ByteVector packet) {
  return Unprotect(session, &Session::UnprotectRtp, std::move(packet));
}
std::optional<ByteVector> UnprotectRtcp(Session& session, ByteVector packet) {
  return Unprotect(session, &Session::UnprotectRtcp, std::move(packet));
}

class SessionTest : public ::testing::TestWithParam<Profile> {
 protected:
  Profile profile() const { return GetParam(); }

  Session sender_ = std::move(*Session::Create(GetParam(), MakeKey(1), MakeKey(2)));
  Session receiver_ = std::move(*Session::Create(GetParam(), MakeKey(2), MakeKey(1)));
};

INSTANTIATE_TEST_SUITE_P(BothProfiles, SessionTest, ::testing::ValuesIn(kProfiles),
                         [](const auto& info) {
                           return info.param == Profile::kAeadAes128Gcm ? "AesGcm" : "AesCm";
                         });

TEST_P(SessionTest, RestoresWhatItProtected) {
  for (uint16_t i = 0; i < 100; ++i) {
    const auto rtp = ProtectRtp(sender_, RtpPacket(i, i));
    ASSERT_TRUE(rtp);
    EXPECT_LE(rtp->size(), RtpPacket(i, i).size() + kMaxRtpOverhead);
    EXPECT_EQ(UnprotectRtp(receiver_, *rtp), RtpPacket(i, i));

    const auto rtcp = ProtectRtcp(sender_, RtcpPacket(static_cast<uint8_t>(i)));
    ASSERT_TRUE(rtcp);
    EXPECT_LE(rtcp->size(), RtcpPacket(0).size() + kMaxRtcpOverhead);
    EXPECT_EQ(UnprotectRtcp(receiver_, *rtcp), RtcpPacket(static_cast<uint8_t>(i)));
  }
  EXPECT_EQ(receiver_.stats().authentication_failures, 0u);
}

TEST_P(SessionTest, DoesWhatTheRfcsSay) {
  const SessionKeys rtp_keys = DeriveRtpKeys(profile(), MakeKey(1));
  const SessionKeys rtcp_keys = DeriveRtcpKeys(profile(), MakeKey(1));
  for (uint32_t i = 0; i < 4; ++i) {
    const auto sequence_number = static_cast<uint16_t>(0xfffe + i);
    const ByteVector rtp = RtpPacket(sequence_number);
    EXPECT_EQ(ProtectRtp(sender_, rtp),
              ocellus::srtp::ProtectRtp(profile(), rtp_keys, rtp, i < 2 ? 0 : 1));
    const ByteVector rtcp = RtcpPacket(static_cast<uint8_t>(i));
    EXPECT_EQ(ProtectRtcp(sender_, rtcp),
              ocellus::srtp::ProtectRtcp(profile(), rtcp_keys, rtcp, i + 1));
  }
}

// Checklist 25.
TEST_P(SessionTest, DropsReplaysAndPacketsOlderThanTheWindow) {
  const ByteVector first = *ProtectRtp(sender_, RtpPacket(0));
  EXPECT_TRUE(UnprotectRtp(receiver_, first));
  EXPECT_FALSE(UnprotectRtp(receiver_, first));
  EXPECT_EQ(receiver_.stats().replays, 1u);

  const ByteVector late = *ProtectRtp(sender_, RtpPacket(1));
  const ByteVector too_late = *ProtectRtp(sender_, RtpPacket(2));
  EXPECT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(kSrtpReplayWindow))));
  EXPECT_TRUE(UnprotectRtp(receiver_, late));
  EXPECT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(kSrtpReplayWindow + 2))));
  EXPECT_FALSE(UnprotectRtp(receiver_, too_late));
  EXPECT_EQ(receiver_.stats().replays, 2u);

  const ByteVector report = *ProtectRtcp(sender_, RtcpPacket(1));
  EXPECT_TRUE(UnprotectRtcp(receiver_, report));
  EXPECT_FALSE(UnprotectRtcp(receiver_, report));
  EXPECT_EQ(receiver_.stats().replays, 3u);
}

// Checklist 25 and 26.
TEST_P(SessionTest, LivesOnAfterTenThousandBadPackets) {
  sim::SeededRandom random(25);
  ASSERT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(0))));
  for (int i = 0; i < 10'000; ++i) {
    ByteVector rtp = *ProtectRtp(sender_, RtpPacket(100));
    rtp[random.Below(static_cast<uint32_t>(rtp.size()))] ^= static_cast<uint8_t>(1u << (i % 8));
    EXPECT_FALSE(UnprotectRtp(receiver_, rtp));
    ByteVector rtcp = *ProtectRtcp(sender_, RtcpPacket(1));
    rtcp[random.Below(static_cast<uint32_t>(rtcp.size()))] ^= static_cast<uint8_t>(1u << (i % 8));
    EXPECT_FALSE(UnprotectRtcp(receiver_, rtcp));
  }
  const Stats& stats = receiver_.stats();
  EXPECT_EQ(stats.authentication_failures + stats.replays + stats.malformed, 20'000u);
  EXPECT_GT(stats.authentication_failures, 15'000u);
  EXPECT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(101))));
  EXPECT_TRUE(UnprotectRtcp(receiver_, *ProtectRtcp(sender_, RtcpPacket(2))));
}

// Checklist 27: each length in memory of its own, for the address sanitizer.
TEST_P(SessionTest, TakesEveryShortLength) {
  const ByteVector rtp = *ProtectRtp(sender_, RtpPacket(7, 60));
  const ByteVector rtcp = *ProtectRtcp(sender_, RtcpPacket(7));
  for (size_t size = 0; size <= 60; ++size) {
    for (const uint8_t fill : {0x00, 0x80, 0xff}) {
      for (ByteVector packet : {rtp, rtcp, ByteVector(60, fill), ByteVector(60, 0xbf)}) {
        packet.resize(size, fill);
        packet.shrink_to_fit();
        const bool whole = packet == rtp || packet == rtcp;
        if (whole) continue;
        EXPECT_FALSE(UnprotectRtp(receiver_, packet));
        EXPECT_FALSE(UnprotectRtcp(receiver_, packet));
        ByteVector plain(size + kMaxRtcpOverhead, fill);
        ByteVector copy = plain;
        static_cast<void>(sender_.ProtectRtp(plain, size));
        static_cast<void>(sender_.ProtectRtcp(copy, size));
      }
    }
  }
  EXPECT_TRUE(UnprotectRtp(receiver_, rtp));
  EXPECT_TRUE(UnprotectRtcp(receiver_, rtcp));
}

// Checklist 28.
TEST_P(SessionTest, CountsRolloversOnBothSides) {
  sim::SeededRandom random(28);
  for (uint32_t number = 0; number < 3 * 65536; ++number) {
    const auto sequence_number = static_cast<uint16_t>(number);
    // All packets around each wrap, of which two thirds are lost, and a few in between.
    const bool near_wrap = static_cast<uint16_t>(sequence_number + 50) < 100;
    const bool lost = random.Below(30) < (near_wrap ? 20u : 3u);
    if (!near_wrap && number % 64 != 0) continue;
    const auto packet = ProtectRtp(sender_, RtpPacket(sequence_number, 8));
    ASSERT_TRUE(packet);
    if (lost) continue;
    ASSERT_EQ(UnprotectRtp(receiver_, *packet), RtpPacket(sequence_number, 8)) << number;
  }
}

// Checklist 28: a late packet from before the wrap, and its retransmission.
TEST_P(SessionTest, TakesPacketsFromBeforeTheWrapAfterIt) {
  const ByteVector before = *ProtectRtp(sender_, RtpPacket(65534));
  ASSERT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(65533))));
  ASSERT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(65535))));
  ASSERT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(0))));
  ASSERT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(1))));
  EXPECT_EQ(ProtectRtp(sender_, RtpPacket(65534)), before);
  EXPECT_EQ(UnprotectRtp(receiver_, before), RtpPacket(65534));
  EXPECT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(2))));
}

// Checklist 29.
TEST_P(SessionTest, ProtectsARetransmissionWithTheSameBytes) {
  std::vector<ByteVector> sent;
  for (uint16_t i = 0; i < kSendHistoryPackets; ++i) {
    sent.push_back(*ProtectRtp(sender_, RtpPacket(i)));
  }
  for (uint16_t i = 0; i < kSendHistoryPackets; ++i) {
    EXPECT_EQ(ProtectRtp(sender_, RtpPacket(i)), sent[i]) << i;
  }
}

TEST_P(SessionTest, RefusesARetransmissionFromBeforeTheWindow) {
  ASSERT_TRUE(ProtectRtp(sender_, RtpPacket(0)));
  ASSERT_TRUE(ProtectRtp(sender_, RtpPacket(kSrtpReplayWindow)));
  EXPECT_FALSE(ProtectRtp(sender_, RtpPacket(0)));
}

TEST_P(SessionTest, KeepsSourcesApart) {
  for (uint32_t ssrc = 1; ssrc <= 4; ++ssrc) {
    const ByteVector packet = RtpPacket(5, 10, ssrc);
    EXPECT_EQ(UnprotectRtp(receiver_, *ProtectRtp(sender_, packet)), packet);
  }
}

TEST_P(SessionTest, KeepsStateForALimitedNumberOfSources) {
  for (uint32_t ssrc = 0; ssrc < kMaxRemoteSources + 10; ++ssrc) {
    const bool room = ssrc < kMaxRemoteSources;
    EXPECT_EQ(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(0, 10, ssrc))).has_value(),
              room);
    EXPECT_EQ(UnprotectRtcp(receiver_, *ProtectRtcp(sender_, RtcpPacket(0, ssrc))).has_value(),
              room);
  }
  EXPECT_EQ(receiver_.stats().excess_sources, 20u);
  EXPECT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(1, 10, 0))));
}

// Forgers take no place of those who have the key.
TEST_P(SessionTest, KeepsNoStateForForgedSources) {
  for (uint32_t ssrc = 0; ssrc < 10 * kMaxRemoteSources; ++ssrc) {
    EXPECT_FALSE(UnprotectRtp(receiver_, RtpPacket(0, 100, ssrc)));
    EXPECT_FALSE(UnprotectRtcp(receiver_, RtpPacket(0, 100, ssrc)));
  }
  EXPECT_EQ(receiver_.stats().excess_sources, 0u);
  EXPECT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(sender_, RtpPacket(1))));
}

TEST_P(SessionTest, RefusesItsOwnPackets) {
  EXPECT_FALSE(UnprotectRtp(sender_, *ProtectRtp(sender_, RtpPacket(1))));
  EXPECT_EQ(sender_.stats().authentication_failures, 1u);
}

TEST_P(SessionTest, Moves) {
  Session moved = std::move(sender_);
  EXPECT_TRUE(UnprotectRtp(receiver_, *ProtectRtp(moved, RtpPacket(1))));
}

// A whole call of a browser, in both directions, from the keys that its handshake exported.
void ExpectSessionUnprotects(const std::string& name) {
  std::ifstream file("tests/data/srtp/" + name);
  std::string word;
  std::string hex;
  file >> word >> hex;
  const auto profile = static_cast<Profile>(*ParseNumber<uint16_t>(hex));
  file >> word >> hex;
  const ByteVector exported = FromHex(hex);
  const size_t salt_size = MasterSaltSize(profile);
  ASSERT_EQ(exported.size(), 2 * (kMasterKeySize + salt_size));
  MasterKey client;
  MasterKey server;
  std::copy_n(exported.begin(), kMasterKeySize, client.key.begin());
  std::copy_n(exported.begin() + 16, kMasterKeySize, server.key.begin());
  std::copy_n(exported.begin() + 32, salt_size, client.salt.begin());
  std::copy_n(exported.end() - static_cast<long>(salt_size), salt_size, server.salt.begin());

  Session at_server = std::move(*Session::Create(profile, server, client));
  Session at_client = std::move(*Session::Create(profile, client, server));
  std::string direction;
  std::string kind;
  std::string protected_hex;
  std::string plain_hex;
  size_t count = 0;
  while (file >> direction >> kind >> protected_hex >> plain_hex) {
    Session& session = direction == "c2s" ? at_server : at_client;
    const ByteVector packet = FromHex(protected_hex);
    const auto plain =
        kind == "srtp" ? UnprotectRtp(session, packet) : UnprotectRtcp(session, packet);
    ASSERT_EQ(plain, FromHex(plain_hex)) << name << " packet " << count;
    ++count;
  }
  EXPECT_GT(count, 200u);
}

TEST(Session, UnprotectsACapturedCallWithAesGcm) {
  ExpectSessionUnprotects("firefox153-dtls12.txt");
}

TEST(Session, UnprotectsACapturedCallWithAesCm) {
  ExpectSessionUnprotects("chromium156-viewer_firefox153-sender_8pct-loss.txt");
}

// The yardstick itself. RFC 3711 appendix B.2.
TEST(ReferenceSrtp, MatchesRfc3711KeyStream) {
  const ByteVector stream = AesCounterStream(FromHex("2B7E151628AED2A6ABF7158809CF4F3C"),
                                             FromHex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), 1044512);
  const auto block = [&stream](size_t index) {
    return ByteVector(stream.begin() + static_cast<long>(index) * 16,
                      stream.begin() + static_cast<long>(index) * 16 + 16);
  };
  EXPECT_EQ(block(0), FromHex("E03EAD0935C95E80E166B16DD92B4EB4"));
  EXPECT_EQ(block(2), FromHex("41E95B3BB0A2E8DD477901E4FCA894C0"));
  EXPECT_EQ(block(65279), FromHex("EC8CDF7398607CB0F2D21675EA9EA1E4"));
  EXPECT_EQ(block(65281), FromHex("6A2CC3787889374FBEB4C81B17BA6C44"));
}

// RFC 3711 appendix B.3.
TEST(ReferenceSrtp, MatchesRfc3711KeyDerivation) {
  const ByteVector key = FromHex("e1f97a0d3e018be0d64fa32c06de4139");
  const ByteVector salt = FromHex("0ec675ad498afeebb6960b3aabe6");
  EXPECT_EQ(DeriveKey(key, salt, 0, 16), FromHex("c61e7a93744f39ee10734afe3ff7a087"));
  EXPECT_EQ(DeriveKey(key, salt, 1, 20), FromHex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
  EXPECT_EQ(DeriveKey(key, salt, 2, 14), FromHex("30cbbc08863d8c85d49db34a9ae1"));
}

// RFC 7714 sections 16.1.1 and 17.1.
TEST(ReferenceSrtp, MatchesRfc7714) {
  const SessionKeys keys = {
      FromHex("000102030405060708090a0b0c0d0e0f"), FromHex("517569642070726f2071756f"), {}};
  EXPECT_EQ(
      ProtectRtp(Profile::kAeadAes128Gcm, keys,
                 FromHex("8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e6973206469766973"
                         "6120696e207061727465732074726573"),
                 0),
      FromHex("8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f4"
              "7a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"));
  EXPECT_EQ(
      ProtectRtcp(Profile::kAeadAes128Gcm, keys,
                  FromHex("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61dead"
                          "beefdeadbeefdeadbeefdeadbeefdeadbeef"),
                  1492),
      FromHex("81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6f"
              "da4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"));
}

}  // namespace
}  // namespace ocellus::srtp
