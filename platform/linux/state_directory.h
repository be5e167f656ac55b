// SPDX-License-Identifier: Apache-2.0
// Where the program keeps what must outlive it.
#pragma once

#include <optional>
#include <string>

#include "platform/linux/environment.h"

namespace ocellus::linux_platform {

// `configured` is --state-dir. Else $STATE_DIRECTORY (systemd.exec(5); the first of several), else
// $XDG_STATE_HOME/ocellus, else ~/.local/state/ocellus, else /var/lib/ocellus. Not created.
std::string FindStateDirectory(const std::optional<std::string>& configured,
                               const Environment& environment);

}  // namespace ocellus::linux_platform
