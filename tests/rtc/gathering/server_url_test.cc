// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/server_url.h"

#include <gtest/gtest.h>

namespace ocellus::gathering {
namespace {

ServerUrl Parsed(const char* text) {
  const Result<ServerUrl> url = ServerUrl::Parse(text);
  EXPECT_TRUE(url.ok()) << text << ": " << url.status().ToString();
  return url.ok() ? *url : ServerUrl();
}

ServerUrl Make(ServerKind kind, ServerTransport transport, const char* host, uint16_t port) {
  return {kind, transport, host, port};
}

// RFC 7064 section 3.2 and RFC 7065 section 3.2: the default ports.
TEST(ServerUrl, HasTheDefaultPortsOfTheRfcs) {
  using K = ServerKind;
  using T = ServerTransport;
  EXPECT_EQ(Parsed("stun:example.org"), Make(K::kStun, T::kUdp, "example.org", 3478));
  EXPECT_EQ(Parsed("turn:example.org"), Make(K::kTurn, T::kUdp, "example.org", 3478));
  EXPECT_EQ(Parsed("turn:example.org?transport=tcp"), Make(K::kTurn, T::kTcp, "example.org", 3478));
  EXPECT_EQ(Parsed("turns:example.org"), Make(K::kTurn, T::kTls, "example.org", 5349));
  EXPECT_EQ(Parsed("turns:example.org:443?transport=tcp"),
            Make(K::kTurn, T::kTls, "example.org", 443));
}

// RFC 7065 appendix A lists these forms.
TEST(ServerUrl, ReadsWhatItWrites) {
  for (const char* text :
       {"stun:example.org", "stun:example.org:8000", "stun:192.0.2.1", "stun:[2001:db8::1]:19302",
        "turn:example.org", "turn:example.org:8000", "turn:example.org?transport=tcp",
        "turn:[2001:db8::1]:8000?transport=tcp", "turns:example.org", "turns:example.org:443",
        "turns:[2001:db8::1]"}) {
    EXPECT_EQ(Parsed(text).Write(), text);
    EXPECT_EQ(Parsed(Parsed(text).Write().c_str()), Parsed(text));
  }
}

TEST(ServerUrl, TakesAnySpellingOfTheSame) {
  EXPECT_EQ(Parsed("TURN:Example.ORG:3478?transport=UDP"), Parsed("turn:example.org"));
  EXPECT_EQ(Parsed("turns:example.org:5349?transport=tcp"), Parsed("turns:example.org"));
}

TEST(ServerUrl, SaysWhatIsWrongWithOthers) {
  for (const char* text : {"",
                           "stun",
                           "stun:",
                           "http:example.org",
                           "example.org",
                           "turn://example.org",
                           "stun:example.org?transport=udp",
                           "turn:example.org?transport=sctp",
                           "turn:example.org?",
                           "turn:example.org:0",
                           "turn:example.org:65536",
                           "turn:example.org:",
                           "turn:example.org:80x",
                           "turn:user@example.org",
                           "turn:exa mple.org",
                           "turn:[2001:db8::1",
                           "turn:[192.0.2.1]",
                           "turn:[2001:db8::1]x",
                           "turn:[2001:db8::1]:",
                           "turn:192.0.2.300",
                           "turn:1.2.3",
                           "turn:2001:db8::1",
                           "turn:.example.org",
                           "turn:example.org/path"}) {
    const Result<ServerUrl> url = ServerUrl::Parse(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.status().code(), StatusCode::kMalformed) << text;
    EXPECT_NE(url.status().message().find(std::string("\"") + text + "\""), std::string::npos);
  }
  EXPECT_FALSE(ServerUrl::Parse("turn:" + std::string(254, 'a')).ok());
}

TEST(ServerUrl, SaysWhatIsNotSupported) {
  for (const char* text : {"stuns:example.org", "turns:example.org?transport=udp"}) {
    EXPECT_EQ(ServerUrl::Parse(text).status().code(), StatusCode::kUnsupported) << text;
  }
}

}  // namespace
}  // namespace ocellus::gathering
