// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/setting_table.h"

#include "firmware/base/limits.h"

namespace ocellus::app {
namespace {

constexpr SettingRange kPorts = {0, 65535};

constexpr SettingSpec kSettings[] = {
    {"name",
     &Config::name,
     "Ocellus",
     "NAME",
     "What the camera is called, for people.",
     {},
     SettingChange::kAtOnce},
    {"source", &Config::source, "auto", "SOURCE",
     "Where pictures come from: \"auto\" (the first camera that works, else the test pattern), "
     "\"test-pattern\", a V4L2 device (/dev/video0), or an H.264 file in Annex B form, which is "
     "played in a loop."},
    {"width", &Config::width, "640", "PIXELS",
     "Width of the picture, before it is rotated; the camera takes the nearest that it has.",
     SettingRange{16, 3840, 2}, SettingChange::kAtOnce},
    {"height", &Config::height, "480", "PIXELS",
     "Height of the picture, before it is rotated; the camera takes the nearest that it has.",
     SettingRange{16, 2160, 2}, SettingChange::kAtOnce},
    {"fps", &Config::fps, "30", "FRAMES/S", "Pictures a second.", SettingRange{1, 120},
     SettingChange::kAtOnce},
    {"bitrate", &Config::bitrate, "2000", "KBIT/S",
     "Video bitrate, where the picture is encoded here.", SettingRange{50, 50'000},
     SettingChange::kAtOnce},
    {"http-port", &Config::http_port, "8080", "PORT",
     "TCP port of the page and of WHEP; 0 takes any free one.", kPorts},
    {"udp-port", &Config::udp_port, "8555", "PORT",
     "UDP port that carries the media of all viewers; 0 takes any free one.", kPorts},
    {"listen", &Config::listen, "", "ADDRESS",
     "Local address to serve on, such as 192.168.1.5; 0.0.0.0 means IPv4 only and :: IPv6 only. "
     "By default every address of both."},
    {"loopback-candidates", &Config::loopback_candidates, "false", "BOOL",
     "Offer loopback addresses to viewers, too. They are offered anyway when there are no others."},
    {"open", &Config::open, "false", "BOOL",
     "Let everybody in the local network (private, link-local and loopback addresses) watch "
     "without "
     "a token."},
    {"admin-token", &Config::admin_token, "", "TEXT",
     "Token of those who may do everything. Without one, the camera makes one at its first start "
     "and keeps it in the file admin-token of state-dir."},
    {"operator-token", &Config::operator_token, "", "TEXT",
     "Token of those who may watch and steer."},
    {"viewer-token", &Config::viewer_token, "", "TEXT", "Token of those who may watch."},
    {"show-token",
     &Config::show_token,
     "false",
     "BOOL",
     "Print the address of the page with the admin token in it.",
     {},
     SettingChange::kNever},
    {"outputs", &Config::outputs, "", "OUTPUTS",
     "Lights, infrared lamps and relays on GPIO lines that operators can switch: "
     "porch=light:gpiochip0/17."},
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
    {"config",
     &Config::config_file,
     "",
     "FILE",
     "YAML file with these same keys, one \"key: value\" a line. Values may use ${VARIABLE} and "
     "${VARIABLE:default}. Not allowed in the file itself.",
     {},
     SettingChange::kNever},
    {"state-dir",
     &Config::state_directory,
     "",
     "DIRECTORY",
     "Where the certificate, the token, saved settings and files are kept. By default "
     "$STATE_DIRECTORY (systemd), "
     "$XDG_STATE_HOME/ocellus, ~/.local/state/ocellus or /var/lib/ocellus, the first that is set.",
     {},
     SettingChange::kNever},
    {"log-level",
     &Config::log_level,
     "info",
     "LEVEL",
     "How much is logged.",
     {},
     SettingChange::kNever},
};

static_assert(kDefaultMaxViewers == 50, "the table says 50");

}  // namespace

Span<const SettingSpec> SettingTable() { return kSettings; }

const SettingSpec* FindSettingSpec(std::string_view key) {
  for (const SettingSpec& setting : kSettings) {
    if (key == setting.key) return &setting;
  }
  return nullptr;
}

std::string EnvironmentNameOf(std::string_view key) {
  std::string name(kEnvironmentPrefix);
  for (const char c : key) {
    name += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  }
  return name;
}

}  // namespace ocellus::app
