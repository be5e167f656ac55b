// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/transport_negotiation.h"

#include "firmware/base/socket_address.h"
#include "firmware/base/text.h"

namespace ocellus::sdp {
namespace {

// Hashes that can still be trusted. RFC 8122 section 5: sha-1 and md5 are there for old endpoints;
// WebRTC has none (RFC 8827 section 6.5 asks for sha-256).
bool IsStrongFingerprint(std::string_view fingerprint) {
  return StartsWith(fingerprint, "sha-256 ") || StartsWith(fingerprint, "sha-384 ") ||
         StartsWith(fingerprint, "sha-512 ");
}

// RFC 8839 section 4.2.1.2: m= and c= repeat the default candidate for those who know no ICE: the
// first IPv4 one over UDP. Without one they stay 9 and 0.0.0.0 (RFC 8840 section 4.1.1).
void SetDefaultCandidate(MediaDescription& media) {
  for (const std::string_view candidate : media.candidates) {
    std::string_view rest = candidate;
    TakeUntil(rest, ' ');  // Foundation.
    TakeUntil(rest, ' ');  // Component.
    const std::string_view protocol = TakeUntil(rest, ' ');
    TakeUntil(rest, ' ');  // Priority.
    const auto ip = IpAddress::Parse(TakeUntil(rest, ' '));
    const auto port = ParseNumber<uint16_t>(TakeUntil(rest, ' '));
    if (!EqualsIgnoreCase(protocol, "udp") || !ip || !ip->is_v4() || !port || *port == 0) continue;
    media.port = *port;
    media.connection = "IN IP4 " + ip->ToString();
    return;
  }
}

Status Refusal(const MediaDescription& media, const char* why) {
  return {StatusCode::kUnsupported, media.Where() + ": " + why};
}

}  // namespace

void AddTransport(const LocalSession& session, Setup setup, size_t tagged,
                  SessionDescription& description) {
  for (size_t i = 0; i < description.media.size(); ++i) {
    MediaDescription& media = description.media[i];
    if (media.is_rejected()) continue;
    media.ice_ufrag = session.ufrag;
    media.ice_pwd = session.pwd;
    media.fingerprints = {session.fingerprint};
    media.setup = setup;
    if (i != tagged) continue;
    media.candidates = session.candidates;
    media.end_of_candidates = session.end_of_candidates;
    SetDefaultCandidate(media);
  }
}

const MediaDescription& TransportOf(const SessionDescription& description,
                                    const MediaDescription& media) {
  const Group* bundle = media.mid ? description.FindBundle(*media.mid) : nullptr;
  if (media.ice_ufrag || bundle == nullptr) return media;
  const MediaDescription* tagged = description.FindMedia(bundle->mids.front());
  return tagged == nullptr ? media : *tagged;
}

Result<RemoteTransport> ReadTransport(const SessionDescription& description,
                                      const MediaDescription& media) {
  if (!media.ice_ufrag || !media.ice_pwd) {
    return Refusal(media, "no a=ice-ufrag and a=ice-pwd, expected ICE");
  }
  RemoteTransport remote;
  for (const std::string& fingerprint : media.fingerprints) {
    if (IsStrongFingerprint(fingerprint)) remote.fingerprints.push_back(fingerprint);
  }
  if (remote.fingerprints.empty()) {
    return Refusal(media, media.fingerprints.empty()
                              ? "no a=fingerprint, expected one with sha-256"
                              : "a=fingerprint with a weak hash only, expected sha-256");
  }
  remote.mid = media.mid.value_or("");
  remote.ufrag = *media.ice_ufrag;
  remote.pwd = *media.ice_pwd;
  remote.ice_lite = description.ice_lite;
  remote.trickle = description.has_ice_option("trickle");
  remote.candidates = media.candidates;
  remote.end_of_candidates = media.end_of_candidates;
  return remote;
}

Result<Setup> RoleOfOfferer(const MediaDescription& offered) {
  switch (offered.setup.value_or(Setup::kActive)) {
    case Setup::kActPass:
    case Setup::kPassive:
      return Setup::kPassive;
    case Setup::kActive:
      return Setup::kActive;
    case Setup::kHoldConn:
      break;
  }
  return Refusal(offered, "a=setup:holdconn, expected actpass, active or passive");
}

Result<Setup> RoleOfAnswerer(Setup offered, const MediaDescription& answer) {
  const Setup role = answer.setup.value_or(Setup::kPassive);
  const bool fits = (role == Setup::kActive && offered != Setup::kActive) ||
                    (role == Setup::kPassive && offered != Setup::kPassive);
  if (fits) return role;
  return Status(StatusCode::kMalformed, answer.Where() + ": a=setup:" + ToString(role) +
                                            " to an offer of " + ToString(offered) +
                                            ", expected the other role");
}

}  // namespace ocellus::sdp
