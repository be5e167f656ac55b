// SPDX-License-Identifier: Apache-2.0
#include "drivers/openh264_decoder/openh264_decoder.h"

#include <wels/codec_api.h>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"

namespace ocellus::drivers {
namespace {

using hal::VideoFrame;

void LogTrace(void*, int level, const char* message) {
  if (level <= WELS_LOG_ERROR) LOG_DEBUG("openh264: %s", message);
}

hal::Plane MakePlane(const unsigned char* data, int stride, int height) {
  const auto bytes = static_cast<size_t>(stride);
  return {Bytes(data, bytes * static_cast<size_t>(height)), bytes};
}

}  // namespace

void OpenH264Decoder::Deleter::operator()(ISVCDecoder* decoder) const {
  decoder->Uninitialize();
  WelsDestroyDecoder(decoder);
}

OpenH264Decoder::OpenH264Decoder() {
  const OpenH264Version version = WelsGetCodecVersion();
  name_ = Format("OpenH264 %u.%u.%u", version.uMajor, version.uMinor, version.uRevision);
}

OpenH264Decoder::~OpenH264Decoder() = default;

Status OpenH264Decoder::Reset() {
  decoder_.reset();
  ISVCDecoder* decoder = nullptr;
  if (WelsCreateDecoder(&decoder) != 0 || decoder == nullptr) {
    return {StatusCode::kUnavailable, name_ + " cannot be created"};
  }
  decoder_.reset(decoder);
  WelsTraceCallback trace = LogTrace;
  int trace_level = WELS_LOG_ERROR;
  decoder_->SetOption(DECODER_OPTION_TRACE_CALLBACK, &trace);
  decoder_->SetOption(DECODER_OPTION_TRACE_LEVEL, &trace_level);

  SDecodingParam parameters{};
  parameters.sVideoProperty.size = sizeof(parameters.sVideoProperty);
  parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
  parameters.eEcActiveIdc = ERROR_CON_DISABLE;
  const auto error = decoder_->Initialize(&parameters);
  if (error == cmResultSuccess) return {};
  decoder_.reset();
  return {StatusCode::kUnavailable,
          Format("%s cannot be set up (error %d)", name(), static_cast<int>(error))};
}

Result<std::optional<VideoFrame>> OpenH264Decoder::Decode(Bytes access_unit, Time captured_at) {
  if (decoder_ == nullptr) {
    const Status status = Reset();
    if (!status.ok()) return status;
  }
  unsigned char* planes[3] = {};
  SBufferInfo info{};
  const DECODING_STATE state = decoder_->DecodeFrameNoDelay(
      access_unit.data(), static_cast<int>(access_unit.size()), planes, &info);
  if (state != dsErrorFree) {
    return Status(StatusCode::kMalformed, Format("%s says 0x%x", name(), unsigned{state}));
  }
  if (info.iBufferStatus != 1) return std::optional<VideoFrame>();

  const SSysMEMBuffer& buffer = info.UsrData.sSystemBuffer;
  VideoFrame picture;
  picture.pixel_format = hal::PixelFormat::kI420;
  picture.width = buffer.iWidth;
  picture.height = buffer.iHeight;
  picture.planes[0] = MakePlane(planes[0], buffer.iStride[0], buffer.iHeight);
  picture.planes[1] = MakePlane(planes[1], buffer.iStride[1], buffer.iHeight / 2);
  picture.planes[2] = MakePlane(planes[2], buffer.iStride[1], buffer.iHeight / 2);
  picture.captured_at = captured_at;
  return std::optional<VideoFrame>(picture);
}

}  // namespace ocellus::drivers
