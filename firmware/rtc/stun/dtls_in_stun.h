// SPDX-License-Identifier: Apache-2.0
// The attributes of DTLS in STUN (SPED, draft-hancke-webrtc-sped-00), with which binding requests
// and their success responses carry a DTLS handshake. What they mean is dtls::StunPiggyback's
// business. Any thread; allocates nothing.
#pragma once

#include <optional>

#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::stun {

// In one message. The values are borrowed; nullopt: the attribute is absent.
struct DtlsInStun {
  std::optional<Bytes> datagram;  // One datagram of the handshake.
  // CRC-32s of datagrams that came, four bytes each; may be empty.
  std::optional<Bytes> acknowledgements;

  bool empty() const { return !datagram && !acknowledgements; }

  // What the protected part of `message` has. Believe it only once IntegrityMatches().
  static DtlsInStun Read(const Message& message);
  // Adds what fits, so that AddIntegrity and AddFingerprint still do: the acknowledgements first,
  // for without them the peer takes us for one that does not know them. Returns the bytes that the
  // message has grown by.
  size_t Write(MessageWriter& writer) const;
};

}  // namespace ocellus::stun
