// SPDX-License-Identifier: Apache-2.0
// A viewer that holds the keys to one camera and has no manners of its own: it makes the messages
// of ICE, DTLS and SRTP that a test asks for, right ones and wrong ones. For hostile viewers and
// the fuzzer; ViewerNode is the one that behaves.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "firmware/rtc/dtls/transport.h"
#include "firmware/rtc/ice/credentials.h"
#include "firmware/rtc/srtp/session.h"
#include "firmware/rtc/stun/message_writer.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::sim {

class ScriptedViewer {
 public:
  using Packet = std::vector<uint8_t>;

  explicit ScriptedViewer(Time now);

  // An offer to receive H.264 as a browser makes it, without candidates.
  std::string Offer() const;
  // And data channels.
  std::string OfferWithData() const;
  // The camera's credentials, fingerprint and SSRCs are taken from its answer.
  void HandleAnswer(std::string_view answer);
  // New credentials of ours, as a fragment for the camera (RFC 8840), and the camera's own.
  std::string RestartIce();
  void HandleFragment(std::string_view fragment);

  // --- ICE --------------------------------------------------------------------------------------
  struct CheckOptions {
    bool use_candidate = true;
    bool controlling = true;
    uint64_t tie_breaker = ~uint64_t{0};
  };
  Packet MakeCheck(const CheckOptions& options);
  Packet MakeCheck() { return MakeCheck(CheckOptions()); }
  // To the camera's check `id`, which came from `camera`.
  Packet MakeAnswer(const stun::TransactionId& id, const SocketAddress& camera,
                    std::optional<stun::ErrorCode> error = std::nullopt) const;

  // --- DTLS, as its server ----------------------------------------------------------------------
  void HandleDtls(Time now, Bytes datagram);
  // The next datagram to the camera.
  std::optional<Packet> PollDtls(Time now);
  dtls::Transport& dtls() { return *dtls_; }
  bool has_keys() const { return srtp_.has_value(); }

  // --- SRTP, once there are keys ----------------------------------------------------------------
  std::optional<Packet> ProtectRtp(Bytes plain);
  std::optional<Packet> ProtectRtcp(Bytes plain);
  // What the camera sent, or nullopt when it is not authentic.
  std::optional<Packet> UnprotectRtp(Bytes packet);
  std::optional<Packet> UnprotectRtcp(Bytes packet);

  Ssrc camera_ssrc() const { return camera_ssrc_; }
  static constexpr Ssrc kSsrc{0x1234567};  // Of our reports.

 private:
  SeededRandom random_{99};
  ice::Credentials local_;
  ice::Credentials remote_;
  Ssrc camera_ssrc_;
  std::unique_ptr<dtls::Transport> dtls_;
  std::optional<srtp::Session> srtp_;
};

}  // namespace ocellus::sim
