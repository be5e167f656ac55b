// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/camera.h"

namespace ocellus::benchmarks {
namespace {

// Parameter sets of constrained baseline, level 3.1.
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

hal::EncodedFrame MakeFrame(hal::FrameType type) {
  hal::EncodedFrame frame;
  frame.keyframe = type == hal::FrameType::kKeyframe;
  std::vector<uint8_t> slice(frame.keyframe ? kKeyframeSize : kFrameSize, 0xa5);
  slice[0] = frame.keyframe ? kIdrSlice : kSlice;
  if (frame.keyframe) {
    AppendNal(kSps, frame);
    AppendNal(kPps, frame);
  }
  AppendNal(slice, frame);
  return frame;
}

}  // namespace

Camera::Camera(Time now, size_t viewers, const crypto::Certificate& certificate,
               const SocketAddress& address, hal::UdpSocket& socket, Random& random)
    : wall_clock_{now, NtpTime()},
      packetizer_(ring_),
      socket_(socket),
      sessions_(viewers, peer::PeerConfig{certificate, profiles_, wall_clock_, &ring_}, random),
      keyframe_(MakeFrame(hal::FrameType::kKeyframe)),
      frame_(MakeFrame(hal::FrameType::kAny)) {
  sessions_.SetLocalAddresses(now, {address});
}

std::string Camera::Answer(Time now, std::string_view offer) {
  auto accepted = sessions_.Accept(now, offer);
  CHECK(accepted.ok(), "offer: %s", accepted.status().ToString().c_str());
  return std::move(accepted->answer_sdp);
}

void Camera::Pump(Time now) {
  while (true) {
    const Span<Datagram> batch = socket_.Receive();
    if (batch.empty()) break;
    for (const Datagram& datagram : batch) sessions_.HandleDatagram(now, datagram);
  }
  sessions_.HandleTimeout(now);
  sessions_.Transmit(now, socket_);
  socket_.Flush();
}

FrameId Camera::Store(Time now, hal::FrameType type) {
  hal::EncodedFrame& frame = type == hal::FrameType::kKeyframe ? keyframe_ : frame_;
  frame.captured_at = now;
  const auto id = packetizer_.Push(frame);
  CHECK(id.ok(), "frame of %zu bytes: %s", frame.data.size(), id.status().ToString().c_str());
  return *id;
}

// Not inlined: callgrind counts from its first to its last instruction.
__attribute__((noinline)) void Camera::Send(Time now, FrameId frame) {
  sessions_.EnqueueFrame(now, frame);
  sessions_.Transmit(now, socket_);
}

}  // namespace ocellus::benchmarks
