// SPDX-License-Identifier: Apache-2.0
#include "tests/vm/usb_camera_pictures.h"

#include <algorithm>

#include "drivers/openh264_encoder/openh264_encoder.h"
#include "drivers/turbojpeg_codec/turbojpeg_codec.h"

namespace ocellus::vm {

namespace {

constexpr int kJpegQuality = 80;
constexpr uint8_t kGrey = 128;

// Few, because the VM takes its time to encode them.
constexpr size_t kPictures = 10;

// A diagonal gradient that moves on by a few pixels from picture to picture.
class Gradient {
 public:
  explicit Gradient(const hal::VideoFormat& format)
      : width_(static_cast<size_t>(format.width)),
        height_(static_cast<size_t>(format.height)),
        luma_(width_ * height_),
        chroma_(luma_.size() / 4, kGrey) {}

  hal::VideoFrame Draw(size_t index) {
    std::vector<uint8_t> line(width_ + height_);
    for (size_t i = 0; i < line.size(); ++i) line[i] = static_cast<uint8_t>(i / 4 + 8 * index);
    for (size_t y = 0; y < height_; ++y) {
      std::copy_n(line.data() + y, width_, luma_.data() + y * width_);
    }
    hal::VideoFrame frame;
    frame.pixel_format = hal::PixelFormat::kI420;
    frame.width = static_cast<int>(width_);
    frame.height = static_cast<int>(height_);
    frame.planes = {{{luma_, width_}, {chroma_, width_ / 2}, {chroma_, width_ / 2}}};
    return frame;
  }

 private:
  const size_t width_;
  const size_t height_;
  std::vector<uint8_t> luma_;
  const std::vector<uint8_t> chroma_;
};

Picture EncodeJpeg(drivers::TurboJpegCodec& codec, const hal::VideoFrame& frame) {
  Picture picture;
  const Status status = codec.Encode(frame, kJpegQuality, picture);
  CHECK(status.ok(), "%s", status.ToString().c_str());
  return picture;
}

Picture EncodeH264(drivers::OpenH264Encoder& encoder, const hal::VideoFrame& frame,
                   hal::FrameType type) {
  hal::EncodedFrame encoded;
  const Status status = encoder.Encode(frame, type, encoded);
  CHECK(status.ok() && !encoded.data.empty(), "%s", status.ToString().c_str());
  return encoded.data;
}

}  // namespace

std::vector<Picture> MakePictures(const hal::VideoFormat& format) {
  Gradient gradient(format);
  drivers::TurboJpegCodec jpeg;
  drivers::OpenH264Encoder h264;
  hal::VideoFormat raw = format;
  raw.pixel_format = hal::PixelFormat::kI420;
  const Status configured = h264.Configure(raw, DataRate::FromKilobitsPerSecond(1000));
  CHECK(configured.ok(), "%s", configured.ToString().c_str());

  std::vector<Picture> pictures;
  for (size_t index = 0; index < kPictures; ++index) {
    const hal::VideoFrame frame = gradient.Draw(index);
    const hal::FrameType type = index == 0 ? hal::FrameType::kKeyframe : hal::FrameType::kAny;
    pictures.push_back(format.pixel_format == hal::PixelFormat::kMjpeg
                           ? EncodeJpeg(jpeg, frame)
                           : EncodeH264(h264, frame, type));
  }
  return pictures;
}

}  // namespace ocellus::vm
