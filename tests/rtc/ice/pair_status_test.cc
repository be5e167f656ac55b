// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/pair_status.h"

#include <gtest/gtest.h>

namespace ocellus::ice {
namespace {

TEST(PairStatus, SaysHowThingsAre) {
  PairStatus pair;
  EXPECT_EQ(Describe(pair), "waits for its turn");
  pair.state = PairState::kInProgress;
  EXPECT_EQ(Describe(pair), "being checked");
  pair.works = true;
  EXPECT_EQ(Describe(pair), "works");
  pair.selected = true;
  EXPECT_EQ(Describe(pair), "selected");
}

TEST(PairStatus, SaysWhyItFailed) {
  PairStatus pair;
  pair.state = PairState::kFailed;
  const std::pair<PairFailure, const char*> kReasons[] = {
      {PairFailure::kNotTried, "not tried"},       {PairFailure::kOvertaken, "another was quicker"},
      {PairFailure::kNoAnswer, "no answer"},       {PairFailure::kRefused, "refused (403)"},
      {PairFailure::kConsentLost, "consent lost"}, {PairFailure::kAddressGone, "address gone"}};
  pair.error = 403;
  for (const auto& [failure, text] : kReasons) {
    pair.failure = failure;
    EXPECT_EQ(Describe(pair), text);
  }
}

}  // namespace
}  // namespace ocellus::ice
