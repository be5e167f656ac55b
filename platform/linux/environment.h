// SPDX-License-Identifier: Apache-2.0
// The environment variables, passed in so that tests have their own.
#pragma once

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

namespace ocellus::linux_platform {

// The value of a variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The process's own.
inline std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace ocellus::linux_platform
