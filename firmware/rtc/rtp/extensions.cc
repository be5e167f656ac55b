// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtp/extensions.h"

#include <algorithm>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"

namespace ocellus::rtp {
namespace {

constexpr Duration kPlayoutStep = std::chrono::milliseconds(10);
constexpr int64_t kMaxPlayoutSteps = 0xfff;  // 12 bits.

uint32_t PlayoutSteps(Duration delay) {
  return static_cast<uint32_t>(std::clamp<int64_t>(delay / kPlayoutStep, 0, kMaxPlayoutSteps));
}

}  // namespace

std::array<uint8_t, 2> WriteTransportCc(TransportSequenceNumber number) {
  return {static_cast<uint8_t>(number.value() >> 8), static_cast<uint8_t>(number.value())};
}

std::optional<TransportSequenceNumber> ParseTransportCc(Bytes data) {
  if (data.size() != 2) return std::nullopt;
  return TransportSequenceNumber(ByteReader(data).ReadU16());
}

std::optional<PlayoutDelay> PlayoutDelay::Parse(Bytes data) {
  if (data.size() != 3) return std::nullopt;
  const uint32_t value = ByteReader(data).ReadU24();
  return PlayoutDelay{static_cast<int64_t>(value >> 12) * kPlayoutStep,
                      static_cast<int64_t>(value & 0xfff) * kPlayoutStep};
}

std::array<uint8_t, 3> PlayoutDelay::Write() const {
  std::array<uint8_t, 3> data;
  ByteWriter(data).WriteU24(PlayoutSteps(min) << 12 | PlayoutSteps(max));
  return data;
}

std::optional<AbsCaptureTime> AbsCaptureTime::Parse(Bytes data) {
  if (data.size() != 8 && data.size() != 16) return std::nullopt;
  ByteReader reader(data);
  AbsCaptureTime time{NtpTime(reader.ReadU64()), std::nullopt};
  if (data.size() == 16) time.clock_offset = static_cast<int64_t>(reader.ReadU64());
  return time;
}

std::array<uint8_t, 8> AbsCaptureTime::Write() const {
  std::array<uint8_t, 8> data;
  ByteWriter(data).WriteU64(captured.value());
  return data;
}

}  // namespace ocellus::rtp
