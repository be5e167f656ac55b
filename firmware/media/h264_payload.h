// SPDX-License-Identifier: Apache-2.0
// The numbers of H.264 in RTP: NAL unit types (ITU-T H.264 table 7-1) and those that RFC 6184
// section 5.2 adds for payloads.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ocellus::media::h264 {

// The first byte of a NAL unit: forbidden_zero_bit, 2 bits of nal_ref_idc, 5 bits of type.
constexpr uint8_t kTypeMask = 0x1f;
constexpr uint8_t kReferenceMask = 0x60;

constexpr uint8_t kSlice = 1;  // To kIdrSlice: coded slices and their partitions.
constexpr uint8_t kIdrSlice = 5;
constexpr uint8_t kSps = 7;
constexpr uint8_t kPps = 8;
constexpr uint8_t kLastSingleNal = 23;

// STAP-A (section 5.7.1): its header, then NAL units behind 16 bits of size each.
constexpr uint8_t kStapA = 24;
constexpr size_t kStapAHeaderSize = 1;
constexpr size_t kStapALengthSize = 2;

// FU-A (section 5.8): the indicator has the NAL unit's first bits, the header its type.
constexpr uint8_t kFuA = 28;
constexpr size_t kFuAHeaderSize = 2;
constexpr uint8_t kFuAStart = 0x80;
constexpr uint8_t kFuAEnd = 0x40;

}  // namespace ocellus::media::h264
