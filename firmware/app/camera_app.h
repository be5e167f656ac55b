// SPDX-License-Identifier: Apache-2.0
// The camera as a program: carries frames from the video pipeline into the ring and to the viewers,
// datagrams between the socket and the viewers, and HTTP requests to their answers. The platform
// calls Pump whenever something is ready or next_deadline has come, and nothing else happens in
// between.
//
// io thread only. Owned by the platform's main.
#pragma once

#include <string>
#include <vector>

#include "firmware/app/media_transport.h"
#include "firmware/app/rate_meter.h"
#include "firmware/app/session_manager.h"
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

class CameraApp : private signaling::AppInfo {
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
    const crypto::TrustStore* trust = nullptr;  // For turns: servers; null without any.
    Span<const signaling::StaticPage> pages;
  };

  struct Options {
    size_t max_viewers = kDefaultMaxViewers;
    std::string version;
    gathering::Options gathering;
  };

  CameraApp(Time now, Options options, const Parts& parts);

  // Does everything that is ready. Never blocks.
  void Pump(Time now);
  // When Pump must be called even though nothing came in.
  Time next_deadline() const;

  // Says goodbye to every viewer. The app is then of no further use.
  void Shutdown(Time now);

 private:
  // AppInfo.
  signaling::StatusReport GetStatus(Time now) override;
  Status RequestSnapshot(Time now) override;
  void HandleRpc(Time now, auth::Role role, const hal::HttpRequest& request) override;

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

  uint64_t frames_ = 0;
  uint64_t keyframe_count_ = 0;
  uint64_t video_bytes_ = 0;
  RateMeter video_rate_;
};

}  // namespace ocellus::app
