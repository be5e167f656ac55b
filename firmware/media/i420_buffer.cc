// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/i420_buffer.h"

#include "firmware/base/limits.h"

namespace ocellus::media {
namespace {

using hal::PixelFormat;
using hal::Plane;
using hal::VideoFrame;

void CopyRows(const Plane& from, size_t width, size_t height, uint8_t* to) {
  for (size_t y = 0; y < height; ++y) {
    std::memcpy(to + y * width, from.data.data() + y * from.stride, width);
  }
}

}  // namespace

Status I420Buffer::Assign(const VideoFrame& picture) {
  if (picture.pixel_format == PixelFormat::kMjpeg || picture.pixel_format == PixelFormat::kH264) {
    return {StatusCode::kUnsupported, "compressed pictures need their decoder"};
  }
  if (!hal::PlanesAreComplete(picture)) {
    return {StatusCode::kMalformed,
            Format("incomplete %s picture of %dx%d", ToString(picture.pixel_format), picture.width,
                   picture.height)};
  }
  width_ = picture.width;
  height_ = picture.height;
  if (width() * height() > kMaxPicturePixels) return StatusCode::kResourceExhausted;
  captured_at_ = picture.captured_at;
  data_.resize(width() * height() * 3 / 2);
  switch (picture.pixel_format) {
    case PixelFormat::kI420:
      CopyI420(picture);
      break;
    case PixelFormat::kNv12:
      CopyNv12(picture);
      break;
    case PixelFormat::kYuyv:
      CopyYuyv(picture);
      break;
    case PixelFormat::kMjpeg:
    case PixelFormat::kH264:
      break;
  }
  return {};
}

VideoFrame I420Buffer::frame() const {
  const size_t luma = width() * height();
  const Bytes all(data_);
  VideoFrame frame;
  frame.pixel_format = PixelFormat::kI420;
  frame.width = width_;
  frame.height = height_;
  frame.planes[0] = {all.first(luma), width()};
  frame.planes[1] = {all.subspan(luma, luma / 4), width() / 2};
  frame.planes[2] = {all.subspan(luma + luma / 4, luma / 4), width() / 2};
  frame.captured_at = captured_at_;
  return frame;
}

uint8_t* I420Buffer::plane(size_t index) {
  const size_t luma = width() * height();
  return data_.data() + (index == 0 ? 0 : luma + (index - 1) * (luma / 4));
}

void I420Buffer::CopyI420(const VideoFrame& picture) {
  CopyRows(picture.planes[0], width(), height(), plane(0));
  CopyRows(picture.planes[1], width() / 2, height() / 2, plane(1));
  CopyRows(picture.planes[2], width() / 2, height() / 2, plane(2));
}

void I420Buffer::CopyNv12(const VideoFrame& picture) {
  CopyRows(picture.planes[0], width(), height(), plane(0));
  const size_t half = width() / 2;
  for (size_t y = 0; y < height() / 2; ++y) {
    const uint8_t* chroma = picture.planes[1].data.data() + y * picture.planes[1].stride;
    uint8_t* u = plane(1) + y * half;
    uint8_t* v = plane(2) + y * half;
    for (size_t x = 0; x < half; ++x) {
      u[x] = chroma[2 * x];
      v[x] = chroma[2 * x + 1];
    }
  }
}

void I420Buffer::CopyYuyv(const VideoFrame& picture) {
  const size_t half = width() / 2;
  const size_t stride = picture.planes[0].stride;
  for (size_t y = 0; y < height(); y += 2) {
    const uint8_t* upper = picture.planes[0].data.data() + y * stride;
    const uint8_t* lower = upper + stride;
    uint8_t* luma = plane(0) + y * width();
    uint8_t* u = plane(1) + y / 2 * half;
    uint8_t* v = plane(2) + y / 2 * half;
    for (size_t x = 0; x < half; ++x) {
      luma[2 * x] = upper[4 * x];
      luma[2 * x + 1] = upper[4 * x + 2];
      luma[width() + 2 * x] = lower[4 * x];
      luma[width() + 2 * x + 1] = lower[4 * x + 2];
      u[x] = static_cast<uint8_t>((upper[4 * x + 1] + lower[4 * x + 1] + 1) / 2);
      v[x] = static_cast<uint8_t>((upper[4 * x + 3] + lower[4 * x + 3] + 1) / 2);
    }
  }
}

}  // namespace ocellus::media
