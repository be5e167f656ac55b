// SPDX-License-Identifier: Apache-2.0
// Makes the access units of a camera that encodes by itself what EncodedFrame promises: a NAL
// table, SPS and PPS in front of every keyframe (many cameras send them only once, or in a buffer
// of their own), and nothing that only matters to a storage format (ITU-T H.264 table 7-1: access
// unit delimiters, fillers, ends of sequence and stream). The pictures are passed on bit by bit.
// Video thread. Owned by VideoPipeline.
#pragma once

#include <vector>

#include "firmware/base/status.h"
#include "hal/video_encoder.h"

namespace ocellus::media {

class AccessUnitNormalizer {
 public:
  // Fills `out`, which is cleared first, but for captured_at. `access_unit` is Annex B, borrowed.
  // An `out` without NALs is right when there is no picture in it: parameter sets are remembered.
  // Errors: kMalformed (no NAL unit, or damaged headers), kFailedPrecondition (a keyframe, and
  // no SPS and PPS came so far), kResourceExhausted (more than kMaxEncodedFrameBytes).
  Status Normalize(Bytes access_unit, hal::EncodedFrame& out);

  // The camera starts anew: what was remembered is not its.
  void Reset();

 private:
  void Remember(Bytes parameter_set);

  // In Annex B form; an SPS begins a new set of both.
  std::vector<uint8_t> sps_;
  std::vector<uint8_t> pps_;
  bool collecting_ = false;  // Parameter sets follow each other directly.
  std::vector<hal::EncodedFrame::Nal> nals_;
};

}  // namespace ocellus::media
