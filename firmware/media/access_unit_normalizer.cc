// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/access_unit_normalizer.h"

#include "firmware/base/annexb.h"
#include "firmware/base/limits.h"

namespace ocellus::media {
namespace {

// ITU-T H.264 table 7-1.
constexpr uint8_t kSlice = 1;
constexpr uint8_t kIdrSlice = 5;
constexpr uint8_t kSei = 6;
constexpr uint8_t kSps = 7;
constexpr uint8_t kPps = 8;

constexpr uint8_t kStartCode[] = {0, 0, 0, 1};

// The parameter sets that are remembered, of each kind. A stream needs some dozen bytes; when they
// are more, the oldest are forgotten.
constexpr size_t kMaxParameterSetBytes = 4096;

uint8_t NalType(Bytes nal) { return nal[0] & 0x1f; }

void Append(Bytes nal, std::vector<uint8_t>& annexb) {
  annexb.insert(annexb.end(), std::begin(kStartCode), std::end(kStartCode));
  annexb.insert(annexb.end(), nal.begin(), nal.end());
}

void Append(Bytes nal, hal::EncodedFrame& frame) {
  Append(nal, frame.data);
  frame.nals.push_back({frame.data.size() - nal.size(), nal.size()});
}

bool Contains(Bytes annexb, Bytes nal) {
  NalScanner scanner(annexb);
  while (const std::optional<Bytes> known = scanner.Next()) {
    if (*known == nal) return true;
  }
  return false;
}

}  // namespace

Status AccessUnitNormalizer::Normalize(Bytes access_unit, hal::EncodedFrame& out) {
  out.Clear();
  if (access_unit.size() > kMaxEncodedFrameBytes) {
    return {StatusCode::kResourceExhausted, Format("an access unit of %u bytes is too large",
                                                   static_cast<unsigned>(access_unit.size()))};
  }
  FindNals(access_unit, nals_);
  if (nals_.empty()) return {StatusCode::kMalformed, "no NAL unit"};

  bool has_slice = false;
  for (const auto& place : nals_) {
    const Bytes nal = access_unit.subspan(place.offset, place.size);
    if ((nal[0] & 0x80) != 0) return {StatusCode::kMalformed, "forbidden_zero_bit is set"};
    const uint8_t type = NalType(nal);
    if (type == kSps || type == kPps) Remember(nal);
    if (type == kIdrSlice) out.keyframe = true;
    if (type >= kSlice && type <= kIdrSlice) has_slice = true;
  }
  collecting_ = collecting_ && !has_slice;
  if (!has_slice) return {};

  if (out.keyframe) {
    if (sps_.empty() || pps_.empty()) {
      return {StatusCode::kFailedPrecondition, "a keyframe without SPS and PPS"};
    }
    NalScanner sps(sps_);
    while (const std::optional<Bytes> nal = sps.Next()) Append(*nal, out);
    NalScanner pps(pps_);
    while (const std::optional<Bytes> nal = pps.Next()) Append(*nal, out);
  }
  for (const auto& place : nals_) {
    const Bytes nal = access_unit.subspan(place.offset, place.size);
    const uint8_t type = NalType(nal);
    const bool parameter_set = type == kSps || type == kPps;
    if (type >= kSlice && type <= kSei) Append(nal, out);
    if (parameter_set && !out.keyframe) Append(nal, out);
  }
  return {};
}

void AccessUnitNormalizer::Reset() {
  sps_.clear();
  pps_.clear();
  collecting_ = false;
}

void AccessUnitNormalizer::Remember(Bytes parameter_set) {
  const bool is_sps = NalType(parameter_set) == kSps;
  if (is_sps && !collecting_) {
    sps_.clear();
    pps_.clear();
  }
  collecting_ = true;
  std::vector<uint8_t>& kept = is_sps ? sps_ : pps_;
  if (Contains(kept, parameter_set)) return;
  if (kept.size() + parameter_set.size() > kMaxParameterSetBytes) kept.clear();
  Append(parameter_set, kept);
}

}  // namespace ocellus::media
