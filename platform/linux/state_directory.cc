// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/state_directory.h"

namespace ocellus::linux_platform {

std::string FindStateDirectory(const std::optional<std::string>& configured,
                               const Environment& environment) {
  if (configured) return *configured;
  // The specification of XDG: empty is the same as not set, and relative paths are ignored.
  const auto absolute = [&](const char* variable) {
    const std::string value = environment(variable).value_or("");
    return value.empty() || value[0] != '/' ? std::string() : value;
  };
  const std::string systemd = absolute("STATE_DIRECTORY");
  if (!systemd.empty()) return systemd.substr(0, systemd.find(':'));
  const std::string xdg = absolute("XDG_STATE_HOME");
  if (!xdg.empty()) return xdg + "/ocellus";
  const std::string home = absolute("HOME");
  if (!home.empty()) return home + "/.local/state/ocellus";
  return "/var/lib/ocellus";
}

}  // namespace ocellus::linux_platform
