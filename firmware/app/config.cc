// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/config.h"

#include <algorithm>

#include "firmware/app/setting_table.h"
#include "firmware/base/limits.h"
#include "firmware/base/text.h"

namespace ocellus::app {
namespace {

// The number of letters to insert, delete or replace to get from `a` to `b` (Levenshtein).
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// "; did you mean --http-port?", or nothing when no key is near. `spell` writes a key in the style
// of whoever misspelled it.
template <typename Spell>
std::string Suggestion(std::string_view unknown, Spell spell) {
  // Longer names than any key are not worth the work.
  constexpr size_t kLongestName = 64;
  if (unknown.size() > kLongestName) return "";
  std::string nearest;
  size_t nearest_distance = unknown.size() / 3 + 2;
  for (const SettingSpec& setting : SettingTable()) {
    const std::string spelled = spell(setting.key);
    const size_t distance = EditDistance(unknown, spelled);
    if (distance >= nearest_distance) continue;
    nearest_distance = distance;
    nearest = spelled;
  }
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

std::string AsIs(std::string_view key) { return std::string(key); }
std::string AsFlag(std::string_view key) { return "--" + std::string(key); }

// A value for an error message. A URL with an "@" may have a password before it.
std::string Shown(const std::string& value, const SettingSpec& setting) {
  const bool hidden = setting.is_secret() || value.find('@') != std::string::npos;
  return hidden ? "the value (not shown)" : '"' + value + '"';
}

Status Apply(const RawSetting& raw, Config& config) {
  const SettingSpec* setting = FindSettingSpec(raw.key);
  if (setting == nullptr) {
    return Status(StatusCode::kInvalidArgument,
                  Format("%s: unknown key \"%s\"%s", raw.origin.c_str(), raw.key.c_str(),
                         Suggestion(raw.key, AsIs).c_str()));
  }
  if (!ParseSettingValue(raw.value, setting->member, setting->range, config)) {
    return Status(
        StatusCode::kInvalidArgument,
        Format("%s: %s is not allowed for %s: it takes %s", raw.origin.c_str(),
               Shown(raw.value, *setting).c_str(), setting->key, setting->Allowed().c_str()));
  }
  return {};
}

// What no setting shows by itself.
Status CheckTogether(const Config& config) {
  const char* mistake = nullptr;
  if (config.turn_password && config.turn_secret) {
    mistake = "turn-password and turn-secret exclude each other";
  } else if (!config.turn_servers.empty() && !config.turn_password && !config.turn_secret) {
    mistake = "turn-servers needs turn-password or turn-secret";
  } else if (config.ice_policy == gathering::Policy::kRelay && config.turn_servers.empty()) {
    mistake = "ice-policy relay needs turn-servers: nobody could watch";
  }
  return mistake == nullptr ? Status() : Status(StatusCode::kInvalidArgument, mistake);
}

}  // namespace

Result<CommandLine> ParseCommandLine(Span<const char* const> arguments) {
  CommandLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view rest = arguments[i];
    if (rest == "--help" || rest == "-h") line.action = Action::kPrintHelp;
    if (rest == "--version") line.action = Action::kPrintVersion;
    if (rest == "--help-markdown") line.action = Action::kPrintMarkdown;
    if (rest == "--control-markdown") line.action = Action::kPrintControlMarkdown;
    if (line.action != Action::kRun && line.action != Action::kCheckNetwork) return line;
    if (rest == "--check-network") {
      line.action = Action::kCheckNetwork;
      continue;
    }

    const bool has_value = rest.find('=') != std::string_view::npos;
    const std::string flag(TakeUntil(rest, '='));
    const SettingSpec* setting =
        StartsWith(flag, "--") ? FindSettingSpec(std::string_view(flag).substr(2)) : nullptr;
    if (setting == nullptr) {
      return Status(StatusCode::kInvalidArgument, Format("unknown argument \"%s\"%s", flag.c_str(),
                                                         Suggestion(flag, AsFlag).c_str()));
    }
    if (setting->is_secret()) {
      return Status(StatusCode::kInvalidArgument,
                    Format("%s: everybody on this machine can read a command line; set %s or the "
                           "key %s of the file instead",
                           flag.c_str(), EnvironmentNameOf(setting->key).c_str(), setting->key));
    }
    std::string value(rest);
    if (!has_value) {
      const bool followed = i + 1 < arguments.size() && !StartsWith(arguments[i + 1], "--");
      if (!followed && !setting->is_bool()) {
        return Status(
            StatusCode::kInvalidArgument,
            Format("%s needs a value: it takes %s", flag.c_str(), setting->Allowed().c_str()));
      }
      value = followed ? arguments[++i] : "true";
    }
    line.settings.push_back({setting->key, std::move(value), flag});
  }
  return line;
}

Result<std::vector<RawSetting>> ParseEnvironment(Span<const char* const> environment) {
  std::vector<RawSetting> settings;
  for (std::string_view rest : environment) {
    if (!StartsWith(rest, kEnvironmentPrefix)) continue;
    const std::string name(TakeUntil(rest, '='));
    const auto* setting = std::find_if(
        SettingTable().begin(), SettingTable().end(),
        [&](const SettingSpec& other) { return EnvironmentNameOf(other.key) == name; });
    if (setting == SettingTable().end()) {
      return Status(StatusCode::kInvalidArgument,
                    Format("unknown environment variable %s%s", name.c_str(),
                           Suggestion(name, EnvironmentNameOf).c_str()));
    }
    settings.push_back({setting->key, std::string(rest), name});
  }
  return settings;
}

Result<Config> MakeConfig(Span<const std::vector<RawSetting>> layers) {
  Config config;
  for (const SettingSpec& setting : SettingTable()) {
    if (*setting.default_value == '\0') continue;
    const Status status = Apply({setting.key, setting.default_value, "default"}, config);
    CHECK(status.ok(), "%s", status.message().c_str());
  }
  for (const std::vector<RawSetting>& layer : layers) {
    for (const RawSetting& raw : layer) RETURN_IF_ERROR(Apply(raw, config));
  }
  RETURN_IF_ERROR(CheckTogether(config));
  return config;
}

std::optional<std::string> FindSetting(Span<const std::vector<RawSetting>> layers,
                                       std::string_view key) {
  std::optional<std::string> value;
  for (const std::vector<RawSetting>& layer : layers) {
    for (const RawSetting& raw : layer) {
      if (raw.key == key) value = raw.value;
    }
  }
  return value;
}

}  // namespace ocellus::app
