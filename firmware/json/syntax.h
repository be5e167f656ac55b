// SPDX-License-Identifier: Apache-2.0
// Whether a text is JSON, to the letter of RFC 8259: what stands between strangers and cJSON, which
// takes much that is none (01, bytes that are not UTF-8, control characters), and cuts strings at
// NUL. Any thread.
#pragma once

#include <string_view>

#include "firmware/base/status.h"

namespace ocellus::json {

// Goes over the text once and keeps nothing. Errors say at which byte, counted from 0:
// kMalformed (no JSON), kUnsupported (a NUL character in a string, a number of more than 63
// characters), kResourceExhausted (values inside each other deeper than kMaxJsonDepth, or more than
// kMaxJsonValues).
Status CheckSyntax(std::string_view text);

}  // namespace ocellus::json
