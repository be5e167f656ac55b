// SPDX-License-Identifier: Apache-2.0
// The encoded frames of one stream, cut into RTP payloads once and read by every viewer. It holds
// the one stored copy: a viewer's packet is a header plus a memcpy of a payload from here.
// It lives in base because media fills it and rtc reads it, and neither may know the other.
//
// io thread only. All memory is allocated by the constructor.
//
// Invariants:
//   1. Frames have consecutive ids; [oldest, newest] are all readable.
//   2. A frame's payloads lie back to back in storage, none across its end.
//   3. What Find and payload return stays valid until the next Begin.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"

namespace ocellus {

// Counts the frames of a ring from 1, without gaps.
using FrameId = uint64_t;

struct FrameInfo {
  Time captured_at;         // When the camera exposed it (or the file was due).
  uint32_t media_time = 0;  // In units of the payload's clock; wraps. A viewer adds its own offset.
  bool keyframe = false;    // Decodable without any earlier frame.
};

class FrameRing {
 public:
  struct Capacity {
    size_t bytes = kFrameRingBytes;
    size_t frames = kFrameRingFrames;
    size_t payloads = kFrameRingPayloads;
  };
  struct Frame {
    FrameId id = 0;
    FrameInfo info;
    uint32_t payload_count = 0;
    size_t size = 0;  // Bytes of all payloads.
  };

  FrameRing();
  explicit FrameRing(const Capacity& capacity);

  // Starts a frame of at most `max_bytes` in at most `max_payloads`; the oldest frames make room.
  // An unfinished frame is given up. Error: kResourceExhausted when it is larger than the ring.
  Status Begin(const FrameInfo& info, size_t max_bytes, size_t max_payloads);
  // Room for the next payload, to be filled before Commit. Within what Begin was asked for.
  MutableBytes Append(size_t size);
  // Makes the frame readable. Returns its id.
  FrameId Commit();

  // 0 when there is none yet.
  FrameId newest() const { return next_id_ - 1; }
  // The newest keyframe that is still here.
  std::optional<FrameId> newest_keyframe() const;

  // nullptr when the frame does not exist, or not any more.
  const Frame* Find(FrameId id) const;
  // Payload `index` of a frame that Find returned, for index < payload_count.
  Bytes payload(const Frame& frame, size_t index) const;

 private:
  struct StoredFrame {
    Frame frame;
    size_t begin = 0;            // In bytes_.
    uint64_t first_payload = 0;  // In payloads_, modulo its size.
  };
  struct StoredPayload {
    uint32_t offset = 0;  // In bytes_.
    uint32_t size = 0;
  };

  const StoredFrame& stored(FrameId id) const { return frames_[Slot(id, frames_.size())]; }
  StoredFrame& stored(FrameId id) { return frames_[Slot(id, frames_.size())]; }
  static size_t Slot(uint64_t number, size_t slots) { return static_cast<size_t>(number % slots); }
  void EvictOldest();
  // Where `size` contiguous bytes are free, or nullopt.
  std::optional<size_t> FindRoom(size_t size) const;

  std::vector<uint8_t> bytes_;
  std::vector<StoredFrame> frames_;
  std::vector<StoredPayload> payloads_;

  FrameId oldest_id_ = 1;
  FrameId next_id_ = 1;
  uint64_t next_payload_ = 0;
  FrameId newest_keyframe_ = 0;

  // The frame between Begin and Commit.
  std::optional<StoredFrame> open_;
  size_t open_end_ = 0;
  size_t open_limit_ = 0;
  size_t open_max_payloads_ = 0;
};

}  // namespace ocellus
