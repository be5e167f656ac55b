// SPDX-License-Identifier: Apache-2.0
// UTF-8 (RFC 3629), which JSON must be in (RFC 8259 section 8.1). Any thread.
#pragma once

#include <string>
#include <string_view>

namespace ocellus::json {

// The size of the UTF-8 sequence that `text`, which is not empty, begins with, or 0 when it begins
// with none: overlong forms, surrogates and what lies past U+10FFFF are none.
size_t Utf8SequenceSize(std::string_view text);

// `text` with U+FFFD in the place of each byte that is no character, and of each NUL.
std::string MakeValidUtf8(std::string_view text);

}  // namespace ocellus::json
