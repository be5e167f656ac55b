// SPDX-License-Identifier: Apache-2.0
// The device's certificate on disk: made at the first start, the same ever after.
#pragma once

#include <string>

#include "firmware/base/random.h"
#include "firmware/base/status.h"
#include "firmware/rtc/crypto/certificate.h"

namespace ocellus::linux_platform {

// Loads certificate.pem from `directory`, or makes both when they are not there. `unix_seconds` is
// now. A file that is damaged, unreadable or open to others is an error and is never replaced:
// somebody should look at it first. Errors name the path and what to do.
Result<crypto::Certificate> LoadOrMakeCertificate(const std::string& directory, Random& random,
                                                  int64_t unix_seconds);

}  // namespace ocellus::linux_platform
