// SPDX-License-Identifier: Apache-2.0
// Makes grey pictures of the size that is asked for, and remembers what it was asked.
#pragma once

#include <vector>

#include "hal/picture_transformer.h"

namespace ocellus::hal {

class FakePictureTransformer final : public PictureTransformer {
 public:
  Status error;  // Until it is cleared.
  std::vector<PictureTransform> transforms;

  Result<VideoFrame> Transform(const VideoFrame& picture,
                               const PictureTransform& transform) override {
    if (!error.ok()) return error;
    transforms.push_back(transform);
    const auto width = static_cast<size_t>(transform.width);
    const size_t luma = width * static_cast<size_t>(transform.height);
    pixels_.assign(luma, 128);
    const Bytes all(pixels_);
    VideoFrame result;
    result.width = transform.width;
    result.height = transform.height;
    result.planes = {Plane{all, width}, Plane{all.first(luma / 4), width / 2},
                     Plane{all.first(luma / 4), width / 2}};
    result.captured_at = picture.captured_at;
    return result;
  }

 private:
  std::vector<uint8_t> pixels_;
};

}  // namespace ocellus::hal
