// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/video_pipeline.h"

#include <utility>

namespace ocellus::media {
namespace {

using hal::EncodedFrame;
using hal::FrameType;
using hal::PixelFormat;
using hal::VideoFrame;

}  // namespace

VideoPipeline::VideoPipeline(const Parts& parts, const VideoSettings& settings)
    : parts_(parts),
      settings_(settings),
      commands_(parts.io_waker),
      outbox_(parts.io_waker),
      snapshots_({parts.decoder, parts.jpeg, parts.io_waker}, settings.snapshot_quality),
      camera_(parts.camera, parts.clock, settings.format),
      shaper_(parts.transformer),
      controls_(parts.camera_controls, shaper_, settings.controls),
      stream_({camera_, shaper_, controls_}, settings.bitrate),
      encoder_(parts.encoder, settings.bitrate) {
  status_.format = settings.format;
  status_.stream = stream_.stream();
  status_.kept_controls = controls_.kept();
  told_status_.Store(status_);
  second_began_at_ = parts.clock.Now();
}

void VideoPipeline::Run() {
  while (!stop_.load(std::memory_order_relaxed)) RunOnce();
  camera_.Stop();
  StopNoSignal();
}

bool VideoPipeline::RunOnce() {
  snapshots_.HandleTurn(parts_.clock.Now());
  if (stream_.restart_due()) RestartCamera();
  HandleCommands();
  encoder_.SetBitrate(stream_.bitrate());
  if (keyframe_requested_.exchange(false, std::memory_order_relaxed)) keyframe_wanted_ = true;

  AskCameraForKeyframe(parts_.clock.Now());

  bool sent = false;
  const unsigned damaged = camera_.damaged();
  if (const std::optional<VideoFrame> picture = camera_.Acquire(kVideoTurn)) {
    sent = HandleCameraPicture(*picture);
  }
  // What an H.264 camera damaged is missing in the stream.
  const bool encodes = camera_.format().pixel_format == PixelFormat::kH264;
  if (encodes && camera_.damaged() != damaged) outbox_.HandleGap();
  if (!sent) sent = ShowHeldPicture();
  if (camera_.state() == CameraState::kLost) {
    snapshots_.HandleCameraLost(camera_.reason());
    sent = ShowNoSignal() || sent;
  }
  UpdateStatus();
  return sent;
}

void VideoPipeline::HandleCommands() {
  shaper_.SetView(commands_.view());
  while (!stream_.restart_due()) {
    const std::optional<VideoCommand> command = commands_.Pop();
    if (!command) return;
    if (const auto* control = std::get_if<ControlCommand>(&command->what)) {
      Finish(SetCameraControl(command->id, *control));
    } else if (const auto* reset = std::get_if<ResetCommand>(&command->what)) {
      Finish({command->id, controls_.Reset(parts_.clock.Now(), reset->name), {}, {}});
    } else if (auto changed = stream_.Change(parts_.clock.Now(), command->id,
                                             std::get<StreamRequest>(command->what))) {
      Finish(std::move(*changed));
      // It comes back in the new size.
      if (camera_.state() == CameraState::kLost) StopNoSignal();
    }
  }
}

VideoCommandResult VideoPipeline::SetCameraControl(VideoCommandId id,
                                                   const ControlCommand& command) {
  const Time now = parts_.clock.Now();
  if (id == VideoCommandId()) {
    return {id, controls_.SetUnseen(now, command.name, command.value), {}, {}};
  }
  const Result<hal::CameraControl> control = controls_.Set(now, command.name, command.value);
  if (!control.ok()) return {id, control.status(), {}, {}};
  return {id, {}, *control, {}};
}

void VideoPipeline::RestartCamera() {
  Finish(stream_.Restart());
  controls_.HandleRestart();
  normalizer_.Reset();
  outbox_.HandleGap();
  // Viewers see the new size at once.
  ShowHeldPicture();
}

void VideoPipeline::Finish(VideoCommandResult result) {
  if (result.id != VideoCommandId()) {
    // The status is never older than a result.
    UpdateStatus();
    commands_.Finish(std::move(result));
    return;
  }
  if (result.status.ok() || !command_log_.Allow(parts_.clock.Now())) return;
  LOG_WARN("video: the camera does not follow: %s", result.status.ToString().c_str());
}

bool VideoPipeline::HandleCameraPicture(const VideoFrame& picture) {
  if (picture.pixel_format == PixelFormat::kH264) return ForwardAccessUnit(picture);
  if (!stream_.Take(parts_.clock.Now())) {
    camera_.HandleUnseen();
    return false;
  }
  VideoFrame uncompressed = picture;
  if (picture.pixel_format == PixelFormat::kMjpeg) {
    const Result<VideoFrame> decoded =
        parts_.jpeg.Decode(picture.planes[0].data, picture.captured_at);
    if (!decoded.ok()) {
      HandleDamaged(decoded.status());
      return false;
    }
    uncompressed = *decoded;
  } else if (!hal::PlanesAreComplete(picture)) {
    HandleDamaged({StatusCode::kMalformed, "an incomplete picture"});
    return false;
  }
  HandleUsable(picture);
  stream_.HandlePicture(uncompressed);
  SwitchTo(Source::kPictures);
  return ShowPicture(uncompressed, {uncompressed.width, uncompressed.height});
}

bool VideoPipeline::ShowPicture(const VideoFrame& picture, PictureSize captured) {
  const VideoFrame shaped =
      shaper_.Shape(parts_.clock.Now(), picture, shaper_.OutputSize(captured));
  snapshots_.HandlePicture(shaped);
  return EncodePicture(shaped, stream_.stream().frames_per_second);
}

bool VideoPipeline::ShowHeldPicture() {
  if (camera_.state() == CameraState::kLost) stream_.DropHeld();
  const std::optional<VideoFrame> held = stream_.held(parts_.clock.Now());
  return held && ShowPicture(*held, {camera_.format().width, camera_.format().height});
}

bool VideoPipeline::ForwardAccessUnit(const VideoFrame& picture) {
  std::optional<EncodedFrame> frame = outbox_.Begin();
  if (!frame) {
    // The io thread is late, but the camera is well.
    camera_.HandleUsable(picture);
    ++status_.frames_dropped;
    return false;
  }
  const Status status = normalizer_.Normalize(picture.planes[0].data, *frame);
  if (!status.ok() || frame->nals.empty()) {
    outbox_.Cancel(std::move(*frame));
    if (!status.ok()) HandleDamaged(status);
    return false;
  }
  HandleUsable(picture);
  stream_.DropHeld();
  SwitchTo(Source::kAccessUnits);
  frame->captured_at = picture.captured_at;
  snapshots_.HandleAccessUnit(*frame);
  return Send(std::move(*frame));
}

bool VideoPipeline::ShowNoSignal() {
  if (!no_signal_started_) {
    hal::VideoFormat format = camera_.format();
    format.pixel_format = PixelFormat::kI420;
    format.width = stream_.stream().width;
    format.height = stream_.stream().height;
    format.frames_per_second = kNoSignalFramesPerSecond;
    const Result<hal::VideoFormat> started = parts_.no_signal.Start(format);
    no_signal_started_ = started.ok();
    if (!started.ok()) {
      LOG_ERROR("video: no \"no signal\" picture: %s", started.status().ToString().c_str());
    }
  }
  const Result<VideoFrame> picture = parts_.no_signal.Acquire(kVideoTurn);
  if (!picture.ok()) return false;
  if (source_ == Source::kAccessUnits) normalizer_.Reset();
  SwitchTo(Source::kNoSignal);
  return EncodePicture(*picture, kNoSignalFramesPerSecond);
}

bool VideoPipeline::EncodePicture(const VideoFrame& picture, int frames_per_second) {
  std::optional<EncodedFrame> frame = outbox_.Begin();
  if (!frame) {
    ++status_.frames_dropped;
    return false;
  }
  const bool keyframe = keyframe_wanted_ || outbox_.keyframe_needed();
  if (!encoder_.Encode(parts_.clock.Now(), picture, frames_per_second,
                       keyframe ? FrameType::kKeyframe : FrameType::kAny, *frame)) {
    outbox_.Cancel(std::move(*frame));
    return false;
  }
  frame->captured_at = picture.captured_at;
  return Send(std::move(*frame));
}

bool VideoPipeline::Send(EncodedFrame frame) {
  const bool keyframe = frame.keyframe;
  if (!outbox_.Send(parts_.clock.Now(), std::move(frame))) {
    ++status_.frames_dropped;
    return false;
  }
  if (keyframe) {
    keyframe_wanted_ = false;
    next_camera_keyframe_request_ = Time::min();
  }
  ++status_.frames_sent;
  ++frames_this_second_;
  return true;
}

// The first picture of a camera is shown as people have set it already.
void VideoPipeline::HandleUsable(const VideoFrame& picture) {
  camera_.HandleUsable(picture);
  UpdateControls();
}

void VideoPipeline::HandleDamaged(const Status& damage) {
  camera_.HandleDamaged(damage);
  if (!damage_log_.Allow(parts_.clock.Now())) return;
  LOG_WARN("video: damaged picture: %s (%u so far)", damage.ToString().c_str(), camera_.damaged());
}

void VideoPipeline::SwitchTo(Source source) {
  if (source_ == source) return;
  source_ = source;
  outbox_.HandleGap();
  if (source != Source::kNoSignal) StopNoSignal();
}

void VideoPipeline::StopNoSignal() {
  if (no_signal_started_) parts_.no_signal.Stop();
  no_signal_started_ = false;
}

void VideoPipeline::AskCameraForKeyframe(Time now) {
  if (parts_.keyframe_control == nullptr || camera_.state() != CameraState::kRunning) return;
  if (camera_.format().pixel_format != PixelFormat::kH264) return;
  const bool wanted = keyframe_wanted_ || outbox_.keyframe_needed() || snapshots_.waiting();
  if (!wanted || now < next_camera_keyframe_request_) return;
  parts_.keyframe_control->RequestKeyframe();
  next_camera_keyframe_request_ = now + kCameraKeyframeRetry;
}

void VideoPipeline::UpdateControls() {
  if (controls_.Update(parts_.clock.Now(), output())) status_changed_ = true;
}

void VideoPipeline::UpdateStatus() {
  const Time now = parts_.clock.Now();
  if (now - second_began_at_ >= std::chrono::seconds(1)) {
    const int64_t micros = (now - second_began_at_).count();
    status_.frames_per_second =
        static_cast<unsigned>((int64_t{frames_this_second_} * 1'000'000 + micros / 2) / micros);
    frames_this_second_ = 0;
    second_began_at_ = now;
    status_changed_ = true;
  }
  UpdateControls();
  const VideoStream stream = stream_.stream();
  if (status_.state != camera_.state() || status_.reason != camera_.reason() ||
      status_.format != camera_.format() || status_.stream != stream) {
    status_changed_ = true;
  }
  if (!status_changed_) return;
  status_.state = camera_.state();
  status_.reason = camera_.reason();
  status_.format = camera_.format();
  status_.stream = stream;
  status_.controls = controls_.list();
  status_.kept_controls = controls_.kept();
  status_.digital_view = shaper_.can_transform() && output() == CameraOutput::kPictures;
  status_.keyframes_on_demand =
      output() != CameraOutput::kEncoded || parts_.keyframe_control != nullptr;
  status_.camera = parts_.camera.name();
  status_.encoder = status_.format.pixel_format == PixelFormat::kH264 ? "" : encoder_.name();
  status_.pictures_damaged = camera_.damaged();
  status_.encoder_errors = encoder_.errors();
  told_status_.Store(status_);
  status_changed_ = false;
}

CameraOutput VideoPipeline::output() const {
  if (camera_.state() != CameraState::kRunning) return CameraOutput::kNothing;
  return camera_.format().pixel_format == PixelFormat::kH264 ? CameraOutput::kEncoded
                                                             : CameraOutput::kPictures;
}

}  // namespace ocellus::media
