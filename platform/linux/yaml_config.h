// SPDX-License-Identifier: Apache-2.0
// Reads a configuration file: one YAML mapping of keys to plain values (libyaml). It knows YAML
// and ${VARIABLE}; which keys and values there are is firmware/app/config.h's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firmware/app/config.h"
#include "firmware/base/status.h"
#include "platform/linux/environment.h"

namespace ocellus::linux_platform {

// `name` is the file's, for the origin of each setting: "ocellus.yaml:7". In values, ${VARIABLE}
// and ${VARIABLE:default} stand for an environment variable, $$ for a dollar sign.
// Errors: kMalformed (not YAML), kInvalidArgument (a duplicate key, a value that is a list or a
// mapping, a variable that is not set); each names file and line.
Result<std::vector<app::RawSetting>> ParseYamlSettings(std::string_view text,
                                                       const std::string& name,
                                                       const Environment& environment);

}  // namespace ocellus::linux_platform
