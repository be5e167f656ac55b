// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/camera_app.h"

#include <gmock/gmock.h>

#include "tests/app/camera_app_rig.h"
#include "tests/sim/turn_server.h"

namespace ocellus::app {
namespace {

// Pictures of the fake encoder carry no numbers; packets tell that they come.
uint64_t PacketsReceived(const json::Value& status) {
  return static_cast<uint64_t>(
      status.view()["viewers"].at(0)["packets_sent"].AsNumber().value_or(0));
}

TEST_F(CameraAppTest, AViewerWhoOffersOverHttpGetsTheCamerasPicture) {
  RunFor(milliseconds(500));
  Join();
  RunFor(seconds(2));
  EXPECT_TRUE(viewer_->connected_at().has_value());
  EXPECT_GT(PacketsReceived(GetStatus()), 55u);
}

TEST_F(CameraAppTest, TheKeyframeIsMadeWhenTheOfferComes) {
  RunFor(seconds(5));
  const auto before = GetStatus().view()["source"]["keyframes"].AsNumber();
  EXPECT_EQ(before, 1);
  Join();
  app_.Pump(clock_.Now());
  pipeline_.RunOnce();
  app_.Pump(clock_.Now());
  EXPECT_EQ(GetStatus().view()["source"]["keyframes"].AsNumber(), 2);
}

TEST_F(CameraAppTest, StatusTellsAboutTheSourceAndTheViewers) {
  Join();
  RunFor(seconds(3));
  const json::Value status = GetStatus();
  EXPECT_EQ(status.view()["version"].AsString(), "1.2.3");
  EXPECT_EQ(status.view()["source"]["state"].AsString(), "running");
  EXPECT_EQ(status.view()["source"]["name"].AsString(), "fake camera");
  EXPECT_EQ(status.view()["source"]["frames_per_second"].AsNumber(), 30);
  EXPECT_EQ(status.view()["viewers"].size(), 1u);
  EXPECT_EQ(status.view()["viewers"].at(0)["state"].AsString(), "connected");
}

TEST_F(CameraAppTest, ASnapshotIsAJpegOfTheNextPicture) {
  RunFor(milliseconds(500));
  const auto request = http_.Request("GET", "/snapshot.jpg");
  RunFor(milliseconds(200));
  ASSERT_TRUE(http_.answered(request));
  EXPECT_EQ(http_.response(request).status, 200);
  EXPECT_EQ(http_.response(request).body.substr(0, 1), "J");
}

TEST_F(CameraAppTest, ACameraThatIsUnpluggedIsNamedAndItsViewersStay) {
  Join();
  RunFor(seconds(1));
  camera_.acquire_error = Status(StatusCode::kUnavailable, "/dev/video0: unplugged");
  camera_.start_error = camera_.acquire_error;
  RunFor(seconds(3));
  EXPECT_EQ(GetStatus().view()["source"]["state"].AsString(), "lost");
  EXPECT_EQ(GetStatus().view()["source"]["error"].AsString(), "/dev/video0: unplugged");
  const uint64_t without = PacketsReceived(GetStatus());
  RunFor(seconds(1));
  EXPECT_GT(PacketsReceived(GetStatus()), without);  // The "no signal" picture.
  camera_.acquire_error = {};
  camera_.start_error = {};
  RunFor(seconds(2));
  EXPECT_EQ(GetStatus().view()["source"]["state"].AsString(), "running");
}

TEST_F(CameraAppTest, ANewAddressOfTheHostIsOfferedToTheNextViewer) {
  host_.addresses.push_back(*IpAddress::Parse("192.0.2.77"));
  host_.changed = true;
  app_.Pump(clock_.Now());
  Join();
  EXPECT_NE(http_.response(1).body.find("192.0.2.77 8555 typ host"), std::string::npos);
}

// Checklist 9.
TEST_F(CameraAppTest, ANameInAnOfferIsLookedUpInTheSameTurnAndUsed) {
  const std::string name = "0a6f1b52-34a0-4ab8-8a16-2b8ecbb7ba51.local";
  viewer_ = std::make_unique<sim::ViewerNode>(
      network_, peer::PeerConfig{sim::TestCertificate(1), profiles_, wall_clock_},
      std::vector<SocketAddress>{*SocketAddress::Parse("198.51.100.7:4000")}, random_);
  std::string offer = *viewer_->peer().OfferToReceive(clock_.Now());
  const std::string address = " 198.51.100.7 4000";
  const size_t at = offer.find(address);
  ASSERT_NE(at, std::string::npos) << offer;
  offer.replace(at, address.size(), " " + name + " 4000");
  const auto request = http_.Request("POST", "/whep", "", offer);
  app_.Pump(clock_.Now());
  ASSERT_TRUE(http_.answered(request));
  ASSERT_THAT(resolver_.asked(), testing::ElementsAre(name));

  // The viewer has no answer yet: only a check of ours can reach it.
  resolver_.Answer(name, std::vector<IpAddress>{*IpAddress::Parse("198.51.100.7")});
  RunFor(milliseconds(100));
  const json::Value status = GetStatus();
  EXPECT_EQ(status.view()["viewers"].at(0)["path"]["remote_address"].AsString(),
            "198.51.100.7:4000");
}

// --- Relays --------------------------------------------------------------------------------------

gathering::Options RelayOnly() {
  gathering::Options options;
  options.servers = {*gathering::ServerUrl::Parse("turn:turn.example.net")};
  options.policy = gathering::Policy::kRelay;
  options.credentials = gathering::StaticCredentials{"camera", "a password"};
  return options;
}

class RelayedCameraAppTest : public CameraAppTest {
 protected:
  RelayedCameraAppTest() : CameraAppTest(RelayOnly()) {
    resolver_.Set("turn.example.net", std::vector<IpAddress>{turn_server_.address().ip});
  }

  sim::TurnServer turn_server_{network_, {}, 5};
};

TEST_F(RelayedCameraAppTest, TheServersNameIsResolvedAndItsRelayIsThereBeforeAnybodyComes) {
  RunFor(seconds(1));
  EXPECT_EQ(resolver_.asked().at(0), "turn.example.net");
  EXPECT_EQ(turn_server_.allocations(), 1u);
}

// Checklist 64.
TEST_F(RelayedCameraAppTest, ViewersGetThePictureAndNoAddressOfTheCamera) {
  RunFor(seconds(1));
  Join();
  EXPECT_EQ(http_.response(1).body.find(kCameraAddress.ToString()), std::string::npos);
  EXPECT_NE(http_.response(1).body.find("typ relay"), std::string::npos);
  RunFor(seconds(2));
  ASSERT_TRUE(viewer_->connected_at().has_value());
  EXPECT_GT(PacketsReceived(GetStatus()), 50u);
  EXPECT_GT(turn_server_.stats().channel_data_to_peers, 50u);
  EXPECT_EQ(viewer_->connected()->path.remote.ip, turn_server_.address().ip);
}

// Checklist 11.
TEST_F(RelayedCameraAppTest, ShutdownGivesTheRelayBack) {
  RunFor(seconds(1));
  app_.Shutdown(clock_.Now());
  network_.RunFor(milliseconds(100));
  EXPECT_EQ(turn_server_.allocations(), 0u);
  EXPECT_EQ(turn_server_.stats().deletions, 1u);
}

TEST_F(CameraAppTest, ShutdownSaysGoodbye) {
  Join();
  RunFor(seconds(1));
  app_.Shutdown(clock_.Now());
  network_.RunFor(milliseconds(10));
  EXPECT_EQ(viewer_->closed(), peer::CloseReason::kBye);
}

}  // namespace
}  // namespace ocellus::app
