// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/network_report.h"

#include <algorithm>
#include <string_view>

#include "firmware/base/status.h"
#include "firmware/base/text.h"

namespace ocellus::gathering {
namespace {

constexpr size_t kColumns = 100;

// What an address is good for, seen from other networks.
enum class Scope : uint8_t { kLoopback, kLinkLocal, kPrivate, kCarrier, kPublic };

Scope ScopeOf(const IpAddress& ip) {
  const Bytes bytes = ip.bytes();
  if (ip.is_loopback()) return Scope::kLoopback;
  if (ip.is_link_local()) return Scope::kLinkLocal;
  if (!ip.is_v4()) return (bytes[0] & 0xFE) == 0xFC ? Scope::kPrivate : Scope::kPublic;  // RFC 4193
  if (bytes[0] == 100 && (bytes[1] & 0xC0) == 64) return Scope::kCarrier;                // RFC 6598
  const bool is_private = bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xF0) == 16) ||
                          (bytes[0] == 192 && bytes[1] == 168);  // RFC 1918
  return is_private ? Scope::kPrivate : Scope::kPublic;
}

const char* Describe(Scope scope) {
  switch (scope) {
    case Scope::kLoopback:
      return "this machine only";
    case Scope::kLinkLocal:
      return "link-local: the nearest network only";
    case Scope::kPrivate:
      return "private: behind a router, for other networks";
    case Scope::kCarrier:
      return "carrier NAT: the provider shares one public address among customers";
    case Scope::kPublic:
      return "public";
  }
  return "?";
}

const char* DescribeMapping(Behavior behavior) {
  switch (behavior) {
    case Behavior::kUnknown:
      return "unknown: it takes two STUN servers, or one with two addresses";
    case Behavior::kNone:
      return "none: addresses are not translated";
    case Behavior::kEndpointIndependent:
      return "the same for everybody (a cone NAT): good";
    case Behavior::kAddressDependent:
      return "another one for each address (a symmetric NAT): bad";
    case Behavior::kAddressAndPortDependent:
      return "another one for each address and port (a symmetric NAT): bad";
    case Behavior::kEndpointDependent:
      return "another one for each server (a symmetric NAT): bad";
  }
  return "?";
}

const char* DescribeFiltering(Behavior behavior) {
  switch (behavior) {
    case Behavior::kUnknown:
    case Behavior::kNone:
    case Behavior::kEndpointDependent:
      return "unknown: it takes a STUN server with two addresses (RFC 5780)";
    case Behavior::kEndpointIndependent:
      return "lets everybody in";
    case Behavior::kAddressDependent:
      return "lets in addresses that we have sent to";
    case Behavior::kAddressAndPortDependent:
      return "lets in addresses and ports that we have sent to";
  }
  return "?";
}

bool HasRelay(const NetworkFindings& findings) {
  return std::any_of(findings.servers.begin(), findings.servers.end(),
                     [](const ServerStatus& server) { return !server.relayed.empty(); });
}

bool HasServer(const NetworkFindings& findings, std::string_view scheme) {
  return std::any_of(findings.servers.begin(), findings.servers.end(),
                     [&](const ServerStatus& server) { return StartsWith(server.url, scheme); });
}

bool HasPublicHost(const NetworkFindings& findings) {
  return std::any_of(findings.hosts.begin(), findings.hosts.end(),
                     [](const SocketAddress& host) { return ScopeOf(host.ip) == Scope::kPublic; });
}

// What one tested address is good for.
Reach JudgeBehavior(const BehaviorReport& behavior, bool has_relay) {
  const Reach relayed = has_relay ? Reach::kRelayed : Reach::kHardly;
  const Reach punched = has_relay ? Reach::kPunched : Reach::kPunchedOnly;
  if (!behavior.mapped) {
    if (has_relay) return Reach::kRelayed;
    return behavior.udp_blocked ? Reach::kNone : Reach::kUnknown;
  }
  switch (behavior.mapping) {
    case Behavior::kAddressDependent:
    case Behavior::kAddressAndPortDependent:
    case Behavior::kEndpointDependent:
      return relayed;
    case Behavior::kUnknown:
      return punched;
    case Behavior::kNone:
    case Behavior::kEndpointIndependent:
      break;
  }
  return behavior.filtering == Behavior::kEndpointIndependent ? Reach::kDirect : punched;
}

// Breaks `text` at spaces, and puts `indent` before each line.
std::string Wrap(std::string_view text, std::string_view indent) {
  std::string wrapped;
  std::string line(indent);
  while (!text.empty()) {
    const std::string_view word = TakeUntil(text, ' ');
    if (line.size() > indent.size() && line.size() + 1 + word.size() > kColumns) {
      wrapped += line + "\n";
      line = indent;
    }
    if (line.size() > indent.size()) line += ' ';
    line += word;
  }
  return wrapped + line + "\n";
}

std::string WriteAddresses(const NetworkFindings& findings) {
  if (findings.hosts.empty()) return "Addresses: none. Is a network connected?\n";
  std::string text = Format("Addresses (%s port %u)\n", findings.tcp ? "UDP and TCP" : "UDP",
                            static_cast<unsigned>(findings.hosts.front().port));
  for (const SocketAddress& host : findings.hosts) {
    text += Format("  %-24s %s\n", host.ip.ToString().c_str(), Describe(ScopeOf(host.ip)));
  }
  for (const IpAddress& address : findings.public_addresses) {
    text += Format("  %-24s as configured: leads to this camera\n", address.ToString().c_str());
  }
  return text;
}

std::string WriteServers(const NetworkFindings& findings) {
  if (findings.servers.empty()) return "Servers: none configured\n";
  std::string text = "Servers\n";
  for (const ServerStatus& server : findings.servers) text += "  " + server.ToString() + "\n";
  return text;
}

std::string WriteBehaviors(const NetworkFindings& findings) {
  std::string text;
  for (const BehaviorReport& behavior : findings.behaviors) {
    const std::string local = behavior.local.ip.ToString();
    if (behavior.udp_blocked) {
      text += "NAT and firewall before " + local + ": no server answers over UDP\n";
    }
    if (!behavior.mapped) continue;
    text += "NAT and firewall before " + local + ", seen as " + behavior.mapped->ip.ToString() +
            "\n  mapping    " + DescribeMapping(behavior.mapping) + "\n  filtering  " +
            DescribeFiltering(behavior.filtering) + "\n";
  }
  return text;
}

const char* Describe(Reach reach) {
  switch (reach) {
    case Reach::kDirect:
      return "Viewers on other networks can reach this camera directly.";
    case Reach::kPunched:
      return "Viewers on other networks can reach this camera directly in most cases, and through "
             "TURN where their own network forbids that.";
    case Reach::kPunchedOnly:
      return "Viewers on other networks can reach this camera directly in most cases; those behind "
             "a symmetric NAT or a firewall without UDP cannot, because there is no TURN server "
             "that works.";
    case Reach::kRelayed:
      return "Viewers on other networks can reach this camera only through TURN.";
    case Reach::kHardly:
      return "Most viewers on other networks cannot reach this camera, because its NAT has another "
             "address for each of them (symmetric), and there is no TURN server that works.";
    case Reach::kUnknown:
      return "Whether viewers on other networks can reach this camera is not known, because no "
             "STUN or TURN server has told how the camera looks from outside. On the local network "
             "they can.";
    case Reach::kNone:
      return "Viewers on other networks cannot reach this camera at all, because no server answers "
             "over UDP, and there is no TURN server that works. On the local network they can.";
  }
  return "?";
}

std::string WriteHints(const NetworkFindings& findings, Reach reach) {
  std::vector<std::string> hints;
  const unsigned port = findings.hosts.empty() ? 0 : findings.hosts.front().port;
  const bool helpless = reach != Reach::kDirect && !HasRelay(findings);
  if (findings.policy == Policy::kRelay) {
    hints.push_back(
        "Only relayed addresses are told to viewers (--ice-policy relay), on the local "
        "network too.");
  }
  if (findings.servers.empty() && reach != Reach::kDirect) {
    hints.push_back("Configure a STUN server, and a TURN server for the networks that need one.");
  }
  const bool blocked = std::any_of(findings.behaviors.begin(), findings.behaviors.end(),
                                   [](const BehaviorReport& report) { return report.udp_blocked; });
  if (blocked && helpless) {
    hints.push_back(
        "A firewall seems to block UDP: a TURN server over TLS on port 443 "
        "(turns:HOST:443?transport=tcp) passes most of them.");
  } else if (helpless && !findings.servers.empty() && !HasServer(findings, "turn")) {
    hints.push_back("A TURN server would let in the viewers that cannot be reached directly.");
  }
  if (helpless && port != 0 && findings.public_addresses.empty()) {
    hints.push_back(
        Format("Or forward UDP port %u%s in the router to this camera, and tell it the "
               "router's public address (--public-addresses).",
               port, findings.tcp ? " and the same TCP port" : ""));
  }
  for (const SocketAddress& host : findings.hosts) {
    if (ScopeOf(host.ip) != Scope::kCarrier) continue;
    hints.push_back("Behind a carrier NAT, forwarding a port does not help; IPv6 or TURN does.");
    break;
  }
  for (const ServerStatus& server : findings.servers) {
    if (server.error.find("401") == std::string::npos) continue;
    hints.push_back(server.url +
                    " refuses the user: check name and password, or with a shared "
                    "secret the secret and the clocks of both machines.");
  }
  std::string text;
  for (const std::string& hint : hints) text += Wrap(hint, "  ");
  return text;
}

}  // namespace

Reach Judge(const NetworkFindings& findings) {
  const bool has_relay = HasRelay(findings);
  if (findings.policy == Policy::kRelay) return has_relay ? Reach::kRelayed : Reach::kNone;
  if (!findings.public_addresses.empty()) return Reach::kDirect;
  Reach best = has_relay ? Reach::kRelayed : Reach::kNone;
  bool known = has_relay;
  for (const BehaviorReport& behavior : findings.behaviors) {
    best = std::min(best, JudgeBehavior(behavior, has_relay));
    known = true;
  }
  if (known) return best;
  // Without a test, a server that sees us is the next best thing.
  for (const ServerStatus& server : findings.servers) {
    if (!server.mapped.empty()) return Reach::kPunchedOnly;
  }
  return HasPublicHost(findings) ? Reach::kPunchedOnly : Reach::kUnknown;
}

std::string WriteNetworkReport(const NetworkFindings& findings) {
  const Reach reach = Judge(findings);
  const char* verdict = Describe(reach);
  if (findings.policy == Policy::kRelay && reach == Reach::kNone) {
    verdict =
        "Viewers cannot reach this camera at all, because only relayed addresses are told to "
        "them, and there is no TURN server that works.";
  }
  return WriteAddresses(findings) + WriteServers(findings) + WriteBehaviors(findings) +
         "Verdict\n" + Wrap(verdict, "  ") + WriteHints(findings, reach);
}

}  // namespace ocellus::gathering
