// SPDX-License-Identifier: Apache-2.0
// Candidates of every kind, as gathering would find them.
#pragma once

#include <string_view>

#include "firmware/rtc/ice/candidate.h"

namespace ocellus::ice {

inline SocketAddress Address(std::string_view text) { return SocketAddress::Parse(text).value(); }

inline LocalCandidate Host(std::string_view address) {
  LocalCandidate candidate;
  candidate.address = Address(address);
  candidate.base = candidate.address;
  return candidate;
}

inline LocalCandidate Passive(std::string_view address) {
  LocalCandidate candidate = Host(address);
  candidate.protocol = TransportProtocol::kTcp;
  return candidate;
}

inline LocalCandidate Reflexive(std::string_view address, std::string_view base, uint32_t server) {
  LocalCandidate candidate = Host(address);
  candidate.type = CandidateType::kServerReflexive;
  candidate.base = Address(base);
  candidate.related = candidate.base;
  candidate.server = server;
  return candidate;
}

inline LocalCandidate Relayed(std::string_view address, uint32_t server) {
  LocalCandidate candidate = Host(address);
  candidate.type = CandidateType::kRelayed;
  candidate.related = Address("203.0.113.7:61000");
  candidate.server = server;
  return candidate;
}

}  // namespace ocellus::ice
