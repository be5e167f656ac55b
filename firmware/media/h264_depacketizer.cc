// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/h264_depacketizer.h"

#include <utility>

#include "firmware/base/byte_reader.h"
#include "firmware/base/limits.h"
#include "firmware/media/h264_payload.h"

namespace ocellus::media {
namespace {

using namespace h264;

constexpr uint8_t kStartCode[] = {0, 0, 0, 1};

// With its parameter sets a keyframe begins: nothing of it was in front of this payload.
bool BeginsKeyframe(Bytes payload) {
  const size_t first = !payload.empty() && (payload[0] & kTypeMask) == kStapA
                           ? kStapAHeaderSize + kStapALengthSize
                           : 0;
  return payload.size() > first && (payload[first] & kTypeMask) == kSps;
}

}  // namespace

void H264Depacketizer::HandlePacket(const Packet& packet) {
  ready_count_ = 0;
  ready_polled_ = 0;
  if (expected_ && expected_->IsNewerThan(packet.sequence_number)) return;
  const bool gap = expected_ && *expected_ != packet.sequence_number;
  expected_ = packet.sequence_number + 1;

  // What is missing may belong to the access unit before the gap, or behind it, or both.
  if (open_ && gap) {
    DropNal();
    building_.damaged = true;
  }
  if (open_ && building_.timestamp != packet.timestamp) Close();
  if (!open_) {
    Open(packet.timestamp);
    building_.damaged = gap && !BeginsKeyframe(packet.payload);
  }
  HandlePayload(packet.payload);
  if (packet.marker) Close();
}

const AccessUnit* H264Depacketizer::PollAccessUnit() {
  return ready_polled_ < ready_count_ ? &ready_[ready_polled_++] : nullptr;
}

void H264Depacketizer::Open(RtpTimestamp timestamp) {
  open_ = true;
  building_.frame.Clear();
  building_.timestamp = timestamp;
  nal_begin_.reset();
}

void H264Depacketizer::Close() {
  if (nal_begin_) {
    DropNal();
    building_.damaged = true;
  }
  open_ = false;
  std::swap(building_, ready_[ready_count_++]);
}

void H264Depacketizer::HandlePayload(Bytes payload) {
  if (payload.empty()) return;  // Padding only.
  const uint8_t type = payload[0] & kTypeMask;
  if (type != kFuA && nal_begin_) {
    DropNal();
    building_.damaged = true;
  }
  if (type == kFuA) {
    HandleFuA(payload);
  } else if (type == kStapA) {
    HandleStapA(payload);
  } else if (type >= kSlice && type <= kLastSingleNal) {
    AppendNal(payload);
  } else {
    building_.damaged = true;  // Of packetization-mode 2, or of no mode.
  }
}

void H264Depacketizer::HandleStapA(Bytes payload) {
  ByteReader reader(payload.subspan(kStapAHeaderSize));
  while (reader.remaining() > 0) {
    const Bytes nal = reader.ReadBytes(reader.ReadU16());
    if (nal.empty()) {
      building_.damaged = true;
      return;
    }
    AppendNal(nal);
  }
}

void H264Depacketizer::HandleFuA(Bytes payload) {
  if (payload.size() <= kFuAHeaderSize) {
    building_.damaged = true;
    return;
  }
  const uint8_t header = payload[1];
  if (header & kFuAStart) {
    if (nal_begin_) {
      DropNal();
      building_.damaged = true;
    }
    BeginNal(static_cast<uint8_t>((payload[0] & ~kTypeMask) | (header & kTypeMask)));
  } else if (!nal_begin_) {
    building_.damaged = true;
    return;
  }
  ExtendNal(payload.subspan(kFuAHeaderSize));
  if (header & kFuAEnd) KeepNal();
}

void H264Depacketizer::AppendNal(Bytes nal) {
  BeginNal(nal[0]);
  ExtendNal(nal.subspan(1));
  KeepNal();
}

void H264Depacketizer::BeginNal(uint8_t header) {
  std::vector<uint8_t>& data = building_.frame.data;
  data.insert(data.end(), std::begin(kStartCode), std::end(kStartCode));
  nal_begin_ = data.size();
  data.push_back(header);
}

void H264Depacketizer::ExtendNal(Bytes bytes) {
  if (!nal_begin_) return;
  std::vector<uint8_t>& data = building_.frame.data;
  if (data.size() + bytes.size() > kMaxAccessUnitSize) {
    DropNal();
    building_.damaged = true;
    return;
  }
  data.insert(data.end(), bytes.begin(), bytes.end());
}

void H264Depacketizer::KeepNal() {
  if (!nal_begin_) return;
  hal::EncodedFrame& frame = building_.frame;
  frame.nals.push_back({*nal_begin_, frame.data.size() - *nal_begin_});
  if ((frame.data[*nal_begin_] & kTypeMask) == kIdrSlice) frame.keyframe = true;
  nal_begin_.reset();
}

void H264Depacketizer::DropNal() {
  if (!nal_begin_) return;
  building_.frame.data.resize(*nal_begin_ - sizeof(kStartCode));
  nal_begin_.reset();
}

}  // namespace ocellus::media
