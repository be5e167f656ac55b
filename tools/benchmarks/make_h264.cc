// SPDX-License-Identifier: Apache-2.0
// Writes the stream that the benchmarks send: 720p30 of moving noise at 2 Mbit/s, H.264 in Annex B
// form, a keyframe every 5 s. Playing a file keeps encoding out of what is measured.
//
//   bench_make_h264 FILE
#include <cstdio>
#include <memory>
#include <vector>

#include "drivers/openh264_encoder/openh264_encoder.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::benchmarks {
namespace {

constexpr hal::VideoFormat kFormat{hal::PixelFormat::kI420, 1280, 720, 30};
constexpr int kFrames = 300;            // 10 s.
constexpr int kKeyframeInterval = 150;  // 5 s.
constexpr size_t kWidth = kFormat.width;
constexpr size_t kHeight = kFormat.height;

// Noise that jumps: each picture is another window into a larger, fixed field of it, so that no
// motion search finds the last one again and the rate control has all its bitrate to spend.
class MovingNoise {
 public:
  MovingNoise() : field_(kFieldWidth * (kHeight + kFrames)), chroma_(kWidth * kHeight / 4, 128) {
    sim::SeededRandom random(1);
    // Blocks of pixels, since a codec spends its bits on edges rather than on grain.
    for (size_t i = 0; i < field_.size(); ++i) {
      const bool first_of_block = i % kBlock == 0;
      const bool first_row = i / kFieldWidth % kBlock == 0;
      if (!first_row) {
        field_[i] = field_[i - kFieldWidth];
      } else {
        field_[i] = first_of_block ? static_cast<uint8_t>(64 + random.Below(128)) : field_[i - 1];
      }
    }
  }

  hal::VideoFrame Frame(int number) const {
    hal::VideoFrame frame;
    frame.pixel_format = kFormat.pixel_format;
    frame.width = kFormat.width;
    frame.height = kFormat.height;
    frame.captured_at = Time(number * Duration(1'000'000 / kFormat.frames_per_second));
    const size_t step = static_cast<size_t>(number) * kStep % kFrames;
    const size_t offset = step * kFieldWidth + 3 * step;
    frame.planes[0] = {Bytes(field_).subspan(offset, kFieldWidth * (kHeight - 1) + kWidth),
                       kFieldWidth};
    frame.planes[1] = {chroma_, kWidth / 2};
    frame.planes[2] = {chroma_, kWidth / 2};
    return frame;
  }

 private:
  static constexpr size_t kBlock = 40;
  static constexpr size_t kStep = 113;  // Coprime to kFrames: each window comes up once.
  static constexpr size_t kFieldWidth = kWidth + 4 * kFrames;
  std::vector<uint8_t> field_;
  std::vector<uint8_t> chroma_;
};

int Main(const char* path) {
  drivers::OpenH264Encoder encoder;
  const Status configured = encoder.Configure(kFormat, DataRate::FromBitsPerSecond(2'000'000));
  CHECK(configured.ok(), "%s", configured.ToString().c_str());
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "wb"), std::fclose);
  CHECK(file != nullptr, "cannot write %s", path);
  const auto noise = std::make_unique<MovingNoise>();
  hal::EncodedFrame encoded;
  size_t bytes = 0;
  for (int i = 0; i < kFrames; ++i) {
    const auto type = i % kKeyframeInterval == 0 ? hal::FrameType::kKeyframe : hal::FrameType::kAny;
    const Status status = encoder.Encode(noise->Frame(i), type, encoded);
    CHECK(status.ok(), "%s", status.ToString().c_str());
    CHECK(
        std::fwrite(encoded.data.data(), 1, encoded.data.size(), file.get()) == encoded.data.size(),
        "cannot write %s", path);
    bytes += encoded.data.size();
  }
  std::printf("bits_per_second %zu\n", bytes * 8 * 30 / kFrames);
  return 0;
}

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bench_make_h264 FILE\n", stderr);
    return 2;
  }
  return ocellus::benchmarks::Main(argv[1]);
}
