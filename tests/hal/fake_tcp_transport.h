// SPDX-License-Identifier: Apache-2.0
// TCP without a network: tests are the network and the other ends.
//
//   const TcpConnectionId id = tcp.Accept(local, remote);   // a stranger connects
//   tcp.Deliver(id, "...");                                 // bytes come in, in the cut given
//   EXPECT_EQ(tcp.TakeSent(id), "...");                     // what the code under test sent
//
//   ASSERT_EQ(tcp.connects().size(), 1u);                   // the code under test has called
//   Connect tcp.FinishConnect(tcp.connects()[0].id, local);         // or Break(id, why)
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "firmware/base/limits.h"
#include "hal/tcp_transport.h"

namespace ocellus::hal {

class FakeTcpTransport final : public TcpTransport {
 public:
  struct ConnectCall {
    TcpConnectionId id = 0;
    SocketAddress remote;
  };

  explicit FakeTcpTransport(uint16_t port = 8555) : port_(port) {}

  uint16_t port() const override { return port_; }

  TcpConnectionId Connect(const SocketAddress& remote) override {
    const TcpConnectionId id = Add({State::kConnecting, {}, remote});
    connects_.push_back({id, remote});
    return id;
  }

  std::optional<TcpEvent> PollEvent() override {
    while (!events_.empty()) {
      Pending pending = std::move(events_.front());
      events_.pop_front();
      // Nothing is heard of a connection that was closed here, but that it was closed there.
      if (!is_open(pending.id) && !std::holds_alternative<TcpClosed>(pending.event)) continue;
      polled_ = std::move(pending.bytes);
      if (auto* data = std::get_if<TcpData>(&pending.event)) {
        data->bytes = MutableBytes(reinterpret_cast<uint8_t*>(polled_.data()), polled_.size());
      }
      if (std::holds_alternative<TcpClosed>(pending.event)) {
        if (connections_.erase(pending.id) == 0) continue;
      }
      return std::move(pending.event);
    }
    return std::nullopt;
  }

  bool Send(TcpConnectionId id, Bytes bytes, TcpRoom room) override {
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second.state != State::kOpen) return false;
    Connection& connection = found->second;
    const size_t limit = room == TcpRoom::kMedia ? send_room_ / 4 * 3 : send_room_;
    if (connection.sent.size() + bytes.size() > limit) return false;
    connection.sent += AsText(bytes);
    return true;
  }

  void Close(TcpConnectionId id) override {
    if (connections_.erase(id) == 1) closed_.push_back(id);
  }

  void HandleNetworkChange() override { ++network_changes_; }

  // A stranger connects from `remote` to our `local`.
  TcpConnectionId Accept(const SocketAddress& local, const SocketAddress& remote) {
    const TcpConnectionId id = Add({State::kOpen, local, remote});
    events_.push_back({id, TcpAccepted{id, local, remote}, {}});
    return id;
  }
  // What Connect began succeeds, from our `local`.
  void FinishConnect(TcpConnectionId id, const SocketAddress& local) {
    Connection& connection = connections_.at(id);
    connection.state = State::kOpen;
    connection.local = local;
    events_.push_back({id, TcpConnected{id, local}, {}});
  }
  void Deliver(TcpConnectionId id, std::string_view bytes) {
    events_.push_back({id, TcpData{id, {}}, std::string(bytes)});
  }
  void Deliver(TcpConnectionId id, Bytes bytes) { Deliver(id, AsText(bytes)); }
  // The other end closes, or the network breaks the connection (or never makes it).
  void Break(TcpConnectionId id,
             Status why = Status(StatusCode::kUnavailable, "closed by the other end")) {
    connections_.at(id).state = State::kBroken;
    events_.push_back({id, TcpClosed{id, std::move(why)}, {}});
  }

  // Bytes of one connection that nobody has taken yet: the other end is slow. What is more is
  // refused.
  void set_send_room(size_t bytes) { send_room_ = bytes; }

  // What the code under test did.
  const std::vector<ConnectCall>& connects() const { return connects_; }
  const std::vector<TcpConnectionId>& closed() const { return closed_; }
  bool is_open(TcpConnectionId id) const { return connections_.count(id) == 1; }
  size_t open_connections() const { return connections_.size(); }
  int network_changes() const { return network_changes_; }
  // All that was sent since the last call; empty too when the connection is gone.
  std::string TakeSent(TcpConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return {};
    return std::exchange(found->second.sent, {});
  }

 private:
  enum class State { kConnecting, kOpen, kBroken };
  struct Connection {
    State state;
    SocketAddress local;
    SocketAddress remote;
    std::string sent = {};
  };
  struct Pending {
    TcpConnectionId id;
    TcpEvent event;
    std::string bytes;
  };

  TcpConnectionId Add(Connection connection) {
    connections_.emplace(++last_id_, std::move(connection));
    return last_id_;
  }

  const uint16_t port_;
  size_t send_room_ = kTcpSendBuffer;
  TcpConnectionId last_id_ = 0;
  std::map<TcpConnectionId, Connection> connections_;
  std::deque<Pending> events_;
  std::string polled_;  // What the last TcpData lies in.
  std::vector<ConnectCall> connects_;
  std::vector<TcpConnectionId> closed_;
  int network_changes_ = 0;
};

}  // namespace ocellus::hal
