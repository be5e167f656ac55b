// SPDX-License-Identifier: Apache-2.0
// What --source means.
#pragma once

#include <string>

#include "firmware/base/status.h"

namespace ocellus::linux_platform {

enum class VideoSource {
  kAuto,         // "auto": the first camera that works, else the test pattern.
  kTestPattern,  // "test-pattern".
  kV4l2,         // Anything in /dev, whether it is there now or not.
  kFile,         // Any other path of a file that exists.
};

// Error: kInvalidArgument, when it is none of them; says what is allowed.
Result<VideoSource> ParseVideoSource(const std::string& source);

}  // namespace ocellus::linux_platform
