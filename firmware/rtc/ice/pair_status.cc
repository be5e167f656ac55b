// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/pair_status.h"

#include "firmware/base/status.h"

namespace ocellus::ice {
namespace {

const char* DescribeState(PairState state) {
  switch (state) {
    case PairState::kFrozen:
    case PairState::kWaiting:
      return "waits for its turn";
    case PairState::kInProgress:
      return "being checked";
    case PairState::kSucceeded:
      return "works";
    case PairState::kFailed:
      return "failed";
  }
  return "unknown";
}

}  // namespace

std::string Describe(const PairStatus& pair) {
  if (pair.selected) return "selected";
  switch (pair.failure) {
    case PairFailure::kNone:
      return pair.works ? "works" : DescribeState(pair.state);
    case PairFailure::kNotTried:
      return "not tried";
    case PairFailure::kOvertaken:
      return "another was quicker";
    case PairFailure::kNoAnswer:
      return "no answer";
    case PairFailure::kRefused:
      return Format("refused (%u)", static_cast<unsigned>(pair.error));
    case PairFailure::kConsentLost:
      return "consent lost";
    case PairFailure::kAddressGone:
      return "address gone";
  }
  return "unknown";
}

}  // namespace ocellus::ice
