// SPDX-License-Identifier: Apache-2.0
// Cuts SDP text into its `type=value` lines (RFC 8866 section 5) and words the errors about them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/status.h"

namespace ocellus::sdp {

struct Line {
  size_t number = 0;  // From 1.
  char type = 0;
  std::string_view value;  // Borrowed from the text.
};

class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  // The next line, or nullopt at the end. CR LF and LF end a line; empty lines may only stand at
  // the end. Errors: kMalformed for control characters and for what is not `type=value`.
  Result<std::optional<Line>> Next();

  // Of the line that Next gave last; 0 before the first.
  size_t number() const { return number_; }

 private:
  std::string_view rest_;
  size_t number_ = 0;
};

// kMalformed, "SDP line 12: <what>". `what` says what was wrong and what was expected.
Status LineError(size_t line, const std::string& what);

// For error messages: in quotes, cut when it is long, printable ASCII only.
std::string Quoted(std::string_view text);

// RFC 8866 section 9: what names and mids are made of.
bool IsToken(std::string_view text);

}  // namespace ocellus::sdp
