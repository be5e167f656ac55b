// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/srtp/profile_order.h"

#include <algorithm>
#include <array>
#include <optional>

#include "firmware/base/byte_writer.h"
#include "firmware/base/limits.h"
#include "firmware/rtc/srtp/session.h"

namespace ocellus::srtp {
namespace {

// The shortest of some rounds counts: whatever else the machine does only makes them longer. The
// first one also warms up caches and lazy tables.
constexpr int kRounds = 8;
constexpr uint16_t kPacketsPerRound = 50;

MasterKey MakeKey(Random& random) {
  MasterKey key;
  random.Fill(key.key);
  random.Fill(key.salt);
  return key;
}

void ProtectRound(Session& session, uint16_t first_sequence_number) {
  std::array<uint8_t, kMaxDatagramSize> buffer{};
  for (uint16_t i = 0; i < kPacketsPerRound; ++i) {
    ByteWriter header(buffer);
    header.WriteU16(0x8060);  // Version 2, payload type 96.
    header.WriteU16(static_cast<uint16_t>(first_sequence_number + i));
    header.WriteZeros(8);
    const auto size = session.ProtectRtp(buffer, buffer.size() - kMaxRtpOverhead);
    CHECK(size.has_value(), "packet %d of the measurement", first_sequence_number + i);
  }
}

std::optional<ProfileCost> Measure(Profile profile, Random& random,
                                   const std::function<Time()>& now) {
  Result<Session> session = Session::Create(profile, MakeKey(random), MakeKey(random));
  if (!session.ok()) return std::nullopt;
  Duration shortest = Duration::max();
  for (int round = 0; round < kRounds; ++round) {
    const Time begin = now();
    ProtectRound(*session, static_cast<uint16_t>(round * kPacketsPerRound));
    shortest = std::min(shortest, now() - begin);
  }
  return ProfileCost{profile, shortest * 1000 / kPacketsPerRound};
}

}  // namespace

std::vector<ProfileCost> MeasureProfiles(Random& random, const std::function<Time()>& now) {
  std::vector<ProfileCost> costs;
  for (const Profile profile : {Profile::kAeadAes128Gcm, Profile::kAes128CmHmacSha1_80}) {
    const std::optional<ProfileCost> cost = Measure(profile, random, now);
    if (cost) costs.push_back(*cost);
  }
  std::stable_sort(costs.begin(), costs.end(), [](const ProfileCost& a, const ProfileCost& b) {
    return a.per_thousand_packets < b.per_thousand_packets;
  });
  return costs;
}

}  // namespace ocellus::srtp
