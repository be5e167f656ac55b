// SPDX-License-Identifier: Apache-2.0
// A TCP socket that listens, and the connections that come to it.
#pragma once

#include <optional>

#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"

namespace ocellus::drivers {

// Closes the descriptor that it holds.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd();

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int Release();

 private:
  int fd_ = -1;
};

struct ListeningSocket {
  UniqueFd fd;  // Non-blocking.
  uint16_t port = 0;
};

// Listens on `address`, or on every one, IPv4 and IPv6, when it is nullopt. Port 0: any free one.
// Errors name address and port: kAlreadyExists (taken), kPermissionDenied, kUnavailable.
Result<ListeningSocket> Listen(const std::optional<IpAddress>& address, uint16_t port);

struct AcceptedSocket {
  UniqueFd fd;  // Non-blocking; small answers leave at once (TCP_NODELAY).
  SocketAddress remote;
};

// The next connection that waits. Errors: kUnavailable (none does), kResourceExhausted (the process
// has no descriptor left).
Result<AcceptedSocket> Accept(int listening_fd);

}  // namespace ocellus::drivers
