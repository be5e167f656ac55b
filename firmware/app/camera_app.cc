// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/camera_app.h"

#include <algorithm>

#include "firmware/app/network_status.h"
#include "firmware/base/h264_sps.h"
#include "firmware/base/log.h"

namespace ocellus::app {
namespace {

// How often the wall clock is asked again: a step of it shows in sender reports this much later.
constexpr Duration kWallClockInterval = std::chrono::seconds(1);

// Batches of datagrams in one turn, so that a flood leaves time for frames and requests; the rest
// waits in the socket for the next turn.
constexpr int kDatagramBatches = 8;
constexpr int kTcpDatagrams = 256;

// Between the answer to a call for a restart and the restart: the answer gets there first.
constexpr Duration kRestartDelay = std::chrono::milliseconds(300);

control::StreamParameters StreamOf(const Config& config) {
  return {static_cast<int>(config.width), static_cast<int>(config.height),
          static_cast<int>(config.fps), config.bitrate};
}

double ToSeconds(Duration duration) { return static_cast<double>(ToMilliseconds(duration)) / 1000; }

}  // namespace

CameraApp::CameraApp(Time now, Options options, const Parts& parts)
    : parts_(parts),
      version_(std::move(options.version)),
      board_(std::move(options.board)),
      can_restart_(options.can_restart),
      max_viewers_(options.max_viewers),
      started_at_(now),
      wall_clock_(parts.clock.Wall()),
      packetizer_(ring_),
      gathering_(std::move(options.gathering)),
      ice_servers_(gathering_, wall_clock_),
      transport_({parts.udp_socket, parts.tcp_transport, parts.trust, parts.random}, gathering_),
      sessions_(options.max_viewers,
                peer::PeerConfig{parts.certificate, parts.srtp_profiles, wall_clock_, &ring_},
                parts.random),
      http_(parts.http_server, sessions_, *this, parts.access, parts.pages,
            signaling::WhepOptions{&ice_servers_}),
      control_({sessions_, parts.video, keyframes_, *this, parts.settings, parts.outputs, parts.log,
                parts.storage, parts.files, parts.clock},
               StreamOf(parts.settings.config())) {
  transport_.SetWallClock(now, wall_clock_);
  transport_.SetHosts(now, parts_.network.Addresses());
  PumpNetwork(now);
}

void CameraApp::Pump(Time now) {
  if (now - wall_clock_.at >= kWallClockInterval) {
    wall_clock_ = parts_.clock.Wall();
    transport_.SetWallClock(now, wall_clock_);
  }
  PumpNetwork(now);
  PumpVideo(now);
  PumpDatagrams(now);
  PumpSnapshots();
  http_.Pump(now);
  sessions_.HandleTimeout(now);
  PumpSettings();
  control_.Pump(now);
  while (auto answer = control_.PollHttp()) {
    http_.RespondToRpc(answer->id, answer->status, std::move(answer->body));
  }
  PumpStorage();
  sessions_.Transmit(now, transport_);
  transport_.Flush(now);
  AskForNames();
  ForwardKeyframeRequests(now);
}

Time CameraApp::next_deadline() const {
  return std::min({transport_.next_deadline(), sessions_.next_deadline(),
                   keyframes_.next_deadline(), http_.next_deadline(), control_.next_deadline(),
                   restart_at_});
}

void CameraApp::Shutdown(Time now) {
  control_.Flush(now);
  sessions_.CloseAll(now);
  sessions_.Transmit(now, transport_);
  transport_.Close(now);
}

void CameraApp::PumpNetwork(Time now) {
  if (parts_.network.TakeChanged()) transport_.SetHosts(now, parts_.network.Addresses());
  transport_.HandleTimeout(now);
  PumpNames(now);
  if (transport_.TakeChanged()) sessions_.SetLocalCandidates(now, transport_.candidates());
}

void CameraApp::AskForNames() {
  while (const auto name = transport_.PollNameToResolve()) parts_.name_resolver.Resolve(*name);
  while (const auto name = sessions_.PollNameToResolve()) parts_.name_resolver.Resolve(*name);
}

void CameraApp::PumpNames(Time now) {
  while (const auto resolved = parts_.name_resolver.Poll()) {
    transport_.HandleResolvedName(now, resolved->name, resolved->addresses);
    const std::vector<IpAddress> none;
    sessions_.HandleResolvedName(now, resolved->name,
                                 resolved->addresses.ok() ? *resolved->addresses : none);
  }
}

void CameraApp::PumpVideo(Time now) {
  while (auto frame = parts_.video.PopFrame()) {
    const auto id = packetizer_.Push(*frame);
    const bool keyframe = frame->keyframe;
    if (keyframe) ReadProfile(*frame);
    video_bytes_ += frame->data.size();
    parts_.video.Recycle(std::move(*frame));
    if (!id.ok()) {
      LOG_WARN("a frame could not be sent: %s", id.status().ToString().c_str());
      keyframes_.Request(now);
      continue;
    }
    ++frames_;
    if (keyframe) {
      ++keyframe_count_;
      keyframes_.HandleKeyframe(now);
    }
    sessions_.EnqueueFrame(now, *id);
  }
  video_rate_.Update(now, video_bytes_);
}

void CameraApp::ReadProfile(const hal::EncodedFrame& frame) {
  for (const hal::EncodedFrame::Nal& nal : frame.nals) {
    const Bytes bytes = Bytes(frame.data).subspan(nal.offset, nal.size);
    const auto sps = ParseH264Sps(bytes);
    if (!sps.ok()) continue;
    sessions_.SetProfileLevelId({sps->profile_idc, sps->constraint_flags, sps->level_idc});
    return;
  }
}

void CameraApp::PumpDatagrams(Time now) {
  for (int i = 0; i < kDatagramBatches; ++i) {
    const Span<Datagram> batch = transport_.ReceiveUdp(now);
    if (batch.empty()) break;
    for (const Datagram& datagram : batch) {
      sessions_.HandleDatagram(now, datagram);
      // What a SACK tells about each packet is how a sender finds losses (RFC 9260 section 7.2.4).
      sessions_.Transmit(now, transport_);
    }
  }
  for (int i = 0; i < kTcpDatagrams; ++i) {
    const auto datagram = transport_.ReceiveTcp(now);
    if (!datagram) break;
    if (sessions_.HandleDatagram(now, *datagram)) transport_.HandleAuthenticated(now, *datagram);
    sessions_.Transmit(now, transport_);
  }
}

void CameraApp::ForwardKeyframeRequests(Time now) {
  if (sessions_.TakeKeyframeRequest()) keyframes_.Request(now);
  if (keyframes_.TakeDue(now)) parts_.video.RequestKeyframe();
}

Status CameraApp::RequestSnapshot(Time) {
  parts_.video.RequestSnapshot();
  return {};
}

// --- Control -------------------------------------------------------------------------------------

void CameraApp::HandleRpc(Time now, auth::Role role, const hal::HttpRequest& request) {
  control_.HandleRpc(now, role, request);
}

void CameraApp::PumpSettings() {
  if (!parts_.settings.TakeChanged()) return;
  control_.ApplySettings(StreamOf(parts_.settings.config()));
}

void CameraApp::PumpStorage() {
  while (const auto written = parts_.storage.PollWritten()) {
    if (!written->status.ok()) {
      LOG_ERROR("%s is lost with the next restart: %s", written->name.c_str(),
                written->status.message().c_str());
    }
  }
}

json::Value CameraApp::Describe(Time now) {
  const media::VideoStatus& video = parts_.video.status();
  json::Value device = json::Value::Object();
  device.Set("name", parts_.settings.config().name).Set("version", version_).Set("board", board_);
  device.Set("camera", video.camera).Set("encoder", video.encoder);
  device.Set("uptime_s", ToSeconds(now - started_at_));
  return device;
}

json::Value CameraApp::ReadStatistics(Time now, const control::Caller& caller) {
  // All who have subscribed are told in one turn, and each page has: one look is enough for them.
  if (told_at_ != now) told_ = GetStatus(now);
  told_at_ = now;
  if (auth::Includes(caller.role, auth::Role::kAdmin)) return signaling::ToJson(told_, {});
  const auto viewer = control_.viewer(caller.client);
  // Who came by HTTP sees what all have in common.
  const signaling::SessionId id =
      viewer ? sessions_.session_id(*viewer) : signaling::SessionId(signaling::kNobody);
  return signaling::ToJson(told_, id);
}

Result<auth::Role> CameraApp::LogIn(Time now, const control::Caller& caller,
                                    std::string_view token) {
  Result<auth::Role> role = parts_.access.Check(now, caller.remote.ip, token);
  if (!role.ok()) return role;
  if (const auto viewer = control_.viewer(caller.client)) sessions_.SetRole(*viewer, *role);
  return role;
}

Status CameraApp::Restart(Time now) {
  if (!can_restart_) return {StatusCode::kUnsupported, "nothing here starts the program again"};
  LOG_INFO("restarting, as somebody has asked");
  restart_at_ = now + kRestartDelay;
  return {};
}

// --- Snapshots and status ------------------------------------------------------------------------

void CameraApp::PumpSnapshots() {
  while (const auto snapshot = parts_.video.PopSnapshot()) {
    control_.HandleSnapshot(*snapshot);
    if (snapshot->status.ok()) {
      http_.DeliverSnapshot(snapshot->jpeg);
    } else {
      http_.FailSnapshot(snapshot->status);
    }
  }
}

signaling::StatusReport CameraApp::GetStatus(Time now) {
  const media::VideoStatus& video = parts_.video.status();
  signaling::StatusReport report;
  report.version = version_;
  report.uptime = now - started_at_;
  report.source.name = video.camera;
  report.source.encoder = video.encoder;
  report.source.state = media::ToString(video.state);
  report.source.error = video.reason;
  report.source.format = hal::ToString(video.format.pixel_format);
  report.source.width = video.format.width;
  report.source.height = video.format.height;
  report.source.frames_per_second = video.frames_per_second;
  report.source.bitrate = video_rate_.rate();
  report.source.frames = frames_;
  report.source.keyframes = keyframe_count_;
  const std::vector<gathering::ServerStatus> servers = transport_.servers();
  report.network = ToNetworkStatus(gathering_.policy, transport_.candidates(), servers);
  report.viewers = sessions_.GetViewers(now);
  AddRelayProtocols(servers, report.viewers);
  report.max_viewers = max_viewers_;
  report.totals = sessions_.totals();
  return report;
}

}  // namespace ocellus::app
