// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/srtp_preference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/linux/clock.h"
#include "platform/linux/random.h"

namespace ocellus::linux_platform {
namespace {

TEST(SrtpPreference, OffersBothProfiles) {
  LinuxRandom random;
  EXPECT_THAT(MeasureSrtpProfiles(LinuxClock(), random),
              ::testing::UnorderedElementsAre(srtp::Profile::kAeadAes128Gcm,
                                              srtp::Profile::kAes128CmHmacSha1_80));
}

// A clock by which the first or the second profile that is measured takes longer.
class ScriptedClock final : public hal::Clock {
 public:
  ScriptedClock(Duration first, Duration second) : first_(first), second_(second) {}
  // Read at the start and the end of each of five rounds.
  Time Now() const override {
    ++reads_;
    if (reads_ % 2 == 0) now_ += reads_ <= 10 ? first_ : second_;
    return now_;
  }
  WallClock Wall() const override { return {}; }

 private:
  const Duration first_;
  const Duration second_;
  mutable int reads_ = 0;
  mutable Time now_;
};

TEST(SrtpPreference, PutsTheQuickerOneFirst) {
  using std::chrono::microseconds;
  LinuxRandom random;
  EXPECT_EQ(MeasureSrtpProfiles(ScriptedClock(microseconds(1), microseconds(2)), random).front(),
            srtp::Profile::kAeadAes128Gcm);
  EXPECT_EQ(MeasureSrtpProfiles(ScriptedClock(microseconds(2), microseconds(1)), random).front(),
            srtp::Profile::kAes128CmHmacSha1_80);
}

}  // namespace
}  // namespace ocellus::linux_platform
