// SPDX-License-Identifier: Apache-2.0
// The machine-readable cells of the test pattern: which picture this is and when it was made, as
// black and white squares that survive H.264 at a low bitrate. One side draws them, the other
// reads them back: tests and benchmarks here, a script in a browser from getImageData.
//
// Layout, for a picture of `width` x `height` pixels (videoWidth and videoHeight in a browser,
// drawn without scaling); all divisions drop the remainder:
//
//   size = max(4, 2 * (width / 80))     edge of a cell: 16 at 640, 8 at 320, 32 at 1280
//   left = 2 * ((width - 32 * size) / 4)
//   top  = size
//
// There are 3 rows of 32 cells. The cell in row r and column c covers the pixels
// x = left + c * size ... + size - 1, y = top + r * size ... + size - 1. It is one bit, the most
// significant of its row first: white (luma 235, RGB 255) is 1, black (luma 16, RGB 0) is 0.
//
//   row 0   frame number, 32 bits
//   row 1   time, the upper 32 of 48 bits
//   row 2   time, the lower 16 bits | check code, 16 bits
//
// The frame number counts the pictures that were made, from 0. The time is when this one was made,
// in milliseconds since 1970-01-01 UTC (Date.now()). The check code is the CRC-16 of the ten bytes
// of frame number and time, big-endian: polynomial 0x1021, start 0xffff, not reflected, no final
// XOR (CRC-16/IBM-3740; "123456789" gives 0x29b1).
//
// To read a bit, average the brightness of the middle half of the cell in both directions
// (offsets size / 4 to size - size / 4 - 1) and compare: luma 126 and more, or RGB 128, is 1. A
// picture whose check code is wrong has no cells, or is too damaged.
#pragma once

#include <optional>

#include "hal/video_format.h"

namespace ocellus::drivers {

struct Cells {
  uint32_t frame_number = 0;
  uint64_t unix_milliseconds = 0;  // 48 bits.
};

constexpr int kCellColumns = 32;
constexpr int kCellRows = 3;

struct CellLayout {
  int size = 0;
  int left = 0;
  int top = 0;
};

// For `width` >= 128.
constexpr CellLayout LayoutOfCells(int width) {
  const int size = width / 80 * 2 < 4 ? 4 : width / 80 * 2;
  return {size, (width - kCellColumns * size) / 4 * 2, size};
}

// Draws into the luma plane of a picture of `width` >= 128 that holds all rows of cells.
void DrawCells(const Cells& cells, int width, MutableBytes luma, size_t stride);

// Reads an uncompressed I420 or NV12 picture. nullopt when there are no cells, or damaged ones.
std::optional<Cells> ReadCells(const hal::VideoFrame& picture);

// CRC-16/IBM-3740, as described above.
uint16_t CellChecksum(Bytes bytes);

}  // namespace ocellus::drivers
