// SPDX-License-Identifier: Apache-2.0
// The environment variables, passed in so that tests have their own.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace ocellus::linux_platform {

// The value of a variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

}  // namespace ocellus::linux_platform
