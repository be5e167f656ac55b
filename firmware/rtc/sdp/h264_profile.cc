// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/h264_profile.h"

#include "firmware/base/status.h"
#include "firmware/base/text.h"

namespace ocellus::sdp {
namespace {

constexpr uint8_t kConstraintSet3 = 0x10;
constexpr uint8_t kLevel1bIdc = 9;

// RFC 6184 table 5: the profile_iop bits that `mask` covers must be `value`. The two reserved
// bits must be zero. Constrained High is H.264's own, section A.2.4.2.
struct ProfilePattern {
  uint8_t profile_idc;
  uint8_t mask;
  uint8_t value;
  H264Profile profile;
};
constexpr ProfilePattern kProfilePatterns[] = {
    {0x42, 0x4f, 0x40, H264Profile::kConstrainedBaseline},
    {0x4d, 0x8f, 0x80, H264Profile::kConstrainedBaseline},
    {0x58, 0xcf, 0xc0, H264Profile::kConstrainedBaseline},
    {0x42, 0x4f, 0x00, H264Profile::kBaseline},
    {0x58, 0xcf, 0x80, H264Profile::kBaseline},
    {0x4d, 0xaf, 0x00, H264Profile::kMain},
    {0x58, 0xcf, 0x00, H264Profile::kExtended},
    {0x64, 0xff, 0x00, H264Profile::kHigh},
    {0x64, 0xff, 0x0c, H264Profile::kConstrainedHigh},
    {0x6e, 0xff, 0x00, H264Profile::kHigh10},
    {0x7a, 0xff, 0x00, H264Profile::kHigh422},
    {0xf4, 0xff, 0x00, H264Profile::kHigh444Predictive},
};

// In these, level 1b is level 1.1 with constraint_set3_flag (H.264 section A.3.1); in the others
// it is level_idc 9.
bool SpellsLevel1bByFlag(uint8_t profile_idc) {
  return profile_idc == 0x42 || profile_idc == 0x4d || profile_idc == 0x58;
}

bool IsLevel1b(const ProfileLevelId& id) {
  if (!SpellsLevel1bByFlag(id.profile_idc)) return id.level_idc == kLevel1bIdc;
  return id.level_idc == 11 && (id.profile_iop & kConstraintSet3) != 0;
}

}  // namespace

std::optional<ProfileLevelId> ProfileLevelId::Parse(std::string_view text) {
  if (text.size() != 6) return std::nullopt;
  const auto value = ParseNumber<uint32_t>(text, 16);
  if (!value) return std::nullopt;
  return ProfileLevelId{static_cast<uint8_t>(*value >> 16), static_cast<uint8_t>(*value >> 8),
                        static_cast<uint8_t>(*value)};
}

std::string ProfileLevelId::ToString() const {
  return Format("%02x%02x%02x", static_cast<unsigned>(profile_idc),
                static_cast<unsigned>(profile_iop), static_cast<unsigned>(level_idc));
}

std::optional<H264Profile> ProfileLevelId::profile() const {
  for (const ProfilePattern& pattern : kProfilePatterns) {
    if (pattern.profile_idc == profile_idc && (profile_iop & pattern.mask) == pattern.value) {
      return pattern.profile;
    }
  }
  return std::nullopt;
}

unsigned ProfileLevelId::level_rank() const {
  return IsLevel1b(*this) ? 10 * 2 + 1 : static_cast<unsigned>(level_idc) * 2;
}

ProfileLevelId ProfileLevelId::AtLevelOf(const ProfileLevelId& other) const {
  ProfileLevelId result = *this;
  if (SpellsLevel1bByFlag(profile_idc)) {
    result.profile_iop = static_cast<uint8_t>(profile_iop & ~kConstraintSet3);
    result.level_idc = other.level_idc;
    if (IsLevel1b(other)) {
      result.profile_iop |= kConstraintSet3;
      result.level_idc = 11;
    }
  } else {
    result.level_idc = IsLevel1b(other) ? kLevel1bIdc : other.level_idc;
  }
  return result;
}

std::optional<unsigned> DecoderExcess(H264Profile decoder, H264Profile stream) {
  if (decoder == stream) return 0;
  const auto excess = [decoder] { return 1 + static_cast<unsigned>(decoder); };
  const bool is_baseline =
      stream == H264Profile::kBaseline || stream == H264Profile::kConstrainedBaseline;
  // Baseline may use slice groups, arbitrary slice order and redundant slices, which only
  // Baseline and Extended decoders know. No camera's encoder does, so other decoders are taken
  // too where there is no Baseline one.
  if (decoder == H264Profile::kExtended || is_baseline) {
    return is_baseline ? std::optional(excess()) : std::nullopt;
  }
  // Main may be interlaced, Constrained High is not.
  if (stream == H264Profile::kMain && decoder == H264Profile::kConstrainedHigh) {
    return std::nullopt;
  }
  if (stream == H264Profile::kExtended || decoder < stream) return std::nullopt;
  return excess();
}

}  // namespace ocellus::sdp
