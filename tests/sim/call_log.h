// SPDX-License-Identifier: Apache-2.0
// What the two ends of a call send, and when: shows where the time of a connection goes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/sim/network.h"

namespace ocellus::sim {

class CallLog {
 public:
  enum class Kind { kCheck, kAnswer, kHandshake, kReport, kMedia, kOther };
  struct Line {
    Time at;
    SocketAddress from;
    Kind kind = Kind::kOther;
    std::string what;  // For people: "check, nominating", "DTLS ServerHello Certificate ..."
    size_t datagrams = 1;
    size_t bytes = 0;
  };

  // From now on. Must outlive the network's last datagram; one for each network.
  explicit CallLog(Network& network);
  CallLog(const CallLog&) = delete;
  CallLog& operator=(const CallLog&) = delete;

  const std::vector<Line>& lines() const { return lines_; }
  // When something of this kind was sent for the first time; nullopt: never.
  std::optional<Time> First(Kind kind) const;
  // A line for each, in milliseconds after `zero`; media that one end sends at once is one line.
  std::string Print(Time zero) const;

 private:
  void Add(const Network::Observation& sent);

  std::vector<Line> lines_;
};

}  // namespace ocellus::sim
