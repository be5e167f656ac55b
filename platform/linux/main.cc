// SPDX-License-Identifier: Apache-2.0
// Ocellus as a Linux daemon: reads the configuration, opens everything, and runs the app until a
// signal comes. Exit codes: 0 stopped by a signal, 1 something failed, 2 wrong usage.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "drivers/libwebsockets_http_server/libwebsockets_http_server.h"
#include "firmware/app/camera_app.h"
#include "firmware/base/log.h"
#include "firmware/media/video_pipeline.h"
#include "firmware/rtc/srtp/profile_order.h"
#include "platform/linux/boards/board.h"
#include "platform/linux/certificate_store.h"
#include "platform/linux/check_network.h"
#include "platform/linux/clock.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/load_config.h"
#include "platform/linux/log_sink.h"
#include "platform/linux/network_parts.h"
#include "platform/linux/random.h"
#include "platform/linux/sleeper.h"
#include "platform/linux/state_directory.h"
#include "platform/linux/thread.h"
#include "web/pages.h"

namespace ocellus::linux_platform {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

int64_t UnixSeconds(const WallClock& wall) {
  constexpr int64_t kFrom1900To1970 = 2'208'988'800;
  return static_cast<int64_t>(wall.ntp.value() >> 32) - kFrom1900To1970;
}

std::optional<std::string> Environ(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

media::VideoSettings VideoSettingsOf(const app::Config& config) {
  media::VideoSettings settings;
  settings.format.width = static_cast<int>(config.width);
  settings.format.height = static_cast<int>(config.height);
  settings.format.frames_per_second = static_cast<int>(config.fps);
  settings.bitrate = config.bitrate;
  return settings;
}

// The SRTP profiles, the one that this CPU is quickest with first.
std::vector<srtp::Profile> OrderSrtpProfiles(const hal::Clock& clock, Random& random) {
  std::vector<srtp::Profile> profiles;
  for (const srtp::ProfileCost& cost :
       srtp::MeasureProfiles(random, [&clock] { return clock.Now(); })) {
    LOG_DEBUG("%s: %.2f us a packet", srtp::ToString(cost.profile),
              static_cast<double>(cost.per_thousand_packets.count()) / 1000);
    profiles.push_back(cost.profile);
  }
  return profiles;
}

// "Ocellus 0.1.0 is live: http://192.168.1.5:8080/", and a line for each further address.
void PrintAddresses(const std::vector<IpAddress>& addresses, uint16_t port) {
  std::string prefix = "Ocellus " OCELLUS_VERSION " is live: ";
  for (const IpAddress& ip : addresses) {
    std::printf("%shttp://%s/\n", prefix.c_str(), SocketAddress{ip, port}.ToString().c_str());
    prefix.assign(prefix.size(), ' ');
  }
  if (addresses.empty()) std::printf("%sport %u, on no network yet\n", prefix.c_str(), port);
  std::fflush(stdout);
}

// Opens everything, lowest first, and runs until a signal comes. Everything closes by itself in the
// opposite order.
Status Run(const app::Config& config) {
  const LinuxClock clock;
  LinuxSleeper sleeper;
  LinuxRandom random;

  Result<Board> board = MakeBoard(config, clock, sleeper);
  if (!board.ok()) return board.status();
  const Result<crypto::Certificate> certificate = LoadOrMakeCertificate(
      FindStateDirectory(config.state_directory, Environ), random, UnixSeconds(clock.Wall()));
  if (!certificate.ok()) return certificate.status();

  const Result<std::unique_ptr<EventLoop>> loop = EventLoop::Open();
  if (!loop.ok()) return loop.status();
  const Result<NetworkParts> network = OpenNetwork(config, config.udp_port, clock, **loop);
  if (!network.ok()) return network.status();
  drivers::LibwebsocketsHttpServerOptions http_options;
  http_options.address = config.listen;
  http_options.port = config.http_port;
  const auto http = drivers::LibwebsocketsHttpServer::Open(http_options, **loop);
  if (!http.ok()) return http.status();

  media::VideoPipeline video({*board->camera, board->keyframe_control, *board->no_signal,
                              *board->encoder, *board->decoder, *board->jpeg, clock, **loop},
                             VideoSettingsOf(config));
  const std::vector<srtp::Profile> profiles = OrderSrtpProfiles(clock, random);
  auth::Access access({"", {}, {}}, auth::Viewing::kOpenInLocalNetwork);
  const auto app = std::make_unique<app::CameraApp>(
      clock.Now(),
      app::CameraApp::Options{config.max_viewers, OCELLUS_VERSION, GatheringOptionsOf(config)},
      app::CameraApp::Parts{*network->udp, *network->tcp, *network->resolver, *network->monitor,
                            **http, clock, random, video, *certificate, profiles, access,
                            network->trust.get(), web::Pages()});
  const auto video_thread = Thread::Start("video", [&video] { video.Run(); });
  if (!video_thread.ok()) return video_thread.status();

  PrintAddresses(network->monitor->Addresses(), (*http)->port());
  do {
    app->Pump(clock.Now());
  } while ((*loop)->Wait(app->next_deadline()) != EventLoop::Wakeup::kStop);

  LOG_INFO("stopping");
  app->Shutdown(clock.Now());
  video.Stop();
  return {};
}

int Main(Span<const char* const> arguments, Span<const char* const> environment) {
  const Result<LoadedConfig> loaded = LoadConfig(arguments, environment);
  if (!loaded.ok()) {
    std::fprintf(stderr, "ocellus: %s\nTry ocellus --help.\n", loaded.status().message().c_str());
    return kExitUsage;
  }
  switch (loaded->action) {
    case app::Action::kPrintHelp:
      std::fputs(app::HelpText().c_str(), stdout);
      return 0;
    case app::Action::kPrintVersion:
      std::puts("Ocellus " OCELLUS_VERSION);
      return 0;
    case app::Action::kPrintMarkdown:
      std::fputs(app::HelpMarkdown().c_str(), stdout);
      return 0;
    case app::Action::kRun:
    case app::Action::kCheckNetwork:
      break;
  }
  StartLogging(loaded->config.log_level, nullptr);
  const Status status = loaded->action == app::Action::kCheckNetwork ? CheckNetwork(loaded->config)
                                                                     : Run(loaded->config);
  if (status.ok()) return 0;
  LOG_ERROR("%s", status.message().c_str());
  return status.code() == StatusCode::kInvalidArgument ? kExitUsage : kExitFailure;
}

}  // namespace
}  // namespace ocellus::linux_platform

int main(int argc, char** argv) {
  if (argc < 1) return ocellus::linux_platform::kExitUsage;
  size_t variables = 0;
  while (environ[variables] != nullptr) ++variables;
  return ocellus::linux_platform::Main({argv + 1, static_cast<size_t>(argc - 1)},
                                       {environ, variables});
}
