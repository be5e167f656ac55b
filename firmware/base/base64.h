// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 section 4): the alphabet with `+` and `/`, padded with `=`. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/bytes.h"

namespace ocellus {

std::string Base64Encode(Bytes bytes);

// What `text` stands for; nullopt when it is no Base64, or not as Base64Encode writes it.
std::optional<std::vector<uint8_t>> Base64Decode(std::string_view text);

}  // namespace ocellus
