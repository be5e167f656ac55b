// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/camera_app.h"

#include <algorithm>

#include "firmware/base/h264_sps.h"
#include "firmware/base/log.h"

namespace ocellus::app {
namespace {

// How often the wall clock is asked again: a step of it shows in sender reports this much later.
constexpr Duration kWallClockInterval = std::chrono::seconds(1);

// Batches of datagrams in one turn, so that a flood leaves time for frames and requests; the rest
// waits in the socket for the next turn.
constexpr int kDatagramBatches = 8;

}  // namespace

CameraApp::CameraApp(Time now, size_t max_viewers, std::string version, const Parts& parts)
    : parts_(parts),
      version_(std::move(version)),
      max_viewers_(max_viewers),
      started_at_(now),
      wall_clock_(parts.clock.Wall()),
      packetizer_(ring_),
      sessions_(max_viewers,
                peer::PeerConfig{parts.certificate, parts.srtp_profiles, wall_clock_, &ring_},
                parts.random),
      http_(parts.http_server, sessions_, *this, parts.pages, signaling::WhepOptions()) {
  PumpNetwork(now);
}

void CameraApp::Pump(Time now) {
  if (now - wall_clock_.at >= kWallClockInterval) wall_clock_ = parts_.clock.Wall();
  if (parts_.network.TakeChanged()) PumpNetwork(now);
  PumpVideo(now);
  PumpDatagrams(now);
  PumpSnapshots();
  http_.Pump(now);
  sessions_.HandleTimeout(now);
  sessions_.Transmit(now, parts_.udp_socket);
  parts_.udp_socket.Flush();
  ForwardKeyframeRequests(now);
}

Time CameraApp::next_deadline() const {
  return std::min({sessions_.next_deadline(), keyframes_.next_deadline(), http_.next_deadline()});
}

void CameraApp::Shutdown(Time now) {
  sessions_.CloseAll(now);
  sessions_.Transmit(now, parts_.udp_socket);
  parts_.udp_socket.Flush();
}

void CameraApp::PumpNetwork(Time now) {
  std::vector<SocketAddress> addresses;
  for (const IpAddress& ip : parts_.network.Addresses()) {
    addresses.push_back({ip, parts_.udp_socket.port()});
  }
  sessions_.SetLocalAddresses(now, std::move(addresses));
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
    const Span<Datagram> batch = parts_.udp_socket.Receive();
    if (batch.empty()) return;
    for (const Datagram& datagram : batch) sessions_.HandleDatagram(now, datagram);
    // Answers leave between batches, so that they do not wait for all of a flood.
    sessions_.Transmit(now, parts_.udp_socket);
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

void CameraApp::PumpSnapshots() {
  while (const auto snapshot = parts_.video.PopSnapshot()) {
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
  report.viewers = sessions_.GetViewers(now);
  report.max_viewers = max_viewers_;
  report.totals = sessions_.totals();
  return report;
}

}  // namespace ocellus::app
