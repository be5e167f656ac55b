// SPDX-License-Identifier: Apache-2.0
// Where the camera looks: pan, tilt and zoom, over motors where the camera has them, and otherwise
// by a cut of its picture. Absolute, relative and continuous movement, and presets that outlive the
// program. Does not talk to the camera: the app carries PollCommand's commands to the video
// pipeline, and its status back.
//
//   pan, tilt  -1 to 1; left and down are negative
//   zoom        0 to 1; 1 is nearest
//
//   the camera has    pan and tilt      zoom
//   pan or tilt       motors            motor, or else digital
//   zoom only         none              motor
//   none of them      digital           digital
//
// A motor with a place of its own ("pan") goes to places, and is driven in steps when it has no
// speed ("pan-speed"). One with a speed only can be driven, and stopped, but sent nowhere. A
// digital pan and tilt of 0.5 is half-way from the middle of the picture to its edge, as far as the
// zoom leaves room for it: at zoom 0, both are always 0.
//
// io thread only. Owned by the app.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/control/ptz_presets.h"
#include "firmware/media/video_status.h"
#include "firmware/media/view.h"
#include "hal/storage.h"

namespace ocellus::control {

// A drive moves in steps of this, and the video thread glides between them.
constexpr Duration kPtzStep = std::chrono::milliseconds(50);

// A status of the camera that is so soon after a command of ours may be older than it.
constexpr Duration kPtzSettling = std::chrono::seconds(1);

// The longest drive without being renewed: a viewer who is gone must not leave a motor running.
constexpr Duration kMaxPtzDrive = std::chrono::seconds(5);

enum class PtzKind : uint8_t { kNone, kDigital, kMotor };

const char* ToString(PtzKind kind);  // "none", "digital", "motor".

// -1 to 1 of each axis; 0 stands still.
struct PtzSpeed {
  double pan = 0;
  double tilt = 0;
  double zoom = 0;
};

struct PtzState {
  PtzKind kind = PtzKind::kNone;
  double pan = 0;
  double tilt = 0;
  double zoom = 0;
  bool can_pan = false;
  bool can_tilt = false;
  bool can_zoom = false;
  bool moving = false;             // A drive is on.
  std::vector<PtzPreset> presets;  // By id.

  friend bool operator==(const PtzState& a, const PtzState& b) {
    return a.kind == b.kind && a.pan == b.pan && a.tilt == b.tilt && a.zoom == b.zoom &&
           a.can_pan == b.can_pan && a.can_tilt == b.can_tilt && a.can_zoom == b.can_zoom &&
           a.moving == b.moving && a.presets == b.presets;
  }
  friend bool operator!=(const PtzState& a, const PtzState& b) { return !(a == b); }
};

struct SetCameraControl {
  std::string name;
  int64_t value = 0;
};

// For VideoPipeline::SetView and SetControl.
using PtzCommand = std::variant<media::View, SetCameraControl>;

class PtzController {
 public:
  // Reads the presets, which blocks. `storage` is borrowed for the life of this; presets that
  // cannot be read or are damaged are an error in the log, and gone with the next that is saved.
  // `kept` is what kept() was when the program ended: it looks there again as soon as it can.
  explicit PtzController(hal::Storage& storage, const PtzTarget& kept = {});

  // What the camera can do, and where its motors are. Whenever the video status has changed.
  void SetCapabilities(Time now, const media::VideoStatus& status);

  const PtzState& state() const { return state_; }
  // Where people have turned a digital view, to outlive the program. Motors stand where they are.
  const PtzTarget& kept() const { return kept_; }

  // All of these: kUnsupported (names the axis that the camera lacks, or that has no place),
  // kInvalidArgument (names the number that is out of its range).

  // Ends a drive.
  Status MoveTo(Time now, const PtzTarget& target);
  // By so much, as far as it goes: pan and tilt -2 to 2, zoom -1 to 1. Ends a drive.
  Status Step(Time now, const PtzTarget& way);
  // Goes on until `duration` is over (0 to kMaxPtzDrive), another drive replaces it, or Stop.
  Status Drive(Time now, const PtzSpeed& speed, Duration duration);
  void Stop(Time now);
  // The middle, all of the picture; of motors their default places.
  Status GoHome(Time now);

  // Keeps where the camera looks now, by `id` instead of what was there, or by the least free one.
  // Errors: kInvalidArgument (name or id), kResourceExhausted (kMaxPtzPresets), kUnsupported (there
  // is no place to keep).
  Result<PresetId> SavePreset(Time now, std::string_view name, std::optional<PresetId> id);
  // Axes that the camera has not any more stay as they are. Errors: kNotFound.
  Status GoToPreset(Time now, PresetId id);
  Status DeletePreset(Time now, PresetId id);

  // What the video pipeline is to do next. Of several for the same axis only the newest is kept.
  std::optional<PtzCommand> PollCommand();
  // The pipeline had no room for it: it comes again with the next step, unless a newer one has
  // taken its place. A motor that is to stop must not miss it.
  void HandleRefused(Time now, PtzCommand command);

  void HandleTimeout(Time now);
  Time next_deadline() const;

 private:
  enum AxisIndex : size_t { kPan, kTilt, kZoom, kAxes };
  enum class Mode : uint8_t { kNone, kMotor, kDigital };

  // One of the camera's controls, or its absence.
  struct Motor {
    std::string name;
    bool exists = false;
    int64_t minimum = 0;
    int64_t maximum = 0;
    int64_t step = 1;
    int64_t default_value = 0;
    std::optional<int64_t> pending;  // For PollCommand.
  };

  struct Axis {
    const char* name = "";
    double least = -1;  // Its positions go from here to 1.
    Motor place;
    Motor speed;
    Mode mode = Mode::kNone;
    double position = 0;
    double velocity = 0;  // -1 to 1.

    bool has_place() const {
      return mode == Mode::kDigital || (mode == Mode::kMotor && place.exists);
    }
    bool moves_by_steps() const { return has_place() && !speed.exists; }
  };

  void ReadMotors(const media::VideoStatus& status);
  void FindModes(const media::VideoStatus& status);
  void FollowMotors(Time now, const media::VideoStatus& status);
  // The digital view is there for the first time: it looks where it did before the program began.
  void Return(Time now);
  void Keep();

  enum class Reach : uint8_t { kPlace, kWay };
  Status Check(const PtzTarget& target, Reach reach) const;
  void GoTo(Time now, const PtzTarget& target);
  PtzTarget place() const;

  void EndDrive();
  void StepTo(Time now);
  void SetVelocity(Axis& axis, double velocity);
  void SetPosition(Axis& axis, double position);
  // Between positions and the values of the motor's control.
  static int64_t PlaceOf(const Axis& axis);
  static double PositionOf(const Axis& axis, int64_t value);
  // Moves digital axes inside of what the zoom leaves, and tells the new view.
  void UpdateView();
  void UpdateState();
  // After everything that may have given a command.
  void HandleChange(Time now);

  PtzPresets presets_;
  PtzTarget kept_;
  PtzTarget returns_to_;  // Axes of kept_ that were not digital so far.
  std::array<Axis, kAxes> axes_;
  media::View view_;
  bool view_pending_ = false;
  bool driving_ = false;
  Time drive_ends_ = kNever;
  Time stepped_at_{};       // Positions are as of then.
  Time settled_at_{};       // A status from then on knows of our commands.
  Time retry_at_ = kNever;  // A command was refused: no others until then.
  PtzState state_;
};

}  // namespace ocellus::control
