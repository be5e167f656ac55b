// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/srtp_preference.h"

#include <algorithm>
#include <array>
#include <optional>

#include "firmware/base/byte_writer.h"
#include "firmware/base/log.h"
#include "firmware/rtc/srtp/session.h"

namespace ocellus::linux_platform {
namespace {

constexpr int kRounds = 5;
constexpr int kPacketsPerRound = 50;
// Bytes of a packet before encryption: what a video packet has, mostly.
constexpr size_t kPacketSize = 1150;

srtp::MasterKey RandomKey(Random& random) {
  srtp::MasterKey key;
  random.Fill(key.key);
  random.Fill(key.salt);
  return key;
}

// The best time of some rounds, so that an interruption does not count; nullopt when this libsrtp2
// does not have the profile.
std::optional<Duration> Measure(srtp::Profile profile, const hal::Clock& clock, Random& random) {
  Result<srtp::Session> session =
      srtp::Session::Create(profile, RandomKey(random), RandomKey(random));
  if (!session.ok()) return std::nullopt;
  std::array<uint8_t, kPacketSize + srtp::kMaxRtpOverhead> packet{};
  Duration best = Duration::max();
  uint16_t sequence_number = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Time start = clock.Now();
    for (int i = 0; i < kPacketsPerRound; ++i) {
      ByteWriter header(packet);
      header.WriteU8(0x80);  // RFC 3550 section 5.1: version 2.
      header.WriteU8(96);
      header.WriteU16(sequence_number++);
      header.WriteU32(0);
      header.WriteU32(1);
      if (!session->ProtectRtp(packet, kPacketSize)) return std::nullopt;
    }
    best = std::min(best, clock.Now() - start);
  }
  return best;
}

}  // namespace

std::vector<srtp::Profile> MeasureSrtpProfiles(const hal::Clock& clock, Random& random) {
  constexpr auto kGcm = srtp::Profile::kAeadAes128Gcm;
  constexpr auto kCm = srtp::Profile::kAes128CmHmacSha1_80;
  const std::optional<Duration> gcm = Measure(kGcm, clock, random);
  const std::optional<Duration> cm = Measure(kCm, clock, random);
  if (!gcm) return {kCm};
  if (!cm) return {kGcm};
  LOG_DEBUG("SRTP per packet: %s %.2f us, %s %.2f us", srtp::ToString(kGcm),
            static_cast<double>(gcm->count()) / kPacketsPerRound, srtp::ToString(kCm),
            static_cast<double>(cm->count()) / kPacketsPerRound);
  if (*gcm <= *cm) return {kGcm, kCm};
  return {kCm, kGcm};
}

}  // namespace ocellus::linux_platform
