// SPDX-License-Identifier: Apache-2.0
// What GET /status says: plain values that the app fills in, and their JSON form.
// The names of the JSON members are the names here; rates are in bit/s, durations in seconds with
// a fraction (their names end in _s), round-trip times in milliseconds (_ms).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/time.h"
#include "firmware/base/units.h"

namespace ocellus::signaling {

// The camera and its encoder.
struct SourceStatus {
  std::string name;     // "V4L2 /dev/video0 (HD Webcam)".
  std::string encoder;  // "OpenH264 2.3.1"; empty where the camera encodes by itself.
  std::string state;    // "starting", "running", "lost".
  std::string error;    // Why it is not running; empty when it is.
  std::string format;   // What the camera gives: "NV12".
  int width = 0;        // Pixels.
  int height = 0;
  double frames_per_second = 0;  // Measured.
  DataRate bitrate;              // Of the encoder, measured.
  uint64_t frames = 0;
  uint64_t keyframes = 0;
};

struct ViewerStatus {
  // The first characters of the session id: they tell viewers apart, and are too few to guess the
  // session's URL from.
  std::string id;
  std::string state;           // "new" (an offer of ours waits), "connecting", "connected".
  std::string local_address;   // Of the path in use; empty before there is one.
  std::string remote_address;  // The same.
  std::optional<Duration> round_trip_time;
  DataRate bitrate;
  uint64_t packets_sent = 0;
  uint64_t packets_lost = 0;           // As the viewer reports it.
  uint64_t packets_retransmitted = 0;  // Answers to NACK.
  uint64_t nacks = 0;                  // Packets that the viewer asked for again.
  uint64_t keyframe_requests = 0;      // PLI and FIR.
  Duration duration{};                 // Since the offer came.
};

struct StatusTotals {
  uint64_t viewers_accepted = 0;
  uint64_t viewers_refused = 0;
  uint64_t packets_sent = 0;
  uint64_t bytes_sent = 0;
  uint64_t datagrams_dropped = 0;  // That no session claimed, or that nobody understood.
};

struct StatusReport {
  std::string version;
  Duration uptime{};
  SourceStatus source;
  std::vector<ViewerStatus> viewers;
  size_t max_viewers = 0;
  StatusTotals totals;
};

// One JSON object (RFC 8259), UTF-8, without line breaks.
std::string WriteJson(const StatusReport& report);

}  // namespace ocellus::signaling
