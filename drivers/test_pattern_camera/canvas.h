// SPDX-License-Identifier: Apache-2.0
// An I420 picture to draw on: rectangles, discs and text. Positions and sizes are pixels; those of
// colour are even, since two by two pixels share it. What lies outside of the picture is cut off.
#pragma once

#include <string_view>
#include <vector>

#include "hal/video_format.h"

namespace ocellus::drivers {

// ITU-R BT.601, limited range.
struct Colour {
  uint8_t y = 16;
  uint8_t u = 128;
  uint8_t v = 128;
};
constexpr Colour kBlack = {16, 128, 128};
constexpr Colour kGrey = {60, 128, 128};
constexpr Colour kWhite = {235, 128, 128};

struct Rectangle {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

// Of one line of text.
int TextWidth(std::string_view text, int scale);
int TextHeight(int scale);

class Canvas {
 public:
  Canvas() = default;
  // Black, and of even size.
  Canvas(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  MutableBytes luma() { return MutableBytes(data_).first(luma_size()); }
  Bytes luma() const { return Bytes(data_).first(luma_size()); }
  // Both planes, U first.
  MutableBytes chroma() { return MutableBytes(data_).subspan(luma_size()); }
  Bytes chroma() const { return Bytes(data_).subspan(luma_size()); }
  size_t luma_stride() const { return static_cast<size_t>(width_); }
  // Borrowed from this.
  hal::VideoFrame frame(Time captured_at) const;

  void Fill(const Rectangle& area, Colour colour);
  // The largest disc in a square.
  void FillDisc(int x, int y, int diameter, Colour colour);
  // In luma only: on grey, as it should be for text. Each pixel of the font is scale x scale.
  void DrawText(int x, int y, int scale, std::string_view text, uint8_t luma);
  // Makes an area what it is on a canvas of the same size.
  void CopyFrom(const Canvas& other, const Rectangle& area);

 private:
  size_t luma_size() const { return luma_stride() * static_cast<size_t>(height_); }
  Rectangle Clip(const Rectangle& area) const;
  void FillLine(int x, int y, int width, uint8_t luma);

  int width_ = 0;
  int height_ = 0;
  std::vector<uint8_t> data_;  // Y, U and V, without padding.
};

}  // namespace ocellus::drivers
