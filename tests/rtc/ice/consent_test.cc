// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/consent.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/sim/seeded_random.h"

namespace ocellus::ice {
namespace {

constexpr Time kStart{std::chrono::hours(1)};

// Checklist 7. RFC 7675 section 5.1: "between 0.8 and 1.2 times the basic period", and a new
// transaction identifier for each.
TEST(Consent, AsksEvery4To6SecondsWithNewIds) {
  sim::SeededRandom random(3);
  Consent consent(kStart, random);
  std::set<stun::TransactionId> ids;
  Duration shortest = std::chrono::hours(1);
  Duration longest{};
  Time now = kStart;
  for (int i = 0; i < 2000; ++i) {
    const Duration interval = consent.next_check() - now;
    shortest = std::min(shortest, interval);
    longest = std::max(longest, interval);
    now = consent.next_check();
    EXPECT_TRUE(ids.insert(consent.Ask(now, random)).second);
  }
  EXPECT_GE(shortest, std::chrono::seconds(4));
  EXPECT_LT(shortest, std::chrono::milliseconds(4100));
  EXPECT_LE(longest, std::chrono::seconds(6));
  EXPECT_GT(longest, std::chrono::milliseconds(5900));
}

TEST(Consent, LastsThirtySecondsFromTheLastAnswer) {
  sim::SeededRandom random(3);
  Consent consent(kStart, random);
  EXPECT_EQ(consent.expires(), kStart + std::chrono::seconds(30));
  const Time asked = consent.next_check();
  const stun::TransactionId id = consent.Ask(asked, random);
  EXPECT_EQ(consent.expires(), kStart + std::chrono::seconds(30)) << "asking is no answer";
  const Time answered = asked + std::chrono::milliseconds(80);
  EXPECT_TRUE(consent.Asked(id));
  EXPECT_EQ(consent.HandleResponse(answered, id), std::chrono::milliseconds(80));
  EXPECT_EQ(consent.expires(), answered + std::chrono::seconds(30));
}

TEST(Consent, IsRenewedByOtherChecks) {
  sim::SeededRandom random(3);
  Consent consent(kStart, random);
  consent.Renew(kStart + std::chrono::seconds(20));
  EXPECT_EQ(consent.expires(), kStart + std::chrono::seconds(50));
}

// Checklist 4.
TEST(Consent, IgnoresAnswersToWhatItDidNotAskAndRepeatedOnes) {
  sim::SeededRandom random(3);
  Consent consent(kStart, random);
  EXPECT_FALSE(consent.Asked({}));
  EXPECT_FALSE(consent.HandleResponse(kStart, {}));
  const stun::TransactionId id = consent.Ask(kStart, random);
  EXPECT_TRUE(consent.HandleResponse(kStart, id));
  EXPECT_FALSE(consent.Asked(id));
  EXPECT_FALSE(consent.HandleResponse(kStart + std::chrono::seconds(9), id));
  EXPECT_EQ(consent.expires(), kStart + std::chrono::seconds(30));
}

TEST(Consent, TakesAnAnswerThatIsOlderThanTheNextQuestion) {
  sim::SeededRandom random(3);
  Consent consent(kStart, random);
  const stun::TransactionId first = consent.Ask(kStart, random);
  for (int i = 0; i < 5; ++i) consent.Ask(kStart + std::chrono::seconds(5 * i), random);
  EXPECT_TRUE(consent.HandleResponse(kStart + std::chrono::seconds(28), first));
}

}  // namespace
}  // namespace ocellus::ice
