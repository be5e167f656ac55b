// SPDX-License-Identifier: Apache-2.0
// The admin token that a camera makes for itself at its first start, when nobody gives it one.
#pragma once

#include <string>

#include "firmware/base/random.h"
#include "firmware/base/status.h"
#include "hal/storage.h"

namespace ocellus::app {

// Where it is kept, by name.
constexpr std::string_view kAdminTokenName = "admin-token";

struct AdminToken {
  std::string token;
  bool is_new = false;  // Made just now: nobody knows it yet.
};

// Reads the token, or makes and keeps one. A file that was edited by hand may end with a newline.
// Errors: those of Storage::Read but kNotFound, and kMalformed (what is kept is no token).
Result<AdminToken> LoadOrMakeAdminToken(hal::Storage& storage, Random& random);

}  // namespace ocellus::app
