// SPDX-License-Identifier: Apache-2.0
// Finds the addresses behind ".local" names, which browsers signal instead of their host
// addresses (draft-ietf-mmusic-mdns-ice-candidates), by multicast DNS (RFC 6762 section 5.2).
// Answers nobody and caches nothing. Sans I/O; any one thread. Owned by the platform's resolver.
//
// Each question goes out alone, in the case that the name came in, asks for a multicast answer, and
// comes from port 5353. For that is what browsers answer: Chromium 156 passes over messages with
// several questions, over those that ask for a unicast answer and over names in another case;
// Firefox 153 answers questions for A only, with the address that it has, of either family. Both
// always answer to the group, over IPv4. Whoever owns this therefore has to listen there, but only
// while names are under way.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/limits.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/mdns/message.h"

namespace ocellus::mdns {

// RFC 6762 section 3: where all of multicast DNS goes to, and comes from.
constexpr uint16_t kPort = 5353;
SocketAddress GroupV4();  // 224.0.0.251:5353
SocketAddress GroupV6();  // [ff02::fb]:5353

// How a name that was asked for ended.
struct Resolved {
  std::string name;  // As Resolve got it.
  // Never empty when it worked. Errors: kNotFound (nobody has answered).
  Result<std::vector<IpAddress>> addresses;
};

class Resolver {
 public:
  // Asks for `name`, one label and ".local". One Resolved follows within 4 s, or none where this
  // refuses; a name that is already under way shares its question and its Resolved. Errors:
  // kInvalidArgument (another form of name), kResourceExhausted (kMaxMdnsNames are under way).
  Status Resolve(Time now, std::string_view name);

  // A datagram that came to one of the groups (in.local) from in.remote; anything that is no
  // answer to one of our questions is passed over.
  void HandleDatagram(Time now, const Datagram& in);
  void HandleTimeout(Time now);
  // Writes the next message for both groups, on every interface, and returns its size; nullopt
  // when there is none for now. `out` holds kMaxDatagramSize bytes.
  std::optional<size_t> PollTransmit(Time now, MutableBytes out);
  std::optional<Resolved> PollEvent();
  Time next_deadline() const;  // kNever when no name is under way.

 private:
  struct Query {
    std::string text;
    Name name;
    int round = 0;           // How often it has been asked.
    bool a_is_sent = false;  // Of the round that is due.
    Time next_question;      // kNever once it has been asked often enough.
    Time deadline;           // Settled then, with what has come until then.
    std::vector<IpAddress> addresses;
  };

  void HandleRecord(Time now, const Record& record);
  // The due query that has been asked least often; nullptr when none is due.
  Query* NextQuery(Time now);
  void RefillTokens(Time now);

  std::vector<Query> queries_;
  std::deque<Resolved> events_;  // With queries_: at most kMaxMdnsNames.
  // Questions that may go out at once, and the time up to which this is known.
  size_t tokens_ = kMaxMdnsQuestionsPerSecond;
  Time refilled_{};
};

}  // namespace ocellus::mdns
