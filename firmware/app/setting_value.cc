// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/setting_value.h"

#include <algorithm>
#include <utility>

#include "firmware/auth/access.h"
#include "firmware/base/limits.h"
#include "firmware/base/text.h"

namespace ocellus::app {
namespace {

// Calls `add(item)` for each item of a list, "a, b,c", until it says that one is wrong. False then,
// and when an item is empty.
template <typename Add>
bool ForEachItem(std::string_view list, Add add) {
  bool more = true;
  while (more) {
    more = list.find(',') != std::string_view::npos;
    const std::string_view item = Trim(TakeUntil(list, ','));
    if (item.empty() || !add(item)) return false;
  }
  return true;
}

// RFC 6750 section 2.1: b64token.
bool IsTokenCharacter(char c) {
  const char lower = ToLowerAscii(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

// "NAME=KIND:CHIP/LINE", with "/low" behind it for a line that is on when it is low.
std::optional<control::OutputConfig> ParseOutput(std::string_view rest) {
  control::OutputConfig output;
  output.name = TakeUntil(rest, '=');
  const std::string_view kind = TakeUntil(rest, ':');
  bool known = false;
  for (const auto candidate :
       {control::OutputKind::kLight, control::OutputKind::kInfrared, control::OutputKind::kRelay}) {
    if (kind != control::ToString(candidate)) continue;
    output.kind = candidate;
    known = true;
  }
  output.line.chip = TakeUntil(rest, '/');
  const auto line = ParseNumber<uint32_t>(TakeUntil(rest, '/'));
  if (!known || output.name.empty() || output.line.chip.empty() || !line) return std::nullopt;
  if (!rest.empty() && rest != "low") return std::nullopt;
  output.line.line = *line;
  output.line.active_low = rest == "low";
  return output;
}

class ValueParser {
 public:
  ValueParser(std::string_view text, const SettingRange& range, Config& config)
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
  bool operator()(std::vector<IpAddress> Config::*member) const {
    std::vector<IpAddress>& addresses = config_.*member;
    addresses.clear();
    return ForEachItem(text_, [&](std::string_view item) {
      const auto ip = IpAddress::Parse(item);
      if (ip) addresses.push_back(*ip);
      return ip && addresses.size() <= kMaxPublicAddresses;
    });
  }
  bool operator()(StunServers Config::*member) const {
    return ParseServers(gathering::ServerKind::kStun, kMaxStunServers, config_.*member);
  }
  bool operator()(TurnServers Config::*member) const {
    return ParseServers(gathering::ServerKind::kTurn, kMaxTurnServers, config_.*member);
  }
  bool operator()(std::optional<Secret> Config::*member) const {
    config_.*member = Secret{std::string(text_)};
    return !text_.empty();
  }
  bool operator()(std::optional<AccessToken> Config::*member) const {
    config_.*member = AccessToken{std::string(text_)};
    return text_.size() >= auth::kMinTokenSize && text_.size() <= auth::kMaxTokenSize &&
           std::all_of(text_.begin(), text_.end(), IsTokenCharacter);
  }
  bool operator()(std::vector<control::OutputConfig> Config::*member) const {
    std::vector<control::OutputConfig>& outputs = config_.*member;
    outputs.clear();
    return ForEachItem(text_, [&](std::string_view item) {
      auto output = ParseOutput(item);
      if (output) outputs.push_back(std::move(*output));
      return output && outputs.size() <= kMaxOutputs;
    });
  }
  bool operator()(gathering::Policy Config::*member) const {
    config_.*member = text_ == "relay" ? gathering::Policy::kRelay : gathering::Policy::kAll;
    return text_ == "relay" || text_ == "all";
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

  bool ParseServers(gathering::ServerKind kind, size_t limit,
                    std::vector<gathering::ServerUrl>& servers) const {
    servers.clear();
    return ForEachItem(text_, [&](std::string_view item) {
      auto url = gathering::ServerUrl::Parse(item);
      if (!url.ok() || url->kind != kind) return false;
      servers.push_back(std::move(*url));
      return servers.size() <= limit;
    });
  }

  std::string_view text_;
  const SettingRange& range_;
  Config& config_;
};

class AllowedValues {
 public:
  explicit AllowedValues(const SettingRange& range) : range_(range) {}

  std::string operator()(std::string Config::*) const { return "text"; }
  std::string operator()(std::optional<std::string> Config::*) const { return "a path"; }
  std::string operator()(uint32_t Config::*) const { return Numbers(); }
  std::string operator()(uint16_t Config::*) const { return Numbers(); }
  std::string operator()(DataRate Config::*) const { return Numbers(); }
  std::string operator()(bool Config::*) const { return "true or false"; }
  std::string operator()(LogLevel Config::*) const { return "debug, info, warn or error"; }
  std::string operator()(std::optional<IpAddress> Config::*) const {
    return "an IPv4 or IPv6 address";
  }
  std::string operator()(std::vector<IpAddress> Config::*) const {
    return Format("up to %zu IPv4 or IPv6 addresses, with commas between", kMaxPublicAddresses);
  }
  std::string operator()(StunServers Config::*) const {
    return Format("up to %zu of stun:HOST[:PORT], with commas between", kMaxStunServers);
  }
  std::string operator()(TurnServers Config::*) const {
    return Format(
        "up to %zu of turn:HOST[:PORT][?transport=udp|tcp] and turns:HOST[:PORT], with commas "
        "between and without credentials",
        kMaxTurnServers);
  }
  std::string operator()(std::optional<Secret> Config::*) const { return "text"; }
  std::string operator()(std::optional<AccessToken> Config::*) const {
    return Format("%zu to %zu of A-Z a-z 0-9 - . _ ~ + / =", auth::kMinTokenSize,
                  auth::kMaxTokenSize);
  }
  std::string operator()(std::vector<control::OutputConfig> Config::*) const {
    return Format(
        "up to %zu of NAME=KIND:CHIP/LINE, with commas between, where KIND is light, infrared or "
        "relay; /low behind the line turns it round",
        kMaxOutputs);
  }
  std::string operator()(gathering::Policy Config::*) const { return "all or relay"; }

 private:
  std::string Numbers() const {
    return Format("%s%u to %u", range_.step == 2 ? "even numbers from " : "",
                  static_cast<unsigned>(range_.minimum), static_cast<unsigned>(range_.maximum));
  }

  const SettingRange& range_;
};

}  // namespace

bool ParseSettingValue(std::string_view text, const SettingMember& member,
                       const SettingRange& range, Config& config) {
  return std::visit(ValueParser(text, range, config), member);
}

std::string AllowedSettingValues(const SettingMember& member, const SettingRange& range) {
  return std::visit(AllowedValues(range), member);
}

}  // namespace ocellus::app
