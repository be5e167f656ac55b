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

TEST(Base64, ReadsWhatItWrites) {
  std::vector<uint8_t> bytes;
  for (int size = 0; size < 300; ++size) {
    EXPECT_EQ(Base64Decode(Base64Encode(bytes)), bytes);
    bytes.push_back(static_cast<uint8_t>(size * 37));
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zh==", "Zm9=", "Zm 9",
                           "Zm9v\n", "Zm-v", "=Zm9"}) {
    EXPECT_FALSE(Base64Decode(text)) << text;
  }
}

}  // namespace
}  // namespace ocellus
