// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/load_config.h"

#include <utility>

#include "firmware/base/limits.h"
#include "firmware/base/text.h"
#include "platform/linux/file.h"
#include "platform/linux/yaml_config.h"

namespace ocellus::linux_platform {
namespace {

using Layers = std::vector<std::vector<app::RawSetting>>;

std::optional<std::string> Find(Span<const char* const> environment, const std::string& name) {
  for (std::string_view variable : environment) {
    if (TakeUntil(variable, '=') == name) return std::string(variable);
  }
  return std::nullopt;
}

Result<std::vector<app::RawSetting>> ReadSettings(const std::string& path,
                                                  Span<const char* const> environment) {
  const Result<std::string> text = ReadFile(path, kMaxConfigFileSize, FileAccess::kPublic);
  if (!text.ok()) return text.status();
  Result<std::vector<app::RawSetting>> settings = ParseYamlSettings(
      *text, path, [&](const std::string& name) { return Find(environment, name); });
  if (!settings.ok()) return settings;
  for (const app::RawSetting& setting : *settings) {
    if (setting.key != "config") continue;
    return Status(StatusCode::kInvalidArgument,
                  setting.origin + ": \"config\" cannot be set in the file itself");
  }
  return settings;
}

}  // namespace

Result<LoadedConfig> LoadConfig(Span<const char* const> arguments,
                                Span<const char* const> environment) {
  LoadedConfig loaded;
  Result<app::CommandLine> command_line = app::ParseCommandLine(arguments);
  if (!command_line.ok()) return command_line.status();
  loaded.action = command_line->action;
  if (loaded.action != app::Action::kRun && loaded.action != app::Action::kCheckNetwork) {
    return loaded;
  }

  Result<std::vector<app::RawSetting>> variables = app::ParseEnvironment(environment);
  if (!variables.ok()) return variables.status();
  loaded.sources.environment = std::move(*variables);
  loaded.sources.flags = std::move(command_line->settings);
  const Layers named_by = {loaded.sources.environment, loaded.sources.flags};
  if (const std::optional<std::string> path = app::FindSetting(named_by, "config")) {
    Result<std::vector<app::RawSetting>> settings = ReadSettings(*path, environment);
    if (!settings.ok()) return settings.status();
    loaded.sources.file = std::move(*settings);
  }
  const Layers layers = {loaded.sources.file, loaded.sources.environment, loaded.sources.flags};
  Result<app::Config> config = app::MakeConfig(layers);
  if (!config.ok()) return config.status();
  loaded.config = std::move(*config);
  return loaded;
}

}  // namespace ocellus::linux_platform
