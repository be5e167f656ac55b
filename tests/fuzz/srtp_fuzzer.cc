// SPDX-License-Identifier: Apache-2.0
// Packets from anybody for an SRTP session, and plain ones for it to protect.
#include <vector>

#include "firmware/rtc/srtp/session.h"

namespace ocellus::srtp {
namespace {

void Feed(Profile profile, Bytes input) {
  const MasterKey key;
  // libsrtp2 on NSS starts and stops that library with the first and last session: keep one.
  static const Session another = std::move(*Session::Create(profile, key, key));
  Session session = std::move(*Session::Create(profile, key, key));
  // In memory of exactly its size, so that reading past the end shows.
  std::vector<uint8_t> rtp(input.begin(), input.end());
  std::vector<uint8_t> rtcp = rtp;
  static_cast<void>(session.UnprotectRtp(rtp));
  static_cast<void>(session.UnprotectRtcp(rtcp));

  std::vector<uint8_t> packet(input.begin(), input.end());
  packet.resize(input.size() + kMaxRtcpOverhead);
  const auto rtp_size = session.ProtectRtp(packet, input.size());
  if (rtp_size) {
    packet.resize(*rtp_size);
    const auto plain_size = session.UnprotectRtp(packet);
    CHECK(plain_size && Bytes(packet).first(*plain_size) == input, "RTP of %zu bytes is lost",
          input.size());
  }
}

}  // namespace
}  // namespace ocellus::srtp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::srtp::Feed(ocellus::srtp::Profile::kAeadAes128Gcm, ocellus::Bytes(data, size));
  ocellus::srtp::Feed(ocellus::srtp::Profile::kAes128CmHmacSha1_80, ocellus::Bytes(data, size));
  return 0;
}
