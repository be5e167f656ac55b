// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/config.h"

#include <algorithm>

#include "firmware/app/setting_value.h"
#include "firmware/base/limits.h"
#include "firmware/base/text.h"

namespace ocellus::app {
namespace {

struct Setting {
  const char* key;
  SettingMember member;
  const char* default_value;  // As a user would write it; empty only for optional members.
  const char* placeholder;    // What stands for the value in --help: its kind or its unit.
  const char* help;
  SettingRange range = {};  // Numbers only.
};

constexpr SettingRange kPorts = {0, 65535};

const Setting kSettings[] = {
    {"source", &Config::source, "auto", "SOURCE",
     "Where pictures come from: \"auto\" (the first camera that works, else the test pattern), "
     "\"test-pattern\", a V4L2 device (/dev/video0), or an H.264 file in Annex B form, which is "
     "played in a loop."},
    {"width", &Config::width, "640", "PIXELS",
     "Width of the picture; the camera takes the nearest that it has.", SettingRange{16, 3840, 2}},
    {"height", &Config::height, "480", "PIXELS",
     "Height of the picture; the camera takes the nearest that it has.", SettingRange{16, 2160, 2}},
    {"fps", &Config::fps, "30", "FRAMES/S", "Pictures a second.", SettingRange{1, 120}},
    {"bitrate", &Config::bitrate, "2000", "KBIT/S",
     "Video bitrate, where the picture is encoded here.", SettingRange{50, 50'000}},
    {"http-port", &Config::http_port, "8080", "PORT",
     "TCP port of the page and of WHEP; 0 takes any free one.", kPorts},
    {"udp-port", &Config::udp_port, "8555", "PORT",
     "UDP port that carries the media of all viewers; 0 takes any free one.", kPorts},
    {"listen", &Config::listen, "", "ADDRESS",
     "Local address to serve on, such as 192.168.1.5; 0.0.0.0 means IPv4 only and :: IPv6 only. "
     "By default every address of both."},
    {"loopback-candidates", &Config::loopback_candidates, "false", "BOOL",
     "Offer loopback addresses to viewers, too. They are offered anyway when there are no others."},
    {"stun-servers", &Config::stun_servers, "", "URLS",
     "STUN servers that tell the camera its address behind a NAT. Viewers are told of them, too. "
     "Without any, viewers reach the camera in its own network, through TURN, or at an address of "
     "public-addresses."},
    {"turn-servers", &Config::turn_servers, "", "URLS",
     "TURN servers that relay where no direct path works, the preferred one first. Viewers are "
     "told of them, too."},
    {"turn-username", &Config::turn_username, "ocellus", "NAME",
     "User name for the TURN servers; with turn-secret the name that stands in the server's log."},
    {"turn-password", &Config::turn_password, "", "TEXT",
     "Password of turn-username. Whoever may watch is told it; turn-secret is better."},
    {"turn-secret", &Config::turn_secret, "", "TEXT",
     "Secret shared with the TURN servers (coturn: static-auth-secret), from which users that end "
     "within two days are made for the camera, and ones that end within a day for viewers."},
    {"ice-policy", &Config::ice_policy, "all", "POLICY",
     "\"relay\" talks to viewers through TURN servers only and keeps the camera's own addresses "
     "from them."},
    {"ice-tcp", &Config::ice_tcp, "true", "BOOL",
     "Take media connections by TCP, too, on the port with the number of udp-port, for viewers "
     "whose network lets no UDP through."},
    {"public-addresses", &Config::public_addresses, "", "ADDRESSES",
     "Addresses at which a router or cloud forwards udp-port to the camera with the same number, "
     "such as 203.0.113.7."},
    {"ca-file", &Config::ca_file, "/etc/ssl/certs/ca-certificates.crt", "FILE",
     "Certificates (PEM) of the authorities that may vouch for turns: servers."},
    {"max-viewers", &Config::max_viewers, "50", "COUNT",
     "Viewers at once; the next one is refused (503).", SettingRange{1, kMaxMaxViewers}},
    {"config", &Config::config_file, "", "FILE",
     "YAML file with these same keys, one \"key: value\" a line. Values may use ${VARIABLE} and "
     "${VARIABLE:default}. Not allowed in the file itself."},
    {"state-dir", &Config::state_directory, "", "DIRECTORY",
     "Where the certificate is kept. By default $STATE_DIRECTORY (systemd), "
     "$XDG_STATE_HOME/ocellus, ~/.local/state/ocellus or /var/lib/ocellus, the first that is set."},
    {"log-level", &Config::log_level, "info", "LEVEL", "How much is logged."},
};

static_assert(kDefaultMaxViewers == 50, "the table says 50");

constexpr std::string_view kEnvironmentPrefix = "OCELLUS_";

// "http-port" -> "OCELLUS_HTTP_PORT".
std::string EnvironmentName(std::string_view key) {
  std::string name(kEnvironmentPrefix);
  for (const char c : key) {
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return name;
}

const Setting* FindByKey(std::string_view key) {
  for (const Setting& setting : kSettings) {
    if (key == setting.key) return &setting;
  }
  return nullptr;
}

bool IsBool(const Setting& setting) {
  return std::holds_alternative<bool Config::*>(setting.member);
}

// The number of letters to insert, delete or replace to get from `a` to `b` (Levenshtein).
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

// "; did you mean --http-port?", or nothing when no key is near. `spell` writes a key in the style
// of whoever misspelled it.
template <typename Spell>
std::string Suggestion(std::string_view unknown, Spell spell) {
  // Longer names than any key are not worth the work.
  constexpr size_t kLongestName = 64;
  if (unknown.size() > kLongestName) return "";
  std::string nearest;
  size_t nearest_distance = unknown.size() / 3 + 2;
  for (const Setting& setting : kSettings) {
    const std::string spelled = spell(setting.key);
    const size_t distance = EditDistance(unknown, spelled);
    if (distance >= nearest_distance) continue;
    nearest_distance = distance;
    nearest = spelled;
  }
  return nearest.empty() ? "" : "; did you mean " + nearest + "?";
}

std::string AsIs(std::string_view key) { return std::string(key); }
std::string AsFlag(std::string_view key) { return "--" + std::string(key); }

std::string Allowed(const Setting& setting) {
  return AllowedSettingValues(setting.member, setting.range);
}

bool IsSecret(const Setting& setting) {
  return std::holds_alternative<std::optional<Secret> Config::*>(setting.member);
}

// A value for an error message. A URL with an "@" may have a password before it.
std::string Shown(const std::string& value, const Setting& setting) {
  const bool hidden = IsSecret(setting) || value.find('@') != std::string::npos;
  return hidden ? "the value (not shown)" : '"' + value + '"';
}

Status Apply(const RawSetting& raw, Config& config) {
  const Setting* setting = FindByKey(raw.key);
  if (setting == nullptr) {
    return Status(StatusCode::kInvalidArgument,
                  Format("%s: unknown key \"%s\"%s", raw.origin.c_str(), raw.key.c_str(),
                         Suggestion(raw.key, AsIs).c_str()));
  }
  if (!ParseSettingValue(raw.value, setting->member, setting->range, config)) {
    return Status(
        StatusCode::kInvalidArgument,
        Format("%s: %s is not allowed for %s: it takes %s", raw.origin.c_str(),
               Shown(raw.value, *setting).c_str(), setting->key, Allowed(*setting).c_str()));
  }
  return {};
}

// What no setting shows by itself.
Status CheckTogether(const Config& config) {
  const char* mistake = nullptr;
  if (config.turn_password && config.turn_secret) {
    mistake = "turn-password and turn-secret exclude each other";
  } else if (!config.turn_servers.empty() && !config.turn_password && !config.turn_secret) {
    mistake = "turn-servers needs turn-password or turn-secret";
  } else if (config.ice_policy == gathering::Policy::kRelay && config.turn_servers.empty()) {
    mistake = "ice-policy relay needs turn-servers: nobody could watch";
  }
  return mistake == nullptr ? Status() : Status(StatusCode::kInvalidArgument, mistake);
}

// Appends `text`, broken between words into lines that start at column `indent`.
void AppendWrapped(std::string_view text, size_t indent, std::string& out) {
  constexpr size_t kColumns = 80;
  size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = TakeUntil(text, ' ');
    if (column > indent && column + 1 + word.size() > kColumns) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  out += '\n';
}

}  // namespace

Result<CommandLine> ParseCommandLine(Span<const char* const> arguments) {
  CommandLine line;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view rest = arguments[i];
    if (rest == "--help" || rest == "-h") line.action = Action::kPrintHelp;
    if (rest == "--version") line.action = Action::kPrintVersion;
    if (rest == "--help-markdown") line.action = Action::kPrintMarkdown;
    if (line.action != Action::kRun && line.action != Action::kCheckNetwork) return line;
    if (rest == "--check-network") {
      line.action = Action::kCheckNetwork;
      continue;
    }

    const bool has_value = rest.find('=') != std::string_view::npos;
    const std::string flag(TakeUntil(rest, '='));
    const Setting* setting =
        StartsWith(flag, "--") ? FindByKey(std::string_view(flag).substr(2)) : nullptr;
    if (setting == nullptr) {
      return Status(StatusCode::kInvalidArgument, Format("unknown argument \"%s\"%s", flag.c_str(),
                                                         Suggestion(flag, AsFlag).c_str()));
    }
    if (IsSecret(*setting)) {
      return Status(StatusCode::kInvalidArgument,
                    Format("%s: everybody on this machine can read a command line; set %s or the "
                           "key %s of the file instead",
                           flag.c_str(), EnvironmentName(setting->key).c_str(), setting->key));
    }
    std::string value(rest);
    if (!has_value) {
      const bool followed = i + 1 < arguments.size() && !StartsWith(arguments[i + 1], "--");
      if (!followed && !IsBool(*setting)) {
        return Status(
            StatusCode::kInvalidArgument,
            Format("%s needs a value: it takes %s", flag.c_str(), Allowed(*setting).c_str()));
      }
      value = followed ? arguments[++i] : "true";
    }
    line.settings.push_back({setting->key, std::move(value), flag});
  }
  return line;
}

Result<std::vector<RawSetting>> ParseEnvironment(Span<const char* const> environment) {
  std::vector<RawSetting> settings;
  for (std::string_view rest : environment) {
    if (!StartsWith(rest, kEnvironmentPrefix)) continue;
    const std::string name(TakeUntil(rest, '='));
    const auto* setting =
        std::find_if(std::begin(kSettings), std::end(kSettings),
                     [&](const Setting& other) { return EnvironmentName(other.key) == name; });
    if (setting == std::end(kSettings)) {
      return Status(StatusCode::kInvalidArgument,
                    Format("unknown environment variable %s%s", name.c_str(),
                           Suggestion(name, EnvironmentName).c_str()));
    }
    settings.push_back({setting->key, std::string(rest), name});
  }
  return settings;
}

Result<Config> MakeConfig(Span<const std::vector<RawSetting>> layers) {
  Config config;
  for (const Setting& setting : kSettings) {
    if (*setting.default_value == '\0') continue;
    const Status status = Apply({setting.key, setting.default_value, "default"}, config);
    CHECK(status.ok(), "%s", status.message().c_str());
  }
  for (const std::vector<RawSetting>& layer : layers) {
    for (const RawSetting& raw : layer) RETURN_IF_ERROR(Apply(raw, config));
  }
  RETURN_IF_ERROR(CheckTogether(config));
  return config;
}

std::optional<std::string> FindSetting(Span<const std::vector<RawSetting>> layers,
                                       std::string_view key) {
  std::optional<std::string> value;
  for (const std::vector<RawSetting>& layer : layers) {
    for (const RawSetting& raw : layer) {
      if (raw.key == key) value = raw.value;
    }
  }
  return value;
}

std::string HelpText() {
  constexpr size_t kHelpColumn = 6;
  std::string text =
      "Ocellus shows a camera live in any browser.\n"
      "\n"
      "Usage: ocellus [--key value]...\n"
      "\n"
      "A flag beats its environment variable (--http-port: OCELLUS_HTTP_PORT), and that\n"
      "beats the same key in the file that --config names.\n"
      "\n";
  for (const Setting& setting : kSettings) {
    if (IsSecret(setting)) {
      text += Format("  %s=%s\n      ", EnvironmentName(setting.key).c_str(), setting.placeholder);
    } else {
      text += Format("  --%s %s\n      ", setting.key, setting.placeholder);
    }
    std::string help = setting.help;
    help += " (" + Allowed(setting);
    if (*setting.default_value != '\0') help += Format("; default %s", setting.default_value);
    AppendWrapped(help + ")", kHelpColumn, text);
  }
  text +=
      "  --check-network\n"
      "      Says how viewers can reach this camera, and what stands in the way.\n"
      "  --help\n"
      "      Shows this.\n"
      "  --version\n"
      "      Shows the version.\n";
  return text;
}

// A vertical bar would end the cell.
std::string MarkdownCell(const std::string& text) {
  std::string cell;
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell;
}

std::string HelpMarkdown() {
  std::string text =
      "# Configuration\n"
      "\n"
      "Written by `ocellus --help-markdown` from the table in `firmware/app/config.cc`; a test\n"
      "compares them.\n"
      "\n"
      "Each setting is a flag, an environment variable and a key of the YAML file that `--config`\n"
      "names. A flag beats the environment, and that beats the file. Unknown keys and values out\n"
      "of range are refused.\n"
      "\n"
      "| key, flag | environment | takes | default | meaning |\n"
      "|---|---|---|---|---|\n";
  for (const Setting& setting : kSettings) {
    const bool has_default = *setting.default_value != '\0';
    const std::string flag = IsSecret(setting)
                                 ? std::string("no flag")
                                 : Format("`--%s %s`", setting.key, setting.placeholder);
    text +=
        Format("| `%s`, %s | `%s` | %s | %s%s%s | %s |\n", setting.key, flag.c_str(),
               EnvironmentName(setting.key).c_str(), MarkdownCell(Allowed(setting)).c_str(),
               has_default ? "`" : "", setting.default_value, has_default ? "`" : "", setting.help);
  }
  return text;
}

}  // namespace ocellus::app
