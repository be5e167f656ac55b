// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/server_addresses.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"
#include "tests/rtc/gathering/scripted_stun_server.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::gathering {
namespace {

using std::chrono::seconds;
constexpr auto kV4 = IpAddress::Family::kV4;
constexpr auto kV6 = IpAddress::Family::kV6;

class ServerAddressesTest : public testing::Test {
 protected:
  void Resolve(std::initializer_list<const char*> texts) {
    ASSERT_TRUE(addresses_.wants_lookup());
    addresses_.HandleAsked();
    std::vector<IpAddress> found;
    for (const char* text : texts) found.push_back(*IpAddress::Parse(text));
    addresses_.HandleResolved(now_, found);
  }
  // Whether the name is to be asked again within `duration`.
  bool WantsLookupWithin(Duration duration) {
    if (addresses_.next_deadline() > now_ + duration) return false;
    now_ = addresses_.next_deadline();
    addresses_.HandleTimeout(now_);
    return addresses_.wants_lookup();
  }

  sim::SeededRandom random_{1};
  Time now_{std::chrono::hours(1)};
  ServerAddresses addresses_{"example.org", 3478, random_};
};

TEST_F(ServerAddressesTest, AnAddressNeedsNoResolver) {
  ServerAddresses literal("2001:db8::1", 3478, random_);
  EXPECT_FALSE(literal.wants_lookup());
  EXPECT_FALSE(literal.is_resolving());
  EXPECT_EQ(literal.Current(kV6), At("[2001:db8::1]:3478"));
  EXPECT_FALSE(literal.Current(kV4));
  literal.HandleUnreachable(now_, At("[2001:db8::1]:3478"));
  EXPECT_EQ(literal.next_deadline(), kNever);
  EXPECT_EQ(literal.Current(kV6), At("[2001:db8::1]:3478"));
}

TEST_F(ServerAddressesTest, UsesTheFirstAddressOfEachFamily) {
  EXPECT_TRUE(addresses_.is_resolving());
  Resolve({"2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2"});
  EXPECT_FALSE(addresses_.is_resolving());
  EXPECT_EQ(addresses_.Current(kV4), At("192.0.2.1:3478"));
  EXPECT_EQ(addresses_.Current(kV6), At("[2001:db8::1]:3478"));
  EXPECT_EQ(addresses_.next_deadline(), kNever);
}

TEST_F(ServerAddressesTest, GoesOnToTheNextAddressAndThenAsksAgain) {
  Resolve({"192.0.2.1", "192.0.2.2"});
  addresses_.HandleUnreachable(now_, At("192.0.2.1:3478"));
  EXPECT_EQ(addresses_.Current(kV4), At("192.0.2.2:3478"));
  EXPECT_EQ(addresses_.next_deadline(), kNever);
  // Old news.
  addresses_.HandleUnreachable(now_, At("192.0.2.1:3478"));
  EXPECT_EQ(addresses_.Current(kV4), At("192.0.2.2:3478"));

  addresses_.HandleUnreachable(now_, At("192.0.2.2:3478"));
  EXPECT_EQ(addresses_.Current(kV4), At("192.0.2.1:3478"));
  EXPECT_TRUE(WantsLookupWithin(seconds(1)));
  Resolve({"192.0.2.9"});
  EXPECT_EQ(addresses_.Current(kV4), At("192.0.2.9:3478"));
}

TEST_F(ServerAddressesTest, KeepsTheAddressInUseThatIsStillGood) {
  Resolve({"192.0.2.1", "192.0.2.2"});
  addresses_.HandleUnreachable(now_, At("192.0.2.1:3478"));
  addresses_.HandleUnreachable(now_, At("192.0.2.2:3478"));
  addresses_.HandleUnreachable(now_, At("192.0.2.1:3478"));
  ASSERT_TRUE(WantsLookupWithin(seconds(1)));
  Resolve({"192.0.2.3", "192.0.2.2"});
  EXPECT_EQ(addresses_.Current(kV4), At("192.0.2.2:3478"));
}

TEST_F(ServerAddressesTest, AsksAgainWithBackOffWhenANameIsNotFound) {
  Duration waited{};
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(addresses_.wants_lookup());
    addresses_.HandleAsked();
    EXPECT_FALSE(addresses_.wants_lookup());
    addresses_.HandleResolved(now_, Status(StatusCode::kNotFound, "no such host"));
    EXPECT_FALSE(addresses_.error().ok());
    const Time before = now_;
    ASSERT_TRUE(WantsLookupWithin(seconds(60)));
    EXPECT_GE(now_ - before, waited * 3 / 4);
    waited = now_ - before;
  }
  EXPECT_GE(waited, seconds(45));
  // The network is back.
  addresses_.HandleAsked();
  addresses_.HandleResolved(now_, Status(StatusCode::kNotFound, "no such host"));
  addresses_.Retry(now_);
  EXPECT_TRUE(WantsLookupWithin(Duration(0)));
  Resolve({"192.0.2.1"});
  EXPECT_TRUE(addresses_.error().ok());
}

TEST_F(ServerAddressesTest, ANameWithoutAddressesIsNotFound) {
  Resolve({});
  EXPECT_EQ(addresses_.error().code(), StatusCode::kNotFound);
}

TEST_F(ServerAddressesTest, DoesNotAskAgainForAServerThatAnswers) {
  Resolve({"192.0.2.1"});
  addresses_.HandleUnreachable(now_, At("192.0.2.1:3478"));
  EXPECT_NE(addresses_.next_deadline(), kNever);
  addresses_.HandleReachable();
  EXPECT_EQ(addresses_.next_deadline(), kNever);
}

TEST_F(ServerAddressesTest, TakesNoMoreAddressesThanTheLimitAndOnlyOfHosts) {
  addresses_.HandleAsked();
  std::vector<IpAddress> found = {IpAddress(), *IpAddress::Parse("224.0.0.1")};
  for (unsigned i = 1; i <= 2 * kMaxAddressesPerName; ++i) {
    found.push_back(*IpAddress::Parse("192.0.2." + std::to_string(i)));
  }
  addresses_.HandleResolved(now_, found);
  EXPECT_EQ(addresses_.Current(kV4), At("192.0.2.1:3478"));
  for (unsigned i = 1; i < kMaxAddressesPerName; ++i) {
    addresses_.HandleUnreachable(now_, *addresses_.Current(kV4));
    EXPECT_EQ(addresses_.next_deadline(), kNever);
  }
  addresses_.HandleUnreachable(now_, *addresses_.Current(kV4));
  EXPECT_NE(addresses_.next_deadline(), kNever);
}

TEST_F(ServerAddressesTest, IgnoresAnswersThatNobodyAskedFor) {
  addresses_.HandleResolved(now_, std::vector<IpAddress>{*IpAddress::Parse("192.0.2.66")});
  EXPECT_FALSE(addresses_.Current(kV4));
}

TEST(CanReach, NeedsOneFamilyAndAWayOut) {
  EXPECT_TRUE(CanReach(At("192.168.1.2:1"), At("192.0.2.1:2")));
  EXPECT_TRUE(CanReach(At("[2001:db8::2]:1"), At("[2001:db8::1]:2")));
  EXPECT_FALSE(CanReach(At("192.168.1.2:1"), At("[2001:db8::1]:2")));
  EXPECT_FALSE(CanReach(At("169.254.1.2:1"), At("192.0.2.1:2")));
  EXPECT_FALSE(CanReach(At("[fe80::1]:1"), At("[2001:db8::1]:2")));
  EXPECT_FALSE(CanReach(At("127.0.0.1:1"), At("192.0.2.1:2")));
  EXPECT_TRUE(CanReach(At("127.0.0.1:1"), At("127.0.0.1:2")));
  EXPECT_TRUE(CanReach(At("192.168.1.2:1"), At("127.0.0.1:2")));
}

}  // namespace
}  // namespace ocellus::gathering
