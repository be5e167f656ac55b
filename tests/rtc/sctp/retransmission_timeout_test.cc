// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/retransmission_timeout.h"

#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;

// RFC 9260 section 6.3.1 C1 and C2.
TEST(RetransmissionTimeout, BeginsWithASecondAndThenThreeRoundTrips) {
  RetransmissionTimeout timeout;
  EXPECT_EQ(timeout.timeout(), kInitialRto);
  EXPECT_FALSE(timeout.has_sample());
  timeout.HandleSample(milliseconds(300));
  EXPECT_EQ(timeout.timeout(), milliseconds(900));
}

// C3, C6 and C7.
TEST(RetransmissionTimeout, FollowsTheRoundTripWithinItsBounds) {
  RetransmissionTimeout timeout;
  for (int i = 0; i < 50; ++i) timeout.HandleSample(milliseconds(10));
  EXPECT_EQ(timeout.timeout(), kMinRto);
  for (int i = 0; i < 100; ++i) timeout.HandleSample(milliseconds(500));
  EXPECT_GE(timeout.smoothed(), milliseconds(495));
  EXPECT_LE(timeout.timeout(), milliseconds(550));
  for (int i = 0; i < 100; ++i) timeout.HandleSample(std::chrono::seconds(20));
  EXPECT_EQ(timeout.timeout(), kMaxRto);
}

// Section 6.3.3 E2.
TEST(RetransmissionTimeout, DoublesUntilSomethingIsAcknowledged) {
  RetransmissionTimeout timeout;
  timeout.HandleSample(milliseconds(100));
  EXPECT_EQ(timeout.timeout(), milliseconds(300));
  timeout.BackOff();
  EXPECT_EQ(timeout.timeout(), milliseconds(600));
  for (int i = 0; i < 100; ++i) timeout.BackOff();
  EXPECT_EQ(timeout.timeout(), kMaxRto);
  timeout.EndBackOff();
  EXPECT_EQ(timeout.timeout(), milliseconds(300));
}

TEST(RetransmissionTimeout, ProbesBeforeItTimesOut) {
  RetransmissionTimeout timeout;
  EXPECT_EQ(timeout.probe_timeout(), kInitialRto);
  for (int i = 0; i < 50; ++i) timeout.HandleSample(milliseconds(20));
  EXPECT_EQ(timeout.probe_timeout(), milliseconds(50));
  timeout.BackOff();
  EXPECT_EQ(timeout.probe_timeout(), timeout.timeout());
}

}  // namespace
}  // namespace ocellus::sctp
