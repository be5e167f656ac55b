// SPDX-License-Identifier: Apache-2.0
// What the NATs and firewalls in front of one local address do with UDP: RFC 5780 sections 4.3
// (mapping) and 4.4 (filtering), within kDiscoveryLimit. Only a report for people rests on it: NATs
// change their behaviour, so connecting tries instead (RFC 5780 section 2). Sans I/O; one run.
//
// The answers need a server with two addresses and two ports (OTHER-ADDRESS; coturn with
// --listening-ip twice and --rfc5780). Two plain servers still tell whether mappings differ.
//
// RFC 5780 section 4.6: state that one test leaves in a NAT must not spoil another. The filtering
// tests ask a server to answer from where nothing was sent to, and the mapping tests send just
// there: so they have ports of their own, or where there is one port only, the mapping tests wait.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/random.h"
#include "firmware/rtc/gathering/binding_request.h"

namespace ocellus::gathering {

// RFC 4787 sections 4.1 and 5.
enum class Behavior : uint8_t {
  kUnknown,
  kNone,  // Mapping only: addresses are not translated.
  kEndpointIndependent,
  kAddressDependent,
  kAddressAndPortDependent,
  kEndpointDependent,  // Mapping only: one of the last two; plain servers cannot tell which.
};

const char* ToString(Behavior behavior);

struct BehaviorReport {
  SocketAddress local;                  // That the mapping tests were sent from.
  std::optional<SocketAddress> mapped;  // Nullopt: no server has answered.
  Behavior mapping = Behavior::kUnknown;
  Behavior filtering = Behavior::kUnknown;
  bool udp_blocked = false;  // Servers of this family were asked, and none has answered.
};

// A first request that nobody answers has failed after 3 s, the others after 1.5 s: long enough for
// any path on which video is bearable. All of it ends within 6 s, with two ports 4.5 s, and mostly
// after 1.5 s and a round trip, because what a filter holds back never comes.
constexpr Retransmission kFirstTestRetransmission = {std::chrono::milliseconds(300), 4, 3};
constexpr Retransmission kTestRetransmission = {std::chrono::milliseconds(300), 3, 2};
constexpr Duration kDiscoveryLimit = std::chrono::seconds(6);

class BehaviorDiscovery {
 public:
  // Two ports of one address of ours, neither of which has talked to the servers before: the media
  // port has. The same port twice where there is but one.
  struct Ports {
    SocketAddress mapping;
    SocketAddress filtering;
  };

  // Begins at `now`. At most kMaxIceServers of those servers that the ports can reach are asked.
  // `random` outlives it.
  BehaviorDiscovery(Time now, const Ports& ports, Span<const SocketAddress> servers,
                    Random& random);

  // Ignores what is not for it.
  void HandleDatagram(Time now, const Datagram& in);
  void HandleTimeout(Time now);
  // `out` has at least kMaxDatagramSize bytes.
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out);
  Time next_deadline() const;

  bool done() const { return done_; }
  // What is known so far.
  const BehaviorReport& report() const { return report_; }

 private:
  // One request, and what came of it.
  struct Test {
    std::optional<BindingRequest> request;  // Nullopt: not begun.
    SocketAddress answerer;                 // Who answers it, if it gets through.
    std::optional<SocketAddress> mapped;
    std::optional<SocketAddress> other;  // OTHER-ADDRESS
    bool ended = false;                  // Answered, refused, or failed.
    bool refused = false;                // Answered, but not as asked.
  };
  // RFC 5780 section 4.3, tests II and III, and section 4.4, tests I to III. Test I of section 4.3
  // is first_.
  enum TestName : size_t { kMapping2, kMapping3, kFiltering1, kFiltering2, kFiltering3, kTests };

  template <typename Function>
  void ForEachTest(Function function);
  static void Finish(Test& test, const Datagram& in, const stun::Message& message);

  // Begins what can begin, and draws conclusions.
  void Advance(Time now);
  void ChooseServer();
  void BeginMapping(Time now);
  void BeginFiltering(Time now);
  void Begin(Time now, Test& test, const ice::Path& path, uint32_t change_request = 0);
  bool HasEnded(TestName name) const { return tests_[name].ended; }
  Behavior ConcludeMapping() const;
  Behavior ConcludeFiltering() const;
  Behavior CompareServers() const;
  bool FirstHaveEnded() const;

  Random& random_;
  Ports ports_;
  std::vector<Test> first_;  // Asks each server, from the mapping port.
  std::array<Test, kTests> tests_;
  // The server with two addresses, once there is one that answers.
  std::optional<SocketAddress> server_;
  std::optional<SocketAddress> other_;
  BehaviorReport report_;
  bool done_ = false;
};

}  // namespace ocellus::gathering
