// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/credentials.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/rtc/ice/forged_check.h"
#include "tests/rtc/stun/vectors.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::ice {
namespace {

TEST(Credentials, AreValidAndNeverTheSame) {
  sim::SeededRandom random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Credentials credentials = GenerateCredentials(random);
    EXPECT_TRUE(IsValid(credentials));
    EXPECT_EQ(credentials.ufrag.size() * 6, 48u);
    EXPECT_GE(credentials.pwd.size() * 6, 128u);
    EXPECT_TRUE(seen.insert(credentials.ufrag).second);
    EXPECT_TRUE(seen.insert(credentials.pwd).second);
  }
}

// RFC 8839 section 5.4.
TEST(Credentials, HaveBoundsAndAnAlphabet) {
  const std::string pwd(22, 'p');
  EXPECT_TRUE(IsValid({"abcd", pwd}));
  EXPECT_TRUE(IsValid({"+/+/", std::string(22, '/')}));
  EXPECT_TRUE(IsValid({std::string(256, 'u'), std::string(256, 'p')}));
  EXPECT_FALSE(IsValid({"abc", pwd}));
  EXPECT_FALSE(IsValid({"abcd", std::string(21, 'p')}));
  EXPECT_FALSE(IsValid({std::string(257, 'u'), pwd}));
  EXPECT_FALSE(IsValid({"abcd", std::string(257, 'p')}));
  EXPECT_FALSE(IsValid({"ab:d", pwd}));
  EXPECT_FALSE(IsValid({"ab d", pwd}));
}

TEST(RecipientUfrag, IsTheFirstHalf) {
  EXPECT_EQ(RecipientUfrag(std::string_view("ours:theirs")), "ours");
  EXPECT_EQ(RecipientUfrag(std::string_view(":")), "");
  EXPECT_EQ(RecipientUfrag(std::string_view("nothing")), std::nullopt);
}

TEST(RecipientUfrag, FindsTheSessionOfADatagram) {
  for (const stun::Vector& vector : stun::ReadVectors()) {
    const auto ufrag = RecipientUfrag(Bytes(vector.bytes));
    const size_t colon = vector.username.find(':');
    EXPECT_EQ(ufrag.has_value(), colon != std::string::npos) << vector.name;
    EXPECT_EQ(ufrag.value_or(""), vector.username.substr(0, ufrag ? colon : 0)) << vector.name;
  }
  EXPECT_EQ(RecipientUfrag(Bytes()), std::nullopt);
  ForgedCheck check;
  check.has_username = false;
  EXPECT_EQ(RecipientUfrag(Bytes(check.Write())), std::nullopt);
}

}  // namespace
}  // namespace ocellus::ice
