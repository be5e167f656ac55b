// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/canvas.h"

#include <algorithm>
#include <cmath>

#include "drivers/test_pattern_camera/font.h"

namespace ocellus::drivers {
namespace {

// Calls `row(offset, size)` for each row of `area` in each plane, with its place in the data.
template <typename Row>
void ForEachRow(const Rectangle& area, int width, int height, Row row) {
  size_t plane_begin = 0;
  for (int plane = 0; plane < 3; ++plane) {
    const int divisor = plane == 0 ? 1 : 2;
    const int stride = width / divisor;
    for (int y = area.y / divisor; y < (area.y + area.height) / divisor; ++y) {
      row(plane, plane_begin + static_cast<size_t>(y * stride + area.x / divisor),
          static_cast<size_t>(area.width / divisor));
    }
    plane_begin += static_cast<size_t>(stride * (height / divisor));
  }
}

}  // namespace

int TextWidth(std::string_view text, int scale) {
  const int columns = static_cast<int>(text.size()) * kGlyphAdvance - 1;
  return text.empty() ? 0 : columns * scale;
}

int TextHeight(int scale) { return kGlyphHeight * scale; }

Canvas::Canvas(int width, int height) : width_(width), height_(height) {
  data_.resize(luma_size() * 3 / 2);
  Fill({0, 0, width, height}, kBlack);
}

hal::VideoFrame Canvas::frame(Time captured_at) const {
  const Bytes all(data_);
  const size_t luma = luma_size();
  hal::VideoFrame frame;
  frame.pixel_format = hal::PixelFormat::kI420;
  frame.width = width_;
  frame.height = height_;
  frame.planes[0] = {all.first(luma), luma_stride()};
  frame.planes[1] = {all.subspan(luma, luma / 4), luma_stride() / 2};
  frame.planes[2] = {all.subspan(luma + luma / 4, luma / 4), luma_stride() / 2};
  frame.captured_at = captured_at;
  return frame;
}

void Canvas::Fill(const Rectangle& area, Colour colour) {
  const uint8_t values[] = {colour.y, colour.u, colour.v};
  ForEachRow(Clip(area), width_, height_, [&](int plane, size_t offset, size_t size) {
    std::fill_n(data_.begin() + static_cast<ptrdiff_t>(offset), size, values[plane]);
  });
}

void Canvas::FillDisc(int x, int y, int diameter, Colour colour) {
  // Two rows at a time, so that colour goes with luma.
  const double radius = diameter / 2.0;
  for (int row = 0; row < diameter; row += 2) {
    const double distance = row + 1 - radius;
    const int half = static_cast<int>(std::sqrt(radius * radius - distance * distance)) / 2 * 2;
    Fill({x + diameter / 2 - half, y + row, 2 * half, 2}, colour);
  }
}

void Canvas::DrawText(int x, int y, int scale, std::string_view text, uint8_t luma) {
  for (const char character : text) {
    const Glyph& glyph = GlyphOf(character);
    for (int row = 0; row < kGlyphHeight; ++row) {
      for (int column = 0; column < kGlyphWidth; ++column) {
        const int bits = glyph[static_cast<size_t>(row)];
        if ((bits >> (kGlyphWidth - 1 - column) & 1) == 0) continue;
        for (int line = 0; line < scale; ++line) {
          FillLine(x + column * scale, y + row * scale + line, scale, luma);
        }
      }
    }
    x += kGlyphAdvance * scale;
  }
}

void Canvas::CopyFrom(const Canvas& other, const Rectangle& area) {
  CHECK(other.width_ == width_ && other.height_ == height_, "%dx%d from %dx%d", width_, height_,
        other.width_, other.height_);
  ForEachRow(Clip(area), width_, height_, [&](int, size_t offset, size_t size) {
    const auto begin = other.data_.begin() + static_cast<ptrdiff_t>(offset);
    std::copy_n(begin, size, data_.begin() + static_cast<ptrdiff_t>(offset));
  });
}

Rectangle Canvas::Clip(const Rectangle& area) const {
  const int left = std::clamp(area.x, 0, width_);
  const int top = std::clamp(area.y, 0, height_);
  const int right = std::clamp(area.x + area.width, left, width_);
  const int bottom = std::clamp(area.y + area.height, top, height_);
  return {left, top, right - left, bottom - top};
}

void Canvas::FillLine(int x, int y, int width, uint8_t luma) {
  const Rectangle line = Clip({x, y, width, 1});
  if (line.height == 0) return;
  std::memset(data_.data() + static_cast<size_t>(line.y * width_ + line.x), luma,
              static_cast<size_t>(line.width));
}

}  // namespace ocellus::drivers
