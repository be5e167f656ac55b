// SPDX-License-Identifier: Apache-2.0
// Writes JSON (RFC 8259). Any thread.
#pragma once

#include <string>
#include <string_view>

#include "firmware/json/json.h"

namespace ocellus::json {

// The value without spaces and line breaks; "null" of one that is absent.
std::string WriteText(View value);

// "a \"quoted\" text", with the quotes; `text` is valid UTF-8.
std::string QuoteText(std::string_view text);

// In as few digits as make the same number again, whole ones up to 2^53 in full. What is not
// finite, which JSON cannot say, becomes null.
std::string NumberText(double number);

}  // namespace ocellus::json
