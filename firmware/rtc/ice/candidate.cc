// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/candidate.h"

#include <algorithm>

#include "firmware/base/text.h"

namespace ocellus::ice {
namespace {

template <typename Enum>
struct Name {
  Enum value;
  std::string_view text;
};

constexpr Name<CandidateType> kTypes[] = {{CandidateType::kHost, "host"},
                                          {CandidateType::kServerReflexive, "srflx"},
                                          {CandidateType::kPeerReflexive, "prflx"},
                                          {CandidateType::kRelayed, "relay"}};
constexpr Name<TransportProtocol> kTransports[] = {{TransportProtocol::kUdp, "udp"},
                                                   {TransportProtocol::kTcp, "tcp"}};
constexpr Name<TcpType> kTcpTypes[] = {{TcpType::kActive, "active"},
                                       {TcpType::kPassive, "passive"},
                                       {TcpType::kSimultaneousOpen, "so"}};

template <typename Enum, size_t kSize>
std::optional<Enum> FromText(const Name<Enum> (&names)[kSize], std::string_view text) {
  for (const Name<Enum>& name : names) {
    if (EqualsIgnoreCase(name.text, text)) return name.value;
  }
  return std::nullopt;
}

template <typename Enum, size_t kSize>
std::string ToText(const Name<Enum> (&names)[kSize], Enum value) {
  for (const Name<Enum>& name : names) {
    if (name.value == value) return std::string(name.text);
  }
  return {};
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAlphanumeric(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }

bool IsFoundation(std::string_view text) {
  return !text.empty() && text.size() <= Foundation::kMaxSize &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '+' || c == '/'; });
}

// RFC 1123 section 2.1, loosely: letters, digits, hyphens and dots, at most 253 of them, and not a
// mistaken IPv4 address.
bool IsHostName(std::string_view text) {
  constexpr size_t kMaxHostName = 253;
  return !text.empty() && text.size() <= kMaxHostName && IsAlphanumeric(text.front()) &&
         std::any_of(text.begin(), text.end(), IsLetter) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '-' || c == '.'; });
}

// Takes the next word off `text`; empty at the end. Words are parted by one or more spaces.
std::string_view TakeWord(std::string_view& text) {
  text = Trim(text);
  return TakeUntil(text, ' ');
}

}  // namespace

Foundation::Foundation(std::string_view text) : size_(static_cast<uint8_t>(text.size())) {
  CHECK(text.size() <= kMaxSize, "foundation of %zu bytes", text.size());
  std::copy(text.begin(), text.end(), text_.begin());
}

// candidate-attribute = "candidate" ":" foundation SP component-id SP transport SP priority SP
//                       connection-address SP port SP cand-type [SP rel-addr] [SP rel-port]
//                       *(SP cand-extension)
Result<Candidate> Candidate::Parse(std::string_view text) {
  for (const std::string_view prefix : {"a=", "candidate:"}) {
    if (StartsWith(text, prefix)) text.remove_prefix(prefix.size());
  }
  const std::string_view foundation = TakeWord(text);
  const auto component = ParseNumber<uint16_t>(TakeWord(text));
  const auto transport = FromText(kTransports, TakeWord(text));
  const auto priority = ParseNumber<uint32_t>(TakeWord(text));
  const std::string_view address = TakeWord(text);
  const auto port = ParseNumber<uint16_t>(TakeWord(text));
  const bool has_type = TakeWord(text) == "typ";
  const std::string_view type_name = TakeWord(text);
  if (!IsFoundation(foundation) || !component || *component < 1 || *component > 256 || !priority ||
      *priority < 1 || *priority > 0x7FFFFFFF || !port || !has_type || type_name.empty()) {
    return StatusCode::kMalformed;
  }
  const auto type = FromText(kTypes, type_name);
  if (!transport || !type) return StatusCode::kUnsupported;

  Candidate candidate;
  candidate.foundation = Foundation(foundation);
  candidate.component = *component;
  candidate.transport = *transport;
  candidate.priority = *priority;
  candidate.address.port = *port;
  candidate.type = *type;
  if (const auto ip = IpAddress::Parse(address)) {
    candidate.address.ip = *ip;
  } else if (IsHostName(address)) {
    candidate.host_name = address;
  } else {
    return StatusCode::kMalformed;
  }

  std::optional<IpAddress> related_ip;
  std::optional<uint16_t> related_port;
  for (std::string_view name = TakeWord(text); !name.empty(); name = TakeWord(text)) {
    const std::string_view value = TakeWord(text);
    // Browsers hide the related address as 0.0.0.0 or a name: what is no address is left out.
    if (name == "raddr") related_ip = IpAddress::Parse(value);
    if (name == "rport") related_port = ParseNumber<uint16_t>(value);
    if (name == "tcptype") {
      candidate.tcp_type = FromText(kTcpTypes, value);
      if (!candidate.tcp_type) return StatusCode::kMalformed;
    }
  }
  if (related_ip && related_port) candidate.related = SocketAddress{*related_ip, *related_port};
  return candidate;
}

std::string Candidate::Write() const {
  std::string text = "candidate:" + std::string(foundation.text());
  text += " " + std::to_string(component) + " " + ToText(kTransports, transport);
  text += " " + std::to_string(priority);
  text += " " + (host_name.empty() ? address.ip.ToString() : host_name);
  text += " " + std::to_string(address.port) + " typ " + ToText(kTypes, type);
  if (related) {
    text += " raddr " + related->ip.ToString() + " rport " + std::to_string(related->port);
  }
  if (tcp_type) text += " tcptype " + ToText(kTcpTypes, *tcp_type);
  return text;
}

bool operator==(const Candidate& a, const Candidate& b) {
  return a.foundation == b.foundation && a.component == b.component && a.transport == b.transport &&
         a.tcp_type == b.tcp_type && a.priority == b.priority && a.address == b.address &&
         a.host_name == b.host_name && a.type == b.type && a.related == b.related;
}

std::vector<LocalCandidate> HostCandidates(Span<const SocketAddress> addresses) {
  std::vector<LocalCandidate> candidates(addresses.size());
  for (size_t i = 0; i < addresses.size(); ++i) {
    candidates[i].address = addresses[i];
    candidates[i].base = addresses[i];
  }
  return candidates;
}

const char* ToString(CandidateType type) {
  for (const Name<CandidateType>& name : kTypes) {
    if (name.value == type) return name.text.data();
  }
  return "unknown";
}

uint32_t CandidatePriority(CandidateType type, uint16_t local_preference,
                           TransportProtocol protocol) {
  // RFC 8445 section 5.1.2.2: the recommended type preferences. RFC 6544 section 4.2 has TCP's
  // below UDP's: a lost segment holds up all media behind it. Only a relay is worse.
  const bool is_tcp = protocol == TransportProtocol::kTcp;
  uint32_t type_preference = 0;
  switch (type) {
    case CandidateType::kHost:
      type_preference = is_tcp ? 90 : 126;
      break;
    case CandidateType::kPeerReflexive:
      type_preference = is_tcp ? 80 : 110;
      break;
    case CandidateType::kServerReflexive:
      type_preference = is_tcp ? 70 : 100;
      break;
    case CandidateType::kRelayed:
      type_preference = 0;
      break;
  }
  constexpr uint32_t kComponent = 1;
  return type_preference << 24 | uint32_t{local_preference} << 8 | (256 - kComponent);
}

uint32_t PeerReflexivePriority(uint32_t priority, TransportProtocol protocol) {
  constexpr uint32_t kTypePreference = 0xFF000000;
  return (CandidatePriority(CandidateType::kPeerReflexive, 0, protocol) & kTypePreference) |
         (priority & ~kTypePreference);
}

}  // namespace ocellus::ice
