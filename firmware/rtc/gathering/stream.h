// SPDX-License-Identifier: Apache-2.0
// Streams to TURN servers over TCP and TLS: the gatherer says which it wants, its owner opens and
// closes them. io thread only.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "firmware/base/socket_address.h"
#include "firmware/base/strong_id.h"

namespace ocellus::gathering {

// Given by the gatherer, never used again.
using StreamId = StrongId<struct StreamIdTag, uint32_t>;

// HandleStreamOpened or HandleStreamClosed is to follow.
struct StreamOpen {
  StreamId id;
  SocketAddress server;
  std::string tls_name;  // The name that the server's certificate must be for; empty: no TLS.
};

// The gatherer has done with it: no HandleStreamClosed follows. What was written before it should
// still be sent.
struct StreamClose {
  StreamId id;
};

using StreamCommand = std::variant<StreamOpen, StreamClose>;

}  // namespace ocellus::gathering
