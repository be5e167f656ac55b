// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/scripted_viewer.h"

#include "firmware/rtc/sdp/fragment.h"
#include "firmware/rtc/sdp/session_description.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

constexpr size_t kViewerCertificate = 1;
constexpr size_t kCameraCertificate = 0;

std::optional<ScriptedViewer::Packet> Cut(ScriptedViewer::Packet packet,
                                          std::optional<size_t> size) {
  if (!size) return std::nullopt;
  packet.resize(*size);
  return packet;
}

}  // namespace

ScriptedViewer::ScriptedViewer(Time now) : local_(ice::GenerateCredentials(random_)) {
  // What a DTLS server of ours can agree on: see dtls::Config.
  dtls_ = std::move(*dtls::Transport::Open({TestCertificate(kViewerCertificate),
                                            dtls::Role::kServer,
                                            {srtp::Profile::kAes128CmHmacSha1_80}},
                                           random_));
  dtls_->SetRemoteFingerprints({TestCertificate(kCameraCertificate).fingerprint()});
  dtls_->Start(now);
}

std::string ScriptedViewer::OfferWithData() const {
  std::string offer = Offer();
  const std::string bundle = "BUNDLE 0";
  offer.replace(offer.find(bundle), bundle.size(), "BUNDLE 0 1");
  return offer +
         "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
         "a=mid:1\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";
}

std::string ScriptedViewer::Offer() const {
  return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
         "m=video 9 UDP/TLS/RTP/SAVPF 102 103\r\nc=IN IP4 0.0.0.0\r\n"
         "a=ice-ufrag:" +
         local_.ufrag + "\r\na=ice-pwd:" + local_.pwd +
         "\r\na=ice-options:trickle\r\na=fingerprint:" +
         TestCertificate(kViewerCertificate).fingerprint().ToString() +
         "\r\na=setup:actpass\r\na=mid:0\r\n"
         "a=extmap:4 http://www.ietf.org/id/"
         "draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
         "a=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:102 H264/90000\r\n"
         "a=rtcp-fb:102 transport-cc\r\na=rtcp-fb:102 ccm fir\r\na=rtcp-fb:102 nack\r\n"
         "a=rtcp-fb:102 nack pli\r\n"
         "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
         "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n";
}

void ScriptedViewer::HandleAnswer(std::string_view answer) {
  const auto parsed = sdp::SessionDescription::Parse(answer);
  CHECK(parsed.ok(), "answer: %s", parsed.status().ToString().c_str());
  const sdp::MediaDescription& media = parsed->media.at(0);
  CHECK(!media.sources.empty(), "an answer with %zu SSRCs", media.sources.size());
  remote_ = {*media.ice_ufrag, *media.ice_pwd};
  camera_ssrc_ = media.sources[0].ssrc;
}

std::string ScriptedViewer::RestartIce() {
  local_ = ice::GenerateCredentials(random_);
  return "a=ice-ufrag:" + local_.ufrag + "\r\na=ice-pwd:" + local_.pwd +
         "\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n";
}

void ScriptedViewer::HandleFragment(std::string_view fragment) {
  const auto parsed = sdp::Fragment::Parse(fragment);
  CHECK(parsed.ok(), "fragment: %s", parsed.status().ToString().c_str());
  remote_ = {*parsed->ufrag, *parsed->pwd};
}

ScriptedViewer::Packet ScriptedViewer::MakeCheck(const CheckOptions& options) {
  Packet out(512);
  stun::Header header;
  random_.Fill(header.transaction_id);
  stun::MessageWriter writer(out, header);
  writer.AddJoinedText(stun::AttributeType::kUsername, remote_.ufrag, ':', local_.ufrag);
  writer.AddU32(stun::AttributeType::kPriority, 0x6e0001ff);
  if (options.use_candidate) writer.AddFlag(stun::AttributeType::kUseCandidate);
  writer.AddU64(options.controlling ? stun::AttributeType::kIceControlling
                                    : stun::AttributeType::kIceControlled,
                options.tie_breaker);
  writer.AddIntegrity(AsBytes(remote_.pwd));
  writer.AddFingerprint();
  out.resize(writer.Finish().value());
  return out;
}

ScriptedViewer::Packet ScriptedViewer::MakeAnswer(const stun::TransactionId& id,
                                                  const SocketAddress& camera,
                                                  std::optional<stun::ErrorCode> error) const {
  Packet out(512);
  stun::Header header;
  header.message_class = error ? stun::MessageClass::kError : stun::MessageClass::kSuccess;
  header.transaction_id = id;
  stun::MessageWriter writer(out, header);
  if (error) {
    writer.AddErrorCode(*error);
  } else {
    writer.AddXorAddress(stun::AttributeType::kXorMappedAddress, camera);
  }
  writer.AddIntegrity(AsBytes(local_.pwd));
  writer.AddFingerprint();
  out.resize(writer.Finish().value());
  return out;
}

void ScriptedViewer::HandleDtls(Time now, Bytes datagram) {
  dtls_->HandleDatagram(now, datagram);
  while (const auto event = dtls_->PollEvent()) {
    if (const auto* connected = std::get_if<dtls::Connected>(&*event)) {
      const dtls::SrtpKeys& keys = *connected->srtp;
      auto session = srtp::Session::Create(keys.profile, keys.local, keys.remote);
      CHECK(session.ok(), "SRTP: %s", session.status().ToString().c_str());
      srtp_.emplace(std::move(*session));
    }
  }
}

std::optional<ScriptedViewer::Packet> ScriptedViewer::PollDtls(Time now) {
  if (now >= dtls_->next_deadline()) dtls_->HandleTimeout(now);
  Packet out(kMaxReceivedDatagramSize);
  const auto size = dtls_->PollTransmit(now, out);
  return Cut(std::move(out), size);
}

std::optional<ScriptedViewer::Packet> ScriptedViewer::ProtectRtp(Bytes plain) {
  if (!srtp_) return std::nullopt;
  Packet out(plain.begin(), plain.end());
  out.resize(plain.size() + srtp::kMaxRtpOverhead);
  const auto size = srtp_->ProtectRtp(out, plain.size());
  return Cut(std::move(out), size);
}

std::optional<ScriptedViewer::Packet> ScriptedViewer::ProtectRtcp(Bytes plain) {
  if (!srtp_) return std::nullopt;
  Packet out(plain.begin(), plain.end());
  out.resize(plain.size() + srtp::kMaxRtcpOverhead);
  const auto size = srtp_->ProtectRtcp(out, plain.size());
  return Cut(std::move(out), size);
}

std::optional<ScriptedViewer::Packet> ScriptedViewer::UnprotectRtp(Bytes packet) {
  if (!srtp_) return std::nullopt;
  Packet out(packet.begin(), packet.end());
  const auto size = srtp_->UnprotectRtp(out);
  return Cut(std::move(out), size);
}

std::optional<ScriptedViewer::Packet> ScriptedViewer::UnprotectRtcp(Bytes packet) {
  if (!srtp_) return std::nullopt;
  Packet out(packet.begin(), packet.end());
  const auto size = srtp_->UnprotectRtcp(out);
  return Cut(std::move(out), size);
}

}  // namespace ocellus::sim
