// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/check_network.h"

#include <cstdio>
#include <memory>

#include "firmware/app/network_check.h"
#include "platform/linux/clock.h"
#include "platform/linux/network_parts.h"
#include "platform/linux/random.h"
#include "platform/linux/state_directory.h"
#include "platform/linux/storage.h"

namespace ocellus::linux_platform {
namespace {

// A camera may be running on the port of the configuration.
constexpr uint16_t kAnyPort = 0;

Result<std::unique_ptr<UdpSocket>> OpenProbe(const app::Config& config, EventLoop& loop) {
  Result<std::unique_ptr<UdpSocket>> socket = UdpSocket::Open({kAnyPort, config.listen});
  if (!socket.ok()) return socket.status();
  for (const Watch& watch : (*socket)->watches()) RETURN_IF_ERROR(loop.Add(watch));
  return socket;
}

}  // namespace

Status CheckNetwork(const LoadedConfig& loaded) {
  const LinuxClock clock;
  LinuxRandom random;
  const Result<std::unique_ptr<EventLoop>> loop = EventLoop::Open();
  if (!loop.ok()) return loop.status();
  const Result<std::unique_ptr<LinuxStorage>> storage = LinuxStorage::Open(
      FindStateDirectory(loaded.config.state_directory, ProcessEnvironment), **loop);
  if (!storage.ok()) return storage.status();
  const Result<app::Settings> settings = app::Settings::Open(loaded.sources, **storage);
  if (!settings.ok()) return settings.status();
  const app::Config& config = settings->config();
  const Result<NetworkParts> network = OpenNetwork(config, kAnyPort, clock, **loop);
  if (!network.ok()) return network.status();
  const Result<std::unique_ptr<UdpSocket>> mapping = OpenProbe(config, **loop);
  if (!mapping.ok()) return mapping.status();
  const Result<std::unique_ptr<UdpSocket>> filtering = OpenProbe(config, **loop);
  if (!filtering.ok()) return filtering.status();

  app::NetworkCheck check(clock.Now(), config.udp_port, GatheringOptionsOf(config),
                          {*network->udp, **mapping, **filtering, *network->tcp, *network->resolver,
                           *network->monitor, clock, random, network->trust.get()});
  bool stopped = false;
  while (!check.done() && !stopped) {
    check.Pump(clock.Now());
    stopped = !check.done() && (*loop)->Wait(check.next_deadline()) == EventLoop::Wakeup::kStop;
  }
  std::fputs(check.Report().c_str(), stdout);
  check.Shutdown(clock.Now());
  return {};
}

}  // namespace ocellus::linux_platform
