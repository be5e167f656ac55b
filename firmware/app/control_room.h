// SPDX-License-Identifier: Apache-2.0
// Everything that steers the camera: carries the messages of viewers' data channels to the control
// server and the file transfers, and back, and what those ask of the camera.
//
//   label "control"  control::Server, JSON-RPC; one a viewer
//   label "file"     control::FileTransfers; one a file
//   any other        closed
//
// io thread only. Owned by CameraApp.
//
// Invariants:
//   1. Every client of the server and every transfer has one channel, and the other way round.
#pragma once

#include <map>
#include <unordered_map>
#include <variant>
#include <vector>

#include "firmware/app/camera_desk.h"
#include "firmware/app/camera_memory.h"
#include "firmware/app/session_manager.h"
#include "firmware/base/log.h"
#include "firmware/control/file_library.h"
#include "firmware/control/file_transfers.h"
#include "firmware/control/outputs.h"
#include "firmware/control/ptz_controller.h"
#include "firmware/control/server.h"
#include "hal/file_store.h"
#include "hal/log_history.h"
#include "hal/storage.h"

namespace ocellus::app {

class ControlRoom {
 public:
  // All of them must outlive this.
  struct Parts {
    SessionManager& sessions;
    media::VideoPipeline& video;
    media::KeyframePolicy& keyframes;
    control::DeviceService& device;
    control::SettingsService& settings;
    control::Outputs& outputs;
    const hal::LogHistory& log;
    hal::Storage& storage;
    hal::FileStore* files;  // nullptr: there are snapshots only.
    const hal::Clock& clock;
  };

  // Reads what was stored, which blocks.
  ControlRoom(const Parts& parts, const control::StreamParameters& settings);

  // Does everything that is ready: after packets have come in, before others leave.
  void Pump(Time now);
  Time next_deadline() const;

  void HandleRpc(Time now, auth::Role role, const hal::HttpRequest& request);
  std::optional<control::HttpAnswer> PollHttp() { return server_.PollHttp(); }
  void HandleSnapshot(const media::Snapshot& snapshot);
  void ApplySettings(const control::StreamParameters& settings) { camera_.ApplySettings(settings); }

  // The program ends: what is to outlive it is written.
  void Flush(Time now) { camera_.Flush(now); }

  // nullopt for a client without a channel, which came by HTTP.
  std::optional<ViewerId> viewer(control::ClientId client) const;

 private:
  struct ChannelKey {
    ViewerId viewer;
    sctp::ChannelId channel;

    friend bool operator<(const ChannelKey& a, const ChannelKey& b) {
      return a.viewer == b.viewer ? a.channel < b.channel : a.viewer < b.viewer;
    }
  };
  using User = std::variant<control::ClientId, control::TransferId>;

  void HandleEvent(Time now, ViewerId viewer, const sctp::ChannelOpened& opened);
  void HandleEvent(Time now, ViewerId viewer, const sctp::ChannelMessage& message);
  void HandleEvent(Time now, ViewerId viewer, const sctp::ChannelClosed& closed);
  void HandleEvent(Time now, ViewerId viewer, const sctp::ChannelsFailed& failed);
  void HandleEvent(Time now, ViewerId viewer, const ViewerLeft& left);
  void HandleEvent(Time now, ViewerId viewer, const sctp::BufferedAmountLow& low);

  bool HasControlChannel(ViewerId viewer) const;
  void ForgetViewer(ViewerId viewer);
  // Tells the channel's user that it is gone.
  void Forget(std::map<ChannelKey, User>::iterator channel);
  void CloseControl(Time now, control::ClientId client);

  void PumpFiles(Time now);
  void SendControlMessages(Time now);
  void SendFiles(Time now);
  size_t RoomForFiles(const ChannelKey& key) const;

  const Parts parts_;
  control::FileLibrary library_;
  control::FileTransfers transfers_;
  control::PtzController ptz_;
  CameraMemory memory_;
  CameraDesk camera_;
  control::Server server_;

  std::map<ChannelKey, User> channels_;  // At most kMaxChannels a viewer.
  std::unordered_map<control::ClientId, ChannelKey> clients_;
  std::unordered_map<control::TransferId, ChannelKey> transfer_channels_;
  LogLimiter failure_log_{std::chrono::seconds(10)};
};

}  // namespace ocellus::app
