// SPDX-License-Identifier: Apache-2.0
// TCP connections of both directions: those that viewers open to our one listening port (ICE-TCP
// passive, RFC 6544) and those that we open (TURN over TCP and TLS). A connection is a stream of
// bytes; what they mean, and who may have a connection, is the caller's business.
//
// io thread only. Nothing blocks and nothing calls back: the platform wakes the io thread when
// there is an event, and when a send buffer that was full has room again.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "firmware/base/bytes.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"

namespace ocellus::hal {

// From 1 on, and never used again: what comes late for a connection that was closed meets no other.
using TcpConnectionId = uint64_t;

// Somebody connected to port(). The first event of such a connection.
struct TcpAccepted {
  TcpConnectionId id = 0;
  SocketAddress local;
  SocketAddress remote;
};

// What Connect began has worked: from now on there may be data, and Send takes some.
struct TcpConnected {
  TcpConnectionId id = 0;
  SocketAddress local;
};

// Bytes that came in, in any cut, never none. Borrowed until the next call of anything; they may be
// changed in place.
struct TcpData {
  TcpConnectionId id = 0;
  MutableBytes bytes;
};

// The connection is gone, or never came to be. Its last event, unless Close was called.
struct TcpClosed {
  TcpConnectionId id = 0;
  // Never OK, and for people: "192.0.2.7:3478: Connection refused". kUnavailable (refused, reset,
  // no way there, closed by the other end), kTimeout (no answer), kResourceExhausted, kInternal.
  Status why;
};

using TcpEvent = std::variant<TcpAccepted, TcpConnected, TcpData, TcpClosed>;

// How much of a connection's send buffer something may use: media leaves a quarter of it, so that a
// slow connection still takes what keeps it alive (STUN, TURN and DTLS).
enum class TcpRoom : uint8_t { kMedia, kAll };

class TcpTransport {
 public:
  virtual ~TcpTransport() = default;

  // That it listens on, for all local addresses; 0: it does not listen.
  virtual uint16_t port() const = 0;

  // Opens a connection to `remote`: TcpConnected or TcpClosed follows, within seconds.
  virtual TcpConnectionId Connect(const SocketAddress& remote) = 0;

  // The next event, or nullopt when there is none: to be called until then in each turn. The events
  // of one connection come in their order, and connections take turns.
  virtual std::optional<TcpEvent> PollEvent() = 0;

  // Queues all of `bytes` or nothing. False: the connection's bounded send buffer has no room for
  // them, or it is not connected (any more). Late media is worth nothing, so packets that find no
  // room are dropped; a stream that must not have gaps keeps them and tries again when woken.
  virtual bool Send(TcpConnectionId id, Bytes bytes, TcpRoom room) = 0;

  // Ends a connection, established or not. What was sent still goes out as far as the system has
  // taken it. No event follows; an id that is gone already is no error.
  virtual void Close(TcpConnectionId id) = 0;

  // The addresses of this host have changed: connections whose own end is gone are closed
  // (TcpClosed), instead of when their silence is noticed.
  virtual void HandleNetworkChange() = 0;
};

}  // namespace ocellus::hal
