// SPDX-License-Identifier: Apache-2.0
// `ocellus --check-network`: runs app::NetworkCheck on this machine and prints what it has found.
#pragma once

#include "firmware/base/status.h"
#include "platform/linux/load_config.h"

namespace ocellus::linux_platform {

// Settings that were changed from afar count, too. Takes up to app::kNetworkCheckLimit. Errors:
// what could not be opened.
Status CheckNetwork(const LoadedConfig& loaded);

}  // namespace ocellus::linux_platform
