// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/colour_adjustment.h"

#include <gtest/gtest.h>

namespace ocellus::drivers {
namespace {

// What a canvas of one colour becomes.
Colour Adjust(const ColourAdjustment& adjustment, Colour colour) {
  Canvas from(16, 16);
  from.Fill({0, 0, 16, 16}, colour);
  Canvas to(16, 16);
  adjustment.Apply(from, to);
  const hal::VideoFrame frame = to.frame(Time());
  return {frame.planes[0].data[17], frame.planes[1].data[5], frame.planes[2].data[5]};
}

constexpr Colour kRed = {65, 100, 212};

TEST(ColourAdjustment, IsNeutralByDefault) {
  const ColourAdjustment adjustment;
  EXPECT_TRUE(adjustment.neutral());
  const Colour red = Adjust(adjustment, kRed);
  EXPECT_EQ(red.y, kRed.y);
  EXPECT_EQ(red.u, kRed.u);
  EXPECT_EQ(red.v, kRed.v);
}

TEST(ColourAdjustment, GoesFromBlackToWhiteByBrightness) {
  ColourAdjustment adjustment;
  ASSERT_TRUE(adjustment.Set("brightness", 20).ok());
  EXPECT_FALSE(adjustment.neutral());
  EXPECT_NEAR(Adjust(adjustment, kRed).y, 65 + 0.2 * (235 - 126), 1);
  EXPECT_EQ(Adjust(adjustment, kRed).v, 212);
  ASSERT_TRUE(adjustment.Set("brightness", 100).ok());
  EXPECT_EQ(Adjust(adjustment, {130, 128, 128}).y, 235);
  ASSERT_TRUE(adjustment.Set("brightness", -100).ok());
  EXPECT_EQ(Adjust(adjustment, {120, 128, 128}).y, 16);
}

TEST(ColourAdjustment, SpreadsOrFlattensByContrast) {
  ColourAdjustment adjustment;
  ASSERT_TRUE(adjustment.Set("contrast", 0).ok());
  EXPECT_EQ(Adjust(adjustment, kWhite).y, 126);
  EXPECT_EQ(Adjust(adjustment, kBlack).y, 126);
  ASSERT_TRUE(adjustment.Set("contrast", 200).ok());
  EXPECT_EQ(Adjust(adjustment, {100, 128, 128}).y, 74);
  EXPECT_EQ(Adjust(adjustment, kWhite).y, 235);
}

TEST(ColourAdjustment, TakesTheColourAwayBySaturation) {
  ColourAdjustment adjustment;
  ASSERT_TRUE(adjustment.Set("saturation", 0).ok());
  const Colour grey = Adjust(adjustment, kRed);
  EXPECT_EQ(grey.y, kRed.y);
  EXPECT_EQ(grey.u, 128);
  EXPECT_EQ(grey.v, 128);
  ASSERT_TRUE(adjustment.Set("saturation", 200).ok());
  EXPECT_EQ(Adjust(adjustment, kRed).u, 72);
  EXPECT_EQ(Adjust(adjustment, kRed).v, 240);
}

TEST(ColourAdjustment, RefusesWhatItDoesNotHave) {
  ColourAdjustment adjustment;
  const Status status = adjustment.Set("brightness", 101);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "brightness is from -100 to 100");
  EXPECT_EQ(adjustment.Set("contrast", -1).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(adjustment.Set("hue", 0).code(), StatusCode::kNotFound);
  EXPECT_TRUE(adjustment.neutral());
}

}  // namespace
}  // namespace ocellus::drivers
