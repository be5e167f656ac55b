// SPDX-License-Identifier: Apache-2.0
// An encoder, a decoder and a JPEG codec that do as a test tells them. The encoder's NAL units have
// right headers and no pictures in them.
#pragma once

#include <optional>
#include <vector>

#include "hal/jpeg_codec.h"
#include "hal/video_decoder.h"
#include "hal/video_encoder.h"

namespace ocellus::hal {

// Appends a NAL unit to a frame: its header byte and some bytes behind.
inline void AppendNal(uint8_t header, size_t payload_size, EncodedFrame& frame) {
  const uint8_t start[] = {0, 0, 0, 1, header};
  frame.data.insert(frame.data.end(), std::begin(start), std::end(start));
  frame.data.insert(frame.data.end(), payload_size, 0x80);
  frame.nals.push_back({frame.data.size() - payload_size - 1, payload_size + 1});
}

// A keyframe with SPS and PPS, or a frame that refers to others.
inline EncodedFrame MakeEncodedFrame(FrameType type) {
  EncodedFrame frame;
  frame.keyframe = type == FrameType::kKeyframe;
  if (frame.keyframe) {
    AppendNal(0x67, 10, frame);
    AppendNal(0x68, 4, frame);
  }
  AppendNal(frame.keyframe ? 0x65 : 0x41, 100, frame);
  return frame;
}

class FakeEncoder final : public VideoEncoder {
 public:
  // Faults, until they are cleared.
  Status configure_error;
  Status encode_error;
  bool skips = false;              // Gives no frames.
  bool ignores_keyframes = false;  // Gives no keyframe but the first.
  bool gives_garbage = false;      // A NAL table that points behind the data.
  size_t slice_size = 100;
  bool takes_i420_only = true;

  // What happened.
  std::vector<VideoFormat> configured;
  std::vector<DataRate> bitrates;
  int encoded = 0;

  const char* name() const override { return "fake encoder"; }

  Status Configure(const VideoFormat& format, DataRate bitrate) override {
    if (!configure_error.ok()) return configure_error;
    if (takes_i420_only && format.pixel_format != PixelFormat::kI420) {
      return StatusCode::kUnsupported;
    }
    configured.push_back(format);
    bitrates.push_back(bitrate);
    first_ = true;
    return {};
  }

  Status SetBitrate(DataRate bitrate) override {
    if (configured.empty()) return StatusCode::kFailedPrecondition;
    bitrates.push_back(bitrate);
    return {};
  }

  Status Encode(const VideoFrame& frame, FrameType type, EncodedFrame& out) override {
    out.Clear();
    if (configured.empty()) return StatusCode::kFailedPrecondition;
    if (frame.width != configured.back().width || frame.height != configured.back().height ||
        frame.pixel_format != configured.back().pixel_format) {
      return StatusCode::kFailedPrecondition;
    }
    ++encoded;
    if (!encode_error.ok()) return encode_error;
    if (skips) return {};
    out.keyframe = first_ || (type == FrameType::kKeyframe && !ignores_keyframes);
    first_ = false;
    if (out.keyframe) {
      AppendNal(0x67, 10, out);
      AppendNal(0x68, 4, out);
    }
    AppendNal(out.keyframe ? 0x65 : 0x41, slice_size, out);
    out.captured_at = frame.captured_at;
    if (gives_garbage) out.nals.back().size += 1000;
    return {};
  }

 private:
  bool first_ = true;
};

// Every access unit becomes a grey picture.
class FakeDecoder final : public VideoDecoder {
 public:
  Status decode_error;
  int resets = 0;
  int decoded = 0;

  const char* name() const override { return "fake decoder"; }
  Status Reset() override {
    ++resets;
    return {};
  }
  Result<std::optional<VideoFrame>> Decode(Bytes access_unit, Time captured_at) override {
    ++decoded;
    if (!decode_error.ok()) return decode_error;
    if (access_unit.empty()) return StatusCode::kMalformed;
    return std::optional<VideoFrame>(GreyPicture(captured_at));
  }

  // Of 16x16 pixels.
  static VideoFrame GreyPicture(Time captured_at) {
    static constexpr uint8_t kPixels[256] = {};
    VideoFrame picture;
    picture.width = 16;
    picture.height = 16;
    picture.planes = {Plane{Bytes(kPixels), 16}, Plane{Bytes(kPixels), 8},
                      Plane{Bytes(kPixels), 8}};
    picture.captured_at = captured_at;
    return picture;
  }
};

// Images are three bytes: 'J', and the size in units of 16 pixels. Others are malformed. Zeros may
// follow in those that it makes.
class FakeJpegCodec final : public JpegCodec {
 public:
  Status encode_error;
  int encoded = 0;
  size_t image_size = 3;  // Bytes.

  Status Encode(const VideoFrame& picture, int, std::vector<uint8_t>& out) override {
    ++encoded;
    if (!encode_error.ok()) return encode_error;
    if (picture.pixel_format != PixelFormat::kI420) return StatusCode::kInvalidArgument;
    out = {'J', static_cast<uint8_t>(picture.width / 16),
           static_cast<uint8_t>(picture.height / 16)};
    out.resize(image_size);
    return {};
  }

  Result<VideoFrame> Decode(Bytes image, Time captured_at) override {
    if (image.size() != 3 || image[0] != 'J') return Status(StatusCode::kMalformed, "not a fake");
    VideoFrame picture;
    picture.width = image[1] * 16;
    picture.height = image[2] * 16;
    const auto width = static_cast<size_t>(picture.width);
    const size_t luma = width * static_cast<size_t>(picture.height);
    pixels_.assign(luma, 128);
    const Bytes all(pixels_);
    picture.planes = {Plane{all, width}, Plane{all.first(luma / 4), width / 2},
                      Plane{all.first(luma / 4), width / 2}};
    picture.captured_at = captured_at;
    return picture;
  }

 private:
  std::vector<uint8_t> pixels_;
};

}  // namespace ocellus::hal
