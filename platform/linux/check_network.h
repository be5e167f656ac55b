// SPDX-License-Identifier: Apache-2.0
// `ocellus --check-network`: runs app::NetworkCheck on this machine and prints what it has found.
#pragma once

#include "firmware/app/config.h"
#include "firmware/base/status.h"

namespace ocellus::linux_platform {

// Takes up to app::kNetworkCheckLimit. Errors: what could not be opened.
Status CheckNetwork(const app::Config& config);

}  // namespace ocellus::linux_platform
