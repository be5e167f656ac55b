// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/local_candidates.h"

#include <algorithm>
#include <limits>
#include <string>

namespace ocellus::ice {
namespace {

// RFC 6544 section 4.2: local-preference = 2^13 * direction-pref + other-pref. Of passive
// candidates, the direction preference is 4 for host and 2 for server-reflexive ones.
uint16_t PassivePreference(CandidateType type, uint16_t rank) {
  constexpr unsigned kDirectionShift = 13;
  constexpr unsigned kBestOther = (1u << kDirectionShift) - 1;
  const unsigned direction = type == CandidateType::kHost ? 4 : 2;
  const unsigned other = kBestOther - std::min<unsigned>(rank, kBestOther);
  return static_cast<uint16_t>(direction << kDirectionShift | other);
}

uint32_t PriorityOf(const LocalCandidate& candidate, uint16_t rank) {
  const uint16_t preference = candidate.protocol == TransportProtocol::kTcp
                                  ? PassivePreference(candidate.type, rank)
                                  : static_cast<uint16_t>(65535 - rank);
  return CandidatePriority(candidate.type, preference, candidate.protocol);
}

// Which of a viewer's checks a candidate answers: RFC 8445 section 5.1.3 compares these.
bool IsSamePlace(const LocalCandidate& a, const LocalCandidate& b) {
  return a.address == b.address && a.base == b.base && a.protocol == b.protocol;
}

// Where signalled at all, "rel-addr [...] MUST be set to "0.0.0.0" (for IPv4 candidates) or "::"
// (for IPv6 candidates) and the port to zero" to hide it (RFC 8839 section 5.1).
SocketAddress HiddenRelated(const SocketAddress& address) {
  constexpr uint8_t kZeros[16] = {};
  const auto unspecified = IpAddress::FromBytes({kZeros, address.ip.bytes().size()});
  return {unspecified.value_or(IpAddress()), 0};
}

Candidate MakeCandidate(const LocalCandidate& found, uint32_t foundation, uint32_t priority) {
  Candidate candidate;
  candidate.foundation = Foundation(std::to_string(foundation));
  candidate.transport = found.protocol;
  if (found.protocol == TransportProtocol::kTcp) candidate.tcp_type = TcpType::kPassive;
  candidate.priority = priority;
  candidate.address = found.address;
  candidate.type = found.type;
  if (found.type != CandidateType::kHost) {
    candidate.related = found.related.value_or(HiddenRelated(found.address));
  }
  return candidate;
}

}  // namespace

size_t LocalCandidates::Set(Span<const LocalCandidate> candidates) {
  std::vector<Entry> entries;
  size_t left_out = 0;
  size_t hosts[2] = {};  // Of each protocol.
  for (const LocalCandidate& candidate : candidates) {
    if (IsRedundant(candidate, entries)) continue;
    size_t& of_its_protocol = hosts[static_cast<size_t>(candidate.protocol)];
    const bool is_host = candidate.type == CandidateType::kHost;
    if (entries.size() == kMaxLocalCandidates ||
        (is_host && of_its_protocol == kMaxLocalAddresses)) {
      ++left_out;
      continue;
    }
    if (is_host) ++of_its_protocol;
    entries.push_back(MakeEntry(candidate, entries));
  }
  entries_ = std::move(entries);
  if (!entries_.empty()) {
    reveals_hosts_ = std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
      return entry.found.type != CandidateType::kRelayed;
    });
  }
  CollectBases();
  signalled_.clear();
  for (const Entry& entry : entries_) {
    signalled_.push_back(MakeCandidate(entry.found, entry.foundation, entry.priority));
  }
  return left_out;
}

// RFC 8445 section 5.1.3: of candidates with the same address and base, the one with the lower
// priority. Takes it out of `entries` where that holds it already.
bool LocalCandidates::IsRedundant(const LocalCandidate& candidate, std::vector<Entry>& entries) {
  const auto known = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
    return IsSamePlace(entry.found, candidate);
  });
  if (known == entries.end()) return false;
  if (known->found.type <= candidate.type) return true;  // In the order of their priorities.
  entries.erase(known);
  return false;
}

LocalCandidates::Entry LocalCandidates::MakeEntry(const LocalCandidate& candidate,
                                                  const std::vector<Entry>& entries) {
  for (const Entry& known : entries_) {
    if (known.found.type == candidate.type && known.found.server == candidate.server &&
        IsSamePlace(known.found, candidate)) {
      return {candidate, known.foundation, known.priority};
    }
  }
  const uint16_t rank = next_rank_;
  if (next_rank_ < std::numeric_limits<uint16_t>::max()) ++next_rank_;
  return {candidate, FoundationOf(candidate, entries), PriorityOf(candidate, rank)};
}

// RFC 8445 section 5.1.1.3: the same for the same type, IP address of the base, protocol and
// server, so that two candidates of one NAT or relay share their fate.
uint32_t LocalCandidates::FoundationOf(const LocalCandidate& candidate,
                                       const std::vector<Entry>& entries) {
  const auto shares_fate = [&](const Entry& entry) {
    const LocalCandidate& found = entry.found;
    return found.type == candidate.type && found.base.ip == candidate.base.ip &&
           found.protocol == candidate.protocol && found.server == candidate.server;
  };
  for (const std::vector<Entry>* known :
       {&entries, static_cast<const std::vector<Entry>*>(&entries_)}) {
    const auto found = std::find_if(known->begin(), known->end(), shares_fate);
    if (found != known->end()) return found->foundation;
  }
  return ++last_foundation_;
}

// RFC 8445 section 6.1.2.4: pairs of server-reflexive candidates are those of their base.
void LocalCandidates::CollectBases() {
  bases_.clear();
  for (const Entry& entry : entries_) {
    const LocalCandidate& found = entry.found;
    const auto known = std::find_if(bases_.begin(), bases_.end(), [&](const Base& base) {
      return base.address == found.base && base.protocol == found.protocol;
    });
    if (known == bases_.end()) {
      const auto type =
          found.type == CandidateType::kRelayed ? CandidateType::kRelayed : CandidateType::kHost;
      bases_.push_back({found.base, found.protocol, type, entry.priority, entry.foundation});
    } else if (known->priority < entry.priority) {
      known->priority = entry.priority;
      known->foundation = entry.foundation;
    }
  }
}

const Candidate* LocalCandidates::Find(const SocketAddress& address,
                                       TransportProtocol protocol) const {
  for (const Candidate& candidate : signalled_) {
    if (candidate.address == address && candidate.transport == protocol) return &candidate;
  }
  return nullptr;
}

}  // namespace ocellus::ice
