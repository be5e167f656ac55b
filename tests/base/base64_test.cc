// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/base64.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

// RFC 4648 section 10.
TEST(Base64, MatchesTheVectorsOfTheRfc) {
  EXPECT_EQ(Base64Encode({}), "");
  EXPECT_EQ(Base64Encode(AsBytes("f")), "Zg==");
  EXPECT_EQ(Base64Encode(AsBytes("fo")), "Zm8=");
  EXPECT_EQ(Base64Encode(AsBytes("foo")), "Zm9v");
  EXPECT_EQ(Base64Encode(AsBytes("foob")), "Zm9vYg==");
  EXPECT_EQ(Base64Encode(AsBytes("fooba")), "Zm9vYmE=");
  EXPECT_EQ(Base64Encode(AsBytes("foobar")), "Zm9vYmFy");
}

TEST(Base64, UsesPlusAndSlash) {
  constexpr uint8_t kBytes[] = {0xFB, 0xEF, 0xFF};
  EXPECT_EQ(Base64Encode(kBytes), "++//");
}

}  // namespace
}  // namespace ocellus
