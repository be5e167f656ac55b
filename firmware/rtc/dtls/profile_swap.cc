// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/dtls/profile_swap.h"

#include <optional>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"

namespace ocellus::dtls {
namespace {

constexpr uint16_t kAesGcm = 0x0007;      // RFC 7714 section 14.2.
constexpr uint16_t kUseSrtp = 14;         // RFC 5764 section 9.
constexpr uint8_t kHandshakeRecord = 22;  // RFC 5246 section 6.2.1.
constexpr uint8_t kClientHello = 1;       // RFC 5246 section 7.4.
constexpr uint8_t kServerHello = 2;
constexpr size_t kHandshakeHeaderSize = 12;

// A handshake message, or a part of one, within a datagram.
struct Fragment {
  uint8_t type = 0;
  bool whole = false;
  size_t begin = 0;  // Of its header, in the datagram.
  size_t end = 0;
};

// Finds the first handshake fragment of `type` in the plaintext records of `datagram`.
// RFC 6347 section 4.3:
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   |  content type |            version            |     epoch     |
//   |     epoch     |                sequence number                :
//   :                sequence number                |    length     |
//   |    length     |    msg type   |         message length        :
//   :     length    |          message sequence     |   fragment    :
//   :            fragment offset    |          fragment length      |
std::optional<Fragment> FindHandshake(Bytes datagram, uint8_t type) {
  ByteReader records(datagram);
  while (records.ok() && records.remaining() > 0) {
    const uint8_t content_type = records.ReadU8();
    records.ReadU16();
    const uint16_t epoch = records.ReadU16();
    records.Skip(6);
    const size_t size = records.ReadU16();
    size_t begin = records.position();
    ByteReader messages(records.ReadBytes(size));
    if (content_type != kHandshakeRecord || epoch != 0) continue;
    while (messages.ok() && messages.remaining() > 0) {
      Fragment fragment;
      fragment.type = messages.ReadU8();
      const uint32_t message_size = messages.ReadU24();
      messages.ReadU16();
      const uint32_t offset = messages.ReadU24();
      const uint32_t fragment_size = messages.ReadU24();
      messages.Skip(fragment_size);
      fragment.whole = offset == 0 && fragment_size == message_size;
      fragment.begin = begin;
      fragment.end = begin + kHandshakeHeaderSize + fragment_size;
      begin = fragment.end;
      if (messages.ok() && fragment.type == type) return fragment;
    }
  }
  return std::nullopt;
}

// The list of profiles in the use_srtp extension of a hello's body; empty when there is none.
// RFC 5246 sections 7.4.1.2 and 7.4.1.3, RFC 6347 section 4.2.1 (the cookie).
Bytes FindProfiles(Bytes body, uint8_t type) {
  ByteReader reader(body);
  reader.Skip(2 + 32);           // Version and random.
  reader.Skip(reader.ReadU8());  // Session id.
  if (type == kClientHello) {
    reader.Skip(reader.ReadU8());   // Cookie.
    reader.Skip(reader.ReadU16());  // Cipher suites.
    reader.Skip(reader.ReadU8());   // Compression methods.
  } else {
    reader.Skip(2 + 1);  // The chosen ones.
  }
  ByteReader extensions(reader.ReadBytes(reader.ReadU16()));
  while (extensions.ok() && extensions.remaining() > 0) {
    const uint16_t extension = extensions.ReadU16();
    ByteReader data(extensions.ReadBytes(extensions.ReadU16()));
    if (extension == kUseSrtp) return data.ReadBytes(data.ReadU16());
  }
  return {};
}

void SwapProfiles(MutableBytes message, uint8_t type) {
  const Bytes profiles = FindProfiles(Bytes(message).subspan(kHandshakeHeaderSize), type);
  if (profiles.empty()) return;
  const auto offset = static_cast<size_t>(profiles.data() - message.data());
  ByteReader reader(profiles);
  ByteWriter writer(message.subspan(offset, profiles.size()));
  while (reader.remaining() >= 2) {
    const uint16_t profile = reader.ReadU16();
    writer.WriteU16(profile == kAesGcm             ? kStandInForAesGcm
                    : profile == kStandInForAesGcm ? kAesGcm
                                                   : profile);
  }
}

}  // namespace

void ProfileSwap::HandleOutgoing(MutableBytes datagram) {
  const std::optional<Fragment> hello = FindHandshake(datagram, kClientHello);
  if (!hello || !hello->whole) return;
  const MutableBytes message = datagram.subspan(hello->begin, hello->end - hello->begin);
  SwapProfiles(message, kClientHello);
  client_hello_.assign(message.begin(), message.end());
}

void ProfileSwap::HandleIncoming(MutableBytes datagram) {
  const std::optional<Fragment> hello = FindHandshake(datagram, kServerHello);
  if (!hello || !hello->whole) return;
  const MutableBytes message = datagram.subspan(hello->begin, hello->end - hello->begin);
  server_hello_.assign(message.begin(), message.end());
  SwapProfiles(message, kServerHello);
}

bool HasFragmentOfClientHello(Bytes datagram) {
  const std::optional<Fragment> hello = FindHandshake(datagram, kClientHello);
  return hello && !hello->whole;
}

}  // namespace ocellus::dtls
