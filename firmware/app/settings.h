// SPDX-License-Identifier: Apache-2.0
// The settings while the program runs: what each is, where its value comes from, and the values
// that admins change from afar, which are kept across restarts. A saved value beats the file; a
// flag or the environment beats both, and then it cannot be changed from afar.
//
// io thread only. Owned by the platform's main.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "firmware/app/config.h"
#include "firmware/app/setting_table.h"
#include "firmware/control/services.h"
#include "hal/storage.h"

namespace ocellus::app {

class Settings final : public control::SettingsService {
 public:
  // Where values come from, but for those that are saved.
  struct Sources {
    std::vector<RawSetting> file;
    std::vector<RawSetting> environment;
    std::vector<RawSetting> flags;
  };

  // Reads what was saved. A saved value that is not allowed (any more), or does not go together
  // with the rest, is left out with a warning; so is all of it when it is damaged. Errors: as
  // MakeConfig, of `sources`. `storage` must outlive this.
  static Result<Settings> Open(Sources sources, hal::Storage& storage);

  // As it is now. Of settings that need a restart, what the next start will take.
  const Config& config() const { return config_; }
  // True once after any was changed.
  bool TakeChanged() { return std::exchange(changed_, false); }

  // --- SettingsService --------------------------------------------------------------------------
  std::vector<control::Setting> List() const override;
  Result<control::Setting> Set(Time now, const std::string& name,
                               const std::string& value) override;
  Result<control::Setting> Reset(Time now, const std::string& name) override;

 private:
  using Saved = std::map<std::string, std::string>;

  Settings(Sources sources, hal::Storage& storage)
      : sources_(std::move(sources)), storage_(&storage) {}

  Result<Config> Make(const Saved& saved) const;
  // Of a setting that may be changed from afar. Errors: as Set's, but kInvalidArgument.
  Result<const SettingSpec*> FindChangeable(const std::string& name) const;
  Result<control::Setting> Change(const SettingSpec& spec, Saved saved);
  control::Setting Describe(const SettingSpec& spec) const;
  // The flag or variable that says it.
  const RawSetting* FindFixed(std::string_view key) const;

  Sources sources_;
  hal::Storage* storage_;
  Saved saved_;
  Config config_;
  bool changed_ = false;
};

}  // namespace ocellus::app
