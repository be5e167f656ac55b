// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/cells.h"

#include <gtest/gtest.h>

#include "drivers/test_pattern_camera/canvas.h"

namespace ocellus::drivers {
namespace {

constexpr Cells kCells = {123'456'789, 1'795'208'400'123};

Canvas Draw(int width, int height, const Cells& cells) {
  Canvas canvas(width, height);
  DrawCells(cells, width, canvas.luma(), canvas.luma_stride());
  return canvas;
}

TEST(Cells, HaveTheDocumentedLayout) {
  EXPECT_EQ(LayoutOfCells(640).size, 16);
  EXPECT_EQ(LayoutOfCells(640).left, 64);
  EXPECT_EQ(LayoutOfCells(640).top, 16);
  EXPECT_EQ(LayoutOfCells(320).size, 8);
  EXPECT_EQ(LayoutOfCells(1280).size, 32);
  EXPECT_EQ(LayoutOfCells(1920).size, 48);
  EXPECT_EQ(LayoutOfCells(128).size, 4);
  EXPECT_EQ(LayoutOfCells(128).left, 0);
}

TEST(Cells, PutTheMostSignificantBitFirst) {
  const Canvas canvas = Draw(640, 480, {0x8000'0001, 0});
  const Bytes luma = canvas.frame(Time()).planes[0].data;
  EXPECT_EQ(luma[24 * 640 + 64 + 8], 235);
  EXPECT_EQ(luma[24 * 640 + 64 + 16 + 8], 16);
  EXPECT_EQ(luma[24 * 640 + 64 + 31 * 16 + 8], 235);
  EXPECT_EQ(luma[16 * 640 + 63], 16);
  EXPECT_EQ(luma[16 * 640 + 64], 235);
  EXPECT_EQ(luma[31 * 640 + 64 + 15], 235);
}

TEST(Cells, AreReadBackAtEverySize) {
  for (const auto& [width, height] : {std::pair{160, 120},
                                      {320, 240},
                                      {352, 288},
                                      {640, 480},
                                      {854, 480},
                                      {1280, 720},
                                      {1920, 1080},
                                      {480, 640}}) {
    const Canvas canvas = Draw(width, height, kCells);
    const std::optional<Cells> cells = ReadCells(canvas.frame(Time()));
    ASSERT_TRUE(cells) << width;
    EXPECT_EQ(cells->frame_number, kCells.frame_number);
    EXPECT_EQ(cells->unix_milliseconds, kCells.unix_milliseconds);
  }
}

TEST(Cells, CarryTheWholeRangeOfTheirNumbers) {
  const Cells largest = {0xffff'ffff, (uint64_t{1} << 48) - 1};
  const Canvas canvas = Draw(320, 240, largest);
  const std::optional<Cells> cells = ReadCells(canvas.frame(Time()));
  ASSERT_TRUE(cells);
  EXPECT_EQ(cells->frame_number, largest.frame_number);
  EXPECT_EQ(cells->unix_milliseconds, largest.unix_milliseconds);
}

TEST(Cells, AreNotSeenInPicturesWithoutThem) {
  Canvas canvas(640, 480);
  EXPECT_FALSE(ReadCells(canvas.frame(Time())));
  canvas.Fill({0, 0, 640, 480}, kWhite);
  EXPECT_FALSE(ReadCells(canvas.frame(Time())));
  canvas.Fill({0, 0, 320, 480}, kBlack);
  EXPECT_FALSE(ReadCells(canvas.frame(Time())));
}

TEST(Cells, AreRefusedWhenAnyIsFlipped) {
  const CellLayout layout = LayoutOfCells(320);
  for (int index = 0; index < kCellColumns * kCellRows; ++index) {
    Canvas canvas = Draw(320, 240, kCells);
    const int x = layout.left + index % kCellColumns * layout.size;
    const int y = layout.top + index / kCellColumns * layout.size;
    const size_t middle = static_cast<size_t>((y + layout.size / 2) * 320 + x + layout.size / 2);
    const bool white = canvas.luma()[middle] == kWhite.y;
    canvas.Fill({x, y, layout.size, layout.size}, white ? kBlack : kWhite);
    EXPECT_FALSE(ReadCells(canvas.frame(Time()))) << index;
  }
}

TEST(Cells, AreNotReadOutsideOfSmallPictures) {
  EXPECT_FALSE(ReadCells(Canvas(64, 64).frame(Time())));
  EXPECT_FALSE(ReadCells(Canvas(640, 32).frame(Time())));
  EXPECT_FALSE(ReadCells(hal::VideoFrame()));
}

TEST(Cells, HaveTheDocumentedCheckCode) { EXPECT_EQ(CellChecksum(AsBytes("123456789")), 0x29b1); }

}  // namespace
}  // namespace ocellus::drivers
