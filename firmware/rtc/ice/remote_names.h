// SPDX-License-Identifier: Apache-2.0
// Candidates of the peer that have a name instead of an address: browsers hide their hosts behind
// "<uuid>.local" (draft-ietf-mmusic-mdns-ice-candidates). Each name is asked for once, by the
// owner; what it stands for holds for later candidates of the same name. Bounded by limits.h.
//
// Other names are refused: a peer must not make us look up names of its choice in the DNS.
//
// io thread only. Owned by Agent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/rtc/ice/candidate.h"

namespace ocellus::ice {

class RemoteNames {
 public:
  // One label of letters, digits and hyphens, before ".local" in any case.
  static bool IsResolvable(std::string_view name);

  // `candidate` has a name that IsResolvable. False when there is no room for it.
  [[nodiscard]] bool Add(const Candidate& candidate);
  // The next name to be resolved, each once.
  std::optional<std::string> PollName();
  // What `name` stands for, if it was asked for: at most kMaxAddressesPerName are kept.
  void Resolve(std::string_view name, Span<const IpAddress> addresses);

  // Gives the next candidate whose name has been answered, with the first of its addresses that it
  // was not given with yet; with its name still when there is none at all.
  std::optional<Candidate> PollCandidate();

  void Clear();

 private:
  enum class State : uint8_t { kUnasked, kAsked, kAnswered };
  struct Name {
    std::string text;
    State state = State::kUnasked;
    std::vector<IpAddress> addresses;
  };
  struct Waiting {
    Candidate candidate;
    size_t next_address = 0;
  };

  Name* Find(std::string_view name);

  std::vector<Name> names_;       // At most kMaxRemoteNames.
  std::vector<Waiting> waiting_;  // At most kMaxUnresolvedCandidates.
};

}  // namespace ocellus::ice
