// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/video_source.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "firmware/base/text.h"

namespace ocellus::linux_platform {

Result<VideoSource> ParseVideoSource(const std::string& source) {
  if (source == "auto") return VideoSource::kAuto;
  if (source == "test-pattern") return VideoSource::kTestPattern;
  if (StartsWith(source, "/dev/")) return VideoSource::kV4l2;
  struct stat status {};
  if (stat(source.c_str(), &status) == 0) {
    return S_ISCHR(status.st_mode) ? VideoSource::kV4l2 : VideoSource::kFile;
  }
  return Status(StatusCode::kInvalidArgument,
                Format("source \"%s\": it takes auto, test-pattern, a device such as /dev/video0 "
                       "or an .h264 file (%s)",
                       source.c_str(), std::generic_category().message(errno).c_str()));
}

}  // namespace ocellus::linux_platform
