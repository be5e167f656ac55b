// SPDX-License-Identifier: Apache-2.0
// ChannelData: how TURN carries a packet once its peer has a channel (RFC 8656 section 12.4).
// Any thread; allocates nothing.
//
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Channel Number        |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Application Data                       ...
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// Over a stream it is padded to 32 bits; over UDP it may be (section 12.5).
#pragma once

#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/base/datagram.h"

namespace ocellus::turn {

// RFC 8656 section 12: "0x4000 through 0x4FFF: These values are the allowed channel numbers".
constexpr uint16_t kFirstChannel = 0x4000;
constexpr uint16_t kLastChannel = 0x4FFF;
constexpr size_t kChannelDataHeaderSize = 4;

constexpr bool IsChannel(uint16_t number) {
  return number >= kFirstChannel && number <= kLastChannel;
}
constexpr size_t PaddedSize(size_t size) { return (size + 3) & ~size_t{3}; }

// `data` is in the message that it was read from.
struct ChannelData {
  uint16_t channel = 0;
  MutableBytes data;
};

// Whether `message` can only be ChannelData, by its first byte, among what a TURN server sends.
bool IsChannelData(Bytes message);

// nullopt: it is no ChannelData, or the length in it is not that of what follows (but for padding).
std::optional<ChannelData> ParseChannelData(MutableBytes message);

// Makes ChannelData of packet[0, size), where it lies; returns the size of that. nullopt: `packet`
// is too small for it.
std::optional<size_t> WrapInChannelData(uint16_t channel, TransportProtocol protocol,
                                        MutableBytes packet, size_t size);

}  // namespace ocellus::turn
