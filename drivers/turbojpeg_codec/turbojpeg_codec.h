// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo. Takes what webcams call MJPEG too: images without Huffman tables, with
// 4:2:2 chroma, with padding behind the end. Video thread only.
#pragma once

#include <array>
#include <vector>

#include "hal/jpeg_codec.h"

namespace ocellus::drivers {

class TurboJpegCodec final : public hal::JpegCodec {
 public:
  TurboJpegCodec();
  ~TurboJpegCodec() override;
  TurboJpegCodec(const TurboJpegCodec&) = delete;
  TurboJpegCodec& operator=(const TurboJpegCodec&) = delete;

  Status Encode(const hal::VideoFrame& picture, int quality, std::vector<uint8_t>& out) override;
  // Odd sizes lose their last column or row.
  Result<hal::VideoFrame> Decode(Bytes image, Time captured_at) override;

 private:
  using Handle = void*;  // The library's tjhandle.

  Result<hal::VideoFrame> DecodeWhole(Bytes image, Time captured_at);
  void ResetDecompressor();

  const Handle compressor_;
  Handle decompressor_;
  std::array<std::vector<uint8_t>, 3> planes_;  // Y, U, V: of the last picture, either way.
};

}  // namespace ocellus::drivers
