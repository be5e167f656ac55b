// SPDX-License-Identifier: Apache-2.0
// The kinds of values that settings have: how each is read from text, and what is allowed, in
// words. The type of the member of Config is the kind of the setting. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "firmware/app/config.h"

namespace ocellus::app {

// Where a value goes.
using SettingMember =
    std::variant<std::string Config::*, std::optional<std::string> Config::*, uint32_t Config::*,
                 uint16_t Config::*, DataRate Config::*, bool Config::*, LogLevel Config::*,
                 std::optional<IpAddress> Config::*, std::vector<IpAddress> Config::*,
                 StunServers Config::*, TurnServers Config::*, std::optional<Secret> Config::*,
                 std::optional<AccessToken> Config::*, std::vector<control::OutputConfig> Config::*,
                 gathering::Policy Config::*>;

// What numbers are allowed: minimum, minimum + step, ... maximum.
struct SettingRange {
  uint32_t minimum = 0;
  uint32_t maximum = 0;
  uint32_t step = 1;
};

// Reads `text` into the member. False when it is not such a value.
bool ParseSettingValue(std::string_view text, const SettingMember& member,
                       const SettingRange& range, Config& config);

// What ParseSettingValue accepts: "1 to 120", "true or false".
std::string AllowedSettingValues(const SettingMember& member, const SettingRange& range);

}  // namespace ocellus::app
