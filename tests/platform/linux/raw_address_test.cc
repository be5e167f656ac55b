// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/raw_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace ocellus::linux_platform {
namespace {

TEST(RawAddress, ComesBackTheSame) {
  for (const char* text : {"192.0.2.1:8555", "0.0.0.0:0", "[2001:db8::1]:65535", "[::]:1"}) {
    const SocketAddress address = *SocketAddress::Parse(text);
    sockaddr_in6 raw;
    ToRaw(address, raw);
    EXPECT_EQ(FromRaw(raw), address) << text;
  }
}

TEST(RawAddress, IsWhatTheKernelExpects) {
  sockaddr_in6 raw;
  EXPECT_EQ(ToRaw(*SocketAddress::Parse("192.0.2.1:258"), raw), sizeof(sockaddr_in));
  sockaddr_in v4;
  std::memcpy(&v4, &raw, sizeof(v4));
  EXPECT_EQ(v4.sin_family, AF_INET);
  EXPECT_EQ(v4.sin_port, htons(258));
  EXPECT_EQ(v4.sin_addr.s_addr, inet_addr("192.0.2.1"));

  EXPECT_EQ(ToRaw(*SocketAddress::Parse("[::1]:258"), raw), sizeof(sockaddr_in6));
  EXPECT_EQ(raw.sin6_family, AF_INET6);
  EXPECT_EQ(raw.sin6_port, htons(258));
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&raw.sin6_addr));
  EXPECT_EQ(raw.sin6_scope_id, 0u);
}

}  // namespace
}  // namespace ocellus::linux_platform
