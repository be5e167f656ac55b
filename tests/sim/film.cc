// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/film.h"

namespace ocellus::sim {
namespace {

// A sequence parameter set of constrained baseline, level 3.1, 640x480, and a picture parameter
// set, as OpenH264 writes them.
constexpr uint8_t kSps[] = {0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40,
                            0x50, 0x1e, 0xd0, 0x0f, 0x08, 0x84, 0x6a};
constexpr uint8_t kPps[] = {0x68, 0xce, 0x3c, 0x80};
constexpr uint8_t kIdrSlice = 0x65;
constexpr uint8_t kSlice = 0x41;

void AppendNal(Bytes nal, hal::EncodedFrame& frame) {
  for (const uint8_t byte : {0, 0, 0, 1}) frame.data.push_back(byte);
  frame.nals.push_back({frame.data.size(), nal.size()});
  frame.data.insert(frame.data.end(), nal.begin(), nal.end());
}

}  // namespace

const hal::EncodedFrame& Film::Develop(Time now, bool keyframe) {
  frame_.Clear();
  frame_.captured_at = now;
  frame_.keyframe = keyframe;
  if (keyframe) {
    AppendNal(kSps, frame_);
    AppendNal(kPps, frame_);
    ++keyframes_;
  }
  // The number stands behind the NAL header; the rest is bytes that look like no start code.
  slice_.assign(keyframe ? options_.keyframe_size : options_.frame_size, 0xa5);
  slice_[0] = keyframe ? kIdrSlice : kSlice;
  for (size_t i = 0; i < 4; ++i) slice_[1 + i] = static_cast<uint8_t>(frames_ >> (24 - 8 * i));
  AppendNal(slice_, frame_);
  ++frames_;
  return frame_;
}

FrameId Film::Shoot(Time now, bool keyframe) {
  const auto id = packetizer_.Push(Develop(now, keyframe));
  CHECK(id.ok(), "picture of %zu bytes: %s", slice_.size(), id.status().ToString().c_str());
  return *id;
}

std::optional<uint32_t> Film::ReadNumber(const hal::EncodedFrame& frame) {
  if (frame.nals.empty() || frame.nals.back().size < 5) return std::nullopt;
  const Bytes slice = Bytes(frame.data).subspan(frame.nals.back().offset);
  if (slice[0] != kIdrSlice && slice[0] != kSlice) return std::nullopt;
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8 | slice[1 + i];
  return number;
}

}  // namespace ocellus::sim
