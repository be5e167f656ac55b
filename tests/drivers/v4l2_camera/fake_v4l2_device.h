// SPDX-License-Identifier: Apache-2.0
// A V4L2 device that stands in for the kernel: it lists modes, has controls, and lends and takes
// buffers by the rules of the documentation, reporting a driver that breaks them as a test failure.
// Its faults are set by the test. A buffer is a heap block of just its size, so that the address
// sanitizer sees a read past its end.
#pragma once

#include <linux/videodev2.h>

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "drivers/v4l2_camera/capture_mode.h"
#include "drivers/v4l2_camera/device_file.h"
#include "tests/hal/manual_clock.h"

namespace ocellus::drivers {

class FakeV4l2Device {
 public:
  struct Mode {
    uint32_t fourcc = 0;
    std::vector<SizeRange> sizes;          // Empty: the device does not list them.
    std::vector<IntervalRange> intervals;  // The same for all sizes; empty: not listed.
  };
  struct Control {
    int32_t minimum = 0;
    int32_t maximum = 1;
    uint32_t flags = 0;
    std::vector<int32_t> values = {};  // What it was set to, in order.
    std::string title = {};
    uint32_t type = V4L2_CTRL_TYPE_INTEGER;
    int32_t step = 1;
    int32_t default_value = 0;
    int32_t value = 0;
    std::map<uint32_t, std::string> menu = {};
  };
  struct Picture {
    size_t size = 0;      // Bytes filled.
    uint8_t content = 0;  // All its bytes.
    uint32_t flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    Duration timestamp{};
    size_t data_offset = 0;  // Only of multi-planar devices.
    uint32_t sequence = 0;   // 0: the device does not count.
  };

  // Waiting for a picture moves `clock` on.
  explicit FakeV4l2Device(hal::ManualClock& clock) : clock_(clock) {}
  ~FakeV4l2Device();

  // Its one file. The device must outlive it.
  std::unique_ptr<DeviceFile> MakeFile();
  // Fills the next buffer that the driver has queued, or fails the test when there is none.
  void Capture(const Picture& picture);

  size_t queued_buffers() const { return queued_.size(); }
  const std::vector<std::vector<uint8_t>>& buffers() const { return buffers_; }
  const v4l2_pix_format& format() const { return format_; }
  bool open() const { return open_; }
  bool streaming() const { return streaming_; }
  size_t mapped() const { return mapped_.size(); }

  // What it is. To be set before use.
  std::string card = "Fake Webcam";
  uint32_t capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  std::vector<Mode> modes;
  std::map<uint32_t, Control> controls;
  uint32_t padding = 0;           // Bytes at the end of each row.
  std::optional<Size> only_size;  // What S_FMT and TRY_FMT make of every size.
  FrameInterval interval{1, 30};  // What S_PARM makes of every interval.
  uint32_t memory_planes = 1;
  bool captures_by_itself = false;  // A picture each `interval`, while someone waits for it.

  // What goes wrong.
  std::map<unsigned long, int> errors;  // errno by ioctl request.
  int open_error = 0;
  int poll_events = 0;                 // Besides POLLIN.
  uint32_t captured_index_offset = 0;  // Added to the index of captured buffers.

 private:
  friend class FakeDeviceFile;

  bool multi_planar() const { return (capabilities & V4L2_CAP_VIDEO_CAPTURE_MPLANE) != 0; }
  uint32_t type() const;
  const Mode* FindMode(uint32_t fourcc) const;

  int Poll(Duration timeout);
  int Ioctl(unsigned long request, void* argument);
  int QueryCapability(v4l2_capability& capability);
  int EnumerateFormat(v4l2_fmtdesc& description);
  int EnumerateSize(v4l2_frmsizeenum& size);
  int EnumerateInterval(v4l2_frmivalenum& interval);
  int TryFormat(v4l2_format& format);
  int SetFormat(v4l2_format& format);
  int RequestBuffers(v4l2_requestbuffers& request);
  int QueryBuffer(v4l2_buffer& buffer);
  int Queue(const v4l2_buffer& buffer);
  int Dequeue(v4l2_buffer& buffer);
  int StreamOff();
  int QueryControl(v4l2_queryctrl& control) const;
  int QueryMenu(v4l2_querymenu& menu) const;
  int GetControl(v4l2_control& control) const;
  int SetControl(const v4l2_control& control);

  hal::ManualClock& clock_;
  Time next_picture_{};
  bool open_ = false;
  bool streaming_ = false;
  v4l2_pix_format format_{};
  std::vector<std::vector<uint8_t>> buffers_;
  std::set<const uint8_t*> mapped_;
  std::deque<uint32_t> queued_;
  std::deque<std::pair<uint32_t, Picture>> filled_;
};

// A discrete size, and a discrete interval of 1/rate.
SizeRange ExactSize(uint32_t width, uint32_t height);
IntervalRange ExactRate(uint32_t rate);

}  // namespace ocellus::drivers
