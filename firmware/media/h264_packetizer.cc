// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/h264_packetizer.h"

#include <algorithm>

#include "firmware/base/byte_writer.h"
#include "firmware/base/limits.h"
#include "firmware/media/h264_payload.h"

namespace ocellus::media {
namespace {

using namespace h264;

size_t DivideUp(size_t dividend, size_t divisor) { return (dividend + divisor - 1) / divisor; }

uint8_t TypeOf(Bytes nal) { return nal[0] & kTypeMask; }

bool IsParameterSet(Bytes nal) { return TypeOf(nal) == kSps || TypeOf(nal) == kPps; }

// Wraps, as RTP timestamps do.
uint32_t ToMediaTime(Time time) {
  constexpr int64_t kTicksPer100Microseconds = kH264ClockRate / 10'000;
  return static_cast<uint32_t>(time.time_since_epoch().count() * kTicksPer100Microseconds / 100);
}

}  // namespace

H264Packetizer::H264Packetizer(FrameRing& ring) : ring_(ring) {}

Result<FrameId> H264Packetizer::Push(const hal::EncodedFrame& frame) {
  Sort(frame);
  if (slices_.empty()) return StatusCode::kMalformed;
  if (frame.keyframe) parameter_sets_.assign(known_sets_.begin(), known_sets_.end());

  size_t max_bytes = 0;
  size_t max_payloads = 0;
  for (const std::vector<Bytes>* nals : {&parameter_sets_, &slices_}) {
    for (const Bytes nal : *nals) {
      const Cut cut = CutNal(nal);
      // Behind the sum: what a STAP-A adds to it at most.
      max_bytes += cut.total_size + kStapAHeaderSize + kStapALengthSize;
      max_payloads += cut.payloads;
    }
  }
  FrameInfo info;
  info.captured_at = frame.captured_at;
  info.media_time = ToMediaTime(frame.captured_at);
  info.keyframe = frame.keyframe;
  Status status = ring_.Begin(info, max_bytes, max_payloads);
  if (!status.ok()) return status;
  AppendParameterSets();
  for (const Bytes nal : slices_) AppendNal(nal);
  return ring_.Commit();
}

H264Packetizer::Cut H264Packetizer::CutNal(Bytes nal) {
  if (nal.size() <= kMaxRtpPayloadSize) return {1, nal.size(), nal.size()};
  // Fragments carry the NAL unit without its first byte: theirs say it.
  const size_t size = nal.size() - 1;
  const size_t count = DivideUp(size, kMaxRtpPayloadSize - kFuAHeaderSize);
  const size_t fragment_size = DivideUp(size, count);
  return {DivideUp(size, fragment_size), kFuAHeaderSize + fragment_size,
          size + kFuAHeaderSize * count};
}

void H264Packetizer::Sort(const hal::EncodedFrame& frame) {
  parameter_sets_.clear();
  slices_.clear();
  for (const hal::EncodedFrame::Nal& place : frame.nals) {
    if (place.size == 0) continue;
    const Bytes nal = Bytes(frame.data).subspan(place.offset, place.size);
    if (TypeOf(nal) >= kSlice && TypeOf(nal) <= kIdrSlice) slices_.push_back(nal);
    if (IsParameterSet(nal)) parameter_sets_.push_back(nal);
  }
  const auto same = [](Bytes nal, const std::vector<uint8_t>& known) {
    return nal == Bytes(known);
  };
  if (std::equal(parameter_sets_.begin(), parameter_sets_.end(), known_sets_.begin(),
                 known_sets_.end(), same)) {
    return;
  }
  const bool has_sps = std::any_of(parameter_sets_.begin(), parameter_sets_.end(),
                                   [](Bytes nal) { return TypeOf(nal) == kSps; });
  if (has_sps) known_sets_.clear();
  for (const Bytes nal : parameter_sets_) Remember(nal);
}

void H264Packetizer::Remember(Bytes parameter_set) {
  for (const std::vector<uint8_t>& known : known_sets_) {
    if (Bytes(known) == parameter_set) return;
  }
  if (known_sets_.size() == kMaxParameterSets) known_sets_.erase(known_sets_.begin());
  known_sets_.emplace_back(parameter_set.begin(), parameter_set.end());
}

void H264Packetizer::AppendParameterSets() {
  const Span<const Bytes> sets(parameter_sets_);
  for (size_t begin = 0; begin < sets.size();) {
    size_t end = begin;
    size_t stap_size = kStapAHeaderSize;
    while (end < sets.size() &&
           stap_size + kStapALengthSize + sets[end].size() <= kMaxRtpPayloadSize) {
      stap_size += kStapALengthSize + sets[end].size();
      ++end;
    }
    if (end - begin >= 2) {
      AppendStapA(sets.subspan(begin, end - begin));
      begin = end;
    } else {
      AppendNal(sets[begin]);
      ++begin;
    }
  }
}

//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |F|NRI| type 24 |         NALU 1 size           | NALU 1 ...    |
//  |         NALU 2 size           | NALU 2 ...                    |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
void H264Packetizer::AppendStapA(Span<const Bytes> nals) {
  size_t size = kStapAHeaderSize;
  uint8_t reference = 0;  // "The NRI value MUST be the maximum of all the NAL units."
  for (const Bytes nal : nals) {
    size += kStapALengthSize + nal.size();
    reference = std::max<uint8_t>(reference, nal[0] & kReferenceMask);
  }
  ByteWriter writer(ring_.Append(size));
  writer.WriteU8(reference | kStapA);
  for (const Bytes nal : nals) {
    writer.WriteU16(static_cast<uint16_t>(nal.size()));
    writer.WriteBytes(nal);
  }
}

//   0                   1
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |F|NRI| type 28 |S|E|0|   type  |  and a piece of the NAL unit behind its first byte
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
void H264Packetizer::AppendNal(Bytes nal) {
  const Cut cut = CutNal(nal);
  if (cut.payloads == 1) {
    ByteWriter(ring_.Append(nal.size())).WriteBytes(nal);
    return;
  }
  const auto indicator = static_cast<uint8_t>((nal[0] & ~kTypeMask) | kFuA);
  Bytes rest = nal.subspan(1);
  for (uint8_t position = kFuAStart; !rest.empty(); position = 0) {
    const Bytes fragment = rest.first(std::min(rest.size(), cut.payload_size - kFuAHeaderSize));
    rest = rest.subspan(fragment.size());
    if (rest.empty()) position = kFuAEnd;
    ByteWriter writer(ring_.Append(kFuAHeaderSize + fragment.size()));
    writer.WriteU8(indicator);
    writer.WriteU8(position | TypeOf(nal));
    writer.WriteBytes(fragment);
  }
}

}  // namespace ocellus::media
