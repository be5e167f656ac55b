// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/server_status.h"

#include <gtest/gtest.h>

#include "tests/rtc/gathering/scripted_stun_server.h"

namespace ocellus::gathering {
namespace {

TEST(ServerStatus, IsOneLine) {
  ServerStatus status;
  status.url = "turn:example.org";
  EXPECT_EQ(status.ToString(), "turn:example.org: looking up its name");
  status.state = ServerState::kConnecting;
  status.address = At("192.0.2.1:3478");
  EXPECT_EQ(status.ToString(), "turn:example.org: waiting for an answer (192.0.2.1:3478)");
  status.state = ServerState::kReady;
  status.rtt = std::chrono::milliseconds(23);
  status.mapped = {At("203.0.113.5:40000")};
  status.relayed = {At("192.0.2.1:50000"), At("[2001:db8::1]:50001")};
  EXPECT_EQ(status.ToString(),
            "turn:example.org: ready (192.0.2.1:3478, 23 ms), sees 203.0.113.5:40000, relays "
            "192.0.2.1:50000 and [2001:db8::1]:50001");
}

TEST(ServerStatus, SaysWhyItFailed) {
  ServerStatus status;
  status.url = "stun:example.org";
  status.state = ServerState::kFailed;
  status.error = "no answer to 7 requests";
  EXPECT_EQ(status.ToString(), "stun:example.org: failed, no answer to 7 requests");
}

}  // namespace
}  // namespace ocellus::gathering
