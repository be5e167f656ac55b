// SPDX-License-Identifier: Apache-2.0
#include "drivers/test_pattern_camera/cells.h"

#include <array>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"

namespace ocellus::drivers {
namespace {

constexpr uint8_t kBlack = 16;
constexpr uint8_t kWhite = 235;
constexpr unsigned kThreshold = 126;
constexpr size_t kPayloadBytes = 10;  // Frame number and time.
constexpr size_t kBytes = kCellColumns / 8 * kCellRows;

using Code = std::array<uint8_t, kBytes>;

bool Bit(const Code& code, size_t index) { return (code[index / 8] >> (7 - index % 8) & 1) != 0; }

Code Encode(const Cells& cells) {
  Code code{};
  ByteWriter writer(code);
  writer.WriteU32(cells.frame_number);
  writer.WriteU16(static_cast<uint16_t>(cells.unix_milliseconds >> 32));
  writer.WriteU32(static_cast<uint32_t>(cells.unix_milliseconds));
  writer.WriteU16(CellChecksum(writer.written()));
  return code;
}

std::optional<Cells> Decode(const Code& code) {
  ByteReader reader{Bytes(code)};
  Cells cells;
  cells.frame_number = reader.ReadU32();
  cells.unix_milliseconds = uint64_t{reader.ReadU16()} << 32;
  cells.unix_milliseconds |= reader.ReadU32();
  if (reader.ReadU16() != CellChecksum(Bytes(code).first(kPayloadBytes))) return std::nullopt;
  return cells;
}

bool ReadCell(const hal::Plane& luma, size_t left, size_t top, size_t size) {
  unsigned sum = 0;
  unsigned count = 0;
  for (size_t y = size / 4; y < size - size / 4; ++y) {
    for (size_t x = size / 4; x < size - size / 4; ++x) {
      sum += luma.data[(top + y) * luma.stride + left + x];
      ++count;
    }
  }
  return sum >= kThreshold * count;
}

}  // namespace

void DrawCells(const Cells& cells, int width, MutableBytes luma, size_t stride) {
  const Code code = Encode(cells);
  const CellLayout layout = LayoutOfCells(width);
  const auto size = static_cast<size_t>(layout.size);
  const auto left = static_cast<size_t>(layout.left);
  const auto top = static_cast<size_t>(layout.top);
  for (size_t row = 0; row < kCellRows; ++row) {
    const MutableBytes first_line =
        luma.subspan((top + row * size) * stride + left, size * kCellColumns);
    for (size_t column = 0; column < kCellColumns; ++column) {
      const uint8_t value = Bit(code, row * kCellColumns + column) ? kWhite : kBlack;
      std::memset(first_line.data() + column * size, value, size);
    }
    for (size_t y = 1; y < size; ++y) {
      const MutableBytes line =
          luma.subspan((top + row * size + y) * stride + left, first_line.size());
      std::memcpy(line.data(), first_line.data(), line.size());
    }
  }
}

std::optional<Cells> ReadCells(const hal::VideoFrame& picture) {
  const bool has_luma_plane = picture.pixel_format == hal::PixelFormat::kI420 ||
                              picture.pixel_format == hal::PixelFormat::kNv12;
  const CellLayout layout = LayoutOfCells(picture.width);
  if (!has_luma_plane || layout.left < 0) return std::nullopt;
  if (picture.height < layout.top + kCellRows * layout.size) return std::nullopt;
  const auto size = static_cast<size_t>(layout.size);
  Code code{};
  for (size_t index = 0; index < code.size() * 8; ++index) {
    const size_t left = static_cast<size_t>(layout.left) + index % kCellColumns * size;
    const size_t top = static_cast<size_t>(layout.top) + index / kCellColumns * size;
    const unsigned bit = ReadCell(picture.planes[0], left, top, size) ? 1 : 0;
    code[index / 8] = static_cast<uint8_t>(code[index / 8] | bit << (7 - index % 8));
  }
  return Decode(code);
}

uint16_t CellChecksum(Bytes bytes) {
  constexpr unsigned kPolynomial = 0x1021;
  unsigned checksum = 0xffff;
  for (const uint8_t byte : bytes) {
    checksum ^= unsigned{byte} << 8;
    for (int bit = 0; bit < 8; ++bit) {
      checksum = (checksum & 0x8000) != 0 ? checksum << 1 ^ kPolynomial : checksum << 1;
    }
  }
  return static_cast<uint16_t>(checksum);
}

}  // namespace ocellus::drivers
