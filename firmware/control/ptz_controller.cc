// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/ptz_controller.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ocellus::control {
namespace {

// How fast a drive at full speed is, of axes that are moved in steps, in a second: a motor half of
// the way from the middle to its end, its zoom a third of its range; a digital view one of its own
// widths or heights, its zoom half of its range.
constexpr double kMotorSpeed = 0.5;
constexpr double kMotorZoomSpeed = 1.0 / 3;
constexpr double kDigitalSpeed = 2;  // At zoom 0, where a width is from -1 to 1.
constexpr double kDigitalZoomSpeed = 0.5;

// The factor that a digital zoom of 0 to 1 stands for: each step looks as large as the others.
double FactorOf(double zoom) { return std::pow(media::kMaxDigitalZoom, zoom); }

template <typename Motor>
int64_t NearestValue(const Motor& motor, double value) {
  const double step = static_cast<double>(std::max<int64_t>(motor.step, 1));
  const auto minimum = static_cast<double>(motor.minimum);
  const double steps = std::round((value - minimum) / step);
  return std::clamp(motor.minimum + static_cast<int64_t>(steps * step), motor.minimum,
                    motor.maximum);
}

}  // namespace

const char* ToString(PtzKind kind) {
  switch (kind) {
    case PtzKind::kNone:
      return "none";
    case PtzKind::kDigital:
      return "digital";
    case PtzKind::kMotor:
      return "motor";
  }
  return "unknown";
}

PtzController::PtzController(hal::Storage& storage, const PtzTarget& kept)
    : presets_(storage), kept_(kept), returns_to_(kept) {
  axes_[kPan].name = "pan";
  axes_[kTilt].name = "tilt";
  axes_[kZoom].name = "zoom";
  axes_[kZoom].least = 0;
  for (Axis& axis : axes_) {
    axis.place.name = axis.name;
    axis.speed.name = std::string(axis.name) + "-speed";
  }
  state_.presets = presets_.list();
}

void PtzController::SetCapabilities(Time now, const media::VideoStatus& status) {
  ReadMotors(status);
  FindModes(status);
  FollowMotors(now, status);
  Return(now);
  UpdateState();
}

void PtzController::ReadMotors(const media::VideoStatus& status) {
  for (Axis& axis : axes_) {
    for (Motor* motor : {&axis.place, &axis.speed}) {
      const bool existed = std::exchange(motor->exists, false);
      for (const hal::CameraControl& control : status.controls) {
        if (control.name != motor->name || control.minimum >= control.maximum) continue;
        motor->exists = true;
        motor->minimum = control.minimum;
        motor->maximum = control.maximum;
        motor->step = control.step;
        motor->default_value = control.default_value;
        // Nobody drives a motor that was away, or is seen for the first time.
        if (!existed && motor == &axis.speed && control.value != 0) motor->pending = 0;
      }
      if (!motor->exists) motor->pending.reset();
    }
  }
}

void PtzController::FindModes(const media::VideoStatus& status) {
  const auto has_motor = [this](AxisIndex index) {
    return axes_[index].place.exists || axes_[index].speed.exists;
  };
  const bool head = has_motor(kPan) || has_motor(kTilt);
  bool view_changes = false;
  for (const AxisIndex index : {kPan, kTilt, kZoom}) {
    Axis& axis = axes_[index];
    const bool may_be_digital = index == kZoom || (!head && !has_motor(kZoom));
    Mode mode = Mode::kNone;
    if (has_motor(index)) {
      mode = Mode::kMotor;
    } else if (status.digital_view && may_be_digital) {
      mode = Mode::kDigital;
    }
    if (mode == axis.mode) continue;
    // While the camera is away, the video thread keeps its view, and so do we.
    const bool away = axis.mode == Mode::kDigital && mode == Mode::kNone;
    view_changes = view_changes || !away;
    if (axis.mode == Mode::kMotor) axis.position = 0;
    axis.velocity = 0;
    axis.mode = mode;
  }
  if (view_changes) UpdateView();
}

void PtzController::FollowMotors(Time now, const media::VideoStatus& status) {
  if (driving_ || now < settled_at_) return;
  for (Axis& axis : axes_) {
    if (axis.mode != Mode::kMotor || !axis.place.exists || axis.place.pending) continue;
    for (const hal::CameraControl& control : status.controls) {
      if (control.name == axis.place.name) axis.position = PositionOf(axis, control.value);
    }
  }
}

void PtzController::Return(Time now) {
  std::optional<double>* const places[] = {&returns_to_.pan, &returns_to_.tilt, &returns_to_.zoom};
  bool any = false;
  for (size_t i = 0; i < kAxes; ++i) {
    if (!*places[i] || axes_[i].mode != Mode::kDigital) continue;
    SetPosition(axes_[i], **places[i]);
    places[i]->reset();
    any = true;
  }
  if (any) HandleChange(now);
}

void PtzController::Keep() {
  std::optional<double>* const places[] = {&kept_.pan, &kept_.tilt, &kept_.zoom};
  for (size_t i = 0; i < kAxes; ++i) {
    if (axes_[i].mode == Mode::kDigital) *places[i] = axes_[i].position;
  }
}

Status PtzController::Check(const PtzTarget& target, Reach reach) const {
  const std::optional<double> values[] = {target.pan, target.tilt, target.zoom};
  bool any = false;
  for (size_t i = 0; i < kAxes; ++i) {
    if (!values[i]) continue;
    any = true;
    const Axis& axis = axes_[i];
    if (axis.mode == Mode::kNone) {
      return {StatusCode::kUnsupported, Format("this camera has no %s", axis.name)};
    }
    if (!axis.has_place()) {
      return {StatusCode::kUnsupported,
              Format("the %s of this camera can be driven, but not sent to a place", axis.name)};
    }
    // The longest way is from one end to the other.
    const double most = reach == Reach::kPlace ? 1 : 1 - axis.least;
    const double least = reach == Reach::kPlace ? axis.least : -most;
    if (!(*values[i] >= least && *values[i] <= most)) {
      return {StatusCode::kInvalidArgument,
              Format("%s must be from %g to %g", axis.name, least, most)};
    }
  }
  if (!any) return {StatusCode::kInvalidArgument, "say where to: pan, tilt or zoom"};
  return {};
}

Status PtzController::MoveTo(Time now, const PtzTarget& target) {
  RETURN_IF_ERROR(Check(target, Reach::kPlace));
  GoTo(now, target);
  return {};
}

Status PtzController::Step(Time now, const PtzTarget& way) {
  RETURN_IF_ERROR(Check(way, Reach::kWay));
  StepTo(now);
  const auto from = [this](AxisIndex index, std::optional<double> step) {
    const Axis& axis = axes_[index];
    if (step) step = std::clamp(axis.position + *step, axis.least, 1.0);
    return step;
  };
  GoTo(now, {from(kPan, way.pan), from(kTilt, way.tilt), from(kZoom, way.zoom)});
  return {};
}

void PtzController::GoTo(Time now, const PtzTarget& target) {
  StepTo(now);
  EndDrive();
  const std::optional<double> values[] = {target.pan, target.tilt, target.zoom};
  for (size_t i = 0; i < kAxes; ++i) {
    if (values[i]) SetPosition(axes_[i], *values[i]);
  }
  HandleChange(now);
}

Status PtzController::Drive(Time now, const PtzSpeed& speed, Duration duration) {
  const double values[] = {speed.pan, speed.tilt, speed.zoom};
  for (size_t i = 0; i < kAxes; ++i) {
    if (!(values[i] >= -1 && values[i] <= 1)) {
      return {StatusCode::kInvalidArgument, Format("%s must be from -1 to 1", axes_[i].name)};
    }
    if (values[i] != 0 && axes_[i].mode == Mode::kNone) {
      return {StatusCode::kUnsupported, Format("this camera has no %s", axes_[i].name)};
    }
  }
  if (duration < Duration::zero() || duration > kMaxPtzDrive) {
    return {StatusCode::kInvalidArgument,
            Format("a drive is of 0 to %d ms", static_cast<int>(ToMilliseconds(kMaxPtzDrive)))};
  }
  StepTo(now);
  bool moves = false;
  for (size_t i = 0; i < kAxes; ++i) {
    SetVelocity(axes_[i], values[i]);
    moves = moves || values[i] != 0;
  }
  if (!moves || duration == Duration::zero()) {
    Stop(now);
    return {};
  }
  driving_ = true;
  drive_ends_ = now + duration;
  HandleChange(now);
  return {};
}

void PtzController::Stop(Time now) {
  StepTo(now);
  EndDrive();
  // Even where we think that it stands still: who says stop sees it move.
  for (Axis& axis : axes_) {
    if (axis.speed.exists) axis.speed.pending = 0;
  }
  HandleChange(now);
}

Status PtzController::GoHome(Time now) {
  if (state_.kind == PtzKind::kNone) {
    return {StatusCode::kUnsupported, "this camera cannot pan, tilt or zoom"};
  }
  StepTo(now);
  EndDrive();
  for (Axis& axis : axes_) {
    if (axis.mode == Mode::kDigital) axis.position = 0;
    if (axis.mode == Mode::kMotor && axis.place.exists) {
      SetPosition(axis, PositionOf(axis, axis.place.default_value));
    }
  }
  HandleChange(now);
  return {};
}

Result<PresetId> PtzController::SavePreset(Time now, std::string_view name,
                                           std::optional<PresetId> id) {
  StepTo(now);
  const PtzTarget here = place();
  if (!here.pan && !here.tilt && !here.zoom) {
    return Status(StatusCode::kUnsupported, "this camera has no places to remember");
  }
  const Result<PresetId> saved = presets_.Save(name, id, here);
  UpdateState();
  state_.presets = presets_.list();
  return saved;
}

Status PtzController::GoToPreset(Time now, PresetId id) {
  const PtzPreset* preset = presets_.Find(id);
  if (preset == nullptr) {
    return {StatusCode::kNotFound,
            Format("there is no preset %u", static_cast<unsigned>(id.value()))};
  }
  PtzTarget target = preset->place;
  if (!axes_[kPan].has_place()) target.pan.reset();
  if (!axes_[kTilt].has_place()) target.tilt.reset();
  if (!axes_[kZoom].has_place()) target.zoom.reset();
  if (!target.pan && !target.tilt && !target.zoom) {
    return {StatusCode::kUnsupported, "this camera can go to no place of this preset"};
  }
  GoTo(now, target);
  return {};
}

Status PtzController::DeletePreset(Time, PresetId id) {
  RETURN_IF_ERROR(presets_.Delete(id));
  state_.presets = presets_.list();
  return {};
}

std::optional<PtzCommand> PtzController::PollCommand() {
  if (retry_at_ != kNever) return std::nullopt;
  if (std::exchange(view_pending_, false)) return view_;
  for (Axis& axis : axes_) {
    // The speed first: a motor goes to no place while it is driven.
    for (Motor* motor : {&axis.speed, &axis.place}) {
      if (!motor->pending) continue;
      SetCameraControl command{motor->name, *motor->pending};
      motor->pending.reset();
      return command;
    }
  }
  return std::nullopt;
}

void PtzController::HandleRefused(Time now, PtzCommand command) {
  retry_at_ = now + kPtzStep;
  const auto* control = std::get_if<SetCameraControl>(&command);
  if (control == nullptr) {
    view_pending_ = true;
    return;
  }
  for (Axis& axis : axes_) {
    for (Motor* motor : {&axis.speed, &axis.place}) {
      if (motor->exists && motor->name == control->name && !motor->pending) {
        motor->pending = control->value;
      }
    }
  }
}

void PtzController::HandleTimeout(Time now) {
  if (now >= retry_at_) retry_at_ = kNever;
  if (!driving_) return;
  StepTo(now);
  if (now >= drive_ends_) EndDrive();
  HandleChange(now);
}

Time PtzController::next_deadline() const {
  if (!driving_) return retry_at_;
  const bool steps = std::any_of(axes_.begin(), axes_.end(), [](const Axis& axis) {
    return axis.velocity != 0 && axis.moves_by_steps();
  });
  const Time next_step = steps ? stepped_at_ + kPtzStep : kNever;
  return std::min({retry_at_, drive_ends_, next_step});
}

void PtzController::EndDrive() {
  driving_ = false;
  drive_ends_ = kNever;
  for (Axis& axis : axes_) SetVelocity(axis, 0);
}

void PtzController::StepTo(Time now) {
  const double seconds = ToSeconds(std::min(now, drive_ends_) - stepped_at_);
  stepped_at_ = now;
  if (!driving_ || seconds <= 0) return;
  const double factor = FactorOf(axes_[kZoom].position);
  for (const AxisIndex index : {kPan, kTilt, kZoom}) {
    Axis& axis = axes_[index];
    if (axis.velocity == 0 || !axis.moves_by_steps()) continue;
    double rate = index == kZoom ? kMotorZoomSpeed : kMotorSpeed;
    if (axis.mode == Mode::kDigital) {
      rate = index == kZoom ? kDigitalZoomSpeed : kDigitalSpeed / factor;
    }
    const bool waits = axis.place.pending.has_value();
    const int64_t place = PlaceOf(axis);
    SetPosition(axis, axis.position + axis.velocity * rate * seconds);
    // A step that is too small for the motor is no command.
    if (!waits && axis.place.pending == place) axis.place.pending.reset();
  }
}

void PtzController::SetVelocity(Axis& axis, double velocity) {
  if (axis.velocity == velocity) return;
  axis.velocity = velocity;
  if (!axis.speed.exists) return;
  Motor& motor = axis.speed;
  const auto most = static_cast<double>(velocity < 0 ? -motor.minimum : motor.maximum);
  int64_t value = velocity == 0 ? 0 : NearestValue(motor, velocity * most);
  // Slow is not still.
  if (value == 0 && velocity != 0) {
    value = NearestValue(motor, static_cast<double>(velocity < 0 ? -motor.step : motor.step));
  }
  motor.pending = value;
}

void PtzController::SetPosition(Axis& axis, double position) {
  axis.position = std::clamp(position, axis.least, 1.0);
  if (axis.mode == Mode::kMotor) axis.place.pending = PlaceOf(axis);
}

int64_t PtzController::PlaceOf(const Axis& axis) {
  const Motor& motor = axis.place;
  const double part = (axis.position - axis.least) / (1 - axis.least);
  return NearestValue(motor, static_cast<double>(motor.minimum) +
                                 part * static_cast<double>(motor.maximum - motor.minimum));
}

double PtzController::PositionOf(const Axis& axis, int64_t value) {
  const Motor& motor = axis.place;
  const double part = static_cast<double>(value - motor.minimum) /
                      static_cast<double>(motor.maximum - motor.minimum);
  return std::clamp(axis.least + part * (1 - axis.least), axis.least, 1.0);
}

void PtzController::UpdateView() {
  const Axis& zoom = axes_[kZoom];
  media::View view;
  if (zoom.mode == Mode::kDigital) view.zoom = FactorOf(zoom.position);
  for (const AxisIndex index : {kPan, kTilt}) {
    Axis& axis = axes_[index];
    if (axis.mode != Mode::kDigital) continue;
    const double room = 1 - 1 / view.zoom;
    axis.position = std::clamp(axis.position, -room, room);
  }
  if (axes_[kPan].mode == Mode::kDigital) view.center_x = 0.5 + axes_[kPan].position / 2;
  if (axes_[kTilt].mode == Mode::kDigital) view.center_y = 0.5 - axes_[kTilt].position / 2;
  if (view == view_) return;
  view_ = view;
  view_pending_ = true;
}

PtzTarget PtzController::place() const {
  const auto of = [](const Axis& axis) {
    return axis.has_place() ? std::optional(axis.position) : std::nullopt;
  };
  return {of(axes_[kPan]), of(axes_[kTilt]), of(axes_[kZoom])};
}

void PtzController::UpdateState() {
  state_.kind = PtzKind::kNone;
  for (const Axis& axis : axes_) {
    if (axis.mode == Mode::kMotor) state_.kind = PtzKind::kMotor;
    if (axis.mode == Mode::kDigital && state_.kind == PtzKind::kNone) {
      state_.kind = PtzKind::kDigital;
    }
  }
  state_.pan = axes_[kPan].position;
  state_.tilt = axes_[kTilt].position;
  state_.zoom = axes_[kZoom].position;
  state_.can_pan = axes_[kPan].mode != Mode::kNone;
  state_.can_tilt = axes_[kTilt].mode != Mode::kNone;
  state_.can_zoom = axes_[kZoom].mode != Mode::kNone;
  state_.moving = driving_;
}

void PtzController::HandleChange(Time now) {
  settled_at_ = now + kPtzSettling;
  UpdateView();
  UpdateState();
  Keep();
}

}  // namespace ocellus::control
