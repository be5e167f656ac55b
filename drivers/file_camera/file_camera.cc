// SPDX-License-Identifier: Apache-2.0
#include "drivers/file_camera/file_camera.h"

#include <cmath>
#include <utility>

#include "firmware/base/annexb.h"
#include "firmware/base/h264_sps.h"
#include "firmware/base/log.h"

namespace ocellus::drivers {
namespace {

// The first keyframe must be among this many pictures: ten seconds at 60 fps.
constexpr int kMaxPicturesBeforeKeyframe = 600;

constexpr double kMinFramesPerSecond = 1;
constexpr double kMaxFramesPerSecond = 120;

std::optional<H264Sps> FindSps(Bytes access_unit) {
  constexpr uint8_t kSps = 7;
  NalScanner scanner(access_unit);
  while (const std::optional<Bytes> nal = scanner.Next()) {
    if (((*nal)[0] & 0x1f) != kSps) continue;
    const Result<H264Sps> sps = ParseH264Sps(*nal);
    if (sps.ok()) return *sps;
  }
  return std::nullopt;
}

}  // namespace

FileCamera::FileCamera(std::string path, const hal::Clock& clock, hal::Sleeper& sleeper)
    : path_(std::move(path)), pacer_(clock, sleeper) {}

Result<hal::VideoFormat> FileCamera::Start(const hal::VideoFormat& wanted) {
  Result<AccessUnitReader> reader = AccessUnitReader::Open(path_);
  if (!reader.ok()) return reader.status();
  reader_.emplace(std::move(*reader));
  const Result<hal::VideoFormat> format = Probe(wanted.frames_per_second);
  if (!format.ok()) {
    reader_.reset();
    return format.status();
  }
  format_ = *format;
  reader_->Rewind();
  keyframe_seen_ = false;
  pacer_.Start(format_.frames_per_second);
  return format_;
}

Result<hal::VideoFrame> FileCamera::Acquire(Duration timeout) {
  if (!reader_) return Status(StatusCode::kUnavailable, path_ + ": not started");
  const std::optional<Time> now = pacer_.WaitForNext(timeout);
  if (!now) return StatusCode::kTimeout;
  const Result<AccessUnit> unit = NextOfLoop();
  if (!unit.ok()) return unit.status();
  if (unit->b_slices && !std::exchange(warned_of_b_slices_, true)) {
    LOG_WARN(
        "video: %s has B-frames: browsers will show it unevenly; encode it without "
        "(ffmpeg -bf 0)",
        path_.c_str());
  }
  hal::VideoFrame frame;
  frame.pixel_format = hal::PixelFormat::kH264;
  frame.width = format_.width;
  frame.height = format_.height;
  frame.planes[0].data = unit->data;
  frame.captured_at = *now;
  return frame;
}

Result<hal::VideoFormat> FileCamera::Probe(int wanted_frames_per_second) {
  std::optional<H264Sps> sps;
  for (int i = 0; i < kMaxPicturesBeforeKeyframe; ++i) {
    const Result<std::optional<AccessUnit>> unit = reader_->Next();
    if (!unit.ok() && unit.status().code() == StatusCode::kMalformed && i == 0) {
      return Status(StatusCode::kUnsupported,
                    path_ +
                        ": not an H.264 byte stream (Annex B); other containers can be "
                        "converted by ffmpeg -c copy out.h264");
    }
    if (!unit.ok()) return unit.status();
    if (!unit->has_value()) break;
    if (const std::optional<H264Sps> found = FindSps((*unit)->data)) sps = found;
    if (!(*unit)->keyframe || !sps) continue;

    hal::VideoFormat format;
    format.pixel_format = hal::PixelFormat::kH264;
    format.width = sps->width;
    format.height = sps->height;
    format.frames_per_second = std::max(1, wanted_frames_per_second);
    const double rate = sps->frames_per_second.value_or(0);
    if (rate >= kMinFramesPerSecond && rate <= kMaxFramesPerSecond) {
      format.frames_per_second = static_cast<int>(std::lround(rate));
    }
    return format;
  }
  return Status(StatusCode::kUnsupported,
                path_ + (sps ? ": no keyframe (IDR picture) near its beginning"
                             : ": not an H.264 byte stream (Annex B): no SPS with a picture"));
}

Result<AccessUnit> FileCamera::NextOfLoop() {
  int rewinds = 0;
  while (rewinds < 2) {
    const Result<std::optional<AccessUnit>> unit = reader_->Next();
    if (!unit.ok()) return unit.status();
    if (!unit->has_value()) {
      reader_->Rewind();
      keyframe_seen_ = false;
      ++rewinds;
      continue;
    }
    keyframe_seen_ = keyframe_seen_ || (*unit)->keyframe;
    if (keyframe_seen_) return **unit;
  }
  return Status(StatusCode::kUnavailable, path_ + ": has no keyframe any more");
}

}  // namespace ocellus::drivers
