// SPDX-License-Identifier: Apache-2.0
// What somebody may do. Each role may do everything that the ones before it may.
#pragma once

#include <cstdint>
#include <optional>

namespace ocellus::auth {

enum class Role : uint8_t {
  kViewer,    // Looks: picture, state, snapshots.
  kOperator,  // Steers: image, pan and tilt, stream, outputs.
  kAdmin,     // Configures, updates and restarts.
};

constexpr bool Includes(Role role, Role needed) {
  return static_cast<uint8_t>(role) >= static_cast<uint8_t>(needed);
}

// "viewer", "operator", "admin".
constexpr const char* ToString(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kOperator:
      return "operator";
    case Role::kAdmin:
      return "admin";
  }
  return "unknown";
}

}  // namespace ocellus::auth
