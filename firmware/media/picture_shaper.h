// SPDX-License-Identifier: Apache-2.0
// Makes what viewers see of what the camera sees: its flips and rotation where the camera has none
// of its own, the view (digital pan, tilt and zoom), and the size of the stream. A picture for
// which nothing of this is asked passes as it is, at no cost. Video thread. Owned by VideoPipeline.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "firmware/base/log.h"
#include "firmware/media/view.h"
#include "hal/camera_controls.h"
#include "hal/picture_transformer.h"

namespace ocellus::media {

// The view covers half of the way to where it is wanted in about this time: the steps of a drive
// become a movement, and a preset a quick pan instead of a jump.
constexpr Duration kViewGlide = std::chrono::milliseconds(60);

struct PictureSize {
  int width = 0;   // Pixels, even.
  int height = 0;  // Pixels, even.

  friend bool operator==(const PictureSize& a, const PictureSize& b) {
    return a.width == b.width && a.height == b.height;
  }
  friend bool operator!=(const PictureSize& a, const PictureSize& b) { return !(a == b); }
};

class PictureShaper {
 public:
  // nullptr: every picture passes as it is. Borrowed for the life of this.
  explicit PictureShaper(hal::PictureTransformer* transformer) : transformer_(transformer) {}

  bool can_transform() const { return transformer_ != nullptr; }

  // horizontal-flip, vertical-flip and rotate, with their present values; none without a
  // transformer.
  std::vector<hal::CameraControl> ListControls() const;
  // Errors: kNotFound, kInvalidArgument (says what is allowed).
  Status SetControl(std::string_view name, int64_t value);

  // The size of the stream before its rotation; nullopt: as the camera has it.
  void SetSize(std::optional<PictureSize> wanted) { wanted_ = wanted; }
  // Where the picture glides to.
  void SetView(const View& view) { view_ = view; }

  // Whether width and height of the stream are those of the camera in turn.
  bool sideways() const {
    return rotation_ == hal::Rotation::k90 || rotation_ == hal::Rotation::k270;
  }
  // What viewers get of a camera that captures `captured`: never more pixels than it has.
  PictureSize OutputSize(PictureSize captured) const;

  // A complete, uncompressed picture as it is to be shown, of size `output`, dated as it was.
  // Borrowed until the next call, and no longer than `picture`. One that cannot be transformed,
  // which is logged, stays as it is.
  hal::VideoFrame Shape(Time now, const hal::VideoFrame& picture, PictureSize output);

 private:
  void Glide(Time now);
  hal::PictureArea AreaOf(PictureSize picture, PictureSize output) const;

  hal::PictureTransformer* const transformer_;
  bool flip_horizontally_ = false;
  bool flip_vertically_ = false;
  hal::Rotation rotation_ = hal::Rotation::k0;
  std::optional<PictureSize> wanted_;
  View view_;   // Where it glides to.
  View shown_;  // Where it is.
  Time glided_at_{};
  LogLimiter error_log_{std::chrono::seconds(10)};
};

}  // namespace ocellus::media
