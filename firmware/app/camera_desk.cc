// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/camera_desk.h"

#include <utility>

#include "firmware/base/calendar.h"
#include "firmware/base/log.h"
#include "firmware/control/to_json.h"

namespace ocellus::app {
namespace {

using control::Outcome;
using control::Pending;
using control::StreamParameters;
using control::Ticket;

StreamParameters ToParameters(const media::VideoStream& stream) {
  return {stream.width, stream.height, stream.frames_per_second, stream.bitrate};
}

}  // namespace

const std::vector<hal::CameraControl>& CameraDesk::controls() const {
  return parts_.video.status().controls;
}

StreamParameters CameraDesk::stream() const { return ToParameters(parts_.video.status().stream); }

Outcome CameraDesk::SetControl(Ticket ticket, const std::string& name, int64_t value) {
  const media::VideoCommandId id(++last_command_);
  RETURN_IF_ERROR(parts_.video.SetControl(id, name, value));
  commands_[id].ticket = ticket;
  return Pending{};
}

Status CameraDesk::ResetControls(const std::string& name) {
  return parts_.video.ResetControls(media::VideoCommandId(), name);
}

Outcome CameraDesk::SetStream(Ticket ticket, const StreamParameters& wanted) {
  const media::StreamRequest changes = ChangesTo(wanted);
  RETURN_IF_ERROR(Start({ticket, changes}, changes));
  return Pending{};
}

void CameraDesk::ApplySettings(const StreamParameters& settings) {
  const StreamParameters before = std::exchange(settings_, settings);
  StreamParameters wanted = stream();
  if (settings.width != before.width || settings.height != before.height) {
    wanted.width = settings.width;
    wanted.height = settings.height;
    // They are those of the camera, and the stream may be rotated.
    if (parts_.video.status().stream.sideways) std::swap(wanted.width, wanted.height);
  }
  if (settings.frames_per_second != before.frames_per_second) {
    wanted.frames_per_second = settings.frames_per_second;
  }
  if (settings.bitrate != before.bitrate) wanted.bitrate = settings.bitrate;
  const Status status = Start({control::kNobodyWaits, {}}, ChangesTo(wanted));
  if (!status.ok()) LOG_WARN("the stream stays as it is: %s", status.message().c_str());
}

// What is the same already is not asked for: a camera that encodes by itself can change less.
media::StreamRequest CameraDesk::ChangesTo(const StreamParameters& wanted) const {
  const StreamParameters present = stream();
  media::StreamRequest changes;
  if (wanted.width != present.width || wanted.height != present.height) {
    changes.width = wanted.width;
    changes.height = wanted.height;
  }
  if (wanted.frames_per_second != present.frames_per_second) {
    changes.frames_per_second = wanted.frames_per_second;
  }
  if (wanted.bitrate != present.bitrate) changes.bitrate = wanted.bitrate;
  return changes;
}

Status CameraDesk::Start(const Command& command, const media::StreamRequest& changes) {
  const media::VideoCommandId id(++last_command_);
  RETURN_IF_ERROR(parts_.video.SetStream(id, changes));
  commands_[id] = command;
  return {};
}

Outcome CameraDesk::TakeSnapshot(Time, Ticket ticket) {
  if (snapshot_tickets_.size() >= kMaxSnapshots) {
    return Status(StatusCode::kResourceExhausted, "too many wait for a snapshot");
  }
  snapshot_tickets_.push_back(ticket);
  parts_.video.RequestSnapshot();
  return Pending{};
}

void CameraDesk::HandleSnapshot(const media::Snapshot& snapshot, control::Server& server) {
  const std::deque<Ticket> tickets = std::exchange(snapshot_tickets_, {});
  for (const Ticket ticket : tickets) {
    Status status = snapshot.status;
    if (status.ok()) {
      const auto unix_time = parts_.clock.Wall().ToNtp(snapshot.captured_at).ToUnix();
      const int64_t unix_ms = unix_time.count() / 1000;
      status = parts_.files.AddSnapshot(ticket, "snapshot-" + UtcDigits(unix_ms / 1000),
                                        snapshot.jpeg, unix_ms);
    }
    if (!status.ok()) server.Finish(ticket, status);
  }
}

void CameraDesk::Pump(Time now, control::Server& server) {
  parts_.ptz.HandleTimeout(now);
  while (auto result = parts_.video.PopResult()) HandleResult(now, *result, server);
  parts_.ptz.SetCapabilities(now, parts_.video.status());
  MoveCamera(now);
  KeepWhatIsSet(now);
  parts_.memory.HandleTimeout(now);
}

void CameraDesk::Flush(Time now) {
  KeepWhatIsSet(now);
  parts_.memory.Flush(now);
}

void CameraDesk::KeepWhatIsSet(Time now) {
  parts_.memory.KeepControls(now, parts_.video.status().kept_controls);
  parts_.memory.KeepPlace(now, parts_.ptz.kept());
}

void CameraDesk::MoveCamera(Time now) {
  while (auto command = parts_.ptz.PollCommand()) {
    if (const auto* view = std::get_if<media::View>(&*command)) {
      parts_.video.SetView(*view);
      continue;
    }
    const auto& control = std::get<control::SetCameraControl>(*command);
    if (!parts_.video.SetControl(media::VideoCommandId(), control.name, control.value).ok()) {
      parts_.ptz.HandleRefused(now, std::move(*command));
      return;  // It comes again.
    }
  }
}

void CameraDesk::HandleResult(Time now, const media::VideoCommandResult& result,
                              control::Server& server) {
  const auto found = commands_.find(result.id);
  if (found == commands_.end()) return;
  const Command command = found->second;
  commands_.erase(found);
  if (!result.status.ok()) {
    if (command.ticket == control::kNobodyWaits && failure_log_.Allow(now)) {
      LOG_WARN("the camera stays as it is: %s", result.status.message().c_str());
    }
    server.Finish(command.ticket, result.status);
  } else if (result.control) {
    server.Finish(command.ticket, control::ToJson(*result.control));
  } else {
    CHECK(result.stream, "the result of a command has neither a control nor a stream");
    KeepStream(now, command.kept, *result.stream);
    server.Finish(command.ticket, control::ToJson(ToParameters(*result.stream)));
  }
}

// Of what was wanted, what the camera has made of it: the next start has nothing to find out.
void CameraDesk::KeepStream(Time now, const media::StreamRequest& kept,
                            const media::VideoStream& stream) {
  media::StreamRequest changed;
  if (kept.width) {
    changed.width = stream.sideways ? stream.height : stream.width;
    changed.height = stream.sideways ? stream.width : stream.height;
  }
  if (kept.frames_per_second) changed.frames_per_second = stream.frames_per_second;
  if (kept.bitrate) changed.bitrate = stream.bitrate;
  parts_.memory.KeepStream(now, changed);
}

}  // namespace ocellus::app
