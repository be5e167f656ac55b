// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/change_watcher.h"

#include <algorithm>
#include <utility>

#include "firmware/control/image_controls.h"
#include "firmware/control/outputs.h"
#include "firmware/control/ptz_controller.h"
#include "firmware/control/to_json.h"

namespace ocellus::control {
namespace {

constexpr Topic kWatched[] = {Topic::kSettings, Topic::kImage, Topic::kPtz, Topic::kStream,
                              Topic::kOutputs};

// The params of image.changed.
std::string DescribeChange(const std::vector<hal::CameraControl>& before,
                           const std::vector<hal::CameraControl>& after) {
  const bool complete = !std::equal(before.begin(), before.end(), after.begin(), after.end(),
                                    [](const auto& a, const auto& b) { return a.name == b.name; });
  std::vector<hal::CameraControl> changed;
  for (size_t i = 0; i < after.size(); ++i) {
    if (complete || !(after[i] == before[i])) changed.push_back(after[i]);
  }
  json::Value params = json::Value::Object();
  params.Set("complete", complete).Set("controls", ToJsonArray(changed));
  return params.Write();
}

}  // namespace

bool ChangeWatcher::WatchesAny(const TopicSet& topics) {
  return std::any_of(std::begin(kWatched), std::end(kWatched),
                     [&topics](Topic topic) { return topics.has(topic); });
}

std::vector<ChangeWatcher::Change> ChangeWatcher::Look(const TopicSet& topics) {
  std::vector<Change> changes;
  for (const Topic topic : kWatched) {
    if (!topics.has(topic)) {
      Forget(topic);
    } else if (topic == Topic::kSettings) {
      LookAtSettings(changes);
    } else if (topic == Topic::kImage) {
      LookAtControls(changes);
    } else {
      LookAt(topic, changes);
    }
  }
  return changes;
}

void ChangeWatcher::LookAtSettings(std::vector<Change>& changes) {
  std::map<std::string, std::string> now;
  for (const Setting& setting : services_.settings.List()) {
    now.emplace(setting.name, Wrap("setting", ToJson(setting)).Write());
  }
  if (settings_) {
    for (const auto& [name, text] : now) {
      if ((*settings_)[name] != text) changes.push_back(Change{Topic::kSettings, text});
    }
  }
  settings_ = std::move(now);
}

void ChangeWatcher::LookAtControls(std::vector<Change>& changes) {
  std::vector<hal::CameraControl> now = ImageControls(services_.camera);
  if (controls_ && !(*controls_ == now)) {
    changes.push_back(Change{Topic::kImage, DescribeChange(*controls_, now)});
  }
  controls_ = std::move(now);
}

void ChangeWatcher::LookAt(Topic topic, std::vector<Change>& changes) {
  std::string now = Describe(topic).Write();
  const auto [seen, is_first] = texts_.emplace(topic, now);
  if (is_first || seen->second == now) return;
  seen->second = now;
  changes.push_back(Change{topic, std::move(now)});
}

void ChangeWatcher::Forget(Topic topic) {
  if (topic == Topic::kSettings) settings_.reset();
  if (topic == Topic::kImage) controls_.reset();
  texts_.erase(topic);
}

json::Value ChangeWatcher::Describe(Topic topic) const {
  if (topic == Topic::kPtz) return ToJson(services_.ptz.state());
  if (topic == Topic::kStream) return ToJson(services_.camera.stream());
  CHECK(topic == Topic::kOutputs, "nothing watches %s", Info(topic).name);
  return Wrap("outputs", ToJsonArray(services_.outputs.List()));
}

}  // namespace ocellus::control
