// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/behavior_discovery.h"

#include <algorithm>

#include "firmware/base/limits.h"
#include "firmware/rtc/gathering/server_addresses.h"

namespace ocellus::gathering {

const char* ToString(Behavior behavior) {
  switch (behavior) {
    case Behavior::kUnknown:
      return "unknown";
    case Behavior::kNone:
      return "none";
    case Behavior::kEndpointIndependent:
      return "endpoint-independent";
    case Behavior::kAddressDependent:
      return "address-dependent";
    case Behavior::kAddressAndPortDependent:
      return "address- and port-dependent";
    case Behavior::kEndpointDependent:
      return "endpoint-dependent";
  }
  return "?";
}

BehaviorDiscovery::BehaviorDiscovery(Time now, const Ports& ports,
                                     Span<const SocketAddress> servers, Random& random)
    : random_(random), ports_(ports) {
  report_.local = ports.mapping;
  for (const SocketAddress& server : servers) {
    if (first_.size() == kMaxIceServers) break;
    if (!CanReach(ports.mapping, server)) continue;
    Test test;
    test.request.emplace(now, ice::Path{ports.mapping, server}, kFirstTestRetransmission, random);
    test.answerer = server;
    first_.push_back(test);
  }
  Advance(now);
}

template <typename Function>
void BehaviorDiscovery::ForEachTest(Function function) {
  std::for_each(first_.begin(), first_.end(), function);
  std::for_each(tests_.begin(), tests_.end(), function);
}

void BehaviorDiscovery::HandleDatagram(Time now, const Datagram& in) {
  if (done_) return;
  const Result<stun::Message> message = stun::Message::Parse(in.payload);
  if (!message.ok()) return;
  ForEachTest([&](Test& test) {
    if (test.request && !test.ended && test.request->IsAnsweredBy(in, *message)) {
      Finish(test, in, *message);
    }
  });
  Advance(now);
}

void BehaviorDiscovery::Finish(Test& test, const Datagram& in, const stun::Message& message) {
  // An answer to CHANGE-REQUEST from where the request went: this server cannot do it.
  const bool unchanged = in.remote == test.request->path().remote;
  if (in.remote != test.answerer && !unchanged) return;
  test.ended = true;
  const Result<SocketAddress> mapped = ReadMappedAddress(message);
  test.refused = !mapped.ok() || in.remote != test.answerer;
  if (test.refused) return;
  test.mapped = *mapped;
  test.other = message.FindAddress(stun::AttributeType::kOtherAddress);
}

void BehaviorDiscovery::HandleTimeout(Time now) {
  ForEachTest([&](Test& test) {
    if (test.request && !test.ended) test.ended = test.request->HasFailed(now);
  });
  Advance(now);
}

std::optional<Transmit> BehaviorDiscovery::PollTransmit(Time now, MutableBytes out) {
  std::optional<Transmit> transmit;
  if (done_) return transmit;
  ForEachTest([&](Test& test) {
    if (transmit || !test.request || test.ended || !test.request->IsDue(now)) return;
    transmit = test.request->Write(now, out);
  });
  return transmit;
}

Time BehaviorDiscovery::next_deadline() const {
  Time deadline = kNever;
  if (done_) return deadline;
  const auto consider = [&](const Test& test) {
    if (test.request && !test.ended) deadline = std::min(deadline, test.request->next_deadline());
  };
  std::for_each(first_.begin(), first_.end(), consider);
  std::for_each(tests_.begin(), tests_.end(), consider);
  return deadline;
}

bool BehaviorDiscovery::FirstHaveEnded() const {
  return std::all_of(first_.begin(), first_.end(), [](const Test& test) { return test.ended; });
}

void BehaviorDiscovery::Advance(Time now) {
  if (!server_) ChooseServer();
  if (server_) {
    const bool shared_port = ports_.mapping == ports_.filtering;
    if (!tests_[kFiltering1].request) BeginFiltering(now);
    report_.filtering = ConcludeFiltering();
    const bool filtering_ended =
        report_.filtering == Behavior::kEndpointIndependent ||
        (HasEnded(kFiltering1) && HasEnded(kFiltering2) && HasEnded(kFiltering3));
    if (!tests_[kMapping2].request && (!shared_port || filtering_ended)) BeginMapping(now);
    const bool translated = report_.mapped != ports_.mapping;
    const bool mapping_ended = !translated || (HasEnded(kMapping2) && HasEnded(kMapping3));
    done_ = filtering_ended && mapping_ended;
  } else {
    done_ = FirstHaveEnded();
  }
  report_.mapping = ConcludeMapping();
  report_.udp_blocked = done_ && !first_.empty() && !report_.mapped;
}

void BehaviorDiscovery::ChooseServer() {
  for (const Test& test : first_) {
    if (!test.mapped) continue;
    if (!report_.mapped) report_.mapped = test.mapped;
    const SocketAddress& server = test.answerer;
    // RFC 5780 section 7.4: "the address and port [...] with both changed".
    if (!test.other || !IsUsable(*test.other) || test.other->ip == server.ip ||
        test.other->port == server.port || !CanReach(ports_.mapping, *test.other)) {
      continue;
    }
    server_ = server;
    other_ = test.other;
    report_.mapped = test.mapped;
    return;
  }
}

void BehaviorDiscovery::Begin(Time now, Test& test, const ice::Path& path,
                              uint32_t change_request) {
  test.request.emplace(now, path, kTestRetransmission, random_, change_request);
  test.answerer = {change_request & kChangeAddress ? other_->ip : path.remote.ip,
                   change_request & kChangePort ? other_->port : path.remote.port};
}

void BehaviorDiscovery::BeginMapping(Time now) {
  // RFC 5780 section 4.3: where nothing is translated, there is no more to ask.
  if (report_.mapped == ports_.mapping) return;
  Begin(now, tests_[kMapping2], {ports_.mapping, {other_->ip, server_->port}});
  Begin(now, tests_[kMapping3], {ports_.mapping, *other_});
}

void BehaviorDiscovery::BeginFiltering(Time now) {
  const ice::Path path{ports_.filtering, *server_};
  Begin(now, tests_[kFiltering1], path);
  Begin(now, tests_[kFiltering2], path, kChangeAddress | kChangePort);
  Begin(now, tests_[kFiltering3], path, kChangePort);
}

Behavior BehaviorDiscovery::ConcludeMapping() const {
  if (!report_.mapped) return Behavior::kUnknown;
  if (report_.mapped == ports_.mapping) return Behavior::kNone;
  const auto& mapped2 = tests_[kMapping2].mapped;
  const auto& mapped3 = tests_[kMapping3].mapped;
  if (!mapped2 && !mapped3) return CompareServers();
  if (!mapped2 || !mapped3) {
    return (mapped2 ? mapped2 : mapped3) == report_.mapped ? Behavior::kEndpointIndependent
                                                           : Behavior::kEndpointDependent;
  }
  if (mapped2 != mapped3) return Behavior::kAddressAndPortDependent;
  return mapped2 == report_.mapped ? Behavior::kEndpointIndependent : Behavior::kAddressDependent;
}

// Without a second address of one server: two servers with different addresses do as well, except
// that they do not tell what exactly a mapping depends on.
Behavior BehaviorDiscovery::CompareServers() const {
  bool compared = false;
  for (const Test& one : first_) {
    for (const Test& other : first_) {
      if (!one.mapped || !other.mapped || one.answerer.ip == other.answerer.ip) continue;
      if (one.mapped != other.mapped) return Behavior::kEndpointDependent;
      compared = true;
    }
  }
  return compared ? Behavior::kEndpointIndependent : Behavior::kUnknown;
}

Behavior BehaviorDiscovery::ConcludeFiltering() const {
  const Test& connects = tests_[kFiltering1];
  const Test& both_changed = tests_[kFiltering2];
  const Test& port_changed = tests_[kFiltering3];
  if (both_changed.mapped) return Behavior::kEndpointIndependent;
  if (!connects.mapped || both_changed.refused || port_changed.refused) return Behavior::kUnknown;
  if (!both_changed.ended) return Behavior::kUnknown;
  if (port_changed.mapped) return Behavior::kAddressDependent;
  return port_changed.ended ? Behavior::kAddressAndPortDependent : Behavior::kUnknown;
}

}  // namespace ocellus::gathering
