// SPDX-License-Identifier: Apache-2.0
// What became of one candidate pair, for people who ask why a viewer came this way and no other.
// Any thread.
#pragma once

#include <optional>
#include <string>

#include "firmware/rtc/ice/candidate.h"
#include "firmware/rtc/ice/types.h"

namespace ocellus::ice {

// Why a pair does not work, or is not there any more.
enum class PairFailure : uint8_t {
  kNone,
  kNotTried,     // Another was selected before its turn came.
  kOvertaken,    // Another was selected before it was answered.
  kNoAnswer,     // All its checks were lost, or their answers.
  kRefused,      // The other side answered with an error.
  kConsentLost,  // It worked, until the other side stopped answering.
  kAddressGone,  // It worked or not, but the address of ours is gone.
};

struct PairStatus {
  Path path;
  // What each side is seen as: kServerReflexive or kPeerReflexive of ours where a NAT stands before
  // path.local.
  CandidateType local_type = CandidateType::kHost;
  CandidateType remote_type = CandidateType::kHost;
  PairState state = PairState::kFrozen;
  bool works = false;     // A check of ours was answered.
  bool selected = false;  // The media takes it.
  PairFailure failure = PairFailure::kNone;
  uint16_t error = 0;           // With kRefused: the STUN error code.
  std::optional<Duration> rtt;  // As last measured.
};

// "selected", "works", "being checked", "waits for its turn", or why it failed: "no answer",
// "refused (487)", ...
std::string Describe(const PairStatus& pair);

}  // namespace ocellus::ice
