// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/settings.h"

#include <utility>

#include "firmware/base/log.h"
#include "firmware/json/json.h"

namespace ocellus::app {
namespace {

using control::Setting;

constexpr std::string_view kStorageName = "settings";
// What error messages and lists call the values that are kept.
constexpr const char* kSavedOrigin = "saved";

struct TypeOf {
  Setting::Type operator()(uint32_t Config::*) const { return Setting::Type::kInteger; }
  Setting::Type operator()(uint16_t Config::*) const { return Setting::Type::kInteger; }
  Setting::Type operator()(DataRate Config::*) const { return Setting::Type::kInteger; }
  Setting::Type operator()(bool Config::*) const { return Setting::Type::kBoolean; }
  Setting::Type operator()(LogLevel Config::*) const { return Setting::Type::kChoice; }
  Setting::Type operator()(gathering::Policy Config::*) const { return Setting::Type::kChoice; }
  Setting::Type operator()(std::vector<IpAddress> Config::*) const { return Setting::Type::kList; }
  Setting::Type operator()(StunServers Config::*) const { return Setting::Type::kList; }
  Setting::Type operator()(TurnServers Config::*) const { return Setting::Type::kList; }
  Setting::Type operator()(std::vector<control::OutputConfig> Config::*) const {
    return Setting::Type::kList;
  }
  template <typename T>
  Setting::Type operator()(T Config::*) const {
    return Setting::Type::kText;
  }
};

struct ChoicesOf {
  std::vector<std::string> operator()(LogLevel Config::*) const {
    return {"debug", "info", "warn", "error"};
  }
  std::vector<std::string> operator()(gathering::Policy Config::*) const {
    return {"all", "relay"};
  }
  template <typename T>
  std::vector<std::string> operator()(T Config::*) const {
    return {};
  }
};

const RawSetting* Find(const std::vector<RawSetting>& layer, std::string_view key) {
  const RawSetting* found = nullptr;
  for (const RawSetting& raw : layer) {
    if (raw.key == key) found = &raw;
  }
  return found;
}

std::string WriteSaved(const std::map<std::string, std::string>& saved) {
  json::Value object = json::Value::Object();
  for (const auto& [key, value] : saved) object.Set(key.c_str(), value);
  return object.Write();
}

}  // namespace

Result<Settings> Settings::Open(Sources sources, hal::Storage& storage) {
  Settings settings(std::move(sources), storage);
  Result<Config> config = settings.Make({});
  if (!config.ok()) return config.status();
  settings.config_ = std::move(*config);

  const Result<std::string> text = storage.Read(kStorageName);
  if (!text.ok()) {
    if (text.status().code() == StatusCode::kNotFound) return settings;
    return text.status();
  }
  const Result<json::Value> object = json::Value::Parse(*text);
  if (!object.ok()) {
    LOG_WARN("the saved settings are damaged and left out: %s", object.status().message().c_str());
    return settings;
  }
  for (const SettingSpec& spec : SettingTable()) {
    const auto value = object->view()[spec.key].AsString();
    if (!value || spec.change == SettingChange::kNever) continue;
    Saved more = settings.saved_;
    more[spec.key] = std::string(*value);
    Result<Config> with_it = settings.Make(more);
    if (!with_it.ok()) {
      LOG_WARN("a saved setting is left out: %s", with_it.status().message().c_str());
      continue;
    }
    settings.saved_ = std::move(more);
    settings.config_ = std::move(*with_it);
  }
  return settings;
}

Result<Config> Settings::Make(const Saved& saved) const {
  std::vector<RawSetting> raw;
  for (const auto& [key, value] : saved) raw.push_back({key, value, kSavedOrigin});
  const std::vector<RawSetting> layers[] = {sources_.file, std::move(raw), sources_.environment,
                                            sources_.flags};
  return MakeConfig(layers);
}

std::vector<Setting> Settings::List() const {
  std::vector<Setting> list;
  for (const SettingSpec& spec : SettingTable()) {
    if (spec.change != SettingChange::kNever) list.push_back(Describe(spec));
  }
  return list;
}

Result<Setting> Settings::Set(Time, const std::string& name, const std::string& value) {
  const auto spec = FindChangeable(name);
  if (!spec.ok()) return spec.status();
  Saved saved = saved_;
  saved[name] = value;
  return Change(**spec, std::move(saved));
}

Result<Setting> Settings::Reset(Time, const std::string& name) {
  const auto spec = FindChangeable(name);
  if (!spec.ok()) return spec.status();
  Saved saved = saved_;
  saved.erase(name);
  return Change(**spec, std::move(saved));
}

Result<const SettingSpec*> Settings::FindChangeable(const std::string& name) const {
  const SettingSpec* spec = FindSettingSpec(name);
  if (spec == nullptr || spec->change == SettingChange::kNever) {
    return Status(StatusCode::kNotFound, "there is no setting \"" + name + "\" to change");
  }
  if (const RawSetting* fixed = FindFixed(name)) {
    return Status(StatusCode::kFailedPrecondition,
                  name + " is fixed by " + fixed->origin + ", which beats what is set here");
  }
  return spec;
}

Result<Setting> Settings::Change(const SettingSpec& spec, Saved saved) {
  Result<Config> config = Make(saved);
  if (!config.ok()) {
    // What was set is wrong, not what is saved: nothing is.
    std::string why = config.status().message();
    const std::string prefix = std::string(kSavedOrigin) + ": ";
    if (why.compare(0, prefix.size(), prefix) == 0) why.erase(0, prefix.size());
    return Status(StatusCode::kInvalidArgument, std::move(why));
  }
  saved_ = std::move(saved);
  config_ = std::move(*config);
  storage_->Write(kStorageName, WriteSaved(saved_));
  LOG_INFO("setting changed: %s", spec.key);
  changed_ = true;
  return Describe(spec);
}

Setting Settings::Describe(const SettingSpec& spec) const {
  Setting setting;
  setting.name = spec.key;
  setting.type = std::visit(TypeOf(), spec.member);
  setting.choices = std::visit(ChoicesOf(), spec.member);
  setting.default_value = spec.default_value;
  setting.description = spec.help;
  setting.allowed = spec.Allowed();
  if (setting.type == Setting::Type::kInteger) {
    setting.minimum = spec.range.minimum;
    setting.maximum = spec.range.maximum;
    setting.step = spec.range.step;
  }
  setting.is_secret = spec.is_secret();
  setting.needs_restart = spec.change == SettingChange::kAtRestart;

  const auto saved = saved_.find(spec.key);
  setting.value = spec.default_value;
  setting.origin = "default";
  if (const RawSetting* raw = FindFixed(spec.key)) {
    setting.value = raw->value;
    setting.origin = raw->origin;
    setting.is_fixed = true;
  } else if (saved != saved_.end()) {
    setting.value = saved->second;
    setting.origin = kSavedOrigin;
  } else if (const RawSetting* in_file = Find(sources_.file, spec.key)) {
    setting.value = in_file->value;
    setting.origin = in_file->origin;
  }
  if (setting.is_secret && !setting.value.empty()) setting.value = "set";
  return setting;
}

const RawSetting* Settings::FindFixed(std::string_view key) const {
  const RawSetting* flag = Find(sources_.flags, key);
  return flag != nullptr ? flag : Find(sources_.environment, key);
}

}  // namespace ocellus::app
