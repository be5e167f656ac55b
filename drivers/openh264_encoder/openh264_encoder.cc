// SPDX-License-Identifier: Apache-2.0
#include "drivers/openh264_encoder/openh264_encoder.h"

#include <wels/codec_api.h>

#include <algorithm>
#include <limits>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"

namespace ocellus::drivers {
namespace {

using hal::VideoFormat;
using hal::VideoFrame;

constexpr int kMacroblock = 16;          // Pixels of its edge.
constexpr int kMaxFramesPerSecond = 60;  // What OpenH264's rate control takes.
constexpr int64_t kMinBitsPerSecond = 16'000;

// ITU-T H.264 table A-1, as far as OpenH264 goes. Level 3.1 is the least that we announce: every
// browser decodes it, and 1280x720 at 30 fps and less then share one profile-level-id.
struct Level {
  ELevelIdc idc;
  int macroblocks_per_second;
  int macroblocks;
  int64_t bits_per_second;
};
constexpr Level kLevels[] = {
    {LEVEL_3_1, 108'000, 3'600, 14'000'000},     {LEVEL_3_2, 216'000, 5'120, 20'000'000},
    {LEVEL_4_0, 245'760, 8'192, 20'000'000},     {LEVEL_4_2, 522'240, 8'704, 50'000'000},
    {LEVEL_5_0, 589'824, 22'080, 135'000'000},   {LEVEL_5_1, 983'040, 36'864, 240'000'000},
    {LEVEL_5_2, 2'073'600, 36'864, 240'000'000},
};

const Level& LevelFor(const VideoFormat& format) {
  const int macroblocks = ((format.width + kMacroblock - 1) / kMacroblock) *
                          ((format.height + kMacroblock - 1) / kMacroblock);
  for (const Level& level : kLevels) {
    if (macroblocks <= level.macroblocks &&
        macroblocks * format.frames_per_second <= level.macroblocks_per_second) {
      return level;
    }
  }
  return *(std::end(kLevels) - 1);
}

int ToBits(DataRate bitrate, const VideoFormat& format) {
  return static_cast<int>(
      std::clamp(bitrate.bits_per_second(), kMinBitsPerSecond, LevelFor(format).bits_per_second));
}

void LogTrace(void*, int level, const char* message) {
  if (level <= WELS_LOG_ERROR) LOG_DEBUG("openh264: %s", message);
}

std::string Describe(const VideoFormat& format) {
  return Format("%s %dx%d at %d fps", ToString(format.pixel_format), format.width, format.height,
                format.frames_per_second);
}

SEncParamExt Parameters(ISVCEncoder& encoder, const VideoFormat& format, DataRate bitrate) {
  SEncParamExt parameters;
  encoder.GetDefaultParams(&parameters);
  parameters.iUsageType = CAMERA_VIDEO_REAL_TIME;
  parameters.iPicWidth = format.width;
  parameters.iPicHeight = format.height;
  parameters.fMaxFrameRate = static_cast<float>(format.frames_per_second);
  parameters.iTargetBitrate = ToBits(bitrate, format);
  parameters.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  parameters.iRCMode = RC_BITRATE_MODE;
  // A skipped frame would be a stutter: rather let the quality fall.
  parameters.bEnableFrameSkip = false;

  // IDR pictures on demand only: no period, none at scene changes.
  parameters.uiIntraPeriod = 0;
  parameters.bEnableSceneChangeDetect = false;
  parameters.eSpsPpsIdStrategy = CONSTANT_ID;

  // Speed: one thread, one reference picture, one layer, CAVLC as constrained baseline asks.
  parameters.iComplexityMode = LOW_COMPLEXITY;
  parameters.iMultipleThreadIdc = 1;
  parameters.iNumRefFrame = 1;
  parameters.iTemporalLayerNum = 1;
  parameters.iSpatialLayerNum = 1;
  parameters.iEntropyCodingModeFlag = 0;
  parameters.bEnableDenoise = false;
  parameters.bEnableLongTermReference = false;
  parameters.bEnableAdaptiveQuant = false;
  parameters.bEnableBackgroundDetection = true;
  parameters.iLoopFilterDisableIdc = 0;

  SSpatialLayerConfig& layer = parameters.sSpatialLayers[0];
  layer.iVideoWidth = format.width;
  layer.iVideoHeight = format.height;
  layer.fFrameRate = parameters.fMaxFrameRate;
  layer.iSpatialBitrate = parameters.iTargetBitrate;
  layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  layer.uiProfileIdc = PRO_BASELINE;
  layer.uiLevelIdc = LevelFor(format).idc;
  layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
  return parameters;
}

// The library only reads the picture, but its interface is not const.
unsigned char* Pixels(const hal::Plane& plane) {
  return const_cast<unsigned char*>(plane.data.data());
}

size_t StartCodeSize(const unsigned char* nal) { return nal[2] == 1 ? 3 : 4; }

// The encoder tells where its NAL units are, start codes included: no search is needed.
void CopyNals(const SFrameBSInfo& info, hal::EncodedFrame& out) {
  for (int i = 0; i < info.iLayerNum; ++i) {
    const SLayerBSInfo& layer = info.sLayerInfo[i];
    const unsigned char* nal = layer.pBsBuf;
    for (int j = 0; j < layer.iNalCount; ++j) {
      const auto size = static_cast<size_t>(layer.pNalLengthInByte[j]);
      const size_t start_code = StartCodeSize(nal);
      out.nals.push_back({out.data.size() + start_code, size - start_code});
      out.data.insert(out.data.end(), nal, nal + size);
      nal += size;
    }
  }
}

}  // namespace

void OpenH264Encoder::Deleter::operator()(ISVCEncoder* encoder) const {
  encoder->Uninitialize();
  WelsDestroySVCEncoder(encoder);
}

OpenH264Encoder::OpenH264Encoder() {
  const OpenH264Version version = WelsGetCodecVersion();
  name_ = Format("OpenH264 %u.%u.%u", version.uMajor, version.uMinor, version.uRevision);
}

OpenH264Encoder::~OpenH264Encoder() = default;

Status OpenH264Encoder::Configure(const VideoFormat& format, DataRate bitrate) {
  format_.reset();
  encoder_.reset();
  const int64_t pixels = int64_t{format.width} * format.height;
  if (format.pixel_format != hal::PixelFormat::kI420 || format.width < kMacroblock ||
      format.height < kMacroblock || format.width % 2 != 0 || format.height % 2 != 0 ||
      pixels > static_cast<int64_t>(kMaxPicturePixels) || format.frames_per_second < 1 ||
      format.frames_per_second > kMaxFramesPerSecond) {
    return {StatusCode::kUnsupported, name_ + " does not encode " + Describe(format)};
  }
  ISVCEncoder* encoder = nullptr;
  if (WelsCreateSVCEncoder(&encoder) != 0 || encoder == nullptr) {
    return {StatusCode::kUnavailable, name_ + " cannot be created"};
  }
  encoder_.reset(encoder);
  WelsTraceCallback trace = LogTrace;
  int trace_level = WELS_LOG_ERROR;
  encoder_->SetOption(ENCODER_OPTION_TRACE_CALLBACK, &trace);
  encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &trace_level);

  const SEncParamExt parameters = Parameters(*encoder_, format, bitrate);
  const int error = encoder_->InitializeExt(&parameters);
  if (error != cmResultSuccess) {
    encoder_.reset();
    return {StatusCode::kUnsupported,
            Format("%s refuses %s (error %d)", name(), Describe(format).c_str(), error)};
  }
  int pixel_format = videoFormatI420;
  encoder_->SetOption(ENCODER_OPTION_DATAFORMAT, &pixel_format);
  format_ = format;
  return {};
}

Status OpenH264Encoder::SetBitrate(DataRate bitrate) {
  if (!format_) return {StatusCode::kFailedPrecondition, "the encoder is not configured"};
  SBitrateInfo info{SPATIAL_LAYER_ALL, ToBits(bitrate, *format_)};
  const int error = encoder_->SetOption(ENCODER_OPTION_BITRATE, &info);
  if (error == cmResultSuccess) return {};
  return {StatusCode::kInternal,
          Format("%s refuses %d bit/s (error %d)", name(), info.iBitrate, error)};
}

Status OpenH264Encoder::Encode(const VideoFrame& frame, hal::FrameType type,
                               hal::EncodedFrame& out) {
  out.Clear();
  if (!format_) return {StatusCode::kFailedPrecondition, "the encoder is not configured"};
  if (frame.pixel_format != format_->pixel_format || frame.width != format_->width ||
      frame.height != format_->height) {
    return {StatusCode::kFailedPrecondition,
            Format("a picture of %dx%d, the encoder is configured for %s", frame.width,
                   frame.height, Describe(*format_).c_str())};
  }
  if (type == hal::FrameType::kKeyframe) encoder_->ForceIntraFrame(true);

  SSourcePicture picture{};
  picture.iColorFormat = videoFormatI420;
  picture.iPicWidth = frame.width;
  picture.iPicHeight = frame.height;
  picture.uiTimeStamp = ToMilliseconds(frame.captured_at.time_since_epoch());
  for (size_t i = 0; i < frame.planes.size(); ++i) {
    picture.pData[i] = Pixels(frame.planes[i]);
    picture.iStride[i] = static_cast<int>(frame.planes[i].stride);
  }
  SFrameBSInfo info{};
  const int error = encoder_->EncodeFrame(&picture, &info);
  if (error != cmResultSuccess) {
    return {StatusCode::kInternal, Format("%s fails with error %d", name(), error)};
  }
  out.captured_at = frame.captured_at;
  if (info.eFrameType == videoFrameTypeSkip || info.eFrameType == videoFrameTypeInvalid) return {};
  out.keyframe = info.eFrameType == videoFrameTypeIDR;
  CopyNals(info, out);
  return {};
}

}  // namespace ocellus::drivers
