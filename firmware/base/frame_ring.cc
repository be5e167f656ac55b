// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/frame_ring.h"

#include <algorithm>

namespace ocellus {

FrameRing::FrameRing() : FrameRing(Capacity()) {}

FrameRing::FrameRing(const Capacity& capacity)
    : bytes_(capacity.bytes), frames_(capacity.frames), payloads_(capacity.payloads) {}

Status FrameRing::Begin(const FrameInfo& info, size_t max_bytes, size_t max_payloads) {
  open_.reset();
  if (max_bytes > bytes_.size() || max_payloads > payloads_.size()) {
    return {StatusCode::kResourceExhausted,
            Format("frame of %zu bytes in %zu payloads; the ring holds %zu in %zu", max_bytes,
                   max_payloads, bytes_.size(), payloads_.size())};
  }
  const auto frames_full = [&] { return next_id_ - oldest_id_ == frames_.size(); };
  const auto payloads_full = [&] {
    return oldest_id_ != next_id_ &&
           next_payload_ + max_payloads - stored(oldest_id_).first_payload > payloads_.size();
  };
  // At least a byte, so that no frame begins where an older one does while the ring is full.
  const size_t wanted = std::max<size_t>(max_bytes, 1);
  std::optional<size_t> room = FindRoom(wanted);
  while (!room || frames_full() || payloads_full()) {
    EvictOldest();
    room = FindRoom(wanted);
  }
  StoredFrame frame;
  frame.frame.id = next_id_;
  frame.frame.info = info;
  frame.begin = *room;
  frame.first_payload = next_payload_;
  open_ = frame;
  open_end_ = *room;
  open_limit_ = *room + max_bytes;
  open_max_payloads_ = max_payloads;
  return {};
}

MutableBytes FrameRing::Append(size_t size) {
  CHECK(open_, "Append of %zu bytes without Begin", size);
  CHECK(size <= open_limit_ - open_end_, "invariant 2: %zu bytes, %zu left", size,
        open_limit_ - open_end_);
  CHECK(open_->frame.payload_count < open_max_payloads_, "invariant 2: payload %zu of %zu",
        static_cast<size_t>(open_->frame.payload_count), open_max_payloads_);
  const uint64_t number = open_->first_payload + open_->frame.payload_count;
  payloads_[Slot(number, payloads_.size())] = {static_cast<uint32_t>(open_end_),
                                               static_cast<uint32_t>(size)};
  ++open_->frame.payload_count;
  open_->frame.size += size;
  open_end_ += size;
  return MutableBytes(bytes_).subspan(open_end_ - size, size);
}

FrameId FrameRing::Commit() {
  CHECK(open_, "Commit without Begin, next id %llu", static_cast<unsigned long long>(next_id_));
  const FrameId id = next_id_++;
  stored(id) = *open_;
  next_payload_ += open_->frame.payload_count;
  if (open_->frame.info.keyframe) newest_keyframe_ = id;
  open_.reset();
  return id;
}

std::optional<FrameId> FrameRing::newest_keyframe() const {
  if (newest_keyframe_ < oldest_id_) return std::nullopt;
  return newest_keyframe_;
}

const FrameRing::Frame* FrameRing::Find(FrameId id) const {
  if (id < oldest_id_ || id >= next_id_) return nullptr;
  return &stored(id).frame;
}

Bytes FrameRing::payload(const Frame& frame, size_t index) const {
  CHECK(Find(frame.id) == &frame && index < frame.payload_count, "payload %zu of %zu", index,
        static_cast<size_t>(frame.payload_count));
  const uint64_t number = stored(frame.id).first_payload + index;
  const StoredPayload& payload = payloads_[Slot(number, payloads_.size())];
  return Bytes(bytes_).subspan(payload.offset, payload.size);
}

void FrameRing::EvictOldest() {
  CHECK(oldest_id_ != next_id_, "invariant 1: an empty ring of %zu bytes has no room",
        bytes_.size());
  ++oldest_id_;
}

std::optional<size_t> FrameRing::FindRoom(size_t size) const {
  if (oldest_id_ == next_id_) return 0;
  const StoredFrame& newest = stored(next_id_ - 1);
  const size_t tail = newest.begin + newest.frame.size;
  const size_t head = stored(oldest_id_).begin;
  if (newest.begin < head) {  // Used: [head, end) and [0, tail).
    if (size <= head - tail) return tail;
    return std::nullopt;
  }
  if (size <= bytes_.size() - tail) return tail;
  if (size <= head) return 0;
  return std::nullopt;
}

}  // namespace ocellus
