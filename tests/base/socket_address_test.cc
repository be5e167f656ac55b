// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/socket_address.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace ocellus {
namespace {

std::string Canonical(const char* text) {
  const auto address = IpAddress::Parse(text);
  return address ? address->ToString() : "refused";
}

TEST(IpAddress, PrintsIpv4) {
  for (const char* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255"}) {
    EXPECT_EQ(Canonical(text), text);
  }
}

TEST(IpAddress, RefusesWhatIsNoIpv4Address) {
  for (const char* text :
       {"", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.x", "1.2.3.", ".1.2.3",
        "1..2.3", " 1.2.3.4", "1.2.3.4 ", "+1.2.3.4", "0x1.2.3.4", "1.2.3.0000"}) {
    EXPECT_EQ(Canonical(text), "refused") << text;
  }
}

// RFC 5952 section 4, line by line.
TEST(IpAddress, PrintsIpv6InTheRecommendedForm) {
  EXPECT_EQ(Canonical("2001:0db8::0001"), "2001:db8::1");                // 4.1
  EXPECT_EQ(Canonical("2001:db8:0:0:0:0:2:1"), "2001:db8::2:1");         // 4.2.1
  EXPECT_EQ(Canonical("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");  // 4.2.2
  EXPECT_EQ(Canonical("2001:db8::1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");   // 4.2.2
  EXPECT_EQ(Canonical("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");           // 4.2.3, the longest
  EXPECT_EQ(Canonical("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");     // 4.2.3, the first
  EXPECT_EQ(Canonical("2001:DB8::ABCD"), "2001:db8::abcd");              // 4.3
  EXPECT_EQ(Canonical("::"), "::");
  EXPECT_EQ(Canonical("::1"), "::1");
  EXPECT_EQ(Canonical("1::"), "1::");
  EXPECT_EQ(Canonical("0:0:0:0:0:0:0:0"), "::");
  EXPECT_EQ(Canonical("1:0:0:0:0:0:0:0"), "1::");
  EXPECT_EQ(Canonical("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
  EXPECT_EQ(Canonical("fe80::1:2:3:4"), "fe80::1:2:3:4");
}

TEST(IpAddress, TakesADottedQuadAtTheEndOfIpv6) {
  EXPECT_EQ(Canonical("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  EXPECT_EQ(Canonical("1:2:3:4:5:6:1.2.3.4"), "1:2:3:4:5:6:102:304");
}

TEST(IpAddress, TakesMappedIpv6AsTheIpv4ThatItMeans) {
  EXPECT_EQ(Canonical("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(Canonical("::ffff:c000:201"), "192.0.2.1");
  EXPECT_TRUE(IpAddress::Parse("::ffff:1.2.3.4")->is_v4());
  EXPECT_TRUE(*IpAddress::Parse("::ffff:1.2.3.4") == *IpAddress::Parse("1.2.3.4"));
}

TEST(IpAddress, RefusesWhatIsNoIpv6Address) {
  for (const char* text :
       {":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:", ":1",
        "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "fe80::1%eth0", "[::1]", "::1.2.3",
        "1.2.3.4::", "::1.2.3.4:1", "1:2:3:4:5:6:7:1.2.3.4", " ::1"}) {
    EXPECT_EQ(Canonical(text), "refused") << text;
  }
}

TEST(IpAddress, KnowsItsScope) {
  const auto is = [](const char* text, bool (IpAddress::*property)() const) {
    return ((*IpAddress::Parse(text)).*property)();
  };
  EXPECT_TRUE(is("0.0.0.0", &IpAddress::is_unspecified));
  EXPECT_TRUE(is("::", &IpAddress::is_unspecified));
  EXPECT_FALSE(is("0.0.0.1", &IpAddress::is_unspecified));
  EXPECT_TRUE(is("127.1.2.3", &IpAddress::is_loopback));
  EXPECT_TRUE(is("::1", &IpAddress::is_loopback));
  EXPECT_FALSE(is("1::1", &IpAddress::is_loopback));
  EXPECT_FALSE(is("::", &IpAddress::is_loopback));
  for (const char* ip : {"10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.0.1", "fd00::1"}) {
    EXPECT_TRUE(is(ip, &IpAddress::is_private)) << ip;
  }
  for (const char* ip : {"11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "fe80::1"}) {
    EXPECT_FALSE(is(ip, &IpAddress::is_private)) << ip;
  }
  EXPECT_TRUE(is("169.254.1.1", &IpAddress::is_link_local));
  EXPECT_TRUE(is("fe80::1", &IpAddress::is_link_local));
  EXPECT_TRUE(is("febf::1", &IpAddress::is_link_local));
  EXPECT_FALSE(is("fec0::1", &IpAddress::is_link_local));
  EXPECT_TRUE(is("224.0.0.251", &IpAddress::is_multicast));
  EXPECT_TRUE(is("ff02::fb", &IpAddress::is_multicast));
  EXPECT_FALSE(is("240.0.0.1", &IpAddress::is_multicast));
}

TEST(IpAddress, GoesThroughBytes) {
  const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  EXPECT_EQ(IpAddress::FromBytes(v6)->ToString(), "2001:db8::1");
  EXPECT_TRUE(IpAddress::FromBytes(v6)->bytes() == Bytes(v6));
  EXPECT_EQ(IpAddress::FromBytes(Bytes(v6).first(4))->ToString(), "32.1.13.184");
  EXPECT_FALSE(IpAddress::FromBytes(Bytes(v6).first(5)));
  EXPECT_FALSE(IpAddress::FromBytes(Bytes()));
}

TEST(SocketAddress, ParsesWhatItPrints) {
  for (const char* text : {"192.0.2.1:8555", "[2001:db8::1]:8555", "[::]:0", "0.0.0.0:65535"}) {
    const auto address = SocketAddress::Parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(SocketAddress, RefusesWhatIsNotAddressAndPort) {
  for (const char* text : {"", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1",
                           "192.0.2.1: 80", "2001:db8::1:80", "[::1]", "[::1]80", "[::1:80",
                           "[192.0.2.1]:80", "host:80", ":80", "[]:80"}) {
    EXPECT_FALSE(SocketAddress::Parse(text)) << text;
  }
}

TEST(SocketAddress, ComparesAndHashesByAddressAndPort) {
  const auto address = [](const char* text) { return *SocketAddress::Parse(text); };
  EXPECT_TRUE(address("1.2.3.4:5") == address("[::ffff:1.2.3.4]:5"));
  EXPECT_TRUE(address("1.2.3.4:5") != address("1.2.3.4:6"));
  EXPECT_TRUE(address("0.0.0.0:5") != address("[::]:5"));
  const std::unordered_set<SocketAddress> set = {address("1.2.3.4:5"), address("1.2.3.4:6"),
                                                 address("1.2.3.4:5"), address("[::1]:5")};
  EXPECT_EQ(set.size(), 3u);
}

}  // namespace
}  // namespace ocellus
