// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/config.h"

#include <algorithm>
#include <variant>

#include "firmware/base/limits.h"
#include "firmware/base/text.h"

namespace ocellus::app {
namespace {

// Where a value goes. The type of the member is the type of the setting.
using Member = std::variant<std::string Config::*, std::optional<std::string> Config::*,
                            uint32_t Config::*, uint16_t Config::*, DataRate Config::*,
                            bool Config::*, LogLevel Config::*, std::optional<IpAddress> Config::*>;

// What numbers are allowed: minimum, minimum + step, ... maximum.
struct Range {
  uint32_t minimum = 0;
  uint32_t maximum = 0;
  uint32_t step = 1;
};

struct Setting {
  const char* key;
  Member member;
  const char* default_value;  // As a user would write it; empty only for optional members.
  const char* placeholder;    // What stands for the value in --help: its kind or its unit.
  const char* help;
  Range range = {};  // Numbers only.
};

constexpr Range kPorts = {0, 65535};

const Setting kSettings[] = {
    {"source", &Config::source, "auto", "SOURCE",
     "Where pictures come from: \"auto\" (the first camera that works, else the test pattern), "
     "\"test-pattern\", a V4L2 device (/dev/video0), or an H.264 file in Annex B form, which is "
     "played in a loop."},
    {"width", &Config::width, "640", "PIXELS",
     "Width of the picture; the camera takes the nearest that it has.", Range{16, 3840, 2}},
    {"height", &Config::height, "480", "PIXELS",
     "Height of the picture; the camera takes the nearest that it has.", Range{16, 2160, 2}},
    {"fps", &Config::fps, "30", "FRAMES/S", "Pictures a second.", Range{1, 120}},
    {"bitrate", &Config::bitrate, "2000", "KBIT/S",
     "Video bitrate, where the picture is encoded here.", Range{50, 50'000}},
    {"http-port", &Config::http_port, "8080", "PORT",
     "TCP port of the page and of WHEP; 0 takes any free one.", kPorts},
    {"udp-port", &Config::udp_port, "8555", "PORT",
     "UDP port that carries the media of all viewers; 0 takes any free one.", kPorts},
    {"listen", &Config::listen, "", "ADDRESS",
     "Local address to serve on, such as 192.168.1.5; 0.0.0.0 means IPv4 only and :: IPv6 only. "
     "By default every address of both."},
    {"loopback-candidates", &Config::loopback_candidates, "false", "BOOL",
     "Offer loopback addresses to viewers, too. They are offered anyway when there are no others."},
    {"max-viewers", &Config::max_viewers, "50", "COUNT",
     "Viewers at once; the next one is refused (503).", Range{1, kMaxMaxViewers}},
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

// Parses `text` into the member that `member` points to. False when it is not such a value.
class ValueParser {
 public:
  ValueParser(std::string_view text, const Range& range, Config& config)
      : text_(text), range_(range), config_(config) {}

  bool operator()(std::string Config::*member) const {
    config_.*member = text_;
    return !text_.empty();
  }
  bool operator()(std::optional<std::string> Config::*member) const {
    config_.*member = std::string(text_);
    return !text_.empty();
  }
  bool operator()(uint32_t Config::*member) const { return ParseInRange(config_.*member); }
  bool operator()(uint16_t Config::*member) const { return ParseInRange(config_.*member); }
  bool operator()(DataRate Config::*member) const {
    uint32_t kilobits = 0;
    if (!ParseInRange(kilobits)) return false;
    config_.*member = DataRate::FromKilobitsPerSecond(kilobits);
    return true;
  }
  bool operator()(bool Config::*member) const {
    config_.*member = text_ == "true";
    return text_ == "true" || text_ == "false";
  }
  bool operator()(LogLevel Config::*member) const {
    for (const LogLevel level :
         {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
      if (text_ != ToString(level)) continue;
      config_.*member = level;
      return true;
    }
    return false;
  }
  bool operator()(std::optional<IpAddress> Config::*member) const {
    config_.*member = IpAddress::Parse(text_);
    return (config_.*member).has_value();
  }

 private:
  template <typename T>
  bool ParseInRange(T& out) const {
    const auto value = ParseNumber<uint32_t>(text_);
    if (!value || *value < range_.minimum || *value > range_.maximum) return false;
    if ((*value - range_.minimum) % range_.step != 0) return false;
    out = static_cast<T>(*value);
    return true;
  }

  std::string_view text_;
  const Range& range_;
  Config& config_;
};

// What ValueParser accepts, for error messages and help.
class AllowedValues {
 public:
  explicit AllowedValues(const Range& range) : range_(range) {}

  std::string operator()(std::string Config::*) const { return "a name or path"; }
  std::string operator()(std::optional<std::string> Config::*) const { return "a path"; }
  std::string operator()(uint32_t Config::*) const { return Numbers(); }
  std::string operator()(uint16_t Config::*) const { return Numbers(); }
  std::string operator()(DataRate Config::*) const { return Numbers(); }
  std::string operator()(bool Config::*) const { return "true or false"; }
  std::string operator()(LogLevel Config::*) const { return "debug, info, warn or error"; }
  std::string operator()(std::optional<IpAddress> Config::*) const {
    return "an IPv4 or IPv6 address";
  }

 private:
  std::string Numbers() const {
    return Format("%s%u to %u", range_.step == 2 ? "even numbers from " : "",
                  static_cast<unsigned>(range_.minimum), static_cast<unsigned>(range_.maximum));
  }

  const Range& range_;
};

std::string Allowed(const Setting& setting) {
  return std::visit(AllowedValues(setting.range), setting.member);
}

Status Apply(const RawSetting& raw, Config& config) {
  const Setting* setting = FindByKey(raw.key);
  if (setting == nullptr) {
    return Status(StatusCode::kInvalidArgument,
                  Format("%s: unknown key \"%s\"%s", raw.origin.c_str(), raw.key.c_str(),
                         Suggestion(raw.key, AsIs).c_str()));
  }
  if (!std::visit(ValueParser(raw.value, setting->range, config), setting->member)) {
    return Status(StatusCode::kInvalidArgument,
                  Format("%s: \"%s\" is not allowed for %s: it takes %s", raw.origin.c_str(),
                         raw.value.c_str(), setting->key, Allowed(*setting).c_str()));
  }
  return {};
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
    if (line.action != Action::kRun) return line;

    const bool has_value = rest.find('=') != std::string_view::npos;
    const std::string flag(TakeUntil(rest, '='));
    const Setting* setting =
        StartsWith(flag, "--") ? FindByKey(std::string_view(flag).substr(2)) : nullptr;
    if (setting == nullptr) {
      return Status(StatusCode::kInvalidArgument, Format("unknown argument \"%s\"%s", flag.c_str(),
                                                         Suggestion(flag, AsFlag).c_str()));
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
    text += Format("  --%s %s\n      ", setting.key, setting.placeholder);
    std::string help = setting.help;
    help += " (" + Allowed(setting);
    if (*setting.default_value != '\0') help += Format("; default %s", setting.default_value);
    AppendWrapped(help + ")", kHelpColumn, text);
  }
  text +=
      "  --help\n"
      "      Shows this.\n"
      "  --version\n"
      "      Shows the version.\n";
  return text;
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
    text +=
        Format("| `%s`, `--%s %s` | `%s` | %s | %s%s%s | %s |\n", setting.key, setting.key,
               setting.placeholder, EnvironmentName(setting.key).c_str(), Allowed(setting).c_str(),
               has_default ? "`" : "", setting.default_value, has_default ? "`" : "", setting.help);
  }
  return text;
}

}  // namespace ocellus::app
