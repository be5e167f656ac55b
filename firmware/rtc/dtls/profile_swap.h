// SPDX-License-Identifier: Apache-2.0
// Lets mbedTLS negotiate AEAD_AES_128_GCM for SRTP, which it does not know: use_srtp (RFC 5764
// section 4.1.1) only takes the four profiles of RFC 5764, in 2.28 as in 3.6. AES-GCM is worth it:
// it costs a fifth of AES-CM with HMAC-SHA1 per packet.
//
// mbedTLS is told a stand-in that it knows, and the two numbers are swapped in the hello messages
// on their way: 0x0007 on the wire is 0x0005 inside, and the other way round, so a peer that means
// 0x0005 (no encryption) is refused. Both sides sign and compare a hash of the messages as they
// were on the wire, so those are kept here, and mbedTLS's hash is made again from them
// (ReplaceTranscript in mbedtls_version.h).
//
// For the client only: what a server hashes of a hello in fragments cannot be told from outside. A
// server negotiates AES-CM.
#pragma once

#include <vector>

#include "firmware/base/bytes.h"

namespace ocellus::dtls {

// RFC 5764 section 4.1.2: SRTP_NULL_HMAC_SHA1_80.
constexpr uint16_t kStandInForAesGcm = 0x0005;

class ProfileSwap {
 public:
  // Swaps the numbers in the ClientHello of `datagram`, if it has one.
  void HandleOutgoing(MutableBytes datagram);
  // Swaps them in the ServerHello of `datagram`. One in fragments is not seen, which ends the
  // handshake: with some 100 bytes, none ever is.
  void HandleIncoming(MutableBytes datagram);

  // The last ones as on the wire, with handshake headers; empty before.
  Bytes client_hello() const { return client_hello_; }
  Bytes server_hello() const { return server_hello_; }

 private:
  std::vector<uint8_t> client_hello_;
  std::vector<uint8_t> server_hello_;
};

// Whether `datagram` has a part of a ClientHello that comes in several.
bool HasFragmentOfClientHello(Bytes datagram);

}  // namespace ocellus::dtls
