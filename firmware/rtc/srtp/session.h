// SPDX-License-Identifier: Apache-2.0
// SRTP and SRTCP for one viewer: encrypts and authenticates packets where they lie (RFC 3711,
// RFC 7714), on libsrtp2, which only the .cc file sees.
// io thread only. Owned by Peer.
//
// A sender starts each SSRC at a sequence number below 2^15: the receiver cannot know of a wrap
// that it has not seen (RFC 3711 section 3.3.1). Sending a sequence number again is right only for
// the very same packet: see ProtectRtp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"
#include "firmware/base/status.h"
#include "firmware/base/strong_id.h"
#include "firmware/rtc/srtp/profile.h"

struct srtp_ctx_t_;

namespace ocellus::srtp {

// What Protect adds at most, in bytes. RTP: a tag of 10 or 16. RTCP: 4 more, the E bit and index.
constexpr size_t kMaxRtpOverhead = 16;
constexpr size_t kMaxRtcpOverhead = 20;

struct Stats {
  uint64_t authentication_failures = 0;  // Forged, damaged, or with other keys.
  uint64_t replays = 0;                  // Seen before, or older than the window.
  uint64_t malformed = 0;                // Too short, or lengths that do not add up.
  uint64_t excess_sources = 0;           // From an SSRC beyond kMaxRemoteSources.
};

class Session {
 public:
  // Error: kInternal (memory, or a libsrtp2 without AES-GCM).
  static Result<Session> Create(Profile profile, const MasterKey& local, const MasterKey& remote);

  Session(Session&& other) noexcept;
  Session& operator=(Session&& other) noexcept;
  ~Session();

  // The packet is in the first `size` bytes of `buffer`, which has room for the overhead behind it.
  // Returns its new size, or nullopt when it cannot be sent: not an RTP packet, older than the
  // window of kSrtpReplayWindow packets, or the key is used up. Protecting a sequence number again
  // is allowed, for retransmission without RTX, and gives the same bytes for the same packet; with
  // AES-GCM another packet of the same number would give the authentication key away (RFC 7714
  // section 9.1).
  std::optional<size_t> ProtectRtp(MutableBytes buffer, size_t size);
  std::optional<size_t> ProtectRtcp(MutableBytes buffer, size_t size);

  // Decrypts `packet` where it lies and returns its new size, or nullopt for one that must be
  // dropped; its bytes are then undefined. Any packet may be given.
  std::optional<size_t> UnprotectRtp(MutableBytes packet);
  std::optional<size_t> UnprotectRtcp(MutableBytes packet);

  const Stats& stats() const { return stats_; }

 private:
  Session() = default;
  bool MayReceiveFrom(Ssrc source);
  bool IsKnown(Ssrc source) const;
  void RememberSource(Ssrc source);
  std::optional<size_t> Refused(int error);

  srtp_ctx_t_* outbound_ = nullptr;
  srtp_ctx_t_* inbound_ = nullptr;
  // Authenticated SSRCs: libsrtp2 keeps some state for each. Full: further ones are dropped.
  std::array<Ssrc, kMaxRemoteSources> sources_{};
  size_t source_count_ = 0;
  Stats stats_;
};

}  // namespace ocellus::srtp
