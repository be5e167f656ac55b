// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/topic.h"

#include <cstdint>

namespace ocellus::control {
namespace {

using auth::Role;

constexpr TopicInfo kTopicTable[] = {
    {Topic::kSettings, "settings", Role::kAdmin, "settings.changed",
     "A setting has another value: `setting` as of `settings.get`.",
     R"({"setting": {"name": "bitrate", "type": "integer", "value": 1500, "default": 2000, )"
     R"("description": "Video bitrate, where the picture is encoded here.", )"
     R"("allowed": "50 to 50000", "minimum": 50, "maximum": 50000, "origin": "saved", )"
     R"("fixed": false, "needs_restart": false}})"},
    {Topic::kImage, "image", Role::kViewer, "image.changed",
     "Camera controls have changed, by somebody or by themselves: those of `image.list` that have. "
     "With `\"complete\": true` these are all of them, for others have come or gone.",
     R"({"complete": false, "controls": [{"name": "brightness", "title": "Brightness", )"
     R"("type": "integer", "value": 12, "default": 0, "minimum": -64, "maximum": 64, "step": 1, )"
     R"("active": true}]})"},
    {Topic::kPtz, "ptz", Role::kViewer, "ptz.changed",
     "The camera turns or zooms, or presets have changed: the state as of `ptz.get`.",
     R"({"kind": "digital", "can": {"pan": true, "tilt": true, "zoom": true}, "pan": 0.25, )"
     R"("tilt": 0, "zoom": 0.5, "moving": true, "presets": [{"id": 1, "name": "Door"}]})"},
    {Topic::kStream, "stream", Role::kViewer, "stream.changed",
     "The stream is another: as of `stream.get`.",
     R"({"width": 1280, "height": 720, "frames_per_second": 30, "bitrate_bps": 2500000})"},
    {Topic::kOutputs, "outputs", Role::kViewer, "outputs.changed",
     "An output was switched, or does not work any more: all of `outputs.list`.",
     R"({"outputs": [{"name": "porch", "kind": "light", "on": true}]})"},
    {Topic::kStats, "stats", Role::kViewer, "stats.changed",
     "Every second: the result of `stats.get`.", R"({"viewers": [{"id": "4Fz1"}]})"},
    {Topic::kLog, "log", Role::kAdmin, "log.added",
     "Every second, if there are any: new lines of the log, as of `log.tail`. When there were more "
     "than 100, the newest.",
     R"({"lines": [{"number": 815, "unix_ms": 1790000000000, "level": "info", )"
     R"("text": "viewer 4Fz1 connected"}]})"},
    {Topic::kFiles, "files", Role::kViewer, "files.changed",
     "A file has come or gone in an area that you may read.", R"({"area": "snapshots"})"},
};

static_assert(sizeof kTopicTable / sizeof kTopicTable[0] == kTopics, "a row for each topic");

}  // namespace

Span<const TopicInfo> Topics() { return kTopicTable; }

const TopicInfo& Info(Topic topic) { return kTopicTable[static_cast<size_t>(topic)]; }

const TopicInfo* FindTopic(std::string_view name) {
  for (const TopicInfo& info : kTopicTable) {
    if (name == info.name) return &info;
  }
  return nullptr;
}

}  // namespace ocellus::control
