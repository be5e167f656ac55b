// SPDX-License-Identifier: Apache-2.0
// errno as a Status: the code that fits, and a message of what failed and why.
#pragma once

#include <string>

#include "firmware/base/status.h"

namespace ocellus::linux_platform {

// "cannot read /etc/ocellus.yaml: Permission denied", for what = "cannot read /etc/ocellus.yaml".
// `error` is an errno, not 0.
Status SystemError(int error, const std::string& what);

}  // namespace ocellus::linux_platform
