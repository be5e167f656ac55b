// SPDX-License-Identifier: Apache-2.0
// A viewer for the benchmarks: receives, decrypts, reports, and counts what comes.
//
// Its DTLS is OpenSSL's, for the camera is always the client, and mbedTLS as server cannot agree on
// AES-GCM (firmware/rtc/dtls/profile_swap.h). All else is ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/rtc/ice/agent.h"
#include "firmware/rtc/rtp/receive_stream.h"
#include "firmware/rtc/sdp/negotiation.h"
#include "firmware/rtc/srtp/session.h"
#include "hal/udp_socket.h"
#include "tests/rtc/dtls/openssl_peer.h"

namespace ocellus::benchmarks {

// SRTP profiles as command lines name them: "gcm" is AEAD_AES_128_GCM, "cm" is
// AES_CM_128_HMAC_SHA1_80.
std::optional<srtp::Profile> ParseProfile(std::string_view name);

class Viewer {
 public:
  // `socket` is this viewer's alone, and reached at `address`. It and `random` outlive this.
  Viewer(Time now, srtp::Profile profile, const SocketAddress& address, hal::UdpSocket& socket,
         Random& random);

  // The descriptions; CHECKs that they are accepted.
  std::string Offer();
  void HandleAnswer(Time now, std::string_view answer);

  // Does everything that is ready.
  void Pump(Time now);
  Time next_deadline() const;

  bool connected() const { return srtp_.has_value(); }
  uint64_t packets() const { return packets_; }    // Of media, whole and once each.
  uint64_t pictures() const { return pictures_; }  // Ended: packets with the marker bit.

 private:
  void HandleDatagram(Time now, const Datagram& in);
  void HandleDtls(Bytes datagram);
  void HandleSrtp(Time now, MutableBytes packet);
  void Transmit(Time now);
  void TakeKeys();

  const srtp::Profile profile_;
  hal::UdpSocket& socket_;
  Random& random_;
  const Ssrc ssrc_;
  ice::Agent ice_;
  dtls::OpenSslPeer dtls_;
  std::optional<sdp::SessionDescription> offer_;
  std::optional<srtp::Session> srtp_;
  std::optional<rtp::ReceiveStream> receiver_;
  uint64_t packets_ = 0;
  uint64_t pictures_ = 0;
};

}  // namespace ocellus::benchmarks
