// SPDX-License-Identifier: Apache-2.0
// hal::TcpTransport on Linux: non-blocking sockets, a listening one for each address family, and an
// epoll of its own over all of them. io thread only.
//
// The event loop watches that epoll as if it were one socket. So connections come and go without
// the loop's knowing, what is told about a closed one cannot reach another that has its number
// now, and a turn of the loop costs one call more, and only when something has happened here.
//
// Sending: at once where the kernel takes it; what it does not take waits here. The kernel is told
// to hold little (TCP_NOTSENT_LOWAT), so that nothing is sent that is seconds old.
//
// Invariants:
//   1. Every event of the epoll carries a Token; one whose connection is gone means nothing.
//   2. A connection is watched for room to write exactly while it is connecting or has bytes
//      waiting.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/base/time.h"
#include "hal/tcp_transport.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/file_descriptor.h"

namespace ocellus::linux_platform {

class TcpTransport final : public hal::TcpTransport {
 public:
  struct Options {
    // The port of the media, so that one number is enough; 0: any that is free in both families;
    // nullopt: nobody may connect.
    std::optional<uint16_t> listen_port;
    // Only this address, for what we connect too; 0.0.0.0 and :: stand for all of their family,
    // nullopt for all of both.
    std::optional<IpAddress> listen;
    // How long somebody who does not answer is waited for: three SYNs of Linux (1 s, 2 s, 4 s).
    Duration connect_timeout = std::chrono::seconds(7);
  };
  struct Stats {
    uint64_t accepted = 0;
    uint64_t turned_away = 0;      // Closed at once: kMaxTcpAccepted were open.
    uint64_t accept_pauses = 0;    // No file descriptor, or no memory, for the next one.
    uint64_t refused_packets = 0;  // Not sent: the send buffer was full.
  };

  // Errors: kAlreadyExists (names the port), kUnavailable (no such local address),
  // kPermissionDenied, kResourceExhausted, kInternal.
  static Result<std::unique_ptr<TcpTransport>> Open(const Options& options);

  uint16_t port() const override { return port_; }
  hal::TcpConnectionId Connect(const SocketAddress& remote) override;
  std::optional<hal::TcpEvent> PollEvent() override;
  bool Send(hal::TcpConnectionId id, Bytes bytes, hal::TcpRoom room) override;
  void Close(hal::TcpConnectionId id) override;
  void HandleNetworkChange() override;

  // For the event loop.
  std::vector<Watch> watches() { return {{epoll_.get(), &ready_}}; }
  const Stats& stats() const { return stats_; }

 private:
  enum class State { kConnecting, kOpen };
  enum class Direction { kAccepted, kConnected };
  struct Connection {
    hal::TcpConnectionId id = 0;
    Direction direction = Direction::kAccepted;
    State state = State::kOpen;
    SocketAddress remote;
    FileDescriptor socket;
    FileDescriptor connect_timer;  // While connecting.
    std::vector<uint8_t> waiting;  // For the kernel: at most kTcpSendBuffer. Full: Send refuses.
    int send_error = 0;            // The errno that ended it, until that is noticed in reading.
  };

  // What an event of the epoll is about: this in the top byte, the connection's id below it.
  enum class Source : uint8_t { kListener4, kListener6, kAcceptTimer, kDeferred, kSocket, kTimer };

  // Descriptors that may be ready at once: two for a connection, and those of our own.
  static constexpr size_t kMaxReady = kMaxTcpAccepted + 2 * kMaxTcpConnects + 4;

  explicit TcpTransport(const Options& options) : options_(options) {}
  Status OpenOwnDescriptors();
  Status Listen();
  // False: errno says why.
  bool AddWatch(int fd, uint32_t events, Source source, hal::TcpConnectionId id = 0);
  void ChangeWatch(int fd, uint32_t events, Source source, hal::TcpConnectionId id = 0);

  std::optional<hal::TcpEvent> HandleReady(const epoll_event& ready);
  std::optional<hal::TcpEvent> HandleConnecting(Connection& connection);
  std::optional<hal::TcpEvent> Read(Connection& connection);

  void Accept(Source source);
  // False: no more for now.
  bool AcceptOne(int listener);
  void PauseAccepting(int error);
  void ResumeAccepting();

  Status StartConnecting(hal::TcpConnectionId id, const SocketAddress& remote);
  void Flush(Connection& connection);
  void Break(Connection& connection, int error);
  void WatchFor(const Connection& connection);

  Connection* Find(hal::TcpConnectionId id);
  // Forgets the connection; what its last event is.
  hal::TcpEvent End(Connection& connection, Status why);
  // Has PollEvent return `event`, and the io thread woken for it.
  void Defer(hal::TcpEvent event);
  void TakeDeferred();
  size_t CountConnections(Direction direction) const;

  const Options options_;
  uint16_t port_ = 0;
  Stats stats_;

  FileDescriptor epoll_;
  bool ready_ = true;
  std::array<FileDescriptor, 2> listeners_;  // IPv4, IPv6; not valid where there is none.
  FileDescriptor accept_timer_;              // Until accepting goes on.
  bool accepting_paused_ = false;
  FileDescriptor deferred_ready_;  // An eventfd, readable while has_deferred_.
  bool has_deferred_ = false;      // Among events_.

  hal::TcpConnectionId last_id_ = 0;
  std::unordered_map<hal::TcpConnectionId, Connection> connections_;

  // What the last look at the epoll found: [next_ready_, ready_count_) is not handled yet.
  std::array<epoll_event, kMaxReady> ready_events_;
  size_t ready_count_ = 0;
  size_t next_ready_ = 0;
  std::deque<hal::TcpEvent> events_;  // That did not come from reading. At most kMaxReady or so.
  std::vector<uint8_t> received_ = std::vector<uint8_t>(kTcpReadSize);
};

}  // namespace ocellus::linux_platform
