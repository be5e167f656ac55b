// SPDX-License-Identifier: Apache-2.0
#include "drivers/libyuv_picture_transformer/libyuv_picture_transformer.h"

#include <libyuv.h>

#include "firmware/base/limits.h"

namespace ocellus::drivers {
namespace {

using hal::PictureArea;
using hal::PictureTransform;
using hal::PixelFormat;
using hal::Plane;
using hal::Rotation;
using hal::VideoFrame;

bool IsEven(int value) { return value % 2 == 0; }

bool IsSideways(Rotation rotation) {
  return rotation == Rotation::k90 || rotation == Rotation::k270;
}

libyuv::RotationMode ModeOf(Rotation rotation) {
  switch (rotation) {
    case Rotation::k0:
      return libyuv::kRotate0;
    case Rotation::k90:
      return libyuv::kRotate90;
    case Rotation::k180:
      return libyuv::kRotate180;
    case Rotation::k270:
      return libyuv::kRotate270;
  }
  return libyuv::kRotate0;
}

int Stride(const Plane& plane) { return static_cast<int>(plane.stride); }

// Where the pixel at (x, y) begins; `pixel_bytes` is what one takes across.
const uint8_t* At(const Plane& plane, int x, int y, int pixel_bytes = 1) {
  return plane.data.data() + static_cast<size_t>(y) * plane.stride +
         static_cast<size_t>(x * pixel_bytes);
}

Plane CutOutOf(const Plane& plane, const PictureArea& area, int divisor) {
  const size_t begin =
      static_cast<size_t>(area.y / divisor) * plane.stride + static_cast<size_t>(area.x / divisor);
  const size_t size = static_cast<size_t>(area.height / divisor - 1) * plane.stride +
                      static_cast<size_t>(area.width / divisor);
  return {plane.data.subspan(begin, size), plane.stride};
}

Status Check(const VideoFrame& picture, const PictureTransform& transform) {
  if (picture.pixel_format == PixelFormat::kMjpeg || picture.pixel_format == PixelFormat::kH264) {
    return {StatusCode::kUnsupported,
            Format("%s pictures need their decoder", ToString(picture.pixel_format))};
  }
  if (!PlanesAreComplete(picture)) {
    return {StatusCode::kMalformed,
            Format("incomplete %s picture of %dx%d", ToString(picture.pixel_format), picture.width,
                   picture.height)};
  }
  const PictureArea& area = transform.area;
  const bool even = IsEven(area.x) && IsEven(area.y) && IsEven(area.width) && IsEven(area.height) &&
                    IsEven(transform.width) && IsEven(transform.height);
  const bool inside = area.x >= 0 && area.y >= 0 && area.width > 0 && area.height > 0 &&
                      area.width <= picture.width - area.x &&
                      area.height <= picture.height - area.y;
  if (!even || !inside || transform.width <= 0 || transform.height <= 0) {
    return {StatusCode::kInvalidArgument,
            Format("%dx%d at (%d, %d) of a picture of %dx%d cannot become %dx%d", area.width,
                   area.height, area.x, area.y, picture.width, picture.height, transform.width,
                   transform.height)};
  }
  constexpr auto kMost = static_cast<int64_t>(kMaxPicturePixels);
  if (int64_t{transform.width} * transform.height > kMost ||
      int64_t{area.width} * area.height > kMost) {
    return {StatusCode::kResourceExhausted,
            Format("pictures may have %d pixels", static_cast<int>(kMost))};
  }
  return {};
}

}  // namespace

Result<VideoFrame> LibyuvPictureTransformer::Transform(const VideoFrame& picture,
                                                       const PictureTransform& transform) {
  RETURN_IF_ERROR(Check(picture, transform));
  const Turn turn = TurnOf(transform);
  VideoFrame result = CutOut(picture, transform.area);
  // The size before the rotation.
  const bool sideways = IsSideways(turn.rotation);
  const int width = sideways ? transform.height : transform.width;
  const int height = sideways ? transform.width : transform.height;
  const bool scale = width != result.width || height != result.height;
  const bool smaller = int64_t{width} * height < int64_t{result.width} * result.height;
  if (scale && smaller) result = Scale(result, width, height);
  if (!turn.nothing()) result = Rotate(result, turn);
  if (scale && !smaller) result = Scale(result, transform.width, transform.height);
  return result;
}

LibyuvPictureTransformer::Turn LibyuvPictureTransformer::TurnOf(const PictureTransform& transform) {
  Turn turn{transform.flip_vertically, transform.rotation};
  if (transform.flip_horizontally) {
    // Left and right are flipped by flipping top and bottom and turning it all upside down.
    turn.flip_vertically = !turn.flip_vertically;
    turn.rotation = static_cast<Rotation>((static_cast<int>(turn.rotation) + 2) % 4);
  }
  return turn;
}

VideoFrame LibyuvPictureTransformer::CutOut(const VideoFrame& picture, const PictureArea& area) {
  if (picture.pixel_format == PixelFormat::kI420) {
    VideoFrame part;
    part.width = area.width;
    part.height = area.height;
    part.captured_at = picture.captured_at;
    part.planes = {CutOutOf(picture.planes[0], area, 1), CutOutOf(picture.planes[1], area, 2),
                   CutOutOf(picture.planes[2], area, 2)};
    return part;
  }
  Buffer& to = converted_;
  to.Resize(area.width, area.height);
  if (picture.pixel_format == PixelFormat::kNv12) {
    libyuv::NV12ToI420(At(picture.planes[0], area.x, area.y), Stride(picture.planes[0]),
                       At(picture.planes[1], area.x / 2, area.y / 2, 2), Stride(picture.planes[1]),
                       to.plane(0), to.stride(0), to.plane(1), to.stride(1), to.plane(2),
                       to.stride(2), area.width, area.height);
  } else {
    libyuv::YUY2ToI420(At(picture.planes[0], area.x, area.y, 2), Stride(picture.planes[0]),
                       to.plane(0), to.stride(0), to.plane(1), to.stride(1), to.plane(2),
                       to.stride(2), area.width, area.height);
  }
  return to.frame(picture.captured_at);
}

VideoFrame LibyuvPictureTransformer::Rotate(const VideoFrame& picture, const Turn& turn) {
  const bool sideways = IsSideways(turn.rotation);
  Buffer& to = turned_;
  to.Resize(sideways ? picture.height : picture.width, sideways ? picture.width : picture.height);
  // libyuv reads a negative height as: the last row comes first.
  libyuv::I420Rotate(picture.planes[0].data.data(), Stride(picture.planes[0]),
                     picture.planes[1].data.data(), Stride(picture.planes[1]),
                     picture.planes[2].data.data(), Stride(picture.planes[2]), to.plane(0),
                     to.stride(0), to.plane(1), to.stride(1), to.plane(2), to.stride(2),
                     picture.width, turn.flip_vertically ? -picture.height : picture.height,
                     ModeOf(turn.rotation));
  return to.frame(picture.captured_at);
}

VideoFrame LibyuvPictureTransformer::Scale(const VideoFrame& picture, int width, int height) {
  Buffer& to = scaled_;
  to.Resize(width, height);
  // Box is what libyuv falls back from where a quicker filter does as well.
  libyuv::I420Scale(picture.planes[0].data.data(), Stride(picture.planes[0]),
                    picture.planes[1].data.data(), Stride(picture.planes[1]),
                    picture.planes[2].data.data(), Stride(picture.planes[2]), picture.width,
                    picture.height, to.plane(0), to.stride(0), to.plane(1), to.stride(1),
                    to.plane(2), to.stride(2), width, height, libyuv::kFilterBox);
  return to.frame(picture.captured_at);
}

void LibyuvPictureTransformer::Buffer::Resize(int width, int height) {
  const size_t luma = static_cast<size_t>(width) * static_cast<size_t>(height);
  if (data_.size() < luma * 3 / 2) data_.resize(luma * 3 / 2);
  width_ = width;
  height_ = height;
  planes_ = {data_.data(), data_.data() + luma, data_.data() + luma + luma / 4};
}

VideoFrame LibyuvPictureTransformer::Buffer::frame(Time captured_at) const {
  const size_t luma = static_cast<size_t>(width_) * static_cast<size_t>(height_);
  VideoFrame frame;
  frame.width = width_;
  frame.height = height_;
  frame.captured_at = captured_at;
  for (size_t i = 0; i < frame.planes.size(); ++i) {
    frame.planes[i] = {Bytes(planes_[i], i == 0 ? luma : luma / 4), static_cast<size_t>(stride(i))};
  }
  return frame;
}

}  // namespace ocellus::drivers
