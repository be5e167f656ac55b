// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/network_parts.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"
#include "platform/linux/file.h"

namespace ocellus::linux_platform {
namespace {

// Of UDP ports that the kernel chooses, until one is free for TCP, too.
constexpr int kPortAttempts = 10;

Result<std::unique_ptr<crypto::TrustStore>> LoadTrustStore(const std::string& path) {
  const Result<std::string> pem = ReadFile(path, kMaxTrustStoreSize, FileAccess::kPublic);
  if (!pem.ok()) return pem.status();
  Result<crypto::TrustStore> store = crypto::TrustStore::FromPem(*pem);
  if (!store.ok()) {
    return Status(store.status().code(), path + ": " + store.status().message());
  }
  LOG_DEBUG("%zu authorities trusted (%s)", store->size(), path.c_str());
  return std::make_unique<crypto::TrustStore>(std::move(*store));
}

struct MediaPorts {
  std::unique_ptr<UdpSocket> udp;
  std::unique_ptr<TcpTransport> tcp;
};

Result<MediaPorts> OpenMediaPorts(const app::Config& config, uint16_t udp_port) {
  Result<std::unique_ptr<UdpSocket>> udp = UdpSocket::Open({udp_port, config.listen});
  if (!udp.ok()) return udp.status();
  TcpTransport::Options options;
  if (config.ice_tcp && config.ice_policy == gathering::Policy::kAll) {
    options.listen_port = (*udp)->port();
  }
  options.listen = config.listen;
  Result<std::unique_ptr<TcpTransport>> tcp = TcpTransport::Open(options);
  if (!tcp.ok()) return tcp.status();
  return MediaPorts{std::move(*udp), std::move(*tcp)};
}

// Any port will do that is free for both.
Result<MediaPorts> OpenAnyMediaPorts(const app::Config& config) {
  Result<MediaPorts> ports = OpenMediaPorts(config, 0);
  for (int attempt = 1; !ports.ok() && attempt < kPortAttempts; ++attempt) {
    ports = OpenMediaPorts(config, 0);
  }
  return ports;
}

template <typename Part>
Status AddWatches(EventLoop& loop, Part& part) {
  for (const Watch& watch : part.watches()) RETURN_IF_ERROR(loop.Add(watch));
  return {};
}

}  // namespace

Result<NetworkParts> OpenNetwork(const app::Config& config, uint16_t udp_port,
                                 const hal::Clock& clock, EventLoop& loop) {
  NetworkParts parts;
  Result<MediaPorts> ports =
      udp_port == 0 ? OpenAnyMediaPorts(config) : OpenMediaPorts(config, udp_port);
  if (!ports.ok()) return ports.status();
  parts.udp = std::move(ports->udp);
  parts.tcp = std::move(ports->tcp);

  Result<std::unique_ptr<NetworkMonitor>> monitor =
      NetworkMonitor::Open({config.listen, config.loopback_candidates});
  if (!monitor.ok()) return monitor.status();
  parts.monitor = std::move(*monitor);
  Result<std::unique_ptr<NameResolver>> resolver = NameResolver::Open(clock);
  if (!resolver.ok()) return resolver.status();
  parts.resolver = std::move(*resolver);

  const bool needs_trust = std::any_of(
      config.turn_servers.begin(), config.turn_servers.end(),
      [](const auto& server) { return server.transport == gathering::ServerTransport::kTls; });
  if (needs_trust) {
    Result<std::unique_ptr<crypto::TrustStore>> trust = LoadTrustStore(config.ca_file);
    if (!trust.ok()) return trust.status();
    parts.trust = std::move(*trust);
  }

  RETURN_IF_ERROR(AddWatches(loop, *parts.udp));
  RETURN_IF_ERROR(AddWatches(loop, *parts.tcp));
  RETURN_IF_ERROR(AddWatches(loop, *parts.monitor));
  RETURN_IF_ERROR(AddWatches(loop, *parts.resolver));
  return parts;
}

gathering::Options GatheringOptionsOf(const app::Config& config) {
  gathering::Options options;
  options.servers = config.stun_servers;
  options.servers.insert(options.servers.end(), config.turn_servers.begin(),
                         config.turn_servers.end());
  options.policy = config.ice_policy;
  options.tcp = config.ice_tcp;
  options.public_addresses = config.public_addresses;
  if (config.turn_secret) {
    options.credentials = gathering::SharedSecret{config.turn_secret->value, config.turn_username};
  } else if (config.turn_password) {
    options.credentials =
        gathering::StaticCredentials{config.turn_username, config.turn_password->value};
  }
  return options;
}

}  // namespace ocellus::linux_platform
