// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/tcp_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "firmware/base/log.h"
#include "platform/linux/raw_address.h"
#include "platform/linux/system_error.h"

namespace ocellus::linux_platform {
namespace {

// Connections that the kernel holds ready to be accepted; further SYNs are dropped and repeated.
constexpr int kBacklog = 64;

// Attempts at a port that is free in both families, when any will do.
constexpr int kMaxPortAttempts = 16;

// After accept has failed for want of something, it is left alone for so long.
constexpr Duration kAcceptPause = std::chrono::seconds(1);

// What was sent and is not acknowledged for so long ends the connection: RFC 7675 section 5.1 gives
// up then, too. An idle connection is asked after as many seconds, and then every few.
constexpr int kSilenceSeconds = 30;
constexpr int kKeepAliveIntervalSeconds = 5;

constexpr int kIdBits = 56;

uint64_t Token(uint8_t source, hal::TcpConnectionId id) { return uint64_t{source} << kIdBits | id; }

template <typename T>
bool SetOption(int fd, int level, int name, const T& value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

// None of these is worth failing for.
void Tune(int fd) {
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kTcpUnsentBytes);
  SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<unsigned>(kSilenceSeconds * 1000));
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, kSilenceSeconds);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
}

// An unbound socket; one that is not valid where the host does not have the family at all.
Result<FileDescriptor> OpenSocket(IpAddress::Family family) {
  const int domain = family == IpAddress::Family::kV4 ? AF_INET : AF_INET6;
  FileDescriptor socket(::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid() && errno == EAFNOSUPPORT) return socket;
  if (!socket.valid() ||
      (domain == AF_INET6 && !SetOption(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1))) {
    return SystemError(errno, "cannot open a TCP socket");
  }
  return socket;
}

int Bind(int fd, const SocketAddress& address) {
  sockaddr_in6 raw;
  const socklen_t size = ToRaw(address, raw);
  return bind(fd, reinterpret_cast<const sockaddr*>(&raw), size);
}

SocketAddress LocalAddressOf(int fd) {
  sockaddr_in6 raw{};
  socklen_t size = sizeof(raw);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0) return {};
  return FromRaw(raw);
}

// Whether this host still has the address of the socket's own end: nothing else can be bound.
bool OwnAddressIsGone(int fd) {
  sockaddr_in6 raw{};
  socklen_t size = sizeof(raw);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&raw), &size) != 0) return false;
  raw.sin6_port = 0;  // sockaddr_in has it in the same place.
  const FileDescriptor probe(socket(raw.sin6_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return probe.valid() && bind(probe.get(), reinterpret_cast<const sockaddr*>(&raw), size) != 0 &&
         errno == EADDRNOTAVAIL;
}

Status BindError(int error, const SocketAddress& address) {
  if (error == EADDRINUSE) {
    return Status(StatusCode::kAlreadyExists, Format("TCP port %u is taken by another program",
                                                     static_cast<unsigned>(address.port)));
  }
  return SystemError(error, "cannot listen on TCP " + address.ToString());
}

// Opens `listener` on `address`, and returns its port. Leaves it closed, and returns the port that
// was asked for, where the host does not have the family.
Result<uint16_t> OpenListener(const SocketAddress& address, FileDescriptor& listener) {
  Result<FileDescriptor> socket = OpenSocket(address.ip.family());
  if (!socket.ok()) return socket.status();
  if (!socket->valid()) return address.port;
  // Otherwise connections of a minute ago would keep the port (TIME-WAIT).
  SetOption(socket->get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (Bind(socket->get(), address) != 0 || listen(socket->get(), kBacklog) != 0) {
    return BindError(errno, address);
  }
  listener = std::move(*socket);
  return LocalAddressOf(listener.get()).port;
}

void SetTimer(int fd, Duration duration) {
  itimerspec timer{};
  timer.it_value.tv_sec = static_cast<time_t>(duration.count() / 1'000'000);
  timer.it_value.tv_nsec =
      static_cast<decltype(timer.it_value.tv_nsec)>(duration.count() % 1'000'000 * 1000);
  CHECK(timerfd_settime(fd, 0, &timer, nullptr) == 0, "timerfd_settime: errno %d", errno);
}

FileDescriptor OpenTimer() {
  return FileDescriptor(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
}

}  // namespace

Result<std::unique_ptr<TcpTransport>> TcpTransport::Open(const Options& options) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<TcpTransport> transport(new TcpTransport(options));
  RETURN_IF_ERROR(transport->OpenOwnDescriptors());
  if (!options.listen_port) return transport;
  Status status;
  for (int attempt = 0; attempt < kMaxPortAttempts; ++attempt) {
    status = transport->Listen();
    const bool port_was_chosen_badly =
        *options.listen_port == 0 && status.code() == StatusCode::kAlreadyExists;
    if (!port_was_chosen_badly) break;
  }
  if (!status.ok()) return status;
  return transport;
}

Status TcpTransport::OpenOwnDescriptors() {
  epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  accept_timer_ = OpenTimer();
  deferred_ready_ = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!epoll_.valid() || !accept_timer_.valid() || !deferred_ready_.valid()) {
    return SystemError(errno, "cannot open the TCP transport");
  }
  if (!AddWatch(accept_timer_.get(), EPOLLIN, Source::kAcceptTimer) ||
      !AddWatch(deferred_ready_.get(), EPOLLIN, Source::kDeferred)) {
    return SystemError(errno, "cannot open the TCP transport");
  }
  return {};
}

Status TcpTransport::Listen() {
  port_ = *options_.listen_port;
  bool any_open = false;
  for (const auto family : {IpAddress::Family::kV4, IpAddress::Family::kV6}) {
    const bool v4 = family == IpAddress::Family::kV4;
    FileDescriptor& listener = listeners_[v4 ? 0 : 1];
    listener = FileDescriptor();
    if (options_.listen && options_.listen->family() != family) continue;
    const IpAddress any = v4 ? FromRaw(in_addr{}) : FromRaw(in6_addr{});
    const Result<uint16_t> port = OpenListener({options_.listen.value_or(any), port_}, listener);
    if (!port.ok()) return port.status();
    if (!listener.valid()) continue;
    port_ = *port;
    any_open = true;
    if (!AddWatch(listener.get(), EPOLLIN, v4 ? Source::kListener4 : Source::kListener6)) {
      return SystemError(errno, "cannot listen on TCP");
    }
  }
  if (any_open) return {};
  return Status(StatusCode::kUnsupported, "cannot listen on TCP: the address family is off");
}

bool TcpTransport::AddWatch(int fd, uint32_t events, Source source, hal::TcpConnectionId id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = Token(static_cast<uint8_t>(source), id);
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void TcpTransport::ChangeWatch(int fd, uint32_t events, Source source, hal::TcpConnectionId id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = Token(static_cast<uint8_t>(source), id);
  CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0, "epoll_ctl: errno %d", errno);
}

std::optional<hal::TcpEvent> TcpTransport::PollEvent() {
  while (true) {
    if (!events_.empty()) {
      hal::TcpEvent event = std::move(events_.front());
      events_.pop_front();
      if (events_.empty()) TakeDeferred();
      return event;
    }
    if (next_ready_ == ready_count_) {
      // One look a turn: it finds all that is ready. The loop tells when more has come.
      if (!std::exchange(ready_, false)) return std::nullopt;
      const int count = epoll_wait(epoll_.get(), ready_events_.data(), kMaxReady, /*timeout=*/0);
      next_ready_ = 0;
      ready_count_ = static_cast<size_t>(std::max(count, 0));
      if (ready_count_ == 0) return std::nullopt;
    }
    if (auto event = HandleReady(ready_events_[next_ready_++])) return event;
  }
}

std::optional<hal::TcpEvent> TcpTransport::HandleReady(const epoll_event& ready) {
  const auto source = static_cast<Source>(ready.data.u64 >> kIdBits);
  Connection* connection = Find(ready.data.u64 & ((uint64_t{1} << kIdBits) - 1));
  switch (source) {
    case Source::kListener4:
    case Source::kListener6:
      Accept(source);
      return std::nullopt;
    case Source::kAcceptTimer:
      ResumeAccepting();
      return std::nullopt;
    case Source::kDeferred:
      return std::nullopt;  // It has only woken us: events_ come first.
    case Source::kSocket:
      if (connection == nullptr) return std::nullopt;  // Invariant 1.
      if (connection->state == State::kConnecting) return HandleConnecting(*connection);
      if ((ready.events & EPOLLOUT) != 0) Flush(*connection);
      if ((ready.events & ~uint32_t{EPOLLOUT}) == 0) return std::nullopt;
      return Read(*connection);
    case Source::kTimer:
      if (connection == nullptr || connection->state != State::kConnecting) return std::nullopt;
      return End(*connection,
                 Status(StatusCode::kTimeout, connection->remote.ToString() + " does not answer"));
  }
  return std::nullopt;
}

std::optional<hal::TcpEvent> TcpTransport::HandleConnecting(Connection& connection) {
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(connection.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return End(connection, SystemError(error, connection.remote.ToString()));
  connection.state = State::kOpen;
  connection.connect_timer = FileDescriptor();
  WatchFor(connection);
  return hal::TcpConnected{connection.id, LocalAddressOf(connection.socket.get())};
}

std::optional<hal::TcpEvent> TcpTransport::Read(Connection& connection) {
  const ssize_t size = recv(connection.socket.get(), received_.data(), received_.size(), 0);
  if (size > 0) {
    return hal::TcpData{connection.id, MutableBytes(received_.data(), static_cast<size_t>(size))};
  }
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  const int error = size < 0 ? errno : connection.send_error;
  const std::string remote = connection.remote.ToString();
  return End(connection,
             error == 0 ? Status(StatusCode::kUnavailable, remote + " has closed the connection")
                        : SystemError(error, remote));
}

void TcpTransport::Accept(Source source) {
  const FileDescriptor& listener = listeners_[source == Source::kListener4 ? 0 : 1];
  for (int i = 0; i < kTcpAcceptBatch && AcceptOne(listener.get()); ++i) {
  }
}

bool TcpTransport::AcceptOne(int listener) {
  sockaddr_in6 raw{};
  socklen_t size = sizeof(raw);
  FileDescriptor socket(
      accept4(listener, reinterpret_cast<sockaddr*>(&raw), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket.valid()) {
    const bool none_left = errno == EAGAIN;
    // Those are about one connection that is gone again (accept(2)).
    const bool gone = errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
    if (!none_left && !gone) PauseAccepting(errno);
    return gone;
  }
  if (CountConnections(Direction::kAccepted) >= kMaxTcpAccepted) {
    ++stats_.turned_away;
    return true;
  }
  const hal::TcpConnectionId id = last_id_ + 1;
  if (!AddWatch(socket.get(), EPOLLIN, Source::kSocket, id)) {
    PauseAccepting(errno);
    return false;
  }
  last_id_ = id;
  ++stats_.accepted;
  Tune(socket.get());
  Connection& connection = connections_[id];
  connection.id = id;
  connection.remote = FromRaw(raw);
  connection.socket = std::move(socket);
  events_.push_back(
      hal::TcpAccepted{id, LocalAddressOf(connection.socket.get()), connection.remote});
  return true;
}

// What waits to be accepted stays ready, so without a pause the loop would spin.
void TcpTransport::PauseAccepting(int error) {
  if (std::exchange(accepting_paused_, true)) return;
  ++stats_.accept_pauses;
  LOG_WARN("%s", SystemError(error, "cannot accept TCP connections for now").message().c_str());
  for (size_t i = 0; i < listeners_.size(); ++i) {
    if (!listeners_[i].valid()) continue;
    ChangeWatch(listeners_[i].get(), 0, i == 0 ? Source::kListener4 : Source::kListener6);
  }
  SetTimer(accept_timer_.get(), kAcceptPause);
}

void TcpTransport::ResumeAccepting() {
  uint64_t expirations = 0;
  if (read(accept_timer_.get(), &expirations, sizeof(expirations)) < 0) return;
  accepting_paused_ = false;
  for (size_t i = 0; i < listeners_.size(); ++i) {
    if (!listeners_[i].valid()) continue;
    ChangeWatch(listeners_[i].get(), EPOLLIN, i == 0 ? Source::kListener4 : Source::kListener6);
  }
}

hal::TcpConnectionId TcpTransport::Connect(const SocketAddress& remote) {
  const hal::TcpConnectionId id = ++last_id_;
  Status status = StartConnecting(id, remote);
  if (!status.ok()) Defer(hal::TcpClosed{id, std::move(status)});
  return id;
}

Status TcpTransport::StartConnecting(hal::TcpConnectionId id, const SocketAddress& remote) {
  if (CountConnections(Direction::kConnected) >= kMaxTcpConnects) {
    return Status(StatusCode::kResourceExhausted,
                  remote.ToString() + ": too many TCP connections to servers at once");
  }
  Result<FileDescriptor> socket = OpenSocket(remote.ip.family());
  if (!socket.ok()) return socket.status();
  FileDescriptor timer = OpenTimer();
  if (!socket->valid() || !timer.valid()) return SystemError(errno, remote.ToString());
  Tune(socket->get());
  if (options_.listen && options_.listen->family() == remote.ip.family() &&
      Bind(socket->get(), {*options_.listen, 0}) != 0) {
    return SystemError(errno, "cannot connect from " + options_.listen->ToString());
  }
  sockaddr_in6 raw;
  const socklen_t size = ToRaw(remote, raw);
  if (connect(socket->get(), reinterpret_cast<const sockaddr*>(&raw), size) != 0 &&
      errno != EINPROGRESS) {
    return SystemError(errno, remote.ToString());
  }
  SetTimer(timer.get(), options_.connect_timeout);
  if (!AddWatch(socket->get(), EPOLLOUT, Source::kSocket, id) ||
      !AddWatch(timer.get(), EPOLLIN, Source::kTimer, id)) {
    return SystemError(errno, remote.ToString());
  }
  Connection& connection = connections_[id];
  connection.id = id;
  connection.direction = Direction::kConnected;
  connection.state = State::kConnecting;
  connection.remote = remote;
  connection.socket = std::move(*socket);
  connection.connect_timer = std::move(timer);
  return {};
}

bool TcpTransport::Send(hal::TcpConnectionId id, Bytes bytes, hal::TcpRoom room) {
  Connection* connection = Find(id);
  if (connection == nullptr || connection->state != State::kOpen || connection->send_error != 0) {
    return false;
  }
  std::vector<uint8_t>& waiting = connection->waiting;
  const size_t limit = room == hal::TcpRoom::kMedia ? kTcpSendBuffer / 4 * 3 : kTcpSendBuffer;
  if (waiting.size() + bytes.size() > limit) {
    ++stats_.refused_packets;
    return false;
  }
  size_t sent = 0;
  if (waiting.empty()) {
    const ssize_t size = send(connection->socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR) {
      Break(*connection, errno);
      return false;
    }
    sent = static_cast<size_t>(std::max<ssize_t>(size, 0));
  }
  if (sent == bytes.size()) return true;
  const bool was_empty = waiting.empty();
  if (was_empty) waiting.reserve(kTcpSendBuffer);
  waiting.insert(waiting.end(), bytes.begin() + sent, bytes.end());
  if (was_empty) WatchFor(*connection);
  return true;
}

void TcpTransport::Flush(Connection& connection) {
  std::vector<uint8_t>& waiting = connection.waiting;
  const ssize_t size = send(connection.socket.get(), waiting.data(), waiting.size(), MSG_NOSIGNAL);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) {
    Break(connection, errno);
  } else {
    waiting.erase(waiting.begin(), waiting.begin() + size);
  }
  if (waiting.empty()) WatchFor(connection);
}

// From now on the epoll reports the socket, and Read makes the event.
void TcpTransport::Break(Connection& connection, int error) {
  connection.send_error = error;
  connection.waiting.clear();
  shutdown(connection.socket.get(), SHUT_RDWR);
}

// Invariant 2.
void TcpTransport::WatchFor(const Connection& connection) {
  const uint32_t room = connection.waiting.empty() ? 0 : uint32_t{EPOLLOUT};
  ChangeWatch(connection.socket.get(), EPOLLIN | room, Source::kSocket, connection.id);
}

void TcpTransport::Close(hal::TcpConnectionId id) { connections_.erase(id); }

void TcpTransport::HandleNetworkChange() {
  std::vector<hal::TcpConnectionId> gone;
  for (const auto& [id, connection] : connections_) {
    if (OwnAddressIsGone(connection.socket.get())) gone.push_back(id);
  }
  for (const hal::TcpConnectionId id : gone) {
    Connection& connection = *Find(id);
    const std::string local = LocalAddressOf(connection.socket.get()).ip.ToString();
    Defer(End(connection,
              Status(StatusCode::kUnavailable,
                     connection.remote.ToString() + ": our address " + local + " is gone")));
  }
}

TcpTransport::Connection* TcpTransport::Find(hal::TcpConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : &found->second;
}

hal::TcpEvent TcpTransport::End(Connection& connection, Status why) {
  const hal::TcpConnectionId id = connection.id;
  connections_.erase(id);
  return hal::TcpClosed{id, std::move(why)};
}

void TcpTransport::Defer(hal::TcpEvent event) {
  events_.push_back(std::move(event));
  if (std::exchange(has_deferred_, true)) return;
  const uint64_t one = 1;
  CHECK(write(deferred_ready_.get(), &one, sizeof(one)) == sizeof(one), "eventfd: errno %d", errno);
}

void TcpTransport::TakeDeferred() {
  if (!std::exchange(has_deferred_, false)) return;
  uint64_t count = 0;
  CHECK(read(deferred_ready_.get(), &count, sizeof(count)) == sizeof(count), "eventfd: errno %d",
        errno);
}

size_t TcpTransport::CountConnections(Direction direction) const {
  return static_cast<size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [=](const auto& entry) { return entry.second.direction == direction; }));
}

}  // namespace ocellus::linux_platform
