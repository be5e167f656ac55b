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

// Whose result nobody waits for, the video thread does without.
Outcome CameraDesk::SetControl(Ticket ticket, const std::string& name, int64_t value) {
  media::VideoCommandId id;
  if (ticket != control::kNobodyWaits) id = media::VideoCommandId(++last_command_);
  Status status = parts_.video.SetControl(id, name, value);
  if (!status.ok()) return status;
  if (ticket != control::kNobodyWaits) commands_[id] = ticket;
  return Pending{};
}

Outcome CameraDesk::SetStream(Ticket ticket, const StreamParameters& wanted) {
  Status status = Start(ticket, wanted);
  if (!status.ok()) return status;
  return Pending{};
}

void CameraDesk::ApplySettings(const StreamParameters& settings) {
  const StreamParameters before = std::exchange(settings_, settings);
  StreamParameters wanted = stream();
  if (settings.width != before.width || settings.height != before.height) {
    wanted.width = settings.width;
    wanted.height = settings.height;
  }
  if (settings.frames_per_second != before.frames_per_second) {
    wanted.frames_per_second = settings.frames_per_second;
  }
  if (settings.bitrate != before.bitrate) wanted.bitrate = settings.bitrate;
  const Status status = Start(control::kNobodyWaits, wanted);
  if (!status.ok()) LOG_WARN("the stream stays as it is: %s", status.message().c_str());
}

// What is the same already is not asked for: a camera that encodes by itself can change less.
Status CameraDesk::Start(Ticket ticket, const StreamParameters& wanted) {
  const StreamParameters present = stream();
  media::StreamRequest request;
  if (wanted.width != present.width || wanted.height != present.height) {
    request.width = wanted.width;
    request.height = wanted.height;
  }
  if (wanted.frames_per_second != present.frames_per_second) {
    request.frames_per_second = wanted.frames_per_second;
  }
  if (wanted.bitrate != present.bitrate) request.bitrate = wanted.bitrate;
  const media::VideoCommandId id(++last_command_);
  RETURN_IF_ERROR(parts_.video.SetStream(id, request));
  commands_[id] = ticket;
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
  while (auto result = parts_.video.PopResult()) HandleResult(*result, server);
  parts_.ptz.SetCapabilities(now, parts_.video.status());
  MoveCamera(now);
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

void CameraDesk::HandleResult(const media::VideoCommandResult& result, control::Server& server) {
  const auto found = commands_.find(result.id);
  if (found == commands_.end()) return;
  const Ticket ticket = found->second;
  commands_.erase(found);
  if (ticket == control::kNobodyWaits) {
    if (result.status.ok()) return;
    LOG_WARN("the stream stays as it is: %s", result.status.message().c_str());
  } else if (!result.status.ok()) {
    server.Finish(ticket, result.status);
  } else if (result.control) {
    server.Finish(ticket, control::ToJson(*result.control));
  } else {
    CHECK(result.stream, "the result of a command has neither a control nor a stream");
    server.Finish(ticket, control::ToJson(ToParameters(*result.stream)));
  }
}

}  // namespace ocellus::app
