// SPDX-License-Identifier: Apache-2.0
// What any signaling (WHEP now; MQTT and WebSocket later) asks of the app: viewers come, trickle,
// restart and go. The app's SessionManager implements it; tests use a fake. io thread only.
//
// Errors keep their meaning through every signaling: kMalformed (the SDP breaks its own format, and
// where), kInvalidArgument (well-formed, but says what it may not), kUnsupported (well-formed, but
// nothing in it that we can send), kNotFound (no such session), kFailedPrecondition (the ICE
// generation is not the current one, or an answer to no offer), kResourceExhausted (no slot free),
// kUnavailable (we have no address that a viewer could reach, yet).
#pragma once

#include <string>
#include <string_view>

#include "firmware/auth/role.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"

namespace ocellus::signaling {

// A session's public name: random, unguessable (at least 128 bits), safe in a URL.
using SessionId = std::string;

// Who wants to watch, and what else he may do.
struct Visitor {
  auth::Role role = auth::Role::kViewer;
  SocketAddress remote;  // Of his signaling.
};

struct AcceptedOffer {
  SessionId id;
  std::string answer_sdp;
  std::string ice_generation;  // Names the ICE session (WHEP's ETag, without quotes).
};

struct CounterOffer {
  SessionId id;
  std::string offer_sdp;
  std::string ice_generation;  // As in AcceptedOffer.
};

struct RestartedIce {
  std::string sdp_fragment;    // Our new ufrag, pwd and candidates (RFC 8840).
  std::string ice_generation;  // Another one than before.
};

class ViewerSessions {
 public:
  virtual ~ViewerSessions() = default;

  // A viewer's offer: takes a slot and answers.
  virtual Result<AcceptedOffer> Accept(Time now, const Visitor& visitor,
                                       std::string_view offer_sdp) = 0;
  // We offer, because the viewer's own offer was kUnsupported: takes a slot until the answer comes.
  virtual Result<CounterOffer> Offer(Time now, const Visitor& visitor) = 0;
  virtual Status HandleAnswer(Time now, const SessionId& id, std::string_view answer_sdp) = 0;

  // Trickled candidates (RFC 8840) of the ICE session named `ice_generation`.
  virtual Status AddCandidates(Time now, const SessionId& id, std::string_view ice_generation,
                               std::string_view sdp_fragment) = 0;
  // A fragment with new credentials. The session survives a restart that fails.
  virtual Result<RestartedIce> RestartIce(Time now, const SessionId& id,
                                          std::string_view sdp_fragment) = 0;
  virtual Status Close(Time now, const SessionId& id) = 0;
  // Without side effects.
  virtual bool Exists(const SessionId& id) const = 0;
};

}  // namespace ocellus::signaling
