// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/status_report.h"

#include <algorithm>

#include "firmware/base/limits.h"
#include "firmware/base/text.h"
#include "firmware/json/json.h"

namespace ocellus::signaling {
namespace {

// Rounded to three digits after the point: enough for people, short on the wire.
double Rounded(double number) {
  return static_cast<double>(static_cast<int64_t>(number * 1000 + 0.5)) / 1000;
}

json::Value ToJson(const SourceStatus& source) {
  json::Value json = json::Value::Object();
  json.Set("name", source.name).Set("encoder", source.encoder).Set("state", source.state);
  json.Set("error", source.error).Set("format", source.format);
  json.Set("width", source.width).Set("height", source.height);
  json.Set("frames_per_second", Rounded(source.frames_per_second));
  json.Set("bitrate", source.bitrate.bits_per_second());
  json.Set("frames", source.frames).Set("keyframes", source.keyframes);
  return json;
}

constexpr std::string_view kRelayed = "relay";

void SetRoundTripTime(json::Value& json, const std::optional<Duration>& time) {
  if (time.has_value()) {
    json.Set("round_trip_time_ms", Rounded(ToSeconds(*time) * 1000));
  } else {
    json.SetNull("round_trip_time_ms");
  }
}

void SetOrNull(json::Value& json, const char* name, const std::string& text) {
  if (text.empty()) {
    json.SetNull(name);
  } else {
    json.Set(name, text);
  }
}

json::Value ToJson(const std::vector<std::string>& texts) {
  json::Value json = json::Value::Array();
  for (const std::string& text : texts) json.Append(text);
  return json;
}

json::Value ToJson(const PathStatus& path) {
  json::Value json = json::Value::Object();
  json.Set("local_type", path.local_type).Set("remote_type", path.remote_type);
  json.Set("local_address", path.local_address).Set("remote_address", path.remote_address);
  json.Set("protocol", path.protocol);
  SetOrNull(json, "relay_protocol", path.relay_protocol);
  json.Set("state", path.state);
  SetOrNull(json, "reason", path.reason);
  SetRoundTripTime(json, path.round_trip_time);
  return json;
}

json::Value ToJson(const NetworkStatus& network) {
  json::Value candidates = json::Value::Array();
  for (const CandidateStatus& candidate : network.candidates) {
    json::Value json = json::Value::Object();
    json.Set("type", candidate.type).Set("protocol", candidate.protocol);
    json.Set("address", candidate.address);
    candidates.Append(std::move(json));
  }
  json::Value servers = json::Value::Array();
  for (const ServerStatus& server : network.servers) {
    json::Value json = json::Value::Object();
    json.Set("url", server.url).Set("state", server.state);
    SetOrNull(json, "reason", server.reason);
    json.Set("address", server.address).Set("mapped", ToJson(server.mapped));
    json.Set("relayed", ToJson(server.relayed));
    SetRoundTripTime(json, server.round_trip_time);
    servers.Append(std::move(json));
  }
  json::Value json = json::Value::Object();
  json.Set("ice_policy", network.ice_policy).Set("candidates", std::move(candidates));
  json.Set("servers", std::move(servers));
  return json;
}

json::Value ToJson(const ViewerStatus& viewer) {
  json::Value json = json::Value::Object();
  json.Set("id", viewer.id).Set("state", viewer.state);
  json.Set("local_address", viewer.local_address).Set("remote_address", viewer.remote_address);
  if (viewer.path.has_value()) {
    json.Set("path", ToJson(*viewer.path));
  } else {
    json.SetNull("path");
  }
  json::Value pairs = json::Value::Array();
  for (size_t i = 0; i < std::min(viewer.pairs.size(), kMaxStatusPairs); ++i) {
    pairs.Append(ToJson(viewer.pairs[i]));
  }
  json.Set("pairs", std::move(pairs));
  SetRoundTripTime(json, viewer.round_trip_time);
  json.Set("bitrate", viewer.bitrate.bits_per_second());
  json.Set("packets_sent", viewer.packets_sent).Set("packets_lost", viewer.packets_lost);
  json.Set("packets_retransmitted", viewer.packets_retransmitted).Set("nacks", viewer.nacks);
  json.Set("keyframe_requests", viewer.keyframe_requests);
  json.Set("duration_s", Rounded(ToSeconds(viewer.duration)));
  return json;
}

json::Value ToJson(const StatusTotals& totals) {
  json::Value json = json::Value::Object();
  json.Set("viewers_accepted", totals.viewers_accepted);
  json.Set("viewers_refused", totals.viewers_refused);
  json.Set("packets_sent", totals.packets_sent).Set("bytes_sent", totals.bytes_sent);
  json.Set("datagrams_dropped", totals.datagrams_dropped);
  return json;
}

void HideOwnAddress(PathStatus& path) {
  if (path.local_type != kRelayed) path.local_address.clear();
}

// Everything that would tell where the camera itself is.
void HideOwnAddresses(NetworkStatus& network) {
  std::vector<CandidateStatus>& candidates = network.candidates;
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                  [](const auto& candidate) { return candidate.type != kRelayed; }),
                   candidates.end());
  for (ServerStatus& server : network.servers) server.mapped.clear();
}

void HideOwnAddresses(ViewerStatus& viewer) {
  if (!viewer.path.has_value() || viewer.path->local_type != kRelayed) viewer.local_address.clear();
  if (viewer.path.has_value()) HideOwnAddress(*viewer.path);
  for (PathStatus& pair : viewer.pairs) HideOwnAddress(pair);
}

// `viewer.id` is the beginning of its session id.
bool IsOf(const ViewerStatus& viewer, std::string_view session_id) {
  return session_id.empty() || (!viewer.id.empty() && StartsWith(session_id, viewer.id));
}

}  // namespace

std::string WriteJson(const StatusReport& report, std::string_view session_id) {
  return ToJson(report, session_id).Write();
}

json::Value ToJson(const StatusReport& report, std::string_view session_id) {
  NetworkStatus network = report.network;
  if (network.hide_addresses) HideOwnAddresses(network);
  json::Value viewers = json::Value::Array();
  for (const ViewerStatus& each : report.viewers) {
    if (!IsOf(each, session_id)) continue;
    ViewerStatus viewer = each;
    if (network.hide_addresses) HideOwnAddresses(viewer);
    viewers.Append(ToJson(viewer));
  }

  json::Value json = json::Value::Object();
  json.Set("version", report.version).Set("uptime_s", Rounded(ToSeconds(report.uptime)));
  json.Set("source", ToJson(report.source)).Set("network", ToJson(network));
  json.Set("viewers", std::move(viewers)).Set("viewer_count", report.viewers.size());
  json.Set("max_viewers", report.max_viewers);
  json.Set("totals", ToJson(report.totals));
  return json;
}

}  // namespace ocellus::signaling
