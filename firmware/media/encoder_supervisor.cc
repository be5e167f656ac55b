// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/encoder_supervisor.h"

#include "firmware/base/limits.h"

namespace ocellus::media {
namespace {

// Whether `frame` keeps EncodedFrame's promises, as far as a look at the NAL headers tells.
Status CheckFrame(const hal::EncodedFrame& frame) {
  constexpr uint8_t kSps = 7;
  if (frame.data.size() > kMaxEncodedFrameBytes) {
    return {StatusCode::kResourceExhausted,
            Format("a frame of %u bytes is too large", static_cast<unsigned>(frame.data.size()))};
  }
  for (const hal::EncodedFrame::Nal& nal : frame.nals) {
    if (nal.size == 0 || nal.offset > frame.data.size() ||
        nal.size > frame.data.size() - nal.offset || (frame.data[nal.offset] & 0x80) != 0) {
      return {StatusCode::kMalformed, "a frame is not H.264"};
    }
  }
  if (frame.keyframe && (frame.data[frame.nals[0].offset] & 0x1f) != kSps) {
    return {StatusCode::kMalformed, "a keyframe does not begin with SPS"};
  }
  return {};
}

}  // namespace

EncoderSupervisor::EncoderSupervisor(hal::VideoEncoder& encoder, DataRate bitrate)
    : encoder_(encoder), bitrate_(bitrate) {}

bool EncoderSupervisor::Encode(Time now, const hal::VideoFrame& picture, int frames_per_second,
                               hal::FrameType type, hal::EncodedFrame& out) {
  out.Clear();
  const hal::VideoFormat source{picture.pixel_format, picture.width, picture.height,
                                frames_per_second};
  if (source_ != source) {
    if (!source_ && now < next_configure_) return false;
    const Status configured = Configure(now, source);
    if (!configured.ok()) {
      HandleFailure(now, configured);
      return false;
    }
  }
  const Status encoded = Encode(now, picture, type, out);
  if (encoded.ok()) return !out.nals.empty();
  HandleFailure(now, encoded);
  out.Clear();
  return false;
}

void EncoderSupervisor::SetBitrate(DataRate bitrate) {
  if (bitrate == bitrate_) return;
  bitrate_ = bitrate;
  bitrate_changed_ = true;
}

Status EncoderSupervisor::Configure(Time now, const hal::VideoFormat& source) {
  source_.reset();
  Status status = encoder_.Configure(source, bitrate_);
  convert_ = false;
  if (status.code() == StatusCode::kUnsupported && source.pixel_format != hal::PixelFormat::kI420) {
    hal::VideoFormat format = source;
    format.pixel_format = hal::PixelFormat::kI420;
    status = encoder_.Configure(format, bitrate_);
    convert_ = true;
  }
  RETURN_IF_ERROR(status);
  source_ = source;
  bitrate_changed_ = false;
  alive_at_ = now;
  proven_ = false;
  ignored_keyframe_requests_ = 0;
  return {};
}

Status EncoderSupervisor::Encode(Time now, const hal::VideoFrame& picture, hal::FrameType type,
                                 hal::EncodedFrame& out) {
  if (bitrate_changed_) {
    RETURN_IF_ERROR(encoder_.SetBitrate(bitrate_));
    bitrate_changed_ = false;
  }
  if (convert_) RETURN_IF_ERROR(converted_.Assign(picture));
  RETURN_IF_ERROR(encoder_.Encode(convert_ ? converted_.frame() : picture, type, out));
  if (out.nals.empty()) {
    if (now - alive_at_ < kEncoderStallLimit) return {};
    return {StatusCode::kTimeout, Format("no frame for %.1f s", ToSeconds(now - alive_at_))};
  }
  RETURN_IF_ERROR(CheckFrame(out));
  alive_at_ = now;
  proven_ = true;
  const bool ignored = type == hal::FrameType::kKeyframe && !out.keyframe;
  ignored_keyframe_requests_ = ignored ? ignored_keyframe_requests_ + 1 : 0;
  if (ignored_keyframe_requests_ >= kMaxIgnoredKeyframeRequests) {
    return {StatusCode::kInternal, "it does not make a keyframe"};
  }
  return {};
}

void EncoderSupervisor::HandleFailure(Time now, const Status& failure) {
  // An encoder that fails at once is not configured for every single picture.
  next_configure_ = proven_ ? now : now + kEncoderRetryInterval;
  proven_ = false;
  source_.reset();
  ++errors_;
  if (!error_log_.Allow(now)) return;
  LOG_WARN("video: encoder %s: %s; it is set up anew (%u errors so far)", encoder_.name(),
           failure.ToString().c_str(), errors_);
}

}  // namespace ocellus::media
