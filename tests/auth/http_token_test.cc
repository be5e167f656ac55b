// SPDX-License-Identifier: Apache-2.0
#include "firmware/auth/http_token.h"

#include <gtest/gtest.h>

namespace ocellus::auth {
namespace {

TEST(HttpToken, IsABearers) {
  EXPECT_EQ(ReadHttpToken("Bearer abc-123"), "abc-123");
  EXPECT_EQ(ReadHttpToken("bearer   abc "), "abc");
}

// RFC 7617 section 2: "Aladdin" and "open sesame".
TEST(HttpToken, IsThePasswordOfBasic) {
  EXPECT_EQ(ReadHttpToken("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "open sesame");
  EXPECT_EQ(ReadHttpToken("Basic OmE6Yg=="), "a:b");  // ":a:b"
}

TEST(HttpToken, IsNotInAnythingElse) {
  for (const char* header : {"", "Bearer", "Bearer ", "Basic", "Basic !!!!", "Basic YWJj",
                             "Digest username=x", "abc-123"}) {
    EXPECT_FALSE(ReadHttpToken(header)) << header;
  }
}

}  // namespace
}  // namespace ocellus::auth
