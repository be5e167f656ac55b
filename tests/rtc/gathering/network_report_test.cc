// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/network_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/base/text.h"
#include "tests/rtc/gathering/scripted_stun_server.h"

namespace ocellus::gathering {
namespace {

using testing::HasSubstr;
using testing::Not;

ServerStatus Server(const char* url, ServerState state) {
  ServerStatus status;
  status.url = url;
  status.state = state;
  return status;
}

ServerStatus WorkingTurn() {
  ServerStatus status = Server("turn:turn.example.org", ServerState::kReady);
  status.address = At("192.0.2.1:3478");
  status.rtt = std::chrono::milliseconds(23);
  status.relayed = {At("192.0.2.1:50000")};
  return status;
}

BehaviorReport Seen(Behavior mapping, Behavior filtering) {
  return {At("192.168.1.20:40001"), At("203.0.113.5:50000"), mapping, filtering, false};
}

// Behind a home router, with a STUN server.
NetworkFindings AtHome(Behavior mapping, Behavior filtering) {
  NetworkFindings findings;
  findings.hosts = {At("192.168.1.20:8555")};
  ServerStatus stun = Server("stun:stun.example.org", ServerState::kReady);
  stun.mapped = {At("203.0.113.5:8555")};
  findings.servers = {stun};
  findings.behaviors = {Seen(mapping, filtering)};
  return findings;
}

constexpr auto kIndependent = Behavior::kEndpointIndependent;
constexpr auto kDependent = Behavior::kAddressAndPortDependent;

TEST(NetworkReport, AnOpenNetworkIsReachedDirectly) {
  EXPECT_EQ(Judge(AtHome(kIndependent, kIndependent)), Reach::kDirect);
  EXPECT_EQ(Judge(AtHome(Behavior::kNone, kIndependent)), Reach::kDirect);
}

TEST(NetworkReport, AConeNatIsReachedMostlyDirectly) {
  NetworkFindings findings = AtHome(kIndependent, kDependent);
  EXPECT_EQ(Judge(findings), Reach::kPunchedOnly);
  EXPECT_THAT(WriteNetworkReport(findings), HasSubstr("A TURN server would let in the viewers"));
  findings.servers.push_back(WorkingTurn());
  EXPECT_EQ(Judge(findings), Reach::kPunched);
}

TEST(NetworkReport, ASymmetricNatNeedsTurn) {
  for (const Behavior mapping :
       {kDependent, Behavior::kAddressDependent, Behavior::kEndpointDependent}) {
    NetworkFindings findings = AtHome(mapping, kDependent);
    EXPECT_EQ(Judge(findings), Reach::kHardly);
    EXPECT_THAT(WriteNetworkReport(findings), HasSubstr("symmetric"));
    findings.servers.push_back(WorkingTurn());
    EXPECT_EQ(Judge(findings), Reach::kRelayed);
    EXPECT_THAT(WriteNetworkReport(findings), HasSubstr("only through TURN"));
  }
}

TEST(NetworkReport, BlockedUdpLeavesTurnOverTcp) {
  NetworkFindings findings = AtHome(kIndependent, kIndependent);
  findings.servers = {Server("stun:stun.example.org", ServerState::kFailed)};
  findings.behaviors = {
      {At("192.168.1.20:40001"), {}, Behavior::kUnknown, Behavior::kUnknown, true}};
  EXPECT_EQ(Judge(findings), Reach::kNone);
  EXPECT_THAT(WriteNetworkReport(findings), HasSubstr("turns:HOST:443?transport=tcp"));
  findings.servers.push_back(WorkingTurn());
  EXPECT_EQ(Judge(findings), Reach::kRelayed);
  EXPECT_THAT(WriteNetworkReport(findings), Not(HasSubstr("turns:HOST:443")));
}

TEST(NetworkReport, OneGoodFamilyIsEnough) {
  NetworkFindings findings = AtHome(kDependent, kDependent);
  findings.hosts.push_back(At("[2001:db8::20]:8555"));
  findings.behaviors.push_back(
      {At("[2001:db8::20]:40001"), At("[2001:db8::20]:40001"), Behavior::kNone, kDependent, false});
  EXPECT_EQ(Judge(findings), Reach::kPunchedOnly);
}

TEST(NetworkReport, SaysThatNothingIsKnownWithoutServers) {
  NetworkFindings findings;
  findings.hosts = {At("192.168.1.20:8555")};
  EXPECT_EQ(Judge(findings), Reach::kUnknown);
  const std::string report = WriteNetworkReport(findings);
  EXPECT_THAT(report, HasSubstr("Servers: none configured"));
  EXPECT_THAT(report, HasSubstr("Configure a STUN server"));
}

TEST(NetworkReport, BelievesTheUserAboutAForwardedPort) {
  NetworkFindings findings = AtHome(kDependent, kDependent);
  findings.public_addresses = {*IpAddress::Parse("203.0.113.5")};
  EXPECT_EQ(Judge(findings), Reach::kDirect);
  EXPECT_THAT(WriteNetworkReport(findings), HasSubstr("as configured"));
}

// Checklist 64.
TEST(NetworkReport, RelayOnlyDependsOnTurn) {
  NetworkFindings findings = AtHome(kIndependent, kIndependent);
  findings.policy = Policy::kRelay;
  EXPECT_EQ(Judge(findings), Reach::kNone);
  EXPECT_THAT(WriteNetworkReport(findings), HasSubstr("cannot reach this camera at all"));
  findings.servers.push_back(WorkingTurn());
  EXPECT_EQ(Judge(findings), Reach::kRelayed);
}

TEST(NetworkReport, HintsAtWrongCredentialsAndCarrierNats) {
  NetworkFindings findings = AtHome(kIndependent, kDependent);
  findings.hosts = {At("100.64.3.4:8555")};
  ServerStatus turn = Server("turn:turn.example.org", ServerState::kFailed);
  turn.error = "turn server refused: 401 Unauthenticated";
  findings.servers.push_back(turn);
  const std::string report = WriteNetworkReport(findings);
  EXPECT_THAT(report, HasSubstr("turn:turn.example.org refuses the user"));
  EXPECT_THAT(report, HasSubstr("forwarding a port does not help"));
}

TEST(NetworkReport, ReadsLikeThis) {
  NetworkFindings findings = AtHome(kIndependent, kDependent);
  findings.hosts.push_back(At("[fd00::20]:8555"));
  findings.tcp = true;
  findings.servers.push_back(WorkingTurn());
  EXPECT_EQ(
      WriteNetworkReport(findings),
      "Addresses (UDP and TCP port 8555)\n"
      "  192.168.1.20             private: behind a router, for other networks\n"
      "  fd00::20                 private: behind a router, for other networks\n"
      "Servers\n"
      "  stun:stun.example.org: ready, sees 203.0.113.5:8555\n"
      "  turn:turn.example.org: ready (192.0.2.1:3478, 23 ms), relays 192.0.2.1:50000\n"
      "NAT and firewall before 192.168.1.20, seen as 203.0.113.5\n"
      "  mapping    the same for everybody (a cone NAT): good\n"
      "  filtering  lets in addresses and ports that we have sent to\n"
      "Verdict\n"
      "  Viewers on other networks can reach this camera directly in most cases, and through TURN "
      "where\n"
      "  their own network forbids that.\n");
}

TEST(NetworkReport, KeepsItsLinesShort) {
  for (const Behavior mapping : {Behavior::kUnknown, kIndependent, kDependent}) {
    const std::string report = WriteNetworkReport(AtHome(mapping, Behavior::kUnknown));
    std::string_view rest = report;
    while (!rest.empty()) EXPECT_LE(TakeUntil(rest, '\n').size(), 100u);
  }
}

}  // namespace
}  // namespace ocellus::gathering
