// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::turn {
namespace {

constexpr Time kStart{std::chrono::hours(1)};

Transaction Make(TransportProtocol protocol) {
  return Transaction(kStart, protocol, Request(), {}, AsBytes("bytes"), 0);
}

// The times of the transmissions, and of the end, in milliseconds.
std::vector<int64_t> TimesOf(Transaction& transaction) {
  std::vector<int64_t> times;
  Time now = kStart;
  while (!transaction.HasFailed(now)) {
    EXPECT_TRUE(transaction.IsDue(now));
    transaction.HandleSent(now);
    EXPECT_FALSE(transaction.IsDue(now));
    times.push_back(ToMilliseconds(now - kStart));
    now = transaction.next_deadline();
  }
  times.push_back(ToMilliseconds(now - kStart));
  return times;
}

// RFC 8489 section 6.2.1: "requests are sent at times 0 ms, 500 ms, 1500 ms, 3500 ms, 7500 ms,
// 15500 ms, and 31500 ms. If the client has not received a response after 39500 ms, the client will
// consider the transaction to have timed out."
TEST(Transaction, RepeatsItselfOverUdpAsTheRfcSays) {
  Transaction transaction = Make(TransportProtocol::kUdp);
  EXPECT_THAT(TimesOf(transaction),
              testing::ElementsAre(0, 500, 1500, 3500, 7500, 15500, 31500, 39500));
  EXPECT_EQ(transaction.transmissions(), 7u);
}

// RFC 8489 section 6.2.2.
TEST(Transaction, IsSentOnceOverAStream) {
  Transaction transaction = Make(TransportProtocol::kTcp);
  EXPECT_THAT(TimesOf(transaction), testing::ElementsAre(0, 39500));
}

TEST(Transaction, CountsFromItsFirstTransmission) {
  Transaction transaction = Make(TransportProtocol::kUdp);
  const Time sent = kStart + std::chrono::seconds(2);
  transaction.HandleSent(sent);
  EXPECT_EQ(transaction.first_sent(), sent);
  EXPECT_EQ(transaction.RoundTrip(sent + std::chrono::milliseconds(80)),
            std::chrono::milliseconds(80));
  EXPECT_EQ(transaction.next_deadline(), sent + kInitialRto);
  transaction.HandleSent(sent + kInitialRto);
  EXPECT_EQ(transaction.first_sent(), sent);
}

// Karn's algorithm: RFC 8489 section 6.2.1.
TEST(Transaction, DoesNotKnowTheRoundTripOfWhatWasSentTwice) {
  Transaction transaction = Make(TransportProtocol::kUdp);
  EXPECT_EQ(transaction.RoundTrip(kStart), std::nullopt);
  transaction.HandleSent(kStart);
  transaction.HandleSent(kStart + kInitialRto);
  EXPECT_EQ(transaction.RoundTrip(kStart + kInitialRto), std::nullopt);
}

TEST(TransactionDeath, IsNotSentBeforeItIsDue) {
  Transaction transaction = Make(TransportProtocol::kUdp);
  transaction.HandleSent(kStart);
  EXPECT_DEATH(transaction.HandleSent(kStart), "transmission 2 is not due");
}

}  // namespace
}  // namespace ocellus::turn
