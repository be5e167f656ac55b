// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/candidate.h"

#include <gtest/gtest.h>

namespace ocellus::ice {
namespace {

Candidate ParseOrDie(std::string_view text) {
  auto candidate = Candidate::Parse(text);
  EXPECT_TRUE(candidate.ok()) << text << ": " << candidate.status().ToString();
  return candidate.ok() ? *candidate : Candidate();
}

StatusCode ParseCode(std::string_view text) { return Candidate::Parse(text).status().code(); }

TEST(Candidate, ReadsChromiumsHost) {
  const Candidate candidate = ParseOrDie(
      "candidate:1090828289 1 udp 2122194687 192.0.2.2 47197 typ host generation 0 network-id 1");
  EXPECT_EQ(candidate.foundation.text(), "1090828289");
  EXPECT_EQ(candidate.component, 1);
  EXPECT_EQ(candidate.transport, TransportProtocol::kUdp);
  EXPECT_EQ(candidate.priority, 2122194687u);
  EXPECT_EQ(candidate.address, SocketAddress::Parse("192.0.2.2:47197"));
  EXPECT_EQ(candidate.type, CandidateType::kHost);
  EXPECT_FALSE(candidate.related);
}

TEST(Candidate, ReadsFirefoxsNameTcpAndSecondComponent) {
  const Candidate candidate = ParseOrDie(
      "candidate:2 2 TCP 2105458942 43253f72-4e6c-43d9-8e2b-f580bd9e26b6.local 9 typ host tcptype "
      "active");
  EXPECT_EQ(candidate.component, 2);
  EXPECT_EQ(candidate.transport, TransportProtocol::kTcp);
  EXPECT_EQ(candidate.tcp_type, TcpType::kActive);
  EXPECT_EQ(candidate.host_name, "43253f72-4e6c-43d9-8e2b-f580bd9e26b6.local");
  EXPECT_EQ(candidate.address.port, 9);
}

TEST(Candidate, ReadsReflexiveAndRelayed) {
  const Candidate reflexive = ParseOrDie(
      "a=candidate:842163049 1 udp 1677729535 203.0.113.7 61000 typ srflx raddr 10.0.0.2 rport "
      "50000 generation 0 ufrag EEtu network-cost 999");
  EXPECT_EQ(reflexive.type, CandidateType::kServerReflexive);
  EXPECT_EQ(reflexive.related, SocketAddress::Parse("10.0.0.2:50000"));
  EXPECT_EQ(ParseOrDie("1 1 udp 1 2001:db8::7 61000 typ relay").type, CandidateType::kRelayed);
  EXPECT_EQ(ParseOrDie("1 1 udp 1 2001:db8::7 61000 typ prflx").type,
            CandidateType::kPeerReflexive);
}

TEST(Candidate, ReadsWhatItWrites) {
  for (const char* text :
       {"candidate:1 1 udp 2122252543 192.0.2.2 46024 typ host",
        "candidate:a+/ 256 udp 1 2001:db8::1 1 typ prflx raddr 192.0.2.9 rport 9",
        "candidate:2 1 tcp 2105458943 x.local 9 typ host tcptype active",
        "candidate:2 1 tcp 2105458943 192.0.2.2 80 typ host tcptype passive",
        "candidate:2 1 tcp 2105458943 192.0.2.2 80 typ srflx raddr 10.0.0.1 rport 5 tcptype so",
        "candidate:12345678901234567890123456789012 1 udp 2147483647 192.0.2.2 65535 typ relay"}) {
    const Candidate candidate = ParseOrDie(text);
    EXPECT_EQ(candidate.Write(), text);
    EXPECT_EQ(ParseOrDie(candidate.Write()), candidate);
  }
}

TEST(Candidate, SkipsUnknownExtensions) {
  EXPECT_EQ(ParseOrDie("1 1 udp 5 192.0.2.2 46024 typ host foo bar baz").Write(),
            "candidate:1 1 udp 5 192.0.2.2 46024 typ host");
  EXPECT_FALSE(ParseOrDie("1 1 udp 5 192.0.2.2 46024 typ host raddr 0.0.0.0").related);
  EXPECT_FALSE(ParseOrDie("1 1 udp 5 192.0.2.2 46024 typ host raddr x.local rport 0").related);
}

// Checklist 9.
TEST(Candidate, RefusesLongFoundationsAndZones) {
  EXPECT_EQ(ParseCode(std::string(33, 'a') + " 1 udp 5 192.0.2.2 46024 typ host"),
            StatusCode::kMalformed);
  EXPECT_EQ(ParseCode(std::string(200, 'a') + " 1 udp 5 192.0.2.2 46024 typ host"),
            StatusCode::kMalformed);
  EXPECT_EQ(ParseCode("1 1 udp 5 fe80::1%eth0 46024 typ host"), StatusCode::kMalformed);
}

TEST(Candidate, RefusesBrokenGrammar) {
  for (const char* text :
       {"", "candidate:", "candidate:1 1 udp 5 192.0.2.2 46024",
        "1 0 udp 5 192.0.2.2 46024 typ host", "1 257 udp 5 192.0.2.2 46024 typ host",
        "1 1 udp 0 192.0.2.2 46024 typ host", "1 1 udp 2147483648 192.0.2.2 46024 typ host",
        "1 1 udp 4294967296 192.0.2.2 46024 typ host", "1 1 udp 5 192.0.2.2 65536 typ host",
        "1 1 udp 5 192.0.2.2 46024 typ", "1 1 udp 5 300.0.2.2 46024 typ host",
        "1 1 udp 5 192.0.2 46024 typ host", "~ 1 udp 5 192.0.2.2 46024 typ host",
        "1 1 udp 5 192.0.2.2 46024 kind host", "1 1 tcp 5 192.0.2.2 9 typ host tcptype sideways"}) {
    EXPECT_EQ(ParseCode(text), StatusCode::kMalformed) << text;
  }
}

// RFC 8839 section 5.1: unknown ones are to be ignored, not to fail the session.
TEST(Candidate, TellsUnknownKindsFromBrokenOnes) {
  EXPECT_EQ(ParseCode("1 1 sctp 5 192.0.2.2 46024 typ host"), StatusCode::kUnsupported);
  EXPECT_EQ(ParseCode("1 1 udp 5 192.0.2.2 46024 typ carrier-pigeon"), StatusCode::kUnsupported);
}

// RFC 8445 section 5.1.2.1; the first is that of every browser's best host candidate.
TEST(CandidatePriority, IsThatOfTheFormula) {
  EXPECT_EQ(CandidatePriority(CandidateType::kHost, 65535), 2130706431u);
  EXPECT_EQ(CandidatePriority(CandidateType::kPeerReflexive, 1), (110u << 24) + 256 + 255);
  EXPECT_EQ(CandidatePriority(CandidateType::kServerReflexive, 0), (100u << 24) + 255);
  EXPECT_EQ(CandidatePriority(CandidateType::kRelayed, 0), 255u);
}

}  // namespace
}  // namespace ocellus::ice
