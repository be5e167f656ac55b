// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/status_report.h"

#include <gmock/gmock.h>

#include "firmware/signaling/json.h"

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

  const Result<Json> json = Json::Parse(WriteJson(report));
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  const JsonView view = json->view();
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

}  // namespace
}  // namespace ocellus::signaling
