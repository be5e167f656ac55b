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

constexpr Topic kWatched[] = {Topic::kImage, Topic::kPtz, Topic::kStream, Topic::kOutputs};

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
      if (topic == Topic::kImage) controls_.reset();
      texts_.erase(topic);
      continue;
    }
    std::optional<std::string> params = topic == Topic::kImage ? LookAtControls() : LookAt(topic);
    if (params) changes.push_back(Change{topic, std::move(*params)});
  }
  return changes;
}

std::optional<std::string> ChangeWatcher::LookAtControls() {
  std::vector<hal::CameraControl> now = ImageControls(services_.camera);
  std::optional<std::string> params;
  if (controls_ && !(*controls_ == now)) params = DescribeChange(*controls_, now);
  controls_ = std::move(now);
  return params;
}

std::optional<std::string> ChangeWatcher::LookAt(Topic topic) {
  std::string now = Describe(topic).Write();
  const auto [seen, is_first] = texts_.emplace(topic, now);
  if (is_first || seen->second == now) return std::nullopt;
  seen->second = now;
  return now;
}

json::Value ChangeWatcher::Describe(Topic topic) const {
  if (topic == Topic::kPtz) return ToJson(services_.ptz.state());
  if (topic == Topic::kStream) return ToJson(services_.camera.stream());
  CHECK(topic == Topic::kOutputs, "nothing watches %s", Info(topic).name);
  return Wrap("outputs", ToJsonArray(services_.outputs.List()));
}

}  // namespace ocellus::control
