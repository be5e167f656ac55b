// SPDX-License-Identifier: Apache-2.0
// H.264 profiles and levels as SDP names them: profile-level-id, the three bytes that follow the
// NAL header of a sequence parameter set (RFC 6184 section 8.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ocellus::sdp {

// From the least to the most that a decoder must be able to do, but for kExtended, which stands
// aside.
enum class H264Profile : uint8_t {
  kConstrainedBaseline,
  kBaseline,
  kMain,
  kConstrainedHigh,
  kHigh,
  kHigh10,
  kHigh422,
  kHigh444Predictive,
  kExtended,
};

struct ProfileLevelId {
  uint8_t profile_idc = 0;
  uint8_t profile_iop = 0;  // constraint_set0_flag in the highest bit, then set1 to set5.
  uint8_t level_idc = 0;    // Ten times the level.

  // Six hexadecimal digits, "42e01f".
  static std::optional<ProfileLevelId> Parse(std::string_view text);
  std::string ToString() const;

  // The profile by RFC 6184 table 5; nullopt for one that it does not list.
  std::optional<H264Profile> profile() const;
  // Grows with the level: level 1b, which has two spellings, comes between 1 and 1.1.
  unsigned level_rank() const;
  // The same profile at `other`'s level, in this profile's spelling.
  ProfileLevelId AtLevelOf(const ProfileLevelId& other) const;

  friend bool operator==(const ProfileLevelId& a, const ProfileLevelId& b) {
    return a.profile_idc == b.profile_idc && a.profile_iop == b.profile_iop &&
           a.level_idc == b.level_idc;
  }
  friend bool operator!=(const ProfileLevelId& a, const ProfileLevelId& b) { return !(a == b); }
};

// RFC 6184 section 8.1: what a peer means that gives no profile-level-id: Baseline, level 1.
constexpr ProfileLevelId kDefaultProfileLevelId{0x42, 0x00, 0x0a};

// How well a decoder of one profile suits a stream of another: 0 when they are the same, more the
// further it goes beyond, nullopt when it cannot decode the stream (H.264 annex A.2).
std::optional<unsigned> DecoderExcess(H264Profile decoder, H264Profile stream);

}  // namespace ocellus::sdp
