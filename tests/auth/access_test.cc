// SPDX-License-Identifier: Apache-2.0
#include "firmware/auth/access.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"

namespace ocellus::auth {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const IpAddress kHome = *IpAddress::Parse("192.168.1.9");
const IpAddress kAway = *IpAddress::Parse("203.0.113.7");
constexpr Time kStart{std::chrono::hours(1)};

Access MakeAccess(Viewing viewing = Viewing::kWithToken) {
  return Access({"admin-token", "operator-token", "viewer-token"}, viewing);
}

// Another one each time.
StatusCode TryWrong(Access& access, Time now, const IpAddress& from) {
  static int guesses = 0;
  return access.Check(now, from, "guess " + std::to_string(++guesses)).status().code();
}

TEST(Access, KnowsTheRoleOfEachToken) {
  Access access = MakeAccess();
  EXPECT_EQ(access.Check(kStart, kAway, "admin-token").value(), Role::kAdmin);
  EXPECT_EQ(access.Check(kStart, kAway, "operator-token").value(), Role::kOperator);
  EXPECT_EQ(access.Check(kStart, kAway, "viewer-token").value(), Role::kViewer);
}

TEST(Access, TakesNoOther) {
  Access access = MakeAccess();
  for (const char* token : {"", "admin", "admin-tokenn", "ADMIN-TOKEN"}) {
    Access fresh = MakeAccess();
    EXPECT_EQ(fresh.Check(kStart, kAway, token).status().code(), StatusCode::kPermissionDenied);
  }
}

TEST(Access, HasNoTokenThatNobodySet) {
  Access access({"admin-token", {}, {}}, Viewing::kWithToken);
  EXPECT_FALSE(access.Check(kStart, kAway, "").ok());
}

// Checklist 54.
TEST(Access, NeedsATokenUnlessViewingIsOpen) {
  Access access = MakeAccess();
  EXPECT_EQ(access.Check(kStart, kHome, std::nullopt).status().code(),
            StatusCode::kPermissionDenied);
}

TEST(Access, IsOpenInTheLocalNetworkOnly) {
  Access access = MakeAccess(Viewing::kOpenInLocalNetwork);
  for (const char* ip :
       {"192.168.1.9", "10.1.2.3", "127.0.0.1", "169.254.7.7", "fd00::1", "fe80::1"}) {
    EXPECT_EQ(access.Check(kStart, *IpAddress::Parse(ip), std::nullopt).value(), Role::kViewer);
  }
  for (const char* ip : {"203.0.113.7", "2001:db8::1", "8.8.8.8"}) {
    EXPECT_FALSE(access.Check(kStart, *IpAddress::Parse(ip), std::nullopt).ok()) << ip;
  }
}

TEST(Access, TakesAWrongTokenForWrongWhereViewingIsOpen) {
  Access access = MakeAccess(Viewing::kOpenInLocalNetwork);
  EXPECT_EQ(TryWrong(access, kStart, kHome), StatusCode::kPermissionDenied);
}

TEST(Access, SlowsDownWrongTokens) {
  Access access = MakeAccess();
  Time now = kStart;
  for (unsigned i = 0; i < kFreeAttempts; ++i) {
    EXPECT_EQ(TryWrong(access, now, kAway), StatusCode::kPermissionDenied);
  }
  // Each wait is twice the one before, and the right token is refused as well meanwhile.
  for (const seconds wait : {seconds(1), seconds(2), seconds(4)}) {
    EXPECT_EQ(access.retry_after(now, kAway), wait);
    EXPECT_EQ(access.Check(now, kAway, "admin-token").status().code(),
              StatusCode::kResourceExhausted);
    now += wait;
    EXPECT_EQ(TryWrong(access, now, kAway), StatusCode::kPermissionDenied);
  }
  now += seconds(8);
  EXPECT_TRUE(access.Check(now, kAway, "admin-token").ok());
}

TEST(Access, TheSameWrongTokenAgainIsNoFurtherGuess) {
  Access access = MakeAccess();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(access.Check(kStart, kAway, "typo").status().code(), StatusCode::kPermissionDenied);
  }
  EXPECT_TRUE(access.Check(kStart, kAway, "admin-token").ok());
}

TEST(Access, GuessesAreFewEvenInADay) {
  Access access = MakeAccess();
  unsigned guesses = 0;
  for (Time now = kStart; now < kStart + std::chrono::hours(24); now += seconds(1)) {
    if (TryWrong(access, now, kAway) == StatusCode::kPermissionDenied) ++guesses;
  }
  EXPECT_LE(guesses, 24 * 60 + 20u);
}

TEST(Access, SlowsNobodyElseDown) {
  Access access = MakeAccess();
  for (int i = 0; i < 20; ++i) (void)TryWrong(access, kStart, kAway);
  EXPECT_TRUE(access.Check(kStart, kHome, "admin-token").ok());
}

TEST(Access, CountsAnIpv6HouseholdAsOne) {
  Access access = MakeAccess();
  for (int i = 0; i < 20; ++i) {
    (void)TryWrong(access, kStart, *IpAddress::Parse(Format("2001:db8:1:2::%x", i + 1)));
  }
  EXPECT_GT(access.retry_after(kStart, *IpAddress::Parse("2001:db8:1:2::ffff")), Duration::zero());
  EXPECT_EQ(access.retry_after(kStart, *IpAddress::Parse("2001:db8:1:3::1")), Duration::zero());
}

TEST(Access, ForgetsInTime) {
  Access access = MakeAccess();
  for (int i = 0; i < 7; ++i) (void)TryWrong(access, kStart + seconds(60 * i), kAway);
  const Time later = kStart + minutes(20);
  EXPECT_EQ(TryWrong(access, later, kAway), StatusCode::kPermissionDenied);
  EXPECT_EQ(access.retry_after(later, kAway), Duration::zero());
}

TEST(Access, RemembersABoundedNumberOfAddresses) {
  Access access = MakeAccess();
  for (unsigned i = 0; i < kMaxAttemptAddresses + 1; ++i) {
    const IpAddress from = *IpAddress::Parse(Format("203.%u.%u.1", i / 250, i % 250));
    for (int n = 0; n < 8; ++n) (void)TryWrong(access, kStart + seconds(i), from);
  }
  const Time now = kStart + seconds(kMaxAttemptAddresses);
  EXPECT_GT(access.retry_after(now, *IpAddress::Parse("203.1.6.1")), Duration::zero());
  // The first has made room, for its wait was over longest.
  EXPECT_EQ(access.retry_after(kStart, *IpAddress::Parse("203.0.0.1")), Duration::zero());
}

}  // namespace
}  // namespace ocellus::auth
