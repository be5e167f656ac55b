// SPDX-License-Identifier: Apache-2.0
// The lines of SDP (RFC 8866 section 5) and how they make up a description. Used through
// SessionDescription::Parse and Fragment::Parse.
#pragma once

#include <string_view>

#include "firmware/rtc/sdp/session_description.h"

namespace ocellus::sdp {

enum class Grammar : uint8_t {
  kDescription,  // v=, o=, s= and t= come first.
  kFragment,     // Only attributes and m-lines (RFC 8840 section 9.2).
};

struct ParsedText {
  SessionDescription description;
  MediaDescription defaults;  // What the session level says for all media.
};

// Errors: as SessionDescription::Parse.
Result<ParsedText> ParseText(std::string_view text, Grammar grammar);

}  // namespace ocellus::sdp
