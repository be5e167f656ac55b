// SPDX-License-Identifier: Apache-2.0
#include "drivers/libwebsockets_http_server/listening_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace ocellus::drivers {
namespace {

// Connections that the kernel holds until we accept them.
constexpr int kBacklog = 64;

struct NativeAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

NativeAddress ToNative(const SocketAddress& address) {
  NativeAddress native;
  const Bytes bytes = address.ip.bytes();
  if (address.ip.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&native.storage, &v4, sizeof(v4));
    native.size = sizeof(v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&native.storage, &v6, sizeof(v6));
    native.size = sizeof(v6);
  }
  return native;
}

SocketAddress FromNative(const NativeAddress& native) {
  SocketAddress address;
  if (native.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &native.storage, sizeof(v4));
    address.port = ntohs(v4.sin_port);
    address.ip = *IpAddress::FromBytes({reinterpret_cast<const uint8_t*>(&v4.sin_addr), 4});
  } else {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &native.storage, sizeof(v6));
    address.port = ntohs(v6.sin6_port);
    // A client that came to the IPv6 socket by IPv4 (::ffff:192.0.2.1) becomes IPv4 again.
    address.ip = *IpAddress::FromBytes({reinterpret_cast<const uint8_t*>(&v6.sin6_addr), 16});
  }
  return address;
}

Status Refused(const SocketAddress& address, int error) {
  const std::string message = "cannot listen for HTTP on " + address.ToString() + ": ";
  if (error == EADDRINUSE) {
    return Status(StatusCode::kAlreadyExists, message + "another program has this port");
  }
  if (error == EACCES || error == EPERM) {
    return Status(StatusCode::kPermissionDenied, message + "not allowed");
  }
  return Status(StatusCode::kUnavailable, message + std::strerror(error));
}

Result<ListeningSocket> ListenOn(const SocketAddress& address) {
  ListeningSocket listening;
  const int family = address.ip.is_v4() ? AF_INET : AF_INET6;
  listening.fd = UniqueFd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listening.fd) return Refused(address, errno);

  const int fd = listening.fd.get();
  const int on = 1;
  // So that a restart need not wait for old connections to time out.
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (!address.ip.is_v4()) {
    const int only_v6 = address.ip.is_unspecified() ? 0 : 1;
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof(only_v6));
  }
  NativeAddress native = ToNative(address);
  if (bind(fd, native.get(), native.size) != 0 || listen(fd, kBacklog) != 0) {
    return Refused(address, errno);
  }
  native.size = sizeof(native.storage);
  if (getsockname(fd, native.get(), &native.size) != 0) return Refused(address, errno);
  listening.port = FromNative(native).port;
  return listening;
}

}  // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) close(fd_);
}

int UniqueFd::Release() { return std::exchange(fd_, -1); }

Result<ListeningSocket> Listen(const std::optional<IpAddress>& address, uint16_t port) {
  if (address.has_value()) return ListenOn({*address, port});
  Result<ListeningSocket> both = ListenOn({*IpAddress::Parse("::"), port});
  // A kernel without IPv6.
  if (!both.ok() && both.status().code() == StatusCode::kUnavailable) return ListenOn({{}, port});
  return both;
}

Result<AcceptedSocket> Accept(int listening_fd) {
  NativeAddress native;
  AcceptedSocket accepted;
  do {
    native.size = sizeof(native.storage);
    accepted.fd =
        UniqueFd(accept4(listening_fd, native.get(), &native.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  } while (!accepted.fd && (errno == EINTR || errno == ECONNABORTED));
  if (!accepted.fd) {
    const bool full = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    return full ? StatusCode::kResourceExhausted : StatusCode::kUnavailable;
  }
  const int on = 1;
  setsockopt(accepted.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  accepted.remote = FromNative(native);
  return accepted;
}

}  // namespace ocellus::drivers
