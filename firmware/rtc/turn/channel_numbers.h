// SPDX-License-Identifier: Apache-2.0
// Which peer has which channel of an allocation (RFC 8656 section 12), and who had it until just
// now: a number is not given to another peer, nor another number to the peer, before the server has
// surely forgotten. io thread only. Owned by PeerTable.
#pragma once

#include <optional>
#include <vector>

#include "firmware/base/socket_address.h"
#include "firmware/base/time.h"
#include "firmware/rtc/turn/channel_data.h"

namespace ocellus::turn {

class ChannelNumbers {
 public:
  // A number for `peer`: the one that it had when that is still its own. Reserved until it is
  // extended, forgotten and its time is over. nullopt: all of them are in use; ask later.
  std::optional<uint16_t> Acquire(Time now, const SocketAddress& peer, Time reserved_until);
  // The server may know `channel` until then.
  void Extend(uint16_t channel, Time reserved_until);
  // Nobody wants to hear from the peer any more.
  void Release(uint16_t channel);

  // Who sends on `channel`; nullptr when it is nobody's. Borrowed until the next Acquire.
  const SocketAddress* PeerOf(uint16_t channel) const;

 private:
  struct Channel {
    SocketAddress peer;
    Time reserved_until{};
    bool in_use = false;  // Whether what comes on it is taken.
  };

  std::vector<Channel> channels_;  // Number kFirstChannel is at 0. Grows when there is no old one.
};

}  // namespace ocellus::turn
