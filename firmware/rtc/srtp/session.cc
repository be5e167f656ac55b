// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/srtp/session.h"

#include <srtp2/srtp.h>

#include <algorithm>
#include <utility>

namespace ocellus::srtp {
namespace {

static_assert(kSrtpReplayWindow >= kSendHistoryPackets,
              "libsrtp2 refuses to protect a retransmission from before the window");

// RFC 3550 section 5.1: the fixed header. RFC 3550 section 6.4.2: header and SSRC of an empty RR.
constexpr size_t kRtpHeaderSize = 12;
constexpr size_t kRtcpHeaderSize = 8;

// Once per process: libsrtp2 builds its tables of algorithms.
bool InitLibrary() {
  static const bool ok = srtp_init() == srtp_err_status_ok;
  return ok;
}

Ssrc SsrcAt(Bytes packet, size_t offset) {
  const uint8_t* byte = packet.subspan(offset, 4).data();
  return Ssrc(static_cast<uint32_t>(byte[0]) << 24 | static_cast<uint32_t>(byte[1]) << 16 |
              static_cast<uint32_t>(byte[2]) << 8 | byte[3]);
}

srtp_ctx_t_* CreateContext(Profile profile, const MasterKey& key, srtp_ssrc_type_t direction) {
  // RFC 5764 section 4.1.2 and RFC 7714 section 12: RTP and RTCP use the same profile and key.
  srtp_policy_t policy{};
  switch (profile) {
    case Profile::kAes128CmHmacSha1_80:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
      break;
    case Profile::kAeadAes128Gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
      break;
  }
  std::array<uint8_t, kMasterKeySize + kMaxMasterSaltSize> key_and_salt;
  const auto salt = std::copy(key.key.begin(), key.key.end(), key_and_salt.begin());
  std::copy(key.salt.begin(), key.salt.end(), salt);

  policy.ssrc.type = direction;
  policy.key = key_and_salt.data();
  policy.window_size = kSrtpReplayWindow;
  policy.allow_repeat_tx = 1;

  srtp_t context = nullptr;
  const srtp_err_status_t status = srtp_create(&context, &policy);
  Wipe(key_and_salt);
  return status == srtp_err_status_ok ? context : nullptr;
}

}  // namespace

Result<Session> Session::Create(Profile profile, const MasterKey& local, const MasterKey& remote) {
  if (!InitLibrary()) return Status(StatusCode::kInternal, "libsrtp2 does not start");
  Session session;
  session.outbound_ = CreateContext(profile, local, ssrc_any_outbound);
  session.inbound_ = CreateContext(profile, remote, ssrc_any_inbound);
  if (session.outbound_ == nullptr || session.inbound_ == nullptr) {
    return Status(StatusCode::kInternal, Format("libsrtp2 has no %s", ToString(profile)));
  }
  return session;
}

Session::Session(Session&& other) noexcept { *this = std::move(other); }

Session& Session::operator=(Session&& other) noexcept {
  std::swap(outbound_, other.outbound_);
  std::swap(inbound_, other.inbound_);
  std::swap(sources_, other.sources_);
  std::swap(source_count_, other.source_count_);
  std::swap(stats_, other.stats_);
  return *this;
}

Session::~Session() {
  if (outbound_ != nullptr) srtp_dealloc(outbound_);
  if (inbound_ != nullptr) srtp_dealloc(inbound_);
}

std::optional<size_t> Session::ProtectRtp(MutableBytes buffer, size_t size) {
  CHECK(size + kMaxRtpOverhead <= buffer.size(), "RTP packet of %zu in a buffer of %zu", size,
        buffer.size());
  if (size < kRtpHeaderSize) return std::nullopt;
  int length = static_cast<int>(size);
  if (srtp_protect(outbound_, buffer.data(), &length) != srtp_err_status_ok) return std::nullopt;
  return static_cast<size_t>(length);
}

std::optional<size_t> Session::ProtectRtcp(MutableBytes buffer, size_t size) {
  CHECK(size + kMaxRtcpOverhead <= buffer.size(), "RTCP packet of %zu in a buffer of %zu", size,
        buffer.size());
  if (size < kRtcpHeaderSize) return std::nullopt;
  int length = static_cast<int>(size);
  if (srtp_protect_rtcp(outbound_, buffer.data(), &length) != srtp_err_status_ok) {
    return std::nullopt;
  }
  return static_cast<size_t>(length);
}

std::optional<size_t> Session::UnprotectRtp(MutableBytes packet) {
  if (packet.size() < kRtpHeaderSize) return Refused(srtp_err_status_bad_param);
  const Ssrc source = SsrcAt(packet, 8);
  if (!MayReceiveFrom(source)) return std::nullopt;
  int length = static_cast<int>(packet.size());
  const srtp_err_status_t status = srtp_unprotect(inbound_, packet.data(), &length);
  if (status != srtp_err_status_ok) return Refused(status);
  RememberSource(source);
  return static_cast<size_t>(length);
}

std::optional<size_t> Session::UnprotectRtcp(MutableBytes packet) {
  if (packet.size() < kRtcpHeaderSize) return Refused(srtp_err_status_bad_param);
  const Ssrc source = SsrcAt(packet, 4);
  if (!MayReceiveFrom(source)) return std::nullopt;
  int length = static_cast<int>(packet.size());
  const srtp_err_status_t status = srtp_unprotect_rtcp(inbound_, packet.data(), &length);
  if (status != srtp_err_status_ok) return Refused(status);
  RememberSource(source);
  return static_cast<size_t>(length);
}

bool Session::MayReceiveFrom(Ssrc source) {
  if (source_count_ < sources_.size() || IsKnown(source)) return true;
  ++stats_.excess_sources;
  return false;
}

bool Session::IsKnown(Ssrc source) const {
  const auto end = sources_.begin() + source_count_;
  return std::find(sources_.begin(), end, source) != end;
}

void Session::RememberSource(Ssrc source) {
  if (!IsKnown(source)) sources_[source_count_++] = source;
}

std::optional<size_t> Session::Refused(int error) {
  switch (error) {
    case srtp_err_status_auth_fail:
    case srtp_err_status_cipher_fail:
      ++stats_.authentication_failures;
      break;
    case srtp_err_status_replay_fail:
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
      ++stats_.replays;
      break;
    default:
      ++stats_.malformed;
      break;
  }
  return std::nullopt;
}

}  // namespace ocellus::srtp
