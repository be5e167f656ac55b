// SPDX-License-Identifier: Apache-2.0
// Ocellus as a Linux daemon: reads the configuration, opens everything, and runs the app until a
// signal comes, or an admin asks for a restart. Exit codes: 0 stopped by a signal, 1 something
// failed, 2 wrong usage.
#include <errno.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "drivers/libwebsockets_http_server/libwebsockets_http_server.h"
#include "drivers/linux_gpio/linux_gpio.h"
#include "firmware/app/admin_token.h"
#include "firmware/app/camera_app.h"
#include "firmware/app/camera_memory.h"
#include "firmware/app/settings.h"
#include "firmware/base/log.h"
#include "firmware/control/control_markdown.h"
#include "firmware/media/video_pipeline.h"
#include "firmware/rtc/srtp/profile_order.h"
#include "platform/linux/boards/board.h"
#include "platform/linux/certificate_store.h"
#include "platform/linux/check_network.h"
#include "platform/linux/clock.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/file_store.h"
#include "platform/linux/load_config.h"
#include "platform/linux/log_sink.h"
#include "platform/linux/network_parts.h"
#include "platform/linux/random.h"
#include "platform/linux/sleeper.h"
#include "platform/linux/state_directory.h"
#include "platform/linux/storage.h"
#include "platform/linux/system_error.h"
#include "platform/linux/thread.h"
#include "web/pages.h"

namespace ocellus::linux_platform {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

media::VideoSettings VideoSettingsOf(const app::Config& config, hal::Storage& storage) {
  media::VideoSettings settings;
  settings.format.width = static_cast<int>(config.width);
  settings.format.height = static_cast<int>(config.height);
  settings.format.frames_per_second = static_cast<int>(config.fps);
  settings.bitrate = config.bitrate;
  settings.controls = app::CameraMemory::ReadControls(storage);
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

auth::Access MakeAccess(const app::Config& config, const std::string& admin_token) {
  auth::Tokens tokens{admin_token, {}, {}};
  if (config.operator_token) tokens.operator_token = config.operator_token->value;
  if (config.viewer_token) tokens.viewer = config.viewer_token->value;
  return auth::Access(tokens,
                      config.open ? auth::Viewing::kOpenInLocalNetwork : auth::Viewing::kWithToken);
}

// The one that somebody chose, or that the camera has made for itself.
Result<app::AdminToken> FindAdminToken(const app::Config& config, hal::Storage& storage,
                                       Random& random) {
  if (config.admin_token) return app::AdminToken{config.admin_token->value, false};
  return app::LoadOrMakeAdminToken(storage, random);
}

// A new token is shown once, to whoever sits there: a journal must not keep it.
bool ShowsToken(const app::Config& config, const app::AdminToken& token) {
  return config.show_token || (token.is_new && isatty(STDOUT_FILENO) == 1);
}

// "Ocellus 0.1.0 is live: http://192.168.1.5:8080/", and a line for each further address. `token`
// goes with it, where it is not empty: what stands behind the # is sent to no server.
void PrintAddresses(const std::vector<IpAddress>& addresses, uint16_t port,
                    const std::string& token) {
  std::string prefix = "Ocellus " OCELLUS_VERSION " is live: ";
  const std::string suffix = token.empty() ? "" : "#token=" + token;
  for (const IpAddress& ip : addresses) {
    std::printf("%shttp://%s/%s\n", prefix.c_str(), SocketAddress{ip, port}.ToString().c_str(),
                suffix.c_str());
    prefix.assign(prefix.size(), ' ');
  }
  if (addresses.empty()) std::printf("%sport %u, on no network yet\n", prefix.c_str(), port);
  std::fflush(stdout);
}

enum class End { kStopped, kRestart };

// Opens everything, lowest first, and runs until a signal comes or somebody asks for a restart.
// Everything closes by itself in the opposite order.
Result<End> Run(const LoadedConfig& loaded, const LinuxLogHistory& log) {
  const LinuxClock clock;
  LinuxSleeper sleeper;
  LinuxRandom random;
  const std::string directory =
      FindStateDirectory(loaded.config.state_directory, ProcessEnvironment);

  const Result<std::unique_ptr<EventLoop>> loop = EventLoop::Open();
  if (!loop.ok()) return loop.status();
  const Result<std::unique_ptr<LinuxStorage>> storage = LinuxStorage::Open(directory, **loop);
  if (!storage.ok()) return storage.status();
  Result<app::Settings> settings = app::Settings::Open(loaded.sources, **storage);
  if (!settings.ok()) return settings.status();
  const app::Config config = settings->config();

  Result<Board> board = MakeBoard(config, clock, sleeper);
  if (!board.ok()) return board.status();
  const Result<crypto::Certificate> certificate =
      LoadOrMakeCertificate(directory, random, clock.Wall().ntp.ToUnix().count() / 1'000'000);
  if (!certificate.ok()) return certificate.status();
  const Result<app::AdminToken> admin_token = FindAdminToken(config, **storage, random);
  if (!admin_token.ok()) return admin_token.status();
  auth::Access access = MakeAccess(config, admin_token->token);
  Result<control::Outputs> outputs = control::Outputs::Open(*board->gpio, config.outputs);
  if (!outputs.ok()) return outputs.status();
  const Result<std::unique_ptr<LinuxFileStore>> files =
      LinuxFileStore::Open(directory + "/files", **loop);
  if (!files.ok()) return files.status();

  const Result<NetworkParts> network = OpenNetwork(config, config.udp_port, clock, **loop);
  if (!network.ok()) return network.status();
  drivers::LibwebsocketsHttpServerOptions http_options;
  http_options.address = config.listen;
  http_options.port = config.http_port;
  const auto http = drivers::LibwebsocketsHttpServer::Open(http_options, **loop);
  if (!http.ok()) return http.status();

  media::VideoPipeline video(
      {*board->camera, board->keyframe_control, *board->no_signal, *board->encoder, *board->decoder,
       *board->jpeg, clock, **loop, board->camera_controls, board->transformer.get()},
      VideoSettingsOf(config, **storage));
  const std::vector<srtp::Profile> profiles = OrderSrtpProfiles(clock, random);
  const auto app = std::make_unique<app::CameraApp>(
      clock.Now(),
      app::CameraApp::Options{config.max_viewers, OCELLUS_VERSION, OCELLUS_BOARD,
                              /*can_restart=*/true, GatheringOptionsOf(config)},
      app::CameraApp::Parts{*network->udp, *network->tcp, *network->resolver, *network->monitor,
                            **http, clock, random, video, *certificate, profiles, access, *settings,
                            *outputs, **storage, files->get(), log, network->trust.get(),
                            web::Pages()});
  const auto video_thread = Thread::Start("video", [&video] { video.Run(); });
  if (!video_thread.ok()) return video_thread.status();

  PrintAddresses(network->monitor->Addresses(), (*http)->port(),
                 ShowsToken(config, *admin_token) ? admin_token->token : "");
  End end = End::kStopped;
  do {
    app->Pump(clock.Now());
    if (app->wants_restart(clock.Now())) {
      end = End::kRestart;
      break;
    }
  } while ((*loop)->Wait(app->next_deadline()) != EventLoop::Wakeup::kStop);

  LOG_INFO("stopping");
  app->Shutdown(clock.Now());
  video.Stop();
  return end;
}

// Becomes the program as it was started, in the same process: its supervisor sees no end of it.
Status StartAnew(Span<char* const> arguments) {
  execv("/proc/self/exe", arguments.data());
  return SystemError(errno, "cannot start the program anew");
}

// `arguments` with the program's name, and a null pointer behind them.
int Main(Span<char* const> arguments, Span<const char* const> environment) {
  const std::vector<const char*> flags(arguments.begin() + 1, arguments.end());
  const Result<LoadedConfig> loaded = LoadConfig(flags, environment);
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
    case app::Action::kPrintControlMarkdown:
      std::fputs(control::ControlMarkdown().c_str(), stdout);
      return 0;
    case app::Action::kRun:
    case app::Action::kCheckNetwork:
      break;
  }
  static LinuxLogHistory log;  // For as long as anything logs.
  StartLogging(loaded->config.log_level, &log);
  Status status;
  if (loaded->action == app::Action::kCheckNetwork) {
    status = CheckNetwork(*loaded);
  } else {
    const Result<End> end = Run(*loaded, log);
    status = end.status();
    if (end.ok() && *end == End::kRestart) status = StartAnew(arguments);
  }
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
  return ocellus::linux_platform::Main({argv, static_cast<size_t>(argc)}, {environ, variables});
}
