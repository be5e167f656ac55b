// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/status_report.h"

#include <gmock/gmock.h>

#include "firmware/base/limits.h"
#include "firmware/json/json.h"

namespace ocellus::signaling {
namespace {

TEST(StatusReport, IsWrittenAsJson) {
  StatusReport report;
  report.version = "0.1.0";
  report.uptime = std::chrono::milliseconds(1500);
  report.max_viewers = 50;
  report.source.name = "test pattern";
  report.source.state = "running";
  report.source.width = 640;
  report.source.frames_per_second = 29.97002;
  ViewerStatus viewer;
  viewer.id = "4Fz1";
  viewer.round_trip_time = std::chrono::microseconds(12'345);
  viewer.bitrate = DataRate::FromKilobitsPerSecond(2000);
  viewer.packets_lost = 3;
  report.viewers = {viewer, ViewerStatus()};

  const Result<json::Value> json = json::Value::Parse(WriteJson(report));
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  const json::View view = json->view();
  EXPECT_EQ(view["version"].AsString(), "0.1.0");
  EXPECT_EQ(view["uptime_s"].AsNumber(), 1.5);
  EXPECT_EQ(view["max_viewers"].AsNumber(), 50);
  EXPECT_EQ(view["source"]["name"].AsString(), "test pattern");
  EXPECT_EQ(view["source"]["width"].AsNumber(), 640);
  EXPECT_EQ(view["source"]["frames_per_second"].AsNumber(), 29.97);
  ASSERT_EQ(view["viewers"].size(), 2u);
  EXPECT_EQ(view["viewers"].at(0)["id"].AsString(), "4Fz1");
  EXPECT_EQ(view["viewers"].at(0)["round_trip_time_ms"].AsNumber(), 12.345);
  EXPECT_EQ(view["viewers"].at(0)["bitrate"].AsNumber(), 2'000'000);
  EXPECT_EQ(view["viewers"].at(0)["packets_lost"].AsNumber(), 3);
  EXPECT_TRUE(view["viewers"].at(1)["round_trip_time_ms"].exists());
  EXPECT_FALSE(view["viewers"].at(1)["round_trip_time_ms"].AsNumber().has_value());
  EXPECT_EQ(view["totals"]["viewers_accepted"].AsNumber(), 0);
}

// What WriteJson makes of it. The result must outlive its views.
json::Value ReadBack(const StatusReport& report, std::string_view session_id = {}) {
  Result<json::Value> json = json::Value::Parse(WriteJson(report, session_id));
  EXPECT_TRUE(json.ok()) << json.status().ToString();
  return std::move(*json);
}

PathStatus Relayed() {
  PathStatus path;
  path.local_type = "relay";
  path.remote_type = "prflx";
  path.local_address = "198.51.100.9:50000";
  path.remote_address = "203.0.113.7:40000";
  path.protocol = "udp";
  path.relay_protocol = "tls";
  path.state = "selected";
  path.round_trip_time = std::chrono::milliseconds(80);
  return path;
}

PathStatus Direct() {
  PathStatus path;
  path.local_type = "host";
  path.remote_type = "host";
  path.local_address = "192.168.1.20:8555";
  path.remote_address = "10.0.0.3:40000";
  path.protocol = "udp";
  path.state = "failed";
  path.reason = "no answer";
  return path;
}

// Everything that a camera behind a NAT has to tell.
StatusReport FullReport() {
  StatusReport report;
  report.network.candidates = {{"host", "udp", "192.168.1.20:8555"},
                               {"srflx", "udp", "203.0.113.50:8555"},
                               {"relay", "udp", "198.51.100.9:50000"}};
  ServerStatus server;
  server.url = "turns:turn.example.net";
  server.state = "ready";
  server.address = "198.51.100.1:5349";
  server.mapped = {"203.0.113.50:8555"};
  server.relayed = {"198.51.100.9:50000"};
  server.round_trip_time = std::chrono::milliseconds(23);
  ServerStatus broken;
  broken.url = "turn:other.example.net";
  broken.state = "failed";
  broken.reason = "refused: 401 Unauthorized";
  report.network.servers = {server, broken};
  ViewerStatus viewer;
  viewer.id = "4Fz1";
  viewer.local_address = "198.51.100.9:50000";
  viewer.path = Relayed();
  viewer.pairs = {Direct()};
  report.viewers = {viewer, ViewerStatus()};
  return report;
}

TEST(StatusReport, ShowsThePathInUseAndWhyOthersFailed) {
  const json::Value json = ReadBack(FullReport());
  const json::View viewer = json.view()["viewers"].at(0);
  EXPECT_EQ(viewer["path"]["local_type"].AsString(), "relay");
  EXPECT_EQ(viewer["path"]["remote_type"].AsString(), "prflx");
  EXPECT_EQ(viewer["path"]["protocol"].AsString(), "udp");
  EXPECT_EQ(viewer["path"]["relay_protocol"].AsString(), "tls");
  EXPECT_EQ(viewer["path"]["remote_address"].AsString(), "203.0.113.7:40000");
  EXPECT_EQ(viewer["path"]["round_trip_time_ms"].AsNumber(), 80);
  ASSERT_EQ(viewer["pairs"].size(), 1u);
  EXPECT_EQ(viewer["pairs"].at(0)["state"].AsString(), "failed");
  EXPECT_EQ(viewer["pairs"].at(0)["reason"].AsString(), "no answer");
  EXPECT_FALSE(viewer["pairs"].at(0)["relay_protocol"].AsString().has_value());
  // A viewer that has no path yet.
  EXPECT_TRUE(json.view()["viewers"].at(1)["path"].exists());
  EXPECT_FALSE(json.view()["viewers"].at(1)["path"]["state"].exists());
}

TEST(StatusReport, ShowsHowTheCameraCanBeReached) {
  const json::Value json = ReadBack(FullReport());
  const json::View network = json.view()["network"];
  EXPECT_EQ(network["ice_policy"].AsString(), "all");
  ASSERT_EQ(network["candidates"].size(), 3u);
  EXPECT_EQ(network["candidates"].at(1)["type"].AsString(), "srflx");
  EXPECT_EQ(network["candidates"].at(1)["address"].AsString(), "203.0.113.50:8555");
  ASSERT_EQ(network["servers"].size(), 2u);
  EXPECT_EQ(network["servers"].at(0)["mapped"].at(0).AsString(), "203.0.113.50:8555");
  EXPECT_EQ(network["servers"].at(0)["relayed"].at(0).AsString(), "198.51.100.9:50000");
  EXPECT_EQ(network["servers"].at(0)["round_trip_time_ms"].AsNumber(), 23);
  EXPECT_EQ(network["servers"].at(1)["state"].AsString(), "failed");
  EXPECT_EQ(network["servers"].at(1)["reason"].AsString(), "refused: 401 Unauthorized");
}

// Checklist 64: an option to hide host candidates (relay only).
TEST(StatusReport, TellsNoAddressOfTheCamerasOwnUnderTheRelayPolicy) {
  StatusReport report = FullReport();
  report.network.ice_policy = "relay";
  report.network.hide_addresses = true;
  report.viewers[1].path = Direct();
  report.viewers[1].local_address = "192.168.1.20:8555";
  const std::string text = WriteJson(report);
  EXPECT_EQ(text.find("192.168.1.20"), std::string::npos) << text;
  EXPECT_EQ(text.find("203.0.113.50"), std::string::npos) << text;
  const json::Value json = ReadBack(report);
  ASSERT_EQ(json.view()["network"]["candidates"].size(), 1u);
  EXPECT_EQ(json.view()["network"]["candidates"].at(0)["address"].AsString(), "198.51.100.9:50000");
  EXPECT_EQ(json.view()["viewers"].at(0)["path"]["local_address"].AsString(), "198.51.100.9:50000");
  EXPECT_EQ(json.view()["viewers"].at(0)["local_address"].AsString(), "198.51.100.9:50000");
}

// Checklist 63: one can see that somebody watches.
TEST(StatusReport, CountsThoseWhoWatchWhomeverItIsAskedFor) {
  StatusReport report = FullReport();
  EXPECT_EQ(ReadBack(StatusReport()).view()["viewer_count"].AsNumber(), 0);
  EXPECT_EQ(ReadBack(report).view()["viewer_count"].AsNumber(), 2);
  const json::Value one = ReadBack(report, "4Fz1aaaaaaaaaaaaaaaaaa");
  EXPECT_EQ(one.view()["viewer_count"].AsNumber(), 2);
  ASSERT_EQ(one.view()["viewers"].size(), 1u);
  EXPECT_EQ(one.view()["viewers"].at(0)["id"].AsString(), "4Fz1");
  EXPECT_EQ(ReadBack(report, "other").view()["viewers"].size(), 0u);
}

TEST(StatusReport, StaysShortHoweverManyPairsThereAre) {
  StatusReport report = FullReport();
  report.viewers[0].pairs.assign(1000, Direct());
  EXPECT_EQ(ReadBack(report).view()["viewers"].at(0)["pairs"].size(), kMaxStatusPairs);
}

}  // namespace
}  // namespace ocellus::signaling
