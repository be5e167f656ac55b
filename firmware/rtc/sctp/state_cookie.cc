// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/state_cookie.h"

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"
#include "firmware/rtc/crypto/hmac.h"

namespace ocellus::sctp {
namespace {

constexpr size_t kMacSize = std::tuple_size_v<crypto::Sha256Digest>;
constexpr size_t kStateSize = CookieJar::kCookieSize - kMacSize;

uint8_t ToBits(const Extensions& extensions) {
  return static_cast<uint8_t>((extensions.forward_tsn ? 1 : 0) | (extensions.interleaving ? 2 : 0) |
                              (extensions.reconfig ? 4 : 0) | (extensions.zero_checksum ? 8 : 0));
}

Extensions FromBits(uint8_t bits) {
  return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
}

}  // namespace

bool operator==(const StateCookie& a, const StateCookie& b) {
  return a.created_at == b.created_at && a.local_tag == b.local_tag && a.peer_tag == b.peer_tag &&
         a.peer_initial_tsn == b.peer_initial_tsn && a.peer_window == b.peer_window &&
         a.peer_outbound_streams == b.peer_outbound_streams &&
         a.peer_inbound_streams == b.peer_inbound_streams &&
         ToBits(a.peer_extensions) == ToBits(b.peer_extensions) &&
         a.local_tie_tag == b.local_tie_tag && a.peer_tie_tag == b.peer_tie_tag;
}

CookieJar::CookieJar(Random& random) { random.Fill(key_); }

CookieJar::Cookie CookieJar::Seal(const StateCookie& cookie) const {
  Cookie sealed;
  ByteWriter writer(sealed);
  writer.WriteU64(static_cast<uint64_t>(cookie.created_at.time_since_epoch().count()));
  writer.WriteU32(cookie.local_tag.value());
  writer.WriteU32(cookie.peer_tag.value());
  writer.WriteU32(cookie.peer_initial_tsn.value());
  writer.WriteU32(cookie.peer_window);
  writer.WriteU16(cookie.peer_outbound_streams);
  writer.WriteU16(cookie.peer_inbound_streams);
  writer.WriteU8(ToBits(cookie.peer_extensions));
  writer.WriteU32(cookie.local_tie_tag.value());
  writer.WriteU32(cookie.peer_tie_tag.value());
  CHECK(writer.size() == kStateSize, "a cookie of %zu bytes", writer.size());
  writer.WriteBytes(crypto::HmacSha256(key_, writer.written()));
  return sealed;
}

Result<StateCookie> CookieJar::Open(Bytes sealed) const {
  if (sealed.size() != kCookieSize) return StatusCode::kMalformed;
  const Bytes state = sealed.first(kStateSize);
  if (!ConstantTimeEqual(sealed.subspan(kStateSize), crypto::HmacSha256(key_, state))) {
    return StatusCode::kMalformed;
  }
  ByteReader reader(state);
  StateCookie cookie;
  cookie.created_at = Time(Duration(static_cast<int64_t>(reader.ReadU64())));
  cookie.local_tag = VerificationTag(reader.ReadU32());
  cookie.peer_tag = VerificationTag(reader.ReadU32());
  cookie.peer_initial_tsn = Tsn(reader.ReadU32());
  cookie.peer_window = reader.ReadU32();
  cookie.peer_outbound_streams = reader.ReadU16();
  cookie.peer_inbound_streams = reader.ReadU16();
  cookie.peer_extensions = FromBits(reader.ReadU8());
  cookie.local_tie_tag = VerificationTag(reader.ReadU32());
  cookie.peer_tie_tag = VerificationTag(reader.ReadU32());
  return cookie;
}

}  // namespace ocellus::sctp
