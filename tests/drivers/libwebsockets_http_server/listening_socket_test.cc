// SPDX-License-Identifier: Apache-2.0
#include "drivers/libwebsockets_http_server/listening_socket.h"

#include <gmock/gmock.h>

namespace ocellus::drivers {
namespace {

using ::testing::HasSubstr;

TEST(ListeningSocket, FindsAFreePort) {
  const Result<ListeningSocket> any = Listen(std::nullopt, 0);
  ASSERT_TRUE(any.ok()) << any.status().ToString();
  EXPECT_NE(any->port, 0);
  EXPECT_EQ(Accept(any->fd.get()).status().code(), StatusCode::kUnavailable);
}

TEST(ListeningSocket, NamesTheAddressThatIsTaken) {
  const auto loopback = IpAddress::Parse("127.0.0.1");
  const Result<ListeningSocket> first = Listen(loopback, 0);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  const Result<ListeningSocket> second = Listen(loopback, first->port);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(second.status().message(), HasSubstr("127.0.0.1:" + std::to_string(first->port)));
}

TEST(ListeningSocket, NamesTheAddressThatIsNotOurs) {
  const Result<ListeningSocket> foreign = Listen(IpAddress::Parse("192.0.2.1"), 8080);
  ASSERT_FALSE(foreign.ok());
  EXPECT_EQ(foreign.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(foreign.status().message(), HasSubstr("192.0.2.1:8080"));
}

}  // namespace
}  // namespace ocellus::drivers
