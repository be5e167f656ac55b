// SPDX-License-Identifier: Apache-2.0
// What it costs to flip, rotate, zoom and scale pictures of 1280x720: prints lines of name and CPU
// time in microseconds a picture, the least of several runs.
//
//   bench_transform
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "drivers/libyuv_picture_transformer/libyuv_picture_transformer.h"
#include "firmware/media/picture_shaper.h"

namespace ocellus::benchmarks {
namespace {

constexpr int kWidth = 1280;
constexpr int kHeight = 720;
constexpr int kPictures = 50;
constexpr int kRuns = 20;

struct Picture {
  explicit Picture(hal::PixelFormat format) : pixels(size_t{2} * kWidth * kHeight) {
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 7);
    constexpr size_t kLuma = size_t{kWidth} * kHeight;
    const Bytes all(pixels);
    frame.pixel_format = format;
    frame.width = kWidth;
    frame.height = kHeight;
    switch (format) {
      case hal::PixelFormat::kNv12:
        frame.planes[0] = {all.first(kLuma), kWidth};
        frame.planes[1] = {all.subspan(kLuma, kLuma / 2), kWidth};
        break;
      case hal::PixelFormat::kYuyv:
        frame.planes[0] = {all, 2 * kWidth};
        break;
      default:
        frame.planes = {hal::Plane{all.first(kLuma), kWidth},
                        hal::Plane{all.subspan(kLuma, kLuma / 4), kWidth / 2},
                        hal::Plane{all.subspan(kLuma * 5 / 4, kLuma / 4), kWidth / 2}};
    }
  }

  std::vector<uint8_t> pixels;
  hal::VideoFrame frame;
};

struct Case {
  const char* name;
  hal::PixelFormat format = hal::PixelFormat::kI420;
  int rotate = 0;
  int flip = 0;
  media::View view = {};
  std::optional<media::PictureSize> size = {};
};

void Measure(const Case& measured) {
  const Picture picture(measured.format);
  drivers::LibyuvPictureTransformer transformer;
  media::PictureShaper shaper(&transformer);
  CHECK(shaper.SetControl("rotate", measured.rotate).ok(), "rotate");
  CHECK(shaper.SetControl("horizontal-flip", measured.flip).ok(), "flip");
  shaper.SetView(measured.view);
  shaper.SetSize(measured.size);
  const media::PictureSize output = shaper.OutputSize({kWidth, kHeight});
  Time now{std::chrono::seconds(1)};
  double least = std::numeric_limits<double>::max();
  for (int run = 0; run <= kRuns; ++run) {
    const std::clock_t begin = std::clock();
    for (int i = 0; i < kPictures; ++i) {
      now += std::chrono::milliseconds(33);
      const hal::VideoFrame shaped = shaper.Shape(now, picture.frame, output);
      CHECK(shaped.width == output.width, "not transformed");
    }
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    // In the first run, the view glides.
    if (run > 0) least = std::min(least, seconds * 1e6 / kPictures);
  }
  std::printf("%s %.1f\n", measured.name, least);
}

void Main() {
  const media::PictureSize quarter{640, 360};
  const media::View twice{2, 0.4, 0.6};
  for (const Case& measured : {
           Case{"I420_as_it_is", hal::PixelFormat::kI420, 0, 0, {}, {}},
           Case{"I420_flipped", hal::PixelFormat::kI420, 0, 1, {}, {}},
           Case{"I420_upside_down", hal::PixelFormat::kI420, 180, 0, {}, {}},
           Case{"I420_rotated_by_90", hal::PixelFormat::kI420, 90, 0, {}, {}},
           Case{"I420_zoomed_twice", hal::PixelFormat::kI420, 0, 0, twice, {}},
           Case{"I420_to_640x360", hal::PixelFormat::kI420, 0, 0, {}, quarter},
           Case{"I420_zoomed_twice_to_640x360", hal::PixelFormat::kI420, 0, 0, twice, quarter},
           Case{"NV12_as_it_is", hal::PixelFormat::kNv12, 0, 0, {}, {}},
           Case{"NV12_rotated_by_90", hal::PixelFormat::kNv12, 90, 0, {}, {}},
           Case{"NV12_to_640x360", hal::PixelFormat::kNv12, 0, 0, {}, quarter},
           Case{"YUYV_rotated_by_90", hal::PixelFormat::kYuyv, 90, 0, {}, {}},
       }) {
    Measure(measured);
  }
}

}  // namespace
}  // namespace ocellus::benchmarks

int main() { ocellus::benchmarks::Main(); }
