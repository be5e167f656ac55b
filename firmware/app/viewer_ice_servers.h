// SPDX-License-Identifier: Apache-2.0
// The STUN and TURN servers that viewers are told of (RFC 9725 section 4.6): those that the camera
// uses itself, with credentials that end within a day where the servers know a shared secret. io
// thread only. Owned by CameraApp.
#pragma once

#include <vector>

#include "firmware/base/units.h"
#include "firmware/rtc/gathering/gatherer.h"
#include "firmware/signaling/whep.h"

namespace ocellus::app {

class ViewerIceServers : public signaling::IceServers {
 public:
  // `wall_clock` outlives it.
  ViewerIceServers(const gathering::Options& options, const WallClock& wall_clock);

  std::vector<signaling::IceServer> ForViewer(Time now) override;

 private:
  const std::vector<gathering::ServerUrl> servers_;
  const gathering::Credentials credentials_;
  const WallClock& wall_clock_;
};

}  // namespace ocellus::app
