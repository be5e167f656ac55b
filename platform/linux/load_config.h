// SPDX-License-Identifier: Apache-2.0
// From the command line, the environment and the file that they name to the one Config.
#pragma once

#include "firmware/app/config.h"
#include "firmware/app/settings.h"
#include "firmware/base/bytes.h"
#include "firmware/base/status.h"

namespace ocellus::linux_platform {

struct LoadedConfig {
  app::Action action = app::Action::kRun;
  // For kRun and kCheckNetwork.
  app::Config config;              // Without what was saved.
  app::Settings::Sources sources;  // What it was made of.
};

// `arguments` without the program's name, `environment` as "NAME=value".
// Errors: those of app/config.h, ReadFile and ParseYamlSettings; each says where the mistake is.
Result<LoadedConfig> LoadConfig(Span<const char* const> arguments,
                                Span<const char* const> environment);

}  // namespace ocellus::linux_platform
