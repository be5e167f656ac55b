// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/channel_numbers.h"

#include <algorithm>

namespace ocellus::turn {

std::optional<uint16_t> ChannelNumbers::Acquire(Time now, const SocketAddress& peer,
                                                Time reserved_until) {
  auto channel = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& known) {
    return known.peer == peer && (known.in_use || known.reserved_until > now);
  });
  if (channel == channels_.end()) {
    channel = std::find_if(channels_.begin(), channels_.end(), [&](const Channel& known) {
      return !known.in_use && known.reserved_until <= now;
    });
  }
  if (channel == channels_.end()) {
    if (channels_.size() > kLastChannel - kFirstChannel) return std::nullopt;
    channel = channels_.insert(channels_.end(), Channel());
  }
  channel->peer = peer;
  channel->reserved_until = std::max(channel->reserved_until, reserved_until);
  channel->in_use = true;
  return static_cast<uint16_t>(kFirstChannel + (channel - channels_.begin()));
}

void ChannelNumbers::Extend(uint16_t channel, Time reserved_until) {
  Channel& known = channels_[static_cast<size_t>(channel - kFirstChannel)];
  known.reserved_until = std::max(known.reserved_until, reserved_until);
}

void ChannelNumbers::Release(uint16_t channel) {
  channels_[static_cast<size_t>(channel - kFirstChannel)].in_use = false;
}

const SocketAddress* ChannelNumbers::PeerOf(uint16_t channel) const {
  const size_t index = static_cast<size_t>(channel) - kFirstChannel;
  if (channel < kFirstChannel || index >= channels_.size()) return nullptr;
  return channels_[index].in_use ? &channels_[index].peer : nullptr;
}

}  // namespace ocellus::turn
