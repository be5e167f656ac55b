// SPDX-License-Identifier: Apache-2.0
#include "hal/http_status.h"

#include <gtest/gtest.h>

namespace ocellus::hal {
namespace {

TEST(HttpReasonPhrase, NamesWhatWeUse) {
  EXPECT_STREQ(HttpReasonPhrase(201), "Created");
  EXPECT_STREQ(HttpReasonPhrase(428), "Precondition Required");
}

// RFC 9110 section 15: a client "MUST understand the class of any status code".
TEST(HttpReasonPhrase, NamesTheClassOfTheOthers) {
  EXPECT_STREQ(HttpReasonPhrase(226), "Success");
  EXPECT_STREQ(HttpReasonPhrase(307), "Redirection");
  EXPECT_STREQ(HttpReasonPhrase(418), "Client Error");
  EXPECT_STREQ(HttpReasonPhrase(599), "Server Error");
}

}  // namespace
}  // namespace ocellus::hal
