// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/stream_framer.h"

#include <algorithm>
#include <cstring>

#include "firmware/base/byte_reader.h"
#include "firmware/rtc/stun/message.h"
#include "firmware/rtc/turn/channel_data.h"

namespace ocellus::turn {

// Both kinds have their length at the same place, and begin with different bits: 00 and 01.
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |  STUN type or channel number  |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
std::optional<size_t> StreamFramer::SizeOf(Bytes prefix) {
  ByteReader reader(prefix);
  const uint16_t type = reader.ReadU16();
  const size_t length = reader.ReadU16();
  if (IsChannel(type)) return PaddedSize(kChannelDataHeaderSize + length);
  if ((type & 0xC000) != 0 || length % 4 != 0) return std::nullopt;
  return stun::kHeaderSize + length;
}

std::optional<MutableBytes> StreamFramer::Next(Bytes& stream) {
  while (!broken_) {
    const size_t skipped = std::min(to_skip_, stream.size());
    stream = stream.subspan(skipped);
    to_skip_ -= skipped;
    if (to_skip_ > 0 || !KeepUpTo(kPrefixSize, stream)) break;

    const auto size = SizeOf(Bytes(message_).first(kPrefixSize));
    broken_ = !size;
    if (broken_) break;
    if (*size > message_.size()) {
      ++skipped_;
      to_skip_ = *size - kept_;
      kept_ = 0;
      continue;
    }
    if (!KeepUpTo(*size, stream)) break;
    kept_ = 0;
    // RFC 8489 section 5: without the cookie it is another protocol's.
    const MutableBytes message = MutableBytes(message_).first(*size);
    broken_ = !IsChannelData(message) && !stun::Message::LooksLikeStun(message);
    if (!broken_) return message;
  }
  return std::nullopt;
}

bool StreamFramer::KeepUpTo(size_t size, Bytes& stream) {
  if (kept_ >= size) return true;
  const size_t more = std::min(size - kept_, stream.size());
  if (more > 0) std::memcpy(&message_[kept_], stream.data(), more);
  kept_ += more;
  stream = stream.subspan(more);
  return kept_ == size;
}

}  // namespace ocellus::turn
