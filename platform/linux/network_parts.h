// SPDX-License-Identifier: Apache-2.0
// All that reaches the network but HTTP, opened as the configuration says. io thread only.
#pragma once

#include <memory>
#include <optional>

#include "firmware/app/config.h"
#include "firmware/base/status.h"
#include "firmware/rtc/crypto/tls_client.h"
#include "firmware/rtc/gathering/gatherer.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/name_resolver.h"
#include "platform/linux/network_monitor.h"
#include "platform/linux/tcp_transport.h"
#include "platform/linux/udp_socket.h"

namespace ocellus::linux_platform {

struct NetworkParts {
  std::unique_ptr<UdpSocket> udp;
  std::unique_ptr<TcpTransport> tcp;  // Listens on the number of the UDP port, with --ice-tcp.
  std::unique_ptr<NetworkMonitor> monitor;
  std::unique_ptr<NameResolver> resolver;
  std::unique_ptr<crypto::TrustStore> trust;  // Null where no server speaks TLS.
};

// Opens them and adds them to `loop`, which must outlive them, as `clock` must. `udp_port` as
// --udp-port. Errors: those of the parts; of the trusted certificates, names the file.
Result<NetworkParts> OpenNetwork(const app::Config& config, uint16_t udp_port,
                                 const hal::Clock& clock, EventLoop& loop);

// What the configuration says of servers, credentials and policy.
gathering::Options GatheringOptionsOf(const app::Config& config);

}  // namespace ocellus::linux_platform
