// SPDX-License-Identifier: Apache-2.0
// The buffers that a streaming V4L2 device fills: mapped once, then passed to and fro by index, so
// that no picture is copied.
//
// Video thread only. Owned by V4l2Camera; the device must outlive it. Destruction ends the stream,
// which takes every buffer back from the kernel, and unmaps them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/v4l2_camera/device_file.h"

namespace ocellus::drivers {

// A filled buffer, lent by the kernel until Requeue.
struct CapturedBuffer {
  uint32_t index = 0;
  uint32_t flags = 0;     // V4L2_BUF_FLAG_*
  uint32_t sequence = 0;  // Counts the pictures of the stream, lost ones too; wraps.
  Duration timestamp{};   // Of the clock that the flags name.
  Bytes data;             // What was filled; within what is mapped, whatever the device says.

  bool damaged() const;
};

class CaptureQueue {
 public:
  // Asks for buffers, maps them, gives them to the kernel and starts the stream. `type` is
  // V4L2_BUF_TYPE_VIDEO_CAPTURE or ..._MPLANE, the latter with one plane. `path` is for messages.
  // Errors: as DeviceError says.
  static Result<std::unique_ptr<CaptureQueue>> Start(DeviceFile& device, const std::string& path,
                                                     uint32_t type);
  CaptureQueue(const CaptureQueue&) = delete;
  CaptureQueue& operator=(const CaptureQueue&) = delete;
  ~CaptureQueue();

  // The oldest filled buffer, or nullopt when there is none. Never waits.
  // Errors: kUnavailable (the device is gone or broken).
  Result<std::optional<CapturedBuffer>> Dequeue();
  // Gives a buffer back to be filled. Errors: kUnavailable.
  Status Requeue(uint32_t index);

 private:
  CaptureQueue(DeviceFile& device, const std::string& path, uint32_t type)
      : device_(device), path_(path), type_(type) {}
  Status MapBuffer(uint32_t index);

  DeviceFile& device_;
  const std::string path_;
  const uint32_t type_;
  std::vector<Bytes> memory_;  // By buffer index.
};

}  // namespace ocellus::drivers
