// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/problem.h"

#include <gmock/gmock.h>

namespace ocellus::signaling {
namespace {

// RFC 9457 section 3.
TEST(Problem, SaysWhatIsWrong) {
  const hal::HttpResponse response = Problem(400, "SDP line 3: \"x\" makes no sense");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.headers,
              ::testing::ElementsAre(hal::HttpHeader("Content-Type", "application/problem+json")));
  EXPECT_EQ(response.body,
            R"({"title":"Bad Request","status":400,"detail":"SDP line 3: \"x\" makes no sense"})");
}

}  // namespace
}  // namespace ocellus::signaling
