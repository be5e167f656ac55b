// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/status_report.h"

#include "firmware/signaling/json.h"

namespace ocellus::signaling {
namespace {

// Rounded to three digits after the point: enough for people, short on the wire.
double Rounded(double number) {
  return static_cast<double>(static_cast<int64_t>(number * 1000 + 0.5)) / 1000;
}

Json ToJson(const SourceStatus& source) {
  Json json = Json::Object();
  json.Set("name", source.name).Set("encoder", source.encoder).Set("state", source.state);
  json.Set("error", source.error).Set("format", source.format);
  json.Set("width", source.width).Set("height", source.height);
  json.Set("frames_per_second", Rounded(source.frames_per_second));
  json.Set("bitrate", source.bitrate.bits_per_second());
  json.Set("frames", source.frames).Set("keyframes", source.keyframes);
  return json;
}

Json ToJson(const ViewerStatus& viewer) {
  Json json = Json::Object();
  json.Set("id", viewer.id).Set("state", viewer.state);
  json.Set("local_address", viewer.local_address).Set("remote_address", viewer.remote_address);
  if (viewer.round_trip_time.has_value()) {
    json.Set("round_trip_time_ms", Rounded(ToSeconds(*viewer.round_trip_time) * 1000));
  } else {
    json.SetNull("round_trip_time_ms");
  }
  json.Set("bitrate", viewer.bitrate.bits_per_second());
  json.Set("packets_sent", viewer.packets_sent).Set("packets_lost", viewer.packets_lost);
  json.Set("packets_retransmitted", viewer.packets_retransmitted).Set("nacks", viewer.nacks);
  json.Set("keyframe_requests", viewer.keyframe_requests);
  json.Set("duration_s", Rounded(ToSeconds(viewer.duration)));
  return json;
}

Json ToJson(const StatusTotals& totals) {
  Json json = Json::Object();
  json.Set("viewers_accepted", totals.viewers_accepted);
  json.Set("viewers_refused", totals.viewers_refused);
  json.Set("packets_sent", totals.packets_sent).Set("bytes_sent", totals.bytes_sent);
  json.Set("datagrams_dropped", totals.datagrams_dropped);
  return json;
}

}  // namespace

std::string WriteJson(const StatusReport& report) {
  Json viewers = Json::Array();
  for (const ViewerStatus& viewer : report.viewers) viewers.Append(ToJson(viewer));

  Json json = Json::Object();
  json.Set("version", report.version).Set("uptime_s", Rounded(ToSeconds(report.uptime)));
  json.Set("source", ToJson(report.source));
  json.Set("viewers", std::move(viewers)).Set("max_viewers", report.max_viewers);
  json.Set("totals", ToJson(report.totals));
  return json.Write();
}

}  // namespace ocellus::signaling
