// SPDX-License-Identifier: Apache-2.0
// What GET /status says: plain values that the app fills in, and their JSON form.
// The names of the JSON members are the names here; rates are in bit/s, durations in seconds with
// a fraction (their names end in _s), round-trip times in milliseconds (_ms).
//
// Whoever may watch may read it. So with NetworkStatus::hide_addresses no address of the camera's
// own leaves in it, only those that relays have given it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/time.h"
#include "firmware/base/units.h"
#include "firmware/json/json.h"

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

// A way between us and a viewer that ICE has looked at (RFC 8445's candidate pair). Types are as
// candidate lines have them: "host", "srflx", "prflx", "relay".
struct PathStatus {
  std::string local_type;
  std::string remote_type;
  std::string local_address;   // "192.0.2.1:8555".
  std::string remote_address;  // The same.
  std::string protocol;        // Between the two: "udp", "tcp".
  std::string relay_protocol;  // To our relay: "udp", "tcp", "tls"; empty unless we are relayed.
  std::string state;           // "selected", "works", "waiting", "checking", "failed".
  std::string reason;          // Why it failed, a phrase: "no answer"; else empty.
  std::optional<Duration> round_trip_time;
};

struct ViewerStatus {
  // The first characters of the session id: they tell viewers apart, and are too few to guess the
  // session's URL from.
  std::string id;
  std::string state;               // "new" (an offer of ours waits), "connecting", "connected".
  std::string local_address;       // Of the path in use; empty before there is one.
  std::string remote_address;      // The same.
  std::optional<PathStatus> path;  // In use.
  std::vector<PathStatus> pairs;   // The others, the most interesting first.
  std::optional<Duration> round_trip_time;
  DataRate bitrate;
  uint64_t packets_sent = 0;
  uint64_t packets_lost = 0;           // As the viewer reports it.
  uint64_t packets_retransmitted = 0;  // Answers to NACK.
  uint64_t nacks = 0;                  // Packets that the viewer asked for again.
  uint64_t keyframe_requests = 0;      // PLI and FIR.
  Duration duration{};                 // Since the offer came.
};

// A candidate of ours, as viewers get it.
struct CandidateStatus {
  std::string type;      // "host", "srflx", "relay".
  std::string protocol;  // "udp", "tcp".
  std::string address;
};

// A STUN or TURN server that the camera itself uses.
struct ServerStatus {
  std::string url;
  std::string state;                 // "resolving", "connecting", "ready", "failed", "unused".
  std::string reason;                // Why it is not ready, a phrase; empty when it is.
  std::string address;               // That was asked, last; empty before the name is known.
  std::vector<std::string> mapped;   // What it sees us as.
  std::vector<std::string> relayed;  // What it has given to us.
  std::optional<Duration> round_trip_time;
};

// How the camera can be reached.
struct NetworkStatus {
  std::string ice_policy = "all";  // Or "relay".
  // With the policy "relay": of our own addresses only relayed ones are told.
  bool hide_addresses = false;
  std::vector<CandidateStatus> candidates;
  std::vector<ServerStatus> servers;
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
  NetworkStatus network;
  std::vector<ViewerStatus> viewers;
  size_t max_viewers = 0;
  StatusTotals totals;
};

// No session has this id.
constexpr std::string_view kNobody = "-";

// One JSON object (RFC 8259), UTF-8, without line breaks. `viewers` has all of them, or only the
// one whose session id is `session_id` where that is not empty: what a page wants to know of
// itself. `viewer_count` counts all in any case. Of a viewer's pairs kMaxStatusPairs are written.
std::string WriteJson(const StatusReport& report, std::string_view session_id = {});
json::Value ToJson(const StatusReport& report, std::string_view session_id);

}  // namespace ocellus::signaling
