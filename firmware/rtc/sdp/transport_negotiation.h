// SPDX-License-Identifier: Apache-2.0
// The transport in an offer or answer: ICE credentials and candidates, fingerprints, and who is
// the DTLS client (RFC 8839, RFC 8842). One transport carries everything (RFC 9143).
#pragma once

#include "firmware/rtc/sdp/negotiation.h"

namespace ocellus::sdp {

// Writes our transport into each m-line of `description` that is not rejected; the candidates only
// into the one with index `tagged`, which stands for the BUNDLE group (RFC 9143 section 7.2).
void AddTransport(const LocalSession& session, Setup setup, size_t tagged,
                  SessionDescription& description);

// The m-line of `description` that says how to reach its writer over the transport of `media`:
// itself, or the first of its BUNDLE group where it leaves that to it (RFC 9143 section 7.1.3).
const MediaDescription& TransportOf(const SessionDescription& description,
                                    const MediaDescription& media);

// The peer's transport, but for its role. `media` is what TransportOf gave.
// Errors: kUnsupported, with the line, when ICE credentials or acceptable fingerprints are missing.
Result<RemoteTransport> ReadTransport(const SessionDescription& description,
                                      const MediaDescription& media);

// The ice-option of DTLS in STUN: draft-hancke-webrtc-sped, "Capability Negotiation".
constexpr const char kDtlsInStunOption[] = "sped";

// The role of a peer that offers `setup` (none: active, RFC 4145 section 4.1) to us, who prefer to
// be active. Errors: kUnsupported for holdconn.
Result<Setup> RoleOfOfferer(const MediaDescription& offered);
// The role of a peer that answers to our `offered`. Errors: kMalformed when it does not fit.
Result<Setup> RoleOfAnswerer(Setup offered, const MediaDescription& answer);

}  // namespace ocellus::sdp
