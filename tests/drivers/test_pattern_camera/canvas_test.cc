// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/canvas.h"

#include <gtest/gtest.h>

namespace ocellus::drivers {
namespace {

constexpr Colour kRed = {65, 100, 212};

int CountLuma(const Canvas& canvas, uint8_t value) {
  const hal::VideoFrame frame = canvas.frame(Time());
  int count = 0;
  for (const uint8_t pixel : frame.planes[0].data) count += pixel == value ? 1 : 0;
  return count;
}

TEST(Canvas, BeginsBlack) {
  const Canvas canvas(32, 16);
  EXPECT_EQ(CountLuma(canvas, kBlack.y), 32 * 16);
  EXPECT_EQ(canvas.frame(Time()).planes[1].data[0], 128);
}

TEST(Canvas, FillsLumaAndChroma) {
  Canvas canvas(32, 16);
  canvas.Fill({4, 2, 8, 6}, kRed);
  EXPECT_EQ(CountLuma(canvas, kRed.y), 8 * 6);
  const hal::VideoFrame frame = canvas.frame(Time());
  EXPECT_EQ(frame.planes[0].data[2 * 32 + 4], kRed.y);
  EXPECT_EQ(frame.planes[1].data[1 * 16 + 2], kRed.u);
  EXPECT_EQ(frame.planes[2].data[1 * 16 + 2], kRed.v);
  EXPECT_EQ(frame.planes[2].data[1 * 16 + 1], 128);
}

TEST(Canvas, CutsOffWhatLiesOutside) {
  Canvas canvas(32, 16);
  canvas.Fill({-100, -100, 102, 102}, kRed);
  EXPECT_EQ(CountLuma(canvas, kRed.y), 2 * 2);
  canvas.Fill({30, 14, 1000, 1000}, kRed);
  EXPECT_EQ(CountLuma(canvas, kRed.y), 2 * 2 * 2);
  canvas.FillDisc(-10, -10, 8, kRed);
  canvas.DrawText(-1000, 1000, 100, "OUTSIDE", kWhite.y);
  canvas.DrawText(28, 12, 1, "OUTSIDE", kWhite.y);
  EXPECT_LE(CountLuma(canvas, kWhite.y), 4 * 4);
}

TEST(Canvas, DrawsDiscsOfTheRightArea) {
  Canvas canvas(64, 64);
  canvas.FillDisc(0, 0, 64, kRed);
  EXPECT_NEAR(CountLuma(canvas, kRed.y), 3.14159 * 32 * 32, 200);
}

TEST(Canvas, DrawsTextAtItsScale) {
  Canvas canvas(64, 32);
  canvas.DrawText(0, 0, 1, "-", kWhite.y);
  EXPECT_EQ(CountLuma(canvas, kWhite.y), 5);
  canvas.DrawText(0, 8, 3, "-", kWhite.y);
  EXPECT_EQ(CountLuma(canvas, kWhite.y), 5 + 5 * 9);
  EXPECT_EQ(TextWidth("AB", 2), 22);
  EXPECT_EQ(TextWidth("", 2), 0);
  EXPECT_EQ(TextHeight(2), 14);
}

TEST(Canvas, CopiesAnArea) {
  Canvas red(32, 16);
  red.Fill({0, 0, 32, 16}, kRed);
  Canvas canvas(32, 16);
  canvas.CopyFrom(red, {30, 14, 10, 10});
  EXPECT_EQ(CountLuma(canvas, kRed.y), 4);
  EXPECT_EQ(canvas.frame(Time()).planes[2].data[16 * 8 - 1], kRed.v);
}

}  // namespace
}  // namespace ocellus::drivers
