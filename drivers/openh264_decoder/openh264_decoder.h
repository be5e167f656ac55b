// SPDX-License-Identifier: Apache-2.0
// H.264 decoding in software, by Cisco's OpenH264. Strict: damage is an error, not a guess.
// Video thread only.
#pragma once

#include <memory>
#include <string>

#include "hal/video_decoder.h"

class ISVCDecoder;

namespace ocellus::drivers {

class OpenH264Decoder final : public hal::VideoDecoder {
 public:
  OpenH264Decoder();
  ~OpenH264Decoder() override;

  const char* name() const override { return name_.c_str(); }
  Status Reset() override;
  Result<std::optional<hal::VideoFrame>> Decode(Bytes access_unit, Time captured_at) override;

 private:
  struct Deleter {
    void operator()(ISVCDecoder* decoder) const;
  };

  std::string name_;
  std::unique_ptr<ISVCDecoder, Deleter> decoder_;  // Made by the first Decode.
};

}  // namespace ocellus::drivers
