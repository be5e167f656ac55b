// SPDX-License-Identifier: Apache-2.0
// Viewers' data channels, through the whole program.
#include "firmware/app/control_room.h"

#include <gmock/gmock.h>

#include "firmware/rtc/crypto/digest.h"
#include "tests/app/camera_app_rig.h"

namespace ocellus::app {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ControlRoomTest : public CameraAppTest {
 protected:
  // A viewer with this token ("": none) who is connected.
  void JoinAs(const char* token) {
    http_.token = token;
    Join();
    http_.token.clear();
    viewer_->AddChannelUser(log_of_channels_);
    RunFor(seconds(1));
    ASSERT_NE(viewer_->peer().channels(), nullptr);
  }

  sctp::ChannelId Open(const char* label, const char* protocol) {
    sctp::ChannelOptions options;
    options.label = label;
    options.protocol = protocol;
    const auto id = viewer_->peer().channels()->Open(clock_.Now(), options);
    EXPECT_TRUE(id.ok()) << id.status().message();
    RunFor(milliseconds(100));
    return id.ok() ? *id : sctp::ChannelId(0);
  }
  sctp::ChannelId OpenControl() { return Open("control", "ocellus.control.v1"); }
  sctp::ChannelId OpenFile() { return Open("file", "ocellus.file.v1"); }

  void Say(sctp::ChannelId id, std::string_view text) {
    const Status sent = viewer_->peer().channels()->Send(clock_.Now(), id,
                                                         sctp::MessageKind::kString, AsBytes(text));
    EXPECT_TRUE(sent.ok()) << sent.message();
    RunFor(milliseconds(300));
  }

  // The answer to a call, which is the last message on the channel.
  json::Value Call(sctp::ChannelId id, const std::string& method,
                   const std::string& params = "{}") {
    Say(id, R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}");
    const std::vector<std::string> answers = log_of_channels_.Payloads(id);
    auto answer = json::Value::Parse(answers.empty() ? "null" : answers.back());
    CHECK(answer.ok(), "%s", answer.status().message().c_str());
    return std::move(*answer);
  }

  bool IsClosed(sctp::ChannelId id) const {
    const std::vector<sctp::ChannelId>& closed = log_of_channels_.closed();
    return std::find(closed.begin(), closed.end(), id) != closed.end();
  }

  sim::ChannelLog log_of_channels_;
};

TEST_F(ControlRoomTest, AViewerCallsOverItsDataChannel) {
  JoinAs("");
  const sctp::ChannelId control = OpenControl();
  const json::Value session = Call(control, "session.get");
  EXPECT_EQ(session.view()["result"]["role"].AsString(), "viewer");
  const json::Value device = Call(control, "device.get");
  EXPECT_EQ(device.view()["result"]["version"].AsString(), "1.2.3");
  EXPECT_EQ(device.view()["result"]["camera"].AsString(), "fake camera");
  EXPECT_EQ(Call(control, "image.set", R"({"name":"brightness","value":1})")
                .view()["error"]["code"]
                .AsNumber(),
            -32001);
}

TEST_F(ControlRoomTest, TheTokenOfTheOfferDecidesTheRole) {
  JoinAs("admin-token");
  const json::Value session = Call(OpenControl(), "session.get");
  EXPECT_EQ(session.view()["result"]["role"].AsString(), "admin");
}

TEST_F(ControlRoomTest, ATokenThatIsShownLaterRaisesTheRole) {
  JoinAs("");
  const sctp::ChannelId control = OpenControl();
  EXPECT_EQ(Call(control, "session.log_in", R"({"token":"wrong-token"})")
                .view()["error"]["code"]
                .AsNumber(),
            -32001);
  EXPECT_EQ(Call(control, "session.log_in", R"({"token":"admin-token"})")
                .view()["result"]["role"]
                .AsString(),
            "admin");
  EXPECT_EQ(Call(control, "settings.get", R"({"name":"fps"})")
                .view()["result"]["setting"]["value"]
                .AsNumber(),
            30);
}

TEST_F(ControlRoomTest, ControlsReachTheCameraAndWhatComesOfItComesBack) {
  JoinAs("admin-token");
  const sctp::ChannelId control = OpenControl();
  const json::Value list = Call(control, "image.list");
  ASSERT_GT(list.view()["result"]["controls"].size(), 0u) << list.Write();
  const json::View first = list.view()["result"]["controls"].at(0);
  const std::string name(*first["name"].AsString());
  const json::Value set = Call(control, "image.set",
                               Format(R"({"name":"%s","value":%d})", name.c_str(),
                                      static_cast<int>(*first["maximum"].AsNumber())));
  EXPECT_TRUE(set.view()["result"].exists()) << set.Write();
  EXPECT_EQ(controls_.List()[0].value, controls_.List()[0].maximum);
  EXPECT_THAT(Call(control, "image.set", R"({"name":"none","value":1})").Write(),
              HasSubstr("\"error\""));
}

TEST_F(ControlRoomTest, TheBitrateChangesLive) {
  JoinAs("admin-token");
  const json::Value stream = Call(OpenControl(), "stream.set", R"({"bitrate_bps":500000})");
  EXPECT_EQ(stream.view()["result"]["bitrate_bps"].AsNumber(), 500'000) << stream.Write();
}

TEST_F(ControlRoomTest, SettingsChangeTheStreamAndAreKept) {
  JoinAs("admin-token");
  const sctp::ChannelId control = OpenControl();
  Call(control, "stream.set", R"({"frames_per_second":10})");
  Call(control, "settings.set", R"({"name":"bitrate","value":700})");
  RunFor(milliseconds(500));
  const json::Value stream = Call(control, "stream.get");
  EXPECT_EQ(stream.view()["result"]["bitrate_bps"].AsNumber(), 700'000) << stream.Write();
  EXPECT_EQ(Settings::Open({}, storage_)->config().bitrate, DataRate::FromKilobitsPerSecond(700));
}

TEST_F(ControlRoomTest, WhereADigitalZoomLooksIsKept) {
  JoinAs("admin-token");
  Call(OpenControl(), "ptz.move", R"({"pan":0.5,"zoom":0.5})");
  RunFor(kCameraMemoryDelay);
  EXPECT_EQ(storage_.stored["ptz"], R"({"zoom":0.5})") << "the motors stand where they are";
}

TEST_F(ControlRoomTest, ASnapshotIsTakenAndFetched) {
  JoinAs("");
  const json::Value taken = Call(OpenControl(), "snapshot.take");
  const json::View file = taken.view()["result"];
  EXPECT_EQ(file["area"].AsString(), "snapshots") << taken.Write();
  const sctp::ChannelId channel = OpenFile();
  Say(channel, Format(R"({"type":"get","area":"snapshots","name":"%s","offset":0})",
                      std::string(*file["name"].AsString()).c_str()));
  const std::vector<std::string> messages = log_of_channels_.Payloads(channel);
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_THAT(messages[0], HasSubstr("offer"));
  EXPECT_EQ(crypto::ToHex(crypto::Sha256(AsBytes(messages[1]))), file["sha256"].AsString());
  EXPECT_THAT(messages[2], HasSubstr("end"));
  Say(channel, R"({"type":"received"})");
  RunFor(milliseconds(200));
  EXPECT_TRUE(IsClosed(channel));
}

TEST_F(ControlRoomTest, FilesComeInMessagesThatTheViewerTakes) {
  viewer_takes_ = 1000;
  jpeg_.image_size = 2500;
  JoinAs("");
  const sctp::ChannelId control = OpenControl();
  const json::Value taken = Call(control, "snapshot.take");
  const sctp::ChannelId channel = OpenFile();
  Say(channel, Format(R"({"type":"get","area":"snapshots","name":"%s"})",
                      std::string(*taken.view()["result"]["name"].AsString()).c_str()));
  const std::vector<std::string> messages = log_of_channels_.Payloads(channel);
  ASSERT_THAT(messages, SizeIs(5)) << taken.Write();
  EXPECT_THAT(messages[1], SizeIs(1000));
  EXPECT_THAT(messages[2], SizeIs(1000));
  EXPECT_THAT(messages[3], SizeIs(500));
  EXPECT_THAT(messages[4], HasSubstr("end"));
}

TEST_F(ControlRoomTest, AViewerWhoTakesNoMessagesIsToldOfInTheLogOnce) {
  static int warnings;
  warnings = 0;
  SetLogSink([](LogLevel, const char*) { ++warnings; }, LogLevel::kWarn);
  viewer_takes_ = 10;
  JoinAs("");
  for (int i = 0; i < 10; ++i) {
    const sctp::ChannelId channel = OpenFile();
    Say(channel, R"({"type":"get","area":"snapshots","name":"none"})");
    EXPECT_TRUE(IsClosed(channel));
  }
  SetLogSink(nullptr, LogLevel::kInfo);
  EXPECT_EQ(warnings, 1);
}

// Packets that come at once are acknowledged as if they had come one by one (RFC 9260 section 6.2):
// a sender that counts what each SACK reports missing would wait for its timeout otherwise.
TEST_F(ControlRoomTest, EverySecondPacketOfABurstIsAcknowledged) {
  JoinAs("admin-token");
  const sctp::ChannelId file = OpenFile();
  const sctp::ChannelStats before = *viewer_->peer().stats().channels;
  Say(file, std::string(200'000, 'x'));
  const sctp::ChannelStats after = *viewer_->peer().stats().channels;
  EXPECT_GT(after.packets_sent - before.packets_sent, 150u);
  EXPECT_GE(after.packets_received - before.packets_received,
            (after.packets_sent - before.packets_sent) / 2);
}

TEST_F(ControlRoomTest, CallsByHttpAreAnswered) {
  http_.token = "admin-token";
  const auto request =
      http_.Request("POST", "/api/v1/rpc", "", R"({"jsonrpc":"2.0","id":7,"method":"device.get"})");
  RunFor(milliseconds(100));
  ASSERT_TRUE(http_.answered(request));
  EXPECT_EQ(http_.response(request).status, 200);
  EXPECT_THAT(http_.response(request).body, HasSubstr("\"id\":7"));
}

TEST_F(ControlRoomTest, ARestartIsAnsweredFirst) {
  JoinAs("admin-token");
  EXPECT_FALSE(app_.wants_restart(clock_.Now()));
  const json::Value answer = Call(OpenControl(), "device.restart");
  EXPECT_TRUE(answer.view()["result"].exists()) << answer.Write();
  RunFor(seconds(1));
  EXPECT_TRUE(app_.wants_restart(clock_.Now()));
}

TEST_F(ControlRoomTest, ChannelsOfOtherKindsAreClosed) {
  JoinAs("admin-token");
  for (const sctp::ChannelId id :
       {Open("chat", ""), Open("control", "ocellus.control.v2"), Open("file", "")}) {
    EXPECT_TRUE(IsClosed(id)) << id.value();
  }
  OpenControl();
  EXPECT_THAT(log_of_channels_.closed(), SizeIs(3));
  OpenControl();  // One is enough.
  EXPECT_THAT(log_of_channels_.closed(), SizeIs(4));
}

TEST_F(ControlRoomTest, BinaryMessagesEndAControlChannel) {
  JoinAs("admin-token");
  const sctp::ChannelId control = OpenControl();
  const uint8_t bytes[] = {1, 2, 3};
  ASSERT_TRUE(viewer_->peer()
                  .channels()
                  ->Send(clock_.Now(), control, sctp::MessageKind::kBinary, bytes)
                  .ok());
  RunFor(milliseconds(300));
  EXPECT_TRUE(IsClosed(control));
}

// Checklist 43.
TEST_F(ControlRoomTest, AThousandChannelsDisturbNobody) {
  JoinAs("");
  sctp::ChannelOptions options;
  options.label = "file";
  options.protocol = "ocellus.file.v1";
  int refused = 0;
  for (int i = 0; i < 1000; ++i) {
    refused += !viewer_->peer().channels()->Open(clock_.Now(), options).ok();
    if (i % 50 == 0) RunFor(milliseconds(50));
  }
  RunFor(seconds(2));
  EXPECT_GT(refused, 0);
  EXPECT_EQ(GetStatus().view()["viewers"].at(0)["state"].AsString(), "connected");
}

TEST_F(ControlRoomTest, AViewerWhoLeavesIsForgotten) {
  JoinAs("admin-token");
  const sctp::ChannelId control = OpenControl();
  Call(control, "events.subscribe", R"({"topics":["stats"]})");
  viewer_->peer().Close(clock_.Now());
  RunFor(seconds(3));
  EXPECT_EQ(GetStatus().view()["viewer_count"].AsNumber(), 0);
}

}  // namespace
}  // namespace ocellus::app
