// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/control/call.h"
#include "firmware/control/methods/groups.h"
#include "firmware/control/ptz_controller.h"
#include "firmware/control/to_json.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

constexpr int64_t kDefaultDriveMs = 1000;

Outcome State(const Call& call) { return ToJson(call.services.ptz.state()); }

Outcome StateAfter(const Call& call, const Status& status) {
  if (!status.ok()) return status;
  return State(call);
}

PtzTarget Target(const Call& call) {
  return PtzTarget{call.arguments["pan"].AsNumber(), call.arguments["tilt"].AsNumber(),
                   call.arguments["zoom"].AsNumber()};
}

std::optional<PresetId> Preset(const Call& call) {
  const std::optional<int64_t> id = call.arguments["id"].AsInteger();
  if (!id) return std::nullopt;
  return PresetId(static_cast<uint32_t>(*id));
}

Outcome MoveTo(const Call& call) {
  return StateAfter(call, call.services.ptz.MoveTo(call.now, Target(call)));
}

Outcome Step(const Call& call) {
  return StateAfter(call, call.services.ptz.Step(call.now, Target(call)));
}

Outcome Drive(const Call& call) {
  const PtzTarget speeds = Target(call);
  const PtzSpeed speed{speeds.pan.value_or(0), speeds.tilt.value_or(0), speeds.zoom.value_or(0)};
  const int64_t for_ms = call.arguments["for_ms"].AsInteger().value_or(kDefaultDriveMs);
  return StateAfter(call,
                    call.services.ptz.Drive(call.now, speed, std::chrono::milliseconds(for_ms)));
}

Outcome Stop(const Call& call) {
  call.services.ptz.Stop(call.now);
  return State(call);
}

Outcome GoHome(const Call& call) { return StateAfter(call, call.services.ptz.GoHome(call.now)); }

Outcome SavePreset(const Call& call) {
  const std::string_view name = *call.arguments["name"].AsString();
  const Result<PresetId> id = call.services.ptz.SavePreset(call.now, name, Preset(call));
  if (!id.ok()) return id.status();
  json::Value result = json::Value::Object();
  result.Set("id", id->value());
  return result;
}

Outcome GoToPreset(const Call& call) {
  return StateAfter(call, call.services.ptz.GoToPreset(call.now, *Preset(call)));
}

Outcome DeletePreset(const Call& call) {
  return StateAfter(call, call.services.ptz.DeletePreset(call.now, *Preset(call)));
}

constexpr const char* kState = "The state, as of `ptz.get`.";
constexpr ParameterType kPresetId = Integer(1, kMaxPtzPresets);

// The answers of the examples: with a digital zoom.
#define STATE(pan, tilt, zoom, moving)                                                   \
  R"({"kind": "digital", "can": {"pan": true, "tilt": true, "zoom": true}, "pan": )" pan \
  R"(, "tilt": )" tilt R"(, "zoom": )" zoom R"(, "moving": )" moving                     \
  R"(, "presets": [{"id": 1, "name": "Door"}]})"

constexpr Method kMethods[] = {
    {"ptz.get",
     Role::kViewer,
     "Where the camera looks.",
     {},
     "`kind`: `motor`, `digital` (a part of the picture is shown) or `none`; what it `can` do; "
     "`pan`, "
     "`tilt` and `zoom`; whether it is `moving` by `ptz.drive`; the `presets`.",
     "{}",
     STATE("0", "0", "0", "false"),
     State},
    {"ptz.move",
     Role::kOperator,
     "Turns and zooms to a place. What is left out stays as it is.",
     {{"pan", Number(-1, 1), Need::kOneOf, "Where to; left is negative."},
      {"tilt", Number(-1, 1), Need::kOneOf, "Where to; down is negative."},
      {"zoom", Number(0, 1), Need::kOneOf, "How near: 0 shows all."}},
     kState,
     R"({"pan": 0.25, "zoom": 0.5})",
     STATE("0.25", "0", "0.5", "false"),
     MoveTo},
    {"ptz.step",
     Role::kOperator,
     "Turns and zooms by so much, as far as it goes.",
     {{"pan", Number(-2, 2), Need::kOneOf, "How far; left is negative."},
      {"tilt", Number(-2, 2), Need::kOneOf, "How far; down is negative."},
      {"zoom", Number(-1, 1), Need::kOneOf, "How much nearer."}},
     kState,
     R"({"zoom": 0.1})",
     STATE("0", "0", "0.1", "false"),
     Step},
    {"ptz.drive",
     Role::kOperator,
     "Turns and zooms on and on. It stops by itself unless it is called again in time.",
     {{"pan", Number(-1, 1), Need::kOneOf, "Speed; left is negative."},
      {"tilt", Number(-1, 1), Need::kOneOf, "Speed; down is negative."},
      {"zoom", Number(-1, 1), Need::kOneOf, "Speed; wider is negative."},
      {"for_ms", Integer(0, static_cast<double>(ToMilliseconds(kMaxPtzDrive))), Need::kOptional,
       "For how many milliseconds, 1000 without it."}},
     kState,
     R"({"zoom": 0.5, "for_ms": 600})",
     STATE("0", "0", "0", "true"),
     Drive},
    {"ptz.stop",
     Role::kOperator,
     "Stands still.",
     {},
     kState,
     "{}",
     STATE("0", "0", "0", "false"),
     Stop},
    {"ptz.home",
     Role::kOperator,
     "Looks where it does by default: the middle, all of the picture.",
     {},
     kState,
     "{}",
     STATE("0", "0", "0", "false"),
     GoHome},
    {"ptz.save_preset",
     Role::kOperator,
     "Keeps where the camera looks, across restarts.",
     {{"name", Text(kMaxPtzPresetName), Need::kRequired, "For people."},
      {"id", kPresetId, Need::kOptional, "Replaces that preset; the least free one without it."}},
     "Its `id`.",
     R"({"name": "Gate"})",
     R"({"id": 2})",
     SavePreset},
    {"ptz.go_to_preset",
     Role::kOperator,
     "Looks there again.",
     {{"id", kPresetId, Need::kRequired, "As of `ptz.get`."}},
     kState,
     R"({"id": 1})",
     STATE("0", "0", "0", "false"),
     GoToPreset},
    {"ptz.delete_preset",
     Role::kOperator,
     "Forgets a preset.",
     {{"id", kPresetId, Need::kRequired, "As of `ptz.get`."}},
     kState,
     R"({"id": 2})",
     STATE("0", "0", "0", "false"),
     DeletePreset},
};

#undef STATE

}  // namespace

const MethodGroup kPtz = {
    "Pan, tilt and zoom",
    "Pan and tilt go from -1 to 1, left and down are negative; zoom goes from 0, everything, to 1. "
    "Cameras without motors show a part of their picture instead: there pan and tilt have an "
    "effect once it is zoomed. Presets are kept, and so is where such a camera looks; motors stand "
    "where they are.",
    kMethods};

}  // namespace ocellus::control::methods
