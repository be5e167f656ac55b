// SPDX-License-Identifier: Apache-2.0
// What the servers of one gatherer share. Owned by Gatherer, borrowed by them; io thread only.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "firmware/base/random.h"
#include "firmware/base/units.h"
#include "firmware/rtc/gathering/credentials.h"
#include "firmware/rtc/gathering/pacing.h"
#include "firmware/rtc/gathering/stream.h"

namespace ocellus::gathering {

struct Context {
  Random& random;
  Credentials credentials;
  std::optional<WallClock> wall_clock = std::nullopt;
  Pacing pacing = {};
  uint32_t streams_opened = 0;
  // Of the UDP allocations: a second one with the same 5-tuple is refused (RFC 8656 section 7.2),
  // and two servers of the configuration may be one.
  std::vector<SocketAddress> udp_servers = {};

  StreamId NextStreamId() { return StreamId(++streams_opened); }
  // False: another allocation has it.
  bool ClaimUdpServer(const SocketAddress& server) {
    if (std::find(udp_servers.begin(), udp_servers.end(), server) != udp_servers.end()) {
      return false;
    }
    udp_servers.push_back(server);
    return true;
  }
  void ReleaseUdpServer(const SocketAddress& server) {
    udp_servers.erase(std::remove(udp_servers.begin(), udp_servers.end(), server),
                      udp_servers.end());
  }
};

}  // namespace ocellus::gathering
