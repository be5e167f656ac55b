// SPDX-License-Identifier: Apache-2.0
// The state cookie (RFC 9260 section 5.1.3): what the answerer of an INIT would have to remember,
// given to the peer to bring back, with a MAC so that it brings back nothing else. Here its owner
// has memory, and DTLS keeps strangers away; what it is needed for is INITs that cross, and a peer
// that restarts (section 5.2.4). io thread only. Owned by Handshake.
#pragma once

#include <array>

#include "firmware/base/random.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/crypto/digest.h"
#include "firmware/rtc/sctp/init_chunk.h"

namespace ocellus::sctp {

struct StateCookie {
  Time created_at;
  VerificationTag local_tag;  // Of the INIT ACK.
  VerificationTag peer_tag;   // Of the INIT, as is what follows.
  Tsn peer_initial_tsn;
  uint32_t peer_window = 0;
  uint16_t peer_outbound_streams = 0;
  uint16_t peer_inbound_streams = 0;
  Extensions peer_extensions;
  // The tags of the association that was there already; 0 when there was none.
  VerificationTag local_tie_tag;
  VerificationTag peer_tie_tag;

  friend bool operator==(const StateCookie& a, const StateCookie& b);
};

class CookieJar {
 public:
  static constexpr size_t kCookieSize = 37 + std::tuple_size_v<crypto::Sha256Digest>;
  using Cookie = std::array<uint8_t, kCookieSize>;

  // RFC 9260 section 16: "Valid.Cookie.Life 60 seconds".
  static constexpr Duration kLife = std::chrono::seconds(60);

  // The key has 256 bits of chance: as many as the MAC (RFC 2104 section 3).
  explicit CookieJar(Random& random);

  Cookie Seal(const StateCookie& cookie) const;
  // However old it is. Error: kMalformed (it is not from here).
  Result<StateCookie> Open(Bytes sealed) const;

 private:
  std::array<uint8_t, 32> key_;
};

}  // namespace ocellus::sctp
