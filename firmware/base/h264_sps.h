// SPDX-License-Identifier: Apache-2.0
// What we need of an H.264 sequence parameter set: profile and level for SDP, the size and the
// rate of the pictures for people and for files. It lives in base because drivers and media both
// need it. ITU-T H.264 sections 7.3.2.1.1 and E.1.1. Any thread.
#pragma once

#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"

namespace ocellus {

struct H264Sps {
  uint8_t profile_idc = 0;
  uint8_t constraint_flags = 0;  // constraint_set0_flag is the highest bit.
  uint8_t level_idc = 0;         // Ten times the level, but for 1b.
  int width = 0;                 // Pixels, as cropped.
  int height = 0;
  // From the VUI where it has timing: frames per second, more than 0.
  std::optional<double> frames_per_second;

  // profile-level-id of RFC 6184 section 8.1: three bytes, 0x42e01f for example.
  uint32_t profile_level_id() const {
    return uint32_t{profile_idc} << 16 | uint32_t{constraint_flags} << 8 | level_idc;
  }
};

// `nal` begins with the NAL unit's header byte. Errors: kMalformed (not an SPS, cut short, or
// values that the standard does not allow), kResourceExhausted (more than kMaxPicturePixels).
Result<H264Sps> ParseH264Sps(Bytes nal);

}  // namespace ocellus
