// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/viewer_ice_servers.h"

namespace ocellus::app {
namespace {

// Users made for viewers end after one to two of these.
constexpr std::chrono::seconds kViewerLifetime = std::chrono::hours(12);

gathering::Credentials ForViewers(gathering::Credentials credentials) {
  if (auto* shared = std::get_if<gathering::SharedSecret>(&credentials)) {
    shared->name = "viewer";
    shared->lifetime = kViewerLifetime;
  }
  return credentials;
}

}  // namespace

ViewerIceServers::ViewerIceServers(const gathering::Options& options, const WallClock& wall_clock)
    : servers_(options.servers),
      credentials_(ForViewers(options.credentials)),
      wall_clock_(wall_clock) {}

std::vector<signaling::IceServer> ViewerIceServers::ForViewer(Time now) {
  std::vector<signaling::IceServer> servers;
  const auto login = gathering::MakeLogin(credentials_, wall_clock_, now);
  for (const gathering::ServerUrl& url : servers_) {
    if (url.kind == gathering::ServerKind::kStun) {
      servers.push_back({url.Write(), {}, {}});
    } else if (login) {
      servers.push_back({url.Write(), login->username, login->password});
    }
  }
  return servers;
}

}  // namespace ocellus::app
