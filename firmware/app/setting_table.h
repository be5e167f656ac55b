// SPDX-License-Identifier: Apache-2.0
// The table of all settings. Each is declared here once; its flag, its environment variable, its
// key in the file, --help, docs/configuration.md and what the control protocol tells of it all come
// from its row. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "firmware/app/config.h"
#include "firmware/app/setting_value.h"

namespace ocellus::app {

// When a value that is changed while the program runs takes effect.
enum class SettingChange : uint8_t {
  kAtOnce,
  kAtRestart,
  kNever,  // It says where to look for the others, or how to start: not changed from afar.
};

struct SettingSpec {
  const char* key;
  SettingMember member;
  const char* default_value;  // As a user would write it; empty only for optional members.
  const char* placeholder;    // What stands for the value in --help: its kind or its unit.
  const char* help;
  SettingRange range = {};  // Numbers only.
  SettingChange change = SettingChange::kAtRestart;

  bool is_bool() const { return std::holds_alternative<bool Config::*>(member); }
  bool is_secret() const {
    return std::holds_alternative<std::optional<Secret> Config::*>(member) ||
           std::holds_alternative<std::optional<AccessToken> Config::*>(member);
  }
  // What values it takes, in words.
  std::string Allowed() const { return AllowedSettingValues(member, range); }
};

Span<const SettingSpec> SettingTable();

// nullptr when there is none.
const SettingSpec* FindSettingSpec(std::string_view key);

constexpr std::string_view kEnvironmentPrefix = "OCELLUS_";

// "http-port" -> "OCELLUS_HTTP_PORT".
std::string EnvironmentNameOf(std::string_view key);

}  // namespace ocellus::app
