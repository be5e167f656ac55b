// SPDX-License-Identifier: Apache-2.0
// Our addresses as the kernel's structures, and back. A sockaddr_in6 has room for both families.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "firmware/base/socket_address.h"

namespace ocellus::linux_platform {

// Fills `out`, and returns how much of it counts.
socklen_t ToRaw(const SocketAddress& address, sockaddr_in6& out);

// `raw` is an AF_INET or AF_INET6 address. Zones (scope ids) are lost.
SocketAddress FromRaw(const sockaddr_in6& raw);
IpAddress FromRaw(const in_addr& raw);
IpAddress FromRaw(const in6_addr& raw);

}  // namespace ocellus::linux_platform
