// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/state_cookie.h"

#include <gtest/gtest.h>

#include "tests/sim/seeded_random.h"

namespace ocellus::sctp {
namespace {

StateCookie ACookie() {
  StateCookie cookie;
  cookie.created_at = Time(std::chrono::hours(100'000));
  cookie.local_tag = VerificationTag(0x01020304);
  cookie.peer_tag = VerificationTag(0xfffefdfc);
  cookie.peer_initial_tsn = Tsn(0x80000001);
  cookie.peer_window = 0xffffffff;
  cookie.peer_outbound_streams = 65'535;
  cookie.peer_inbound_streams = 256;
  cookie.peer_extensions = {true, false, true, false};
  cookie.local_tie_tag = VerificationTag(5);
  cookie.peer_tie_tag = VerificationTag(6);
  return cookie;
}

TEST(StateCookie, ComesBackAsItWas) {
  sim::SeededRandom random(1);
  const CookieJar jar(random);
  const CookieJar::Cookie sealed = jar.Seal(ACookie());
  const Result<StateCookie> opened = jar.Open(sealed);
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(*opened == ACookie());
}

// RFC 9260 section 5.1.5.
TEST(StateCookie, RefusesEveryChange) {
  sim::SeededRandom random(1);
  const CookieJar jar(random);
  CookieJar::Cookie sealed = jar.Seal(ACookie());
  for (uint8_t& byte : sealed) {
    for (int bit = 0; bit < 8; ++bit) {
      byte = static_cast<uint8_t>(byte ^ (1 << bit));
      EXPECT_EQ(jar.Open(sealed).status().code(), StatusCode::kMalformed);
      byte = static_cast<uint8_t>(byte ^ (1 << bit));
    }
  }
  EXPECT_FALSE(jar.Open(Bytes(sealed).first(sealed.size() - 1)).ok());
  EXPECT_FALSE(jar.Open({}).ok());
}

TEST(StateCookie, IsOfItsOwnAssociationOnly) {
  sim::SeededRandom random(1);
  const CookieJar jar(random);
  const CookieJar another(random);
  EXPECT_FALSE(another.Open(jar.Seal(ACookie())).ok());
}

}  // namespace
}  // namespace ocellus::sctp
