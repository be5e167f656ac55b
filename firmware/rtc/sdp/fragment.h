// SPDX-License-Identifier: Apache-2.0
// Trickled candidates on their way through HTTP: application/trickle-ice-sdpfrag (RFC 8840
// section 9, as WHIP and WHEP use it, RFC 9725 section 4.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/status.h"
#include "firmware/rtc/sdp/session_description.h"

namespace ocellus::sdp {

struct Fragment {
  struct Media {
    std::string media = "video";
    std::string protocol = "UDP/TLS/RTP/SAVPF";
    std::string format = "0";
    std::string mid;
    std::vector<std::string> candidates;  // "candidate:1 1 udp ..."
    bool end_of_candidates = false;
  };

  // They tell to which generation the candidates belong; new ones ask for an ICE restart. Always
  // both or none.
  std::optional<std::string> ufrag;
  std::optional<std::string> pwd;
  bool ice_lite = false;
  std::vector<std::string> ice_options;
  std::vector<std::string> bundle;  // The mids of a=group:BUNDLE.
  std::vector<Media> media;

  // Errors: as SessionDescription::Parse; kMalformed also when two media have different
  // credentials, for we have one transport.
  static Result<Fragment> Parse(std::string_view text);
  std::string Write() const;
};

}  // namespace ocellus::sdp
