// SPDX-License-Identifier: Apache-2.0
// Transforms pictures with libyuv, in as few passes over the pixels as the transform needs: none to
// cut a part out of I420, one each to convert, to turn and to scale. Scaling comes first when it
// makes the picture smaller. Video thread only.
#pragma once

#include <array>
#include <vector>

#include "hal/picture_transformer.h"

namespace ocellus::drivers {

class LibyuvPictureTransformer final : public hal::PictureTransformer {
 public:
  Result<hal::VideoFrame> Transform(const hal::VideoFrame& picture,
                                    const hal::PictureTransform& transform) override;

 private:
  // Memory of an I420 picture; it grows to the largest one seen.
  class Buffer {
   public:
    void Resize(int width, int height);
    uint8_t* plane(size_t index) const { return planes_[index]; }
    int stride(size_t index) const { return index == 0 ? width_ : width_ / 2; }
    hal::VideoFrame frame(Time captured_at) const;

   private:
    std::vector<uint8_t> data_;
    std::array<uint8_t*, 3> planes_{};
    int width_ = 0;
    int height_ = 0;
  };

  // What is left of a transform's flips and rotation: half of the combinations are others' twins.
  struct Turn {
    bool flip_vertically = false;
    hal::Rotation rotation = hal::Rotation::k0;  // After the flip.

    bool nothing() const { return !flip_vertically && rotation == hal::Rotation::k0; }
  };

  static Turn TurnOf(const hal::PictureTransform& transform);
  hal::VideoFrame CutOut(const hal::VideoFrame& picture, const hal::PictureArea& area);
  hal::VideoFrame Rotate(const hal::VideoFrame& picture, const Turn& turn);
  hal::VideoFrame Scale(const hal::VideoFrame& picture, int width, int height);

  Buffer converted_;
  Buffer turned_;
  Buffer scaled_;
};

}  // namespace ocellus::drivers
