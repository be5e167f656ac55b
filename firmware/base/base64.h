// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 section 4): the alphabet with `+` and `/`, padded with `=`. Any thread.
#pragma once

#include <string>

#include "firmware/base/bytes.h"

namespace ocellus {

std::string Base64Encode(Bytes bytes);

}  // namespace ocellus
