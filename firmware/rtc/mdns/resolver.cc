// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/mdns/resolver.h"

#include <algorithm>

#include "firmware/base/text.h"

namespace ocellus::mdns {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// RFC 6762 section 5.2: "the interval between the first two queries MUST be at least one second,
// the intervals between successive queries MUST increase by at least a factor of two". So a name is
// asked for at 0, 1 and 3 s. The random delay of 20 to 120 ms before the first question is left
// out: it is for queriers that a common event starts, and here it is one viewer's candidate.
constexpr Duration kFirstInterval = seconds(1);
constexpr int kRounds = 3;

// When a name that nobody answers to is given up.
constexpr Duration kPatience = seconds(4);

// For how long further addresses are waited for once there is one: RFC 6762 section 6 has unique
// names answered without delay, and section 6.2 the other family's addresses go along.
constexpr Duration kSettleTime = milliseconds(20);

constexpr Duration kTokenInterval = Duration(seconds(1)) / kMaxMdnsQuestionsPerSecond;

bool IsHostLabel(std::string_view label) {
  return !label.empty() && std::all_of(label.begin(), label.end(), [](char c) {
    const char lower = ToLowerAscii(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool IsBroadcast(const IpAddress& ip) {
  const Bytes bytes = ip.bytes();
  return ip.is_v4() && std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0xFF; });
}

// Whether a packet to it can reach another host. An IPv6 link-local address means nothing without
// the interface, which a socket address of ours does not name.
bool IsUsable(const IpAddress& ip) {
  if (ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || IsBroadcast(ip)) return false;
  return ip.is_v4() || !ip.is_link_local();
}

bool HasBothFamilies(const std::vector<IpAddress>& addresses) {
  const auto is_v4 = [](const IpAddress& ip) { return ip.is_v4(); };
  return std::any_of(addresses.begin(), addresses.end(), is_v4) &&
         !std::all_of(addresses.begin(), addresses.end(), is_v4);
}

}  // namespace

SocketAddress GroupV4() {
  constexpr uint8_t kBytes[4] = {224, 0, 0, 251};
  return {*IpAddress::FromBytes(kBytes), kPort};
}

SocketAddress GroupV6() {
  constexpr uint8_t kBytes[16] = {0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFB};
  return {*IpAddress::FromBytes(kBytes), kPort};
}

Status Resolver::Resolve(Time now, std::string_view name) {
  constexpr std::string_view kDomain = ".local";
  std::string_view label = name;
  label.remove_suffix(std::min(label.size(), kDomain.size()));
  std::optional<Name> wire = Name::FromText(name);
  if (!wire || !IsHostLabel(label) || !EqualsIgnoreCase(name.substr(label.size()), kDomain)) {
    return Status(StatusCode::kInvalidArgument, "not a name of one label in .local");
  }
  for (const Query& query : queries_) {
    if (query.text == name) return {};
  }
  if (queries_.size() + events_.size() >= kMaxMdnsNames) {
    return Status(StatusCode::kResourceExhausted, "too many .local names are being looked up");
  }
  Query query;
  query.text = name;
  query.name = std::move(*wire);
  query.next_question = now;
  query.deadline = now + kPatience;
  queries_.push_back(std::move(query));
  return {};
}

void Resolver::HandleDatagram(Time now, const Datagram& in) {
  // RFC 6762 section 6: "MUST silently ignore any Multicast DNS responses they receive where the
  // source UDP port is not 5353"; section 11: what came to the group is from the local link.
  if (in.remote.port != kPort || (in.local != GroupV4() && in.local != GroupV6())) return;
  const Result<Message> message = Message::Parse(in.payload);
  if (!message.ok() || !message->is_response) return;
  // Sections 18.3 and 18.11: "MUST be silently ignored" unless both are zero.
  if (message->opcode != 0 || message->response_code != 0) return;
  // A responder that has no address of the family that was asked for may tell the other one beside
  // its denial: so the additional records count as well.
  for (const Record& record : message->records) {
    if (record.section != Section::kAuthority) HandleRecord(now, record);
  }
  HandleTimeout(now);
}

void Resolver::HandleRecord(Time now, const Record& record) {
  const std::optional<IpAddress> address = record.address();
  if (!address || !IsUsable(*address)) return;
  for (Query& query : queries_) {
    if (query.name != record.name) continue;
    std::vector<IpAddress>& known = query.addresses;
    const auto same = std::find(known.begin(), known.end(), *address);
    // The cache-flush bit concerns what is older than a second (section 10.2), which nothing here
    // gets; a goodbye is taken at its word.
    if (record.ttl_seconds == 0) {
      if (same != known.end()) known.erase(same);
      continue;
    }
    if (same != known.end() || known.size() == kMaxMdnsAddresses) continue;
    known.push_back(*address);
    const Time settled = HasBothFamilies(known) ? now : now + kSettleTime;
    query.deadline = std::min(query.deadline, settled);
  }
}

void Resolver::HandleTimeout(Time now) {
  for (size_t i = 0; i < queries_.size();) {
    Query& query = queries_[i];
    if (now < query.deadline) {
      ++i;
      continue;
    }
    if (query.addresses.empty()) {
      events_.push_back(
          {query.text, Status(StatusCode::kNotFound, "nobody on the local network answers to it")});
    } else {
      events_.push_back({query.text, std::move(query.addresses)});
    }
    queries_.erase(queries_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

Resolver::Query* Resolver::NextQuery(Time now) {
  Query* next = nullptr;
  for (Query& query : queries_) {
    if (now < query.next_question || !query.addresses.empty()) continue;
    if (next == nullptr || query.round < next->round) next = &query;
  }
  return next;
}

std::optional<size_t> Resolver::PollTransmit(Time now, MutableBytes out) {
  Query* query = NextQuery(now);
  if (query == nullptr) return std::nullopt;
  RefillTokens(now);
  if (tokens_ == 0) return std::nullopt;
  --tokens_;

  Message message;
  message.questions.push_back({query->name, query->a_is_sent ? RecordType::kAaaa : RecordType::kA});
  if (query->a_is_sent) {
    query->next_question =
        ++query->round == kRounds ? kNever : now + kFirstInterval * (1 << (query->round - 1));
  }
  query->a_is_sent = !query->a_is_sent;
  const Result<size_t> size = message.Write(out);
  CHECK(size.ok(), "a question does not fit into %zu bytes", out.size());
  return *size;
}

void Resolver::RefillTokens(Time now) {
  const int64_t earned = (now - refilled_) / kTokenInterval;
  if (earned <= 0) return;
  refilled_ += earned * kTokenInterval;
  const size_t missing = kMaxMdnsQuestionsPerSecond - tokens_;
  tokens_ += static_cast<uint64_t>(earned) < missing ? static_cast<size_t>(earned) : missing;
}

std::optional<Resolved> Resolver::PollEvent() {
  if (events_.empty()) return std::nullopt;
  Resolved event = std::move(events_.front());
  events_.pop_front();
  return event;
}

Time Resolver::next_deadline() const {
  Time deadline = kNever;
  for (const Query& query : queries_) {
    deadline = std::min(deadline, query.deadline);
    if (!query.addresses.empty()) continue;
    const Time allowed = tokens_ > 0 ? Time{} : refilled_ + kTokenInterval;
    deadline = std::min(deadline, std::max(query.next_question, allowed));
  }
  return deadline;
}

}  // namespace ocellus::mdns
