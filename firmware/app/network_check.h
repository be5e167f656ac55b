// SPDX-License-Identifier: Apache-2.0
// `ocellus --check-network`: asks every configured server, finds out what the NATs do, and says how
// viewers can reach this camera. Uses ports of its own, so that it runs beside a camera.
//
// io thread only. Call Pump as CameraApp's, until done().
#pragma once

#include <string>
#include <vector>

#include "firmware/app/media_transport.h"
#include "firmware/rtc/gathering/behavior_discovery.h"
#include "firmware/rtc/gathering/network_report.h"
#include "hal/clock.h"
#include "hal/name_resolver.h"
#include "hal/network.h"

namespace ocellus::app {

// By then there is a report, whatever has not answered.
constexpr Duration kNetworkCheckLimit = std::chrono::seconds(10);
// How long servers may take to be asked, and names to be known, before the rest goes on without.
constexpr Duration kServerNamesLimit = std::chrono::seconds(2);

class NetworkCheck {
 public:
  // All borrowed for the life of the check.
  struct Parts {
    hal::UdpSocket& media;    // For servers and relays.
    hal::UdpSocket& mapping;  // Two more ports, for the discovery of NATs.
    hal::UdpSocket& filtering;
    hal::TcpTransport& tcp_transport;
    hal::NameResolver& name_resolver;
    hal::Network& network;
    const hal::Clock& clock;
    Random& random;
    const crypto::TrustStore* trust = nullptr;  // For turns: servers; null without any.
  };

  // `media_port` is the camera's, for the report.
  NetworkCheck(Time now, uint16_t media_port, gathering::Options options, const Parts& parts);

  // Does everything that is ready. Never blocks.
  void Pump(Time now);
  // When Pump must be called even though nothing came in.
  Time next_deadline() const;

  bool done() const { return done_; }
  // What is known so far, for a person: gathering::WriteNetworkReport.
  std::string Report() const;

  // Frees the allocations on the TURN servers.
  void Shutdown(Time now) { transport_.Close(now); }

 private:
  void PumpNames(Time now);
  void StartDiscoveries(Time now);
  void PumpDiscoveries(Time now);
  void Receive(Time now, hal::UdpSocket& socket);
  bool HasSettled(Time now) const;

  const Parts parts_;
  const uint16_t media_port_;
  const gathering::Options options_;
  const Time started_at_;
  const std::vector<IpAddress> hosts_;
  MediaTransport transport_;
  Time last_pump_ = Time::min();
  bool discovering_ = false;
  std::vector<gathering::BehaviorDiscovery> discoveries_;  // One for each address family.
  bool done_ = false;
};

}  // namespace ocellus::app
