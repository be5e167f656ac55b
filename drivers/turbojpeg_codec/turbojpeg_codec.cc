// SPDX-License-Identifier: Apache-2.0
#include "drivers/turbojpeg_codec/turbojpeg_codec.h"

#include <turbojpeg.h>

#include <algorithm>
#include <cstring>

#include "firmware/base/limits.h"

namespace ocellus::drivers {
namespace {

using hal::PixelFormat;
using hal::VideoFrame;

using RangeTable = std::array<uint8_t, 256>;

// Maps `from_low`..`from_high` onto `to_low`..`to_high`, rounded, and what lies outside to the
// ends. Centres of chroma meet by construction.
constexpr RangeTable MakeRangeTable(int from_low, int from_high, int to_low, int to_high) {
  RangeTable table{};
  const int from_span = from_high - from_low;
  for (int i = 0; i < 256; ++i) {
    const int clamped = i < from_low ? from_low : i > from_high ? from_high : i;
    const int scaled =
        (2 * (clamped - from_low) * (to_high - to_low) + from_span) / (2 * from_span);
    table[static_cast<size_t>(i)] = static_cast<uint8_t>(to_low + scaled);
  }
  return table;
}

// JFIF uses 0-255, hal/video_format.h says what everything else uses.
constexpr RangeTable kLumaToLimited = MakeRangeTable(0, 255, 16, 235);
constexpr RangeTable kChromaToLimited = MakeRangeTable(0, 255, 16, 240);
constexpr RangeTable kLumaToFull = MakeRangeTable(16, 235, 0, 255);
constexpr RangeTable kChromaToFull = MakeRangeTable(16, 240, 0, 255);

void Map(const RangeTable& table, const uint8_t* from, size_t size, uint8_t* to) {
  for (size_t i = 0; i < size; ++i) to[i] = table[from[i]];
}

// What the decompressor gave: full size luma, and chroma as sampled in the image.
struct Sampling {
  size_t chroma_width;
  size_t step_x;  // Chroma samples per two luma samples across: 1 or 2.
  size_t step_y;  // The same, down.
};

// Makes one chroma plane 4:2:0 and of limited range, in place: each sample is written where all
// that is needed of it has been read.
void ReduceChroma(const Sampling& sampling, size_t width, size_t height,
                  std::vector<uint8_t>& plane) {
  const size_t samples = sampling.step_x * sampling.step_y;
  for (size_t y = 0; y < height; ++y) {
    const uint8_t* rows = plane.data() + y * sampling.step_y * sampling.chroma_width;
    uint8_t* out = plane.data() + y * width;
    for (size_t x = 0; x < width; ++x) {
      size_t sum = samples / 2;
      for (size_t j = 0; j < sampling.step_y; ++j) {
        for (size_t i = 0; i < sampling.step_x; ++i) {
          sum += rows[j * sampling.chroma_width + x * sampling.step_x + i];
        }
      }
      out[x] = kChromaToLimited[sum / samples];
    }
  }
}

// Some cameras leave bytes between the end of the data and the marker behind: the picture is
// whole. Everything else that the library warns of is visible damage.
bool IsHarmless(tjhandle handle) {
  return tjGetErrorCode(handle) == TJERR_WARNING &&
         std::strstr(tjGetErrorStr2(handle), "extraneous bytes") != nullptr;
}

Status Malformed(tjhandle handle) {
  return {StatusCode::kMalformed, Format("JPEG: %s", tjGetErrorStr2(handle))};
}

}  // namespace

TurboJpegCodec::TurboJpegCodec()
    : compressor_(tjInitCompress()), decompressor_(tjInitDecompress()) {
  CHECK(compressor_ != nullptr && decompressor_ != nullptr, "libjpeg-turbo has no memory");
}

TurboJpegCodec::~TurboJpegCodec() {
  tjDestroy(compressor_);
  tjDestroy(decompressor_);
}

Status TurboJpegCodec::Encode(const VideoFrame& picture, int quality, std::vector<uint8_t>& out) {
  if (picture.pixel_format != PixelFormat::kI420) {
    return {StatusCode::kInvalidArgument,
            Format("JPEG is made of I420, not of %s", ToString(picture.pixel_format))};
  }
  const unsigned char* sources[3];
  int strides[3];
  for (size_t i = 0; i < planes_.size(); ++i) {
    const auto divisor = static_cast<size_t>(i == 0 ? 1 : 2);
    const size_t width = static_cast<size_t>(picture.width) / divisor;
    const size_t height = static_cast<size_t>(picture.height) / divisor;
    planes_[i].resize(width * height);
    const hal::Plane& plane = picture.planes[i];
    for (size_t y = 0; y < height; ++y) {
      Map(i == 0 ? kLumaToFull : kChromaToFull, plane.data.data() + y * plane.stride, width,
          planes_[i].data() + y * width);
    }
    sources[i] = planes_[i].data();
    strides[i] = static_cast<int>(width);
  }
  unsigned long size = tjBufSize(picture.width, picture.height, TJSAMP_420);
  out.resize(size);
  unsigned char* data = out.data();
  const int error = tjCompressFromYUVPlanes(compressor_, sources, picture.width, strides,
                                            picture.height, TJSAMP_420, &data, &size,
                                            std::clamp(quality, 1, 100), TJFLAG_NOREALLOC);
  out.resize(error == 0 ? size : 0);
  if (error == 0) return {};
  return {StatusCode::kInternal, Format("JPEG: %s", tjGetErrorStr2(compressor_))};
}

Result<VideoFrame> TurboJpegCodec::Decode(Bytes image, Time captured_at) {
  Result<VideoFrame> picture = DecodeWhole(image, captured_at);
  // What was read of a damaged image (tables, above all) would spoil the next ones.
  if (!picture.ok()) ResetDecompressor();
  return picture;
}

void TurboJpegCodec::ResetDecompressor() {
  tjDestroy(decompressor_);
  decompressor_ = tjInitDecompress();
  CHECK(decompressor_ != nullptr, "libjpeg-turbo has no memory");
}

Result<VideoFrame> TurboJpegCodec::DecodeWhole(Bytes image, Time captured_at) {
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colour_space = 0;
  if (image.empty()) return Status(StatusCode::kMalformed, "JPEG: no data");
  const auto image_size = static_cast<unsigned long>(image.size());
  if (tjDecompressHeader3(decompressor_, image.data(), image_size, &width, &height, &subsampling,
                          &colour_space) != 0 &&
      !IsHarmless(decompressor_)) {
    return Malformed(decompressor_);
  }
  if (width == 0) return Status(StatusCode::kMalformed, "JPEG: no picture in it");
  const bool grey = subsampling == TJSAMP_GRAY;
  const bool halved_or_full = subsampling == TJSAMP_420 || subsampling == TJSAMP_422 ||
                              subsampling == TJSAMP_440 || subsampling == TJSAMP_444;
  if ((colour_space != TJCS_YCbCr && colour_space != TJCS_GRAY) || (!grey && !halved_or_full) ||
      width < 2 || height < 2) {
    return Status(StatusCode::kUnsupported, Format("JPEG of %dx%d, colour space %d, sampling %d",
                                                   width, height, colour_space, subsampling));
  }
  if (int64_t{width} * height > static_cast<int64_t>(kMaxPicturePixels)) {
    return Status(StatusCode::kResourceExhausted, Format("JPEG of %dx%d", width, height));
  }

  unsigned char* planes[3] = {};
  int strides[3] = {};
  const int plane_count = grey ? 1 : 3;
  for (int i = 0; i < plane_count; ++i) {
    strides[i] = tjPlaneWidth(i, width, subsampling);
    const int rows = tjPlaneHeight(i, height, subsampling);
    auto& plane = planes_[static_cast<size_t>(i)];
    plane.resize(static_cast<size_t>(strides[i]) * static_cast<size_t>(rows));
    planes[i] = plane.data();
  }
  if (tjDecompressToYUVPlanes(decompressor_, image.data(), image_size, planes, width, strides,
                              height, TJFLAG_LIMITSCANS) != 0 &&
      !IsHarmless(decompressor_)) {
    return Malformed(decompressor_);
  }

  const auto half_width = static_cast<size_t>(width / 2);
  const auto half_height = static_cast<size_t>(height / 2);
  Map(kLumaToLimited, planes_[0].data(), planes_[0].size(), planes_[0].data());
  for (size_t i = 1; i < planes_.size(); ++i) {
    if (grey) {
      planes_[i].assign(half_width * half_height, 128);
      continue;
    }
    const bool full_width = subsampling == TJSAMP_444 || subsampling == TJSAMP_440;
    const bool full_height = subsampling == TJSAMP_444 || subsampling == TJSAMP_422;
    ReduceChroma({static_cast<size_t>(strides[i]), full_width ? size_t{2} : size_t{1},
                  full_height ? size_t{2} : size_t{1}},
                 half_width, half_height, planes_[i]);
  }

  VideoFrame picture;
  picture.pixel_format = PixelFormat::kI420;
  picture.width = width & ~1;
  picture.height = height & ~1;
  picture.planes[0] = {planes_[0], static_cast<size_t>(strides[0])};
  for (size_t i = 1; i < planes_.size(); ++i) {
    picture.planes[i] = {Bytes(planes_[i]).first(half_width * half_height), half_width};
  }
  picture.captured_at = captured_at;
  return picture;
}

}  // namespace ocellus::drivers
