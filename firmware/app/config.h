// SPDX-License-Identifier: Apache-2.0
// The settings of the program. Each is declared once, in the table of config.cc; its flag, its
// environment variable, its key in the file, --help and docs/configuration.md all come from there.
//
// Pure: the platform reads files, the environment and the command line, and hands over what it
// found as RawSettings. A flag beats the environment, and that beats the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/log.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"
#include "firmware/base/units.h"
#include "firmware/control/outputs.h"
#include "firmware/rtc/gathering/gatherer.h"

namespace ocellus::app {

// Never shown, logged or taken from a command line, which everybody on a machine can read.
struct Secret {
  std::string value;
};

// What somebody shows to be let in (auth::Access). A secret, too; of the characters that RFC 6750
// section 2.1 allows, so that it can stand in a header and in a URL.
struct AccessToken {
  std::string value;
};

// Types of their own, so that the table tells them apart.
struct StunServers : std::vector<gathering::ServerUrl> {};
struct TurnServers : std::vector<gathering::ServerUrl> {};

// Made by MakeConfig only, so every value is within the range that the table states.
struct Config {
  std::string name;
  std::string source;
  uint32_t width = 0;   // Pixels, even.
  uint32_t height = 0;  // Pixels, even.
  uint32_t fps = 0;
  DataRate bitrate;

  uint16_t http_port = 0;           // 0: any free one.
  uint16_t udp_port = 0;            // 0: any free one.
  std::optional<IpAddress> listen;  // nullopt: every address of this host.
  bool loopback_candidates = false;
  uint32_t max_viewers = 0;

  std::optional<AccessToken> admin_token;  // nullopt: the one that was made at the first start.
  std::optional<AccessToken> operator_token;
  std::optional<AccessToken> viewer_token;
  bool open = false;        // Who is in the local network may watch without a token.
  bool show_token = false;  // The address that is printed at the start has the admin token in it.
  std::vector<control::OutputConfig> outputs;

  StunServers stun_servers;
  TurnServers turn_servers;
  std::string turn_username;
  std::optional<Secret> turn_password;  // Not together with turn_secret.
  std::optional<Secret> turn_secret;
  gathering::Policy ice_policy = gathering::Policy::kAll;
  bool ice_tcp = true;
  std::vector<IpAddress> public_addresses;
  std::string ca_file;

  std::optional<std::string> config_file;
  std::optional<std::string> state_directory;  // nullopt: the platform's own choice.
  LogLevel log_level = LogLevel::kInfo;
};

// A setting as somebody wrote it.
struct RawSetting {
  std::string key;  // "http-port"
  std::string value;
  std::string origin;  // For error messages: "--http-port", "OCELLUS_HTTP_PORT", "ocellus.yaml:7".
};

enum class Action {
  kRun,
  kCheckNetwork,
  kPrintHelp,
  kPrintVersion,
  kPrintMarkdown,         // docs/configuration.md
  kPrintControlMarkdown,  // docs/control.md
};

struct CommandLine {
  Action action = Action::kRun;
  std::vector<RawSetting> settings;
};

// `arguments` without the program's name: "--key value", "--key=value", and "--key" alone for
// settings that are true or false. Secrets are refused. Errors: kInvalidArgument, names the
// argument.
Result<CommandLine> ParseCommandLine(Span<const char* const> arguments);

// `environment` in the form "NAME=value"; every name that starts with OCELLUS_ must be a setting.
// Errors: kInvalidArgument, names the variable.
Result<std::vector<RawSetting>> ParseEnvironment(Span<const char* const> environment);

// Settings of a file: like ParseEnvironment's, they are checked against the table by MakeConfig.
// `layers` in rising precedence; later settings replace earlier ones, but all must be valid.
// Errors: kInvalidArgument, names the origin, the key, the value (not of secrets) and what is
// allowed; or which settings do not go together.
Result<Config> MakeConfig(Span<const std::vector<RawSetting>> layers);

// The value of `key` in the last layer that has it, before MakeConfig: for --config itself.
std::optional<std::string> FindSetting(Span<const std::vector<RawSetting>> layers,
                                       std::string_view key);

// The text of --help, and docs/configuration.md.
std::string HelpText();
std::string HelpMarkdown();

}  // namespace ocellus::app
