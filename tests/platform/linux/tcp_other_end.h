// SPDX-License-Identifier: Apache-2.0
// The other end of a TCP connection, on a plain socket of the operating system.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <utility>

#include "platform/linux/file_descriptor.h"
#include "platform/linux/raw_address.h"
#include "tests/hal/tcp_conformance.h"

namespace ocellus::linux_platform {

// Patience with the kernel, in ms: only what never comes takes that long.
constexpr int kPatienceMs = 200;

inline bool WaitUntilReadable(int fd, int timeout_ms = kPatienceMs) {
  pollfd polled{fd, POLLIN, 0};
  return poll(&polled, 1, timeout_ms) > 0;
}

class SocketEnd final : public hal::TcpOtherEnd {
 public:
  explicit SocketEnd(FileDescriptor socket) : socket_(std::move(socket)) {}

  // Connects to `remote`; not valid when that is refused.
  static SocketEnd Dial(const SocketAddress& remote) {
    const int domain = remote.ip.is_v4() ? AF_INET : AF_INET6;
    FileDescriptor socket(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 raw;
    const socklen_t size = ToRaw(remote, raw);
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&raw), size) != 0) socket = {};
    return SocketEnd(std::move(socket));
  }

  bool valid() const { return socket_.valid(); }
  void Send(const std::string& bytes) override {
    EXPECT_EQ(send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  std::string Receive(size_t size) override {
    std::string all;
    while (all.size() < size && WaitUntilReadable(socket_.get())) {
      char buffer[65536];
      const ssize_t got =
          recv(socket_.get(), buffer, std::min(sizeof(buffer), size - all.size()), 0);
      if (got <= 0) break;
      all.append(buffer, static_cast<size_t>(got));
    }
    return all;
  }
  void Close() override { socket_ = {}; }
  // Closes with a RST.
  void Reset() {
    const linger at_once{1, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    Close();
  }
  // Whether the transport has closed the connection.
  bool IsClosed() {
    char byte;
    return WaitUntilReadable(socket_.get()) && recv(socket_.get(), &byte, 1, 0) <= 0;
  }

 private:
  FileDescriptor socket_;
};

// A server at a port of its own.
class ServerSocket {
 public:
  // With listen = false nobody can connect, but the port is taken.
  explicit ServerSocket(const IpAddress& ip, bool listens = true, int backlog = 16)
      : socket_(::socket(ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 raw;
    socklen_t size = ToRaw({ip, 0}, raw);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&raw), size), 0);
    if (listens) {
      EXPECT_EQ(listen(socket_.get(), backlog), 0);
    }
    size = sizeof(raw);
    EXPECT_EQ(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&raw), &size), 0);
    address_ = FromRaw(raw);
  }

  const SocketAddress& address() const { return address_; }
  SocketEnd Accept() {
    if (!WaitUntilReadable(socket_.get())) return SocketEnd(FileDescriptor());
    return SocketEnd(FileDescriptor(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }

 private:
  FileDescriptor socket_;
  SocketAddress address_;
};

}  // namespace ocellus::linux_platform
