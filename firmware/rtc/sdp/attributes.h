// SPDX-License-Identifier: Apache-2.0
// The a= lines that we use: each puts what it says into the description. Unknown ones are ignored
// (RFC 8866 section 6).
#pragma once

#include <string_view>

#include "firmware/rtc/sdp/session_description.h"

namespace ocellus::sdp {

struct Attribute {
  size_t line = 0;
  std::string_view name;
  std::string_view value;  // Empty for a=name. Borrowed.
};

// Splits the value of an a= line. Errors: kMalformed when the name is not a token.
Result<Attribute> SplitAttribute(size_t line, std::string_view text);

// For an attribute of the media. Errors: kMalformed.
Status ApplyMediaAttribute(const Attribute& attribute, MediaDescription& media);

// For an attribute before the first m-line. What may be given for all media goes to `defaults`.
// Errors: kMalformed.
Status ApplySessionAttribute(const Attribute& attribute, SessionDescription& session,
                             MediaDescription& defaults);

// a=ice-options, which both levels may have, goes to the session.
Status ApplyIceOptions(const Attribute& attribute, SessionDescription& session);

}  // namespace ocellus::sdp
