// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/call.h"
#include "firmware/control/methods/groups.h"
#include "firmware/control/to_json.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

Outcome GetStream(const Call& call) { return ToJson(call.services.camera.stream()); }

Outcome SetStream(const Call& call) {
  const Arguments& arguments = call.arguments;
  if (arguments["width"].exists() != arguments["height"].exists()) {
    return Status(StatusCode::kInvalidArgument, "a size has both, \"width\" and \"height\"");
  }
  StreamParameters wanted = call.services.camera.stream();
  if (const auto width = arguments["width"].AsInteger()) wanted.width = static_cast<int>(*width);
  if (const auto height = arguments["height"].AsInteger())
    wanted.height = static_cast<int>(*height);
  if (const auto rate = arguments["frames_per_second"].AsInteger()) {
    wanted.frames_per_second = static_cast<int>(*rate);
  }
  if (const auto bitrate = arguments["bitrate_bps"].AsInteger()) {
    wanted.bitrate = DataRate::FromBitsPerSecond(*bitrate);
  }
  return call.services.camera.SetStream(call.ticket, wanted);
}

Outcome RequestKeyframe(const Call& call) {
  call.services.camera.RequestKeyframe(call.now);
  return json::Value::Object();
}

Outcome TakeSnapshot(const Call& call) {
  return call.services.camera.TakeSnapshot(call.now, call.ticket);
}

constexpr Method kMethods[] = {
    {"stream.get",
     Role::kViewer,
     "The stream as it is.",
     {},
     "`width` and `height` in pixels, `frames_per_second`, `bitrate_bps` in bits a second.",
     "{}",
     R"({"width": 1280, "height": 720, "frames_per_second": 30, "bitrate_bps": 2000000})",
     GetStream},
    {"stream.set",
     Role::kOperator,
     "Changes it while it runs, for all viewers, and keeps it as the settings `width`, `height`, "
     "`fps` and `bitrate`. Those that a flag or the environment says are back after a restart.",
     {{"width", Integer(16, 3840, 2), Need::kOneOf, "Pixels, together with `height`."},
      {"height", Integer(16, 2160, 2), Need::kOneOf, "Pixels, together with `width`."},
      {"frames_per_second", Integer(1, 120), Need::kOneOf, "Pictures a second."},
      {"bitrate_bps", Integer(50'000, 50'000'000), Need::kOneOf, "Bits a second."}},
     "The stream as it is then: the camera takes the nearest that it has.",
     R"({"bitrate_bps": 1500000})",
     R"({"width": 1280, "height": 720, "frames_per_second": 30, "bitrate_bps": 1500000})",
     SetStream},
    {"stream.request_keyframe",
     Role::kOperator,
     "Has the next picture decodable by itself.",
     {},
     "Nothing.",
     "{}",
     "{}",
     RequestKeyframe},
    {"snapshot.take",
     Role::kViewer,
     "Takes a picture in JPEG.",
     {},
     "Where it is: `area` and `name` for the file channel or `files.list`, its `size` in bytes and "
     "its `sha256`. The newest 8 are kept.",
     "{}",
     R"({"area": "snapshots", "name": "snapshot-20261121041500.jpg", "size": 81920, )"
     R"("sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"})",
     TakeSnapshot},
};

}  // namespace

const MethodGroup kStream = {"Stream and snapshots", "", kMethods};

}  // namespace ocellus::control::methods
