// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/h264_sps.h"

#include "firmware/base/limits.h"
#include "firmware/base/rbsp_reader.h"

namespace ocellus {
namespace {

// More macroblocks in a row or column than any level allows (table A-1: sqrt(8 * 139264)).
constexpr uint32_t kMaxSizeInMacroblocks = 1056;

// Section 7.3.2.1.1: the profiles whose SPS tells chroma format and bit depths.
bool HasChromaFormat(uint8_t profile_idc) {
  switch (profile_idc) {
    case 44:
    case 83:
    case 86:
    case 100:
    case 110:
    case 118:
    case 122:
    case 128:
    case 134:
    case 135:
    case 138:
    case 139:
    case 244:
      return true;
    default:
      return false;
  }
}

void SkipScalingList(RbspReader& reader, int size) {
  int last_scale = 8;
  int next_scale = 8;
  for (int i = 0; i < size && reader.ok(); ++i) {
    if (next_scale != 0) next_scale = static_cast<uint8_t>(last_scale + reader.ReadSigned() % 256);
    if (next_scale != 0) last_scale = next_scale;
  }
}

// chroma_format_idc; the fields behind it are skipped.
uint32_t ReadChromaFormat(RbspReader& reader) {
  const uint32_t chroma_format = reader.ReadUnsigned();
  constexpr uint32_t k444 = 3;
  if (chroma_format == k444) reader.ReadFlag();  // separate_colour_plane_flag
  reader.ReadUnsigned();                         // bit_depth_luma_minus8
  reader.ReadUnsigned();                         // bit_depth_chroma_minus8
  reader.ReadFlag();                             // qpprime_y_zero_transform_bypass_flag
  if (reader.ReadFlag()) {                       // seq_scaling_matrix_present_flag
    const int lists = chroma_format == k444 ? 12 : 8;
    for (int i = 0; i < lists; ++i) {
      if (reader.ReadFlag()) SkipScalingList(reader, i < 6 ? 16 : 64);
    }
  }
  return chroma_format;
}

void SkipPictureOrderCount(RbspReader& reader) {
  const uint32_t type = reader.ReadUnsigned();
  if (type == 0) {
    reader.ReadUnsigned();  // log2_max_pic_order_cnt_lsb_minus4
  } else if (type == 1) {
    reader.ReadFlag();    // delta_pic_order_always_zero_flag
    reader.ReadSigned();  // offset_for_non_ref_pic
    reader.ReadSigned();  // offset_for_top_to_bottom_field
    const uint32_t count = reader.ReadUnsigned();
    for (uint32_t i = 0; i < count && reader.ok(); ++i) reader.ReadSigned();
  }
}

// Section E.1.1, up to the timing.
std::optional<double> ReadFrameRate(RbspReader& reader) {
  constexpr uint32_t kExtendedAspectRatio = 255;
  if (reader.ReadFlag() && reader.ReadBits(8) == kExtendedAspectRatio) reader.ReadBits(32);
  if (reader.ReadFlag()) reader.ReadFlag();  // overscan
  if (reader.ReadFlag()) {                   // video_signal_type_present_flag
    reader.ReadBits(4);
    if (reader.ReadFlag()) reader.ReadBits(24);  // colour_description
  }
  if (reader.ReadFlag()) {  // chroma_loc_info_present_flag
    reader.ReadUnsigned();
    reader.ReadUnsigned();
  }
  if (!reader.ReadFlag()) return std::nullopt;  // timing_info_present_flag
  const uint32_t units_in_tick = reader.ReadBits(32);
  const uint32_t time_scale = reader.ReadBits(32);
  if (!reader.ok() || units_in_tick == 0 || time_scale == 0) return std::nullopt;
  // A tick is a field: two make a frame (section E.2.1).
  return time_scale / (2.0 * units_in_tick);
}

}  // namespace

Result<H264Sps> ParseH264Sps(Bytes nal) {
  constexpr uint8_t kSps = 7;
  if (nal.empty() || (nal[0] & 0x1f) != kSps) return StatusCode::kMalformed;
  RbspReader reader(nal.subspan(1));
  H264Sps sps;
  sps.profile_idc = static_cast<uint8_t>(reader.ReadBits(8));
  sps.constraint_flags = static_cast<uint8_t>(reader.ReadBits(8));
  sps.level_idc = static_cast<uint8_t>(reader.ReadBits(8));
  reader.ReadUnsigned();  // seq_parameter_set_id
  const uint32_t chroma_format = HasChromaFormat(sps.profile_idc) ? ReadChromaFormat(reader) : 1;
  reader.ReadUnsigned();  // log2_max_frame_num_minus4
  SkipPictureOrderCount(reader);
  reader.ReadUnsigned();  // max_num_ref_frames
  reader.ReadFlag();      // gaps_in_frame_num_value_allowed_flag
  const uint32_t columns = reader.ReadUnsigned() + 1;
  const uint32_t map_rows = reader.ReadUnsigned() + 1;
  const bool frames_only = reader.ReadFlag();
  if (!frames_only) reader.ReadFlag();  // mb_adaptive_frame_field_flag
  reader.ReadFlag();                    // direct_8x8_inference_flag
  uint32_t crop[4] = {};                // Left, right, top, bottom.
  if (reader.ReadFlag()) {
    for (uint32_t& side : crop) side = reader.ReadUnsigned();
  }
  const bool has_vui = reader.ReadFlag();
  if (!reader.ok() || chroma_format > 3 || columns > kMaxSizeInMacroblocks ||
      map_rows > kMaxSizeInMacroblocks) {
    return StatusCode::kMalformed;
  }

  const uint32_t fields = frames_only ? 1 : 2;
  const uint32_t crop_unit_x = chroma_format == 1 || chroma_format == 2 ? 2 : 1;
  const uint32_t crop_unit_y = (chroma_format == 1 ? 2 : 1) * fields;
  const uint64_t width = uint64_t{columns} * 16;
  const uint64_t height = uint64_t{map_rows} * 16 * fields;
  const uint64_t crop_x = (uint64_t{crop[0]} + crop[1]) * crop_unit_x;
  const uint64_t crop_y = (uint64_t{crop[2]} + crop[3]) * crop_unit_y;
  if (crop_x >= width || crop_y >= height) return StatusCode::kMalformed;
  if (width * height > kMaxPicturePixels + kMaxSizeInMacroblocks * 16 * 16) {
    return StatusCode::kResourceExhausted;
  }
  sps.width = static_cast<int>(width - crop_x);
  sps.height = static_cast<int>(height - crop_y);
  if (has_vui) sps.frames_per_second = ReadFrameRate(reader);
  return sps;
}

}  // namespace ocellus
