// SPDX-License-Identifier: Apache-2.0
// Finds what has changed in the camera by looking at it again: it changes by itself, by other
// clients, and in more ways than could each be told. io thread only. Owned by Server.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/control/services.h"
#include "firmware/control/topic.h"

namespace ocellus::control {

class ChangeWatcher {
 public:
  struct Change {
    Topic topic;
    std::string params;  // Of the notification, as JSON.
  };

  // `services` must outlive this.
  explicit ChangeWatcher(const Services& services) : services_(services) {}

  // Whether there is any that it knows of: settings, image, ptz, stream or outputs.
  static bool WatchesAny(const TopicSet& topics);

  // What has changed since the last Look, among `topics`. One that was not among them then is only
  // looked at.
  std::vector<Change> Look(const TopicSet& topics);

 private:
  // Each adds what has changed.
  void LookAtSettings(std::vector<Change>& changes);
  void LookAtControls(std::vector<Change>& changes);
  void LookAt(Topic topic, std::vector<Change>& changes);
  void Forget(Topic topic);
  json::Value Describe(Topic topic) const;

  const Services& services_;
  // As they were at the last Look, if they were looked at.
  std::optional<std::map<std::string, std::string>> settings_;  // Their JSON by their names.
  std::optional<std::vector<hal::CameraControl>> controls_;
  std::map<Topic, std::string> texts_;  // The params of the other topics' notifications.
};

}  // namespace ocellus::control
