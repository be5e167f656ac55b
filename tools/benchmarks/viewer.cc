// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/viewer.h"

#include <algorithm>

#include "firmware/base/byte_reader.h"

namespace ocellus::benchmarks {
namespace {

dtls::OpenSslPeer::Options DtlsOptions(srtp::Profile profile) {
  dtls::OpenSslPeer::Options options;
  options.srtp_profiles =
      profile == srtp::Profile::kAeadAes128Gcm ? "SRTP_AEAD_AES_128_GCM" : "SRTP_AES128_CM_SHA1_80";
  return options;
}

}  // namespace

std::optional<srtp::Profile> ParseProfile(std::string_view name) {
  if (name == "gcm") return srtp::Profile::kAeadAes128Gcm;
  if (name == "cm") return srtp::Profile::kAes128CmHmacSha1_80;
  return std::nullopt;
}

Viewer::Viewer(Time now, srtp::Profile profile, const SocketAddress& address,
               hal::UdpSocket& socket, Random& random)
    : profile_(profile),
      socket_(socket),
      random_(random),
      ssrc_(random.NextU32()),
      ice_(ice::Role::kControlling, random),
      dtls_(DtlsOptions(profile)) {
  ice_.SetLocalCandidates(now, ice::HostCandidates(Span<const SocketAddress>(&address, 1)));
}

std::string Viewer::Offer() {
  sdp::LocalSession session;
  session.session_id = random_.NextU64() >> 1;
  session.ufrag = ice_.local_credentials().ufrag;
  session.pwd = ice_.local_credentials().pwd;
  session.fingerprint = dtls_.fingerprint(crypto::HashAlgorithm::kSha256).ToString();
  for (const ice::Candidate& candidate : ice_.local_candidates()) {
    session.candidates.push_back(candidate.Write());
  }
  offer_ = sdp::CreateViewerOffer(session, sdp::ViewerMedia());
  return offer_->Write();
}

void Viewer::HandleAnswer(Time now, std::string_view text) {
  const auto answer = sdp::SessionDescription::Parse(text);
  CHECK(answer.ok(), "answer: %s", answer.status().ToString().c_str());
  const auto negotiated = sdp::ApplyAnswer(*offer_, *answer);
  CHECK(negotiated.ok() && negotiated->video && negotiated->video->remote_ssrc, "answer: %s",
        negotiated.status().ToString().c_str());
  rtp::ReceiveStreamConfig receive;
  receive.local_ssrc = ssrc_;
  receive.cname = "viewer";
  receive.ssrc = *negotiated->video->remote_ssrc;
  receive.payload_type = negotiated->video->payload_type;
  receive.rtx_ssrc = negotiated->video->remote_rtx_ssrc;
  receive.rtx_payload_type = negotiated->video->rtx_payload_type;
  receiver_.emplace(receive, random_);

  ice_.SetRemoteCredentials(now, {negotiated->remote.ufrag, negotiated->remote.pwd});
  for (const std::string& line : negotiated->remote.candidates) {
    const auto candidate = ice::Candidate::Parse(line);
    CHECK(candidate.ok(), "%s", line.c_str());
    ice_.AddRemoteCandidate(now, *candidate);
  }
  Transmit(now);
}

void Viewer::Pump(Time now) {
  bool worked = false;
  while (true) {
    const Span<Datagram> batch = socket_.Receive();
    if (batch.empty()) break;
    worked = true;
    for (const Datagram& datagram : batch) HandleDatagram(now, datagram);
  }
  if (now >= ice_.next_deadline()) ice_.HandleTimeout(now);
  if (worked || now >= next_deadline()) Transmit(now);
}

Time Viewer::next_deadline() const {
  return receiver_ ? std::min(ice_.next_deadline(), receiver_->next_deadline())
                   : ice_.next_deadline();
}

void Viewer::HandleDatagram(Time now, const Datagram& in) {
  // RFC 7983 section 7: the first byte tells the protocols of one port apart.
  const uint8_t first = in.payload.empty() ? 0xff : in.payload[0];
  if (first <= 3) {
    ice_.HandleDatagram(now, in);
    while (ice_.PollEvent()) {
    }
  } else if (first >= 128 && first <= 191) {
    HandleSrtp(now, in.payload);
  } else {
    HandleDtls(in.payload);
  }
}

void Viewer::HandleDtls(Bytes datagram) {
  dtls_.HandleDatagram(datagram);
  CHECK(!dtls_.has_failed(), "handshake with a datagram of %zu bytes", datagram.size());
  if (!srtp_ && dtls_.is_connected()) TakeKeys();
}

// RFC 5764 section 4.2: the exported bytes are client key, server key, client salt, server salt.
void Viewer::TakeKeys() {
  const size_t salt_size = srtp::MasterSaltSize(profile_);
  const std::vector<uint8_t> keys = dtls_.ExportKeys(2 * (srtp::kMasterKeySize + salt_size));
  srtp::MasterKey client;
  srtp::MasterKey server;
  ByteReader reader(keys);
  const auto read = [&reader](size_t size, uint8_t* out) {
    const Bytes bytes = reader.ReadBytes(size);
    std::copy(bytes.begin(), bytes.end(), out);
  };
  read(srtp::kMasterKeySize, client.key.data());
  read(srtp::kMasterKeySize, server.key.data());
  read(salt_size, client.salt.data());
  read(salt_size, server.salt.data());
  auto session = srtp::Session::Create(profile_, server, client);
  CHECK(session.ok(), "%s", session.status().ToString().c_str());
  srtp_.emplace(std::move(*session));
}

void Viewer::HandleSrtp(Time now, MutableBytes packet) {
  if (!srtp_) return;
  const bool is_rtcp = rtcp::IsRtcp(packet);
  const auto size = is_rtcp ? srtp_->UnprotectRtcp(packet) : srtp_->UnprotectRtp(packet);
  if (!size) return;
  const Bytes plain = Bytes(packet).first(*size);
  if (is_rtcp) {
    auto reader = rtcp::CompoundReader::Parse(plain);
    CHECK(reader.ok(), "report of %zu bytes", plain.size());
    while (const auto report = reader->Next()) receiver_->HandleRtcp(now, *report);
    return;
  }
  const auto parsed = rtp::Packet::Parse(plain);
  CHECK(parsed.ok(), "packet of %zu bytes", plain.size());
  if (const auto media = receiver_->HandlePacket(now, *parsed)) {
    ++packets_;
    if (media->marker) ++pictures_;
  }
}

void Viewer::Transmit(Time now) {
  while (const auto check = ice_.PollTransmit(now, socket_.SendBuffer())) socket_.Send(*check);
  if (const auto path = ice_.path()) {
    for (const std::vector<uint8_t>& datagram : dtls_.TakeDatagrams()) {
      std::copy(datagram.begin(), datagram.end(), socket_.SendBuffer().begin());
      socket_.Send({path->local, path->remote, datagram.size()});
    }
    while (srtp_) {
      const MutableBytes out = socket_.SendBuffer();
      const auto size = receiver_->PollRtcp(now, out);
      if (!size) break;
      const auto protected_size = srtp_->ProtectRtcp(out, *size);
      CHECK(protected_size, "report of %zu bytes", *size);
      socket_.Send({path->local, path->remote, *protected_size});
    }
  }
  socket_.Flush();
}

}  // namespace ocellus::benchmarks
