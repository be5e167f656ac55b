// SPDX-License-Identifier: Apache-2.0
// The whole program but for its platform: fake camera and codecs, a real pipeline, a real viewer
// over a simulated network, in one thread and virtual time.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "firmware/app/camera_app.h"
#include "firmware/json/json.h"
#include "tests/control/fake_services.h"
#include "tests/hal/fake_camera.h"
#include "tests/hal/fake_camera_controls.h"
#include "tests/hal/fake_codecs.h"
#include "tests/hal/fake_http_server.h"
#include "tests/hal/fake_name_resolver.h"
#include "tests/hal/fake_picture_transformer.h"
#include "tests/hal/fake_storage.h"
#include "tests/hal/fake_tcp_transport.h"
#include "tests/hal/manual_clock.h"
#include "tests/media/counting_waker.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::app {

using std::chrono::milliseconds;
using std::chrono::seconds;

const IpAddress kCameraAddress = *IpAddress::Parse("192.0.2.1");

// The app's end of the simulated network.
class SimSocket : public hal::UdpSocket, public sim::Node {
 public:
  uint16_t port() const override { return 8555; }

  Span<Datagram> Receive() override {
    batch_.clear();
    received_.swap(taken_);
    received_.clear();
    for (auto& [datagram, bytes] : taken_) {
      batch_.push_back({datagram.local, datagram.remote, bytes});
    }
    return batch_;
  }
  MutableBytes SendBuffer() override { return buffer_; }
  void Send(const Transmit& transmit) override {
    sent_.push_back({transmit, {buffer_, buffer_ + transmit.size}});
  }
  void Flush() override {}

  void HandleDatagram(Time, const Datagram& in) override {
    received_.push_back({in, {in.payload.begin(), in.payload.end()}});
  }
  void HandleTimeout(Time) override {}
  std::optional<Transmit> PollTransmit(Time, MutableBytes out) override {
    if (sent_.empty()) return std::nullopt;
    const auto [transmit, bytes] = sent_.front();
    std::copy(bytes.begin(), bytes.end(), out.begin());
    sent_.pop_front();
    return transmit;
  }
  Time next_deadline() const override { return kNever; }

 private:
  uint8_t buffer_[kMaxTransmitSize];
  std::vector<std::pair<Datagram, std::vector<uint8_t>>> received_;
  std::vector<std::pair<Datagram, std::vector<uint8_t>>> taken_;
  std::vector<Datagram> batch_;
  std::deque<std::pair<Transmit, std::vector<uint8_t>>> sent_;
};

class SimHost : public hal::Network {
 public:
  std::vector<IpAddress> Addresses() const override { return addresses; }
  bool TakeChanged() override { return std::exchange(changed, false); }

  std::vector<IpAddress> addresses = {kCameraAddress};
  bool changed = false;
};

class CameraAppTest : public ::testing::Test {
 protected:
  explicit CameraAppTest(gathering::Options gathering = {})
      : app_{clock_.Now(), CameraApp::Options{2, "1.2.3", "test", true, std::move(gathering)},
             CameraApp::Parts{socket_,
                              tcp_,
                              resolver_,
                              host_,
                              http_,
                              clock_,
                              random_,
                              pipeline_,
                              sim::TestCertificate(0),
                              profiles_,
                              access_,
                              settings_,
                              outputs_,
                              storage_,
                              nullptr,
                              log_,
                              nullptr,
                              {}}} {
    controls_.controls = {hal::MakeControl("brightness", -64, 64, 0),
                          hal::MakeControl("pan", -3600, 3600, 0),
                          hal::MakeControl("tilt", -3600, 3600, 0)};
    no_signal_.format = hal::VideoFormat{hal::PixelFormat::kI420, 640, 480, 5};
    network_.Attach(socket_, {kCameraAddress});
  }

  // Pictures are filmed and everything else happens, until `duration` has passed.
  void RunFor(Duration duration) {
    const Time end = clock_.Now() + duration;
    while (clock_.Now() < end) {
      const Time begin = clock_.Now();
      pipeline_.RunOnce();
      if (clock_.Now() == begin) clock_.Advance(milliseconds(1));
      for (Time now = begin; now < clock_.Now(); now += milliseconds(1)) {
        network_.RunUntil(now);
        app_.Pump(now);
      }
      network_.RunUntil(clock_.Now());
      app_.Pump(clock_.Now());
    }
  }

  void Join() {
    viewer_ = std::make_unique<sim::ViewerNode>(
        network_, peer::PeerConfig{sim::TestCertificate(1), profiles_, wall_clock_},
        std::vector<SocketAddress>{*SocketAddress::Parse("198.51.100.7:4000")}, random_);
    std::string offer = *viewer_->peer().OfferToReceive(clock_.Now());
    const std::string limit = "a=max-message-size:" + std::to_string(kMaxChannelMessageSize);
    if (viewer_takes_) {
      offer.replace(offer.find(limit), limit.size(),
                    "a=max-message-size:" + std::to_string(*viewer_takes_));
    }
    const auto request = http_.Request("POST", "/whep", "", offer);
    app_.Pump(clock_.Now());
    ASSERT_TRUE(http_.answered(request));
    ASSERT_EQ(http_.response(request).status, 201) << http_.response(request).body;
    ASSERT_TRUE(viewer_->peer().HandleAnswer(clock_.Now(), http_.response(request).body).ok());
  }

  json::Value GetStatus() {
    const std::string before = std::exchange(http_.token, "admin-token");
    const auto request = http_.Request("GET", "/status");
    http_.token = before;
    app_.Pump(clock_.Now());
    auto status = json::Value::Parse(http_.response(request).body);
    CHECK(status.ok(), "%s", status.status().ToString().c_str());
    return std::move(*status);
  }

  sim::SeededRandom random_{11};
  hal::ManualClock clock_;
  sim::Network network_{3, hal::ManualClock::kStart};
  const WallClock wall_clock_ = clock_.Wall();
  hal::FakeStorage storage_;
  Settings settings_ = *Settings::Open({}, storage_);
  control::Outputs outputs_;
  control::FakeLogHistory log_;
  auth::Access access_{{"admin-token", {}, {}}, auth::Viewing::kOpenInLocalNetwork};
  const std::vector<srtp::Profile> profiles_ = {srtp::Profile::kAeadAes128Gcm,
                                                srtp::Profile::kAes128CmHmacSha1_80};
  hal::FakeCamera camera_{clock_};
  hal::FakeCamera no_signal_{clock_};
  hal::FakeCameraControls controls_;
  hal::FakeEncoder encoder_;
  hal::FakeDecoder decoder_;
  hal::FakeJpegCodec jpeg_;
  hal::FakePictureTransformer transformer_;
  media::CountingWaker waker_;
  media::VideoPipeline pipeline_{{camera_, &camera_, no_signal_, encoder_, decoder_, jpeg_, clock_,
                                  waker_, &controls_, &transformer_},
                                 media::VideoSettings()};
  SimSocket socket_;
  hal::FakeTcpTransport tcp_;
  hal::FakeNameResolver resolver_;
  SimHost host_;
  hal::FakeHttpServer http_;
  CameraApp app_;
  std::unique_ptr<sim::ViewerNode> viewer_;
  std::optional<size_t> viewer_takes_;  // Bytes of a message, where it is not what we take.
};

}  // namespace ocellus::app
