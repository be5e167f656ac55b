// SPDX-License-Identifier: Apache-2.0
// The camera as a program: carries frames from the video pipeline into the ring and to the viewers,
// datagrams between the socket and the viewers, and HTTP requests to their answers. The platform
// calls Pump whenever something is ready or next_deadline has come, and nothing else happens in
// between.
//
// io thread only. Owned by the platform's main.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/app/control_room.h"
#include "firmware/app/media_transport.h"
#include "firmware/app/rate_meter.h"
#include "firmware/app/session_manager.h"
#include "firmware/app/settings.h"
#include "firmware/app/viewer_ice_servers.h"
#include "firmware/auth/access.h"
#include "firmware/base/frame_ring.h"
#include "firmware/media/h264_packetizer.h"
#include "firmware/media/keyframe_policy.h"
#include "firmware/media/video_pipeline.h"
#include "firmware/signaling/http_front_end.h"
#include "hal/clock.h"
#include "hal/http_server.h"
#include "hal/name_resolver.h"
#include "hal/network.h"

namespace ocellus::app {

class CameraApp : private signaling::AppInfo, private control::DeviceService {
 public:
  // All borrowed for the life of the app.
  struct Parts {
    hal::UdpSocket& udp_socket;
    hal::TcpTransport& tcp_transport;
    hal::NameResolver& name_resolver;
    hal::Network& network;
    hal::HttpServer& http_server;
    const hal::Clock& clock;
    Random& random;
    media::VideoPipeline& video;
    const crypto::Certificate& certificate;
    const std::vector<srtp::Profile>& srtp_profiles;  // In order of preference.
    auth::Access& access;
    Settings& settings;
    control::Outputs& outputs;
    hal::Storage& storage;
    hal::FileStore* files;  // nullptr: there are snapshots only.
    const hal::LogHistory& log;
    const crypto::TrustStore* trust = nullptr;  // For turns: servers; null without any.
    Span<const signaling::StaticPage> pages;
  };

  struct Options {
    size_t max_viewers = kDefaultMaxViewers;
    std::string version;
    std::string board;         // What it was built for: "generic".
    bool can_restart = false;  // Whoever runs Pump starts the program anew when wants_restart.
    gathering::Options gathering;
  };

  CameraApp(Time now, Options options, const Parts& parts);

  // Does everything that is ready. Never blocks.
  void Pump(Time now);
  // When Pump must be called even though nothing came in.
  Time next_deadline() const;

  // Somebody has asked for a restart, and has his answer by now.
  bool wants_restart(Time now) const { return restart_at_ <= now; }

  // Says goodbye to every viewer, and writes what is to outlive the program. The app is then of no
  // further use.
  void Shutdown(Time now);

 private:
  // AppInfo.
  signaling::StatusReport GetStatus(Time now) override;
  Status RequestSnapshot(Time now) override;
  void HandleRpc(Time now, auth::Role role, const hal::HttpRequest& request) override;

  // DeviceService.
  json::Value Describe(Time now) override;
  json::Value ReadStatistics(Time now, const control::Caller& caller) override;
  Result<auth::Role> LogIn(Time now, const control::Caller& caller,
                           std::string_view token) override;
  Status Restart(Time now) override;

  void PumpSettings();
  void PumpStorage();
  void PumpNetwork(Time now);
  void PumpNames(Time now);
  void AskForNames();
  void PumpVideo(Time now);
  // What SDP must say of the video from now on.
  void ReadProfile(const hal::EncodedFrame& frame);
  void PumpSnapshots();
  void PumpDatagrams(Time now);
  void ForwardKeyframeRequests(Time now);

  const Parts parts_;
  const std::string version_;
  const std::string board_;
  const bool can_restart_;
  const size_t max_viewers_;
  const Time started_at_;

  WallClock wall_clock_;
  FrameRing ring_;
  media::H264Packetizer packetizer_;
  media::KeyframePolicy keyframes_;
  const gathering::Options gathering_;
  ViewerIceServers ice_servers_;
  MediaTransport transport_;
  SessionManager sessions_;
  signaling::HttpFrontEnd http_;
  ControlRoom control_;
  Time restart_at_ = kNever;

  uint64_t frames_ = 0;
  uint64_t keyframe_count_ = 0;
  uint64_t video_bytes_ = 0;
  RateMeter video_rate_;

  signaling::StatusReport told_;  // To who asks for statistics.
  std::optional<Time> told_at_;   // In this turn.
};

}  // namespace ocellus::app
