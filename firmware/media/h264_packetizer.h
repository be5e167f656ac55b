// SPDX-License-Identifier: Apache-2.0
// Cuts encoded pictures into RTP payloads (RFC 6184, packetization-mode 1) and stores them in a
// FrameRing, once for all viewers.
//
// The parameter sets of a keyframe go into one STAP-A. A NAL unit that is too large goes into
// fragments of equal size (the last may be some bytes shorter), so that a viewer's copy of the
// picture leaves in one system call (UDP GSO). Delimiters, SEI and fillers are left out: they mean
// nothing to a WebRTC decoder.
//
// io thread only. Allocates only while pictures grow or when parameter sets change.
#pragma once

#include <vector>

#include "firmware/base/frame_ring.h"
#include "firmware/base/status.h"
#include "hal/video_encoder.h"

namespace ocellus::media {

// RFC 6184 section 8.2.1: "the clock rate ... MUST be 90000".
constexpr uint32_t kH264ClockRate = 90'000;

class H264Packetizer {
 public:
  // `ring` outlives this.
  explicit H264Packetizer(FrameRing& ring);

  // Stores one access unit: one timestamp, whatever its slices. A keyframe without parameter sets
  // of its own gets the last ones of the stream. Returns the frame's id in the ring.
  // Errors: kMalformed (no picture in it; parameter sets are remembered all the same),
  // kResourceExhausted (larger than the ring).
  Result<FrameId> Push(const hal::EncodedFrame& frame);

 private:
  // The payloads that one NAL unit becomes, when no STAP-A takes it.
  struct Cut {
    size_t payloads = 1;
    size_t payload_size = 0;  // Of all but the last.
    size_t total_size = 0;
  };
  static Cut CutNal(Bytes nal);

  // Sorts `frame` into parameter_sets_ and slices_.
  void Sort(const hal::EncodedFrame& frame);
  void Remember(Bytes parameter_set);

  void AppendParameterSets();
  void AppendStapA(Span<const Bytes> nals);
  void AppendNal(Bytes nal);

  FrameRing& ring_;
  // Borrowed during Push.
  std::vector<Bytes> parameter_sets_;
  std::vector<Bytes> slices_;
  // Since the last SPS; at most kMaxParameterSets.
  std::vector<std::vector<uint8_t>> known_sets_;
};

}  // namespace ocellus::media
