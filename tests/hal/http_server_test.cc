// SPDX-License-Identifier: Apache-2.0
#include "hal/http_server.h"

#include <gtest/gtest.h>

namespace ocellus::hal {
namespace {

TEST(HttpRequest, FindsAHeaderByItsLowerCaseName) {
  HttpRequest request;
  request.headers = {{"host", "camera"}, {"if-match", ""}};
  EXPECT_EQ(request.header("host"), "camera");
  EXPECT_EQ(request.header("if-match"), "");
  EXPECT_EQ(request.header("accept"), std::nullopt);
}

}  // namespace
}  // namespace ocellus::hal
