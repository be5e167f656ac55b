// SPDX-License-Identifier: Apache-2.0
// Which SCTP a benchmark runs, and one that runs.
#pragma once

#include <memory>

#include "tools/benchmarks/ocellus_sctp_end.h"
#include "tools/benchmarks/sctp_pair.h"
#include "tools/benchmarks/usrsctp_end.h"

namespace ocellus::benchmarks {

// Ours agrees with itself on leaving checksums out, for DTLS does better (RFC 9653). usrsctp
// 0.9.5.0 does not know that; what it would gain shows kUsrsctpUnchecked.
enum class SctpStack { kOcellus, kUsrsctpUnchecked, kUsrsctp };
constexpr SctpStack kSctpStacks[] = {SctpStack::kOcellus, SctpStack::kUsrsctpUnchecked,
                                     SctpStack::kUsrsctp};

constexpr const char* ToString(SctpStack stack) {
  switch (stack) {
    case SctpStack::kOcellus:
      return "ocellus";
    case SctpStack::kUsrsctpUnchecked:
      return "usrsctp_unchecked";
    case SctpStack::kUsrsctp:
      return "usrsctp";
  }
  return "unknown";
}

// One association, both ends of the same stack.
class SctpWorld {
 public:
  SctpWorld(SctpStack stack, double loss)
      : library_(SctpPair::kStart, stack == SctpStack::kUsrsctp),
        pair_([stack](PacketSink& out, bool is_active) { return MakeEnd(stack, out, is_active); },
              kRoundTrip, loss, /*seed=*/1) {
    pair_.Connect();
  }

  SctpPair& pair() { return pair_; }

  static constexpr Duration kRoundTrip = std::chrono::milliseconds(20);

 private:
  static std::unique_ptr<SctpEnd> MakeEnd(SctpStack stack, PacketSink& out, bool is_active) {
    if (stack == SctpStack::kOcellus) return std::make_unique<OcellusSctpEnd>(out, is_active);
    return std::make_unique<UsrsctpEnd>(out);
  }

  const UsrsctpLibrary library_;
  SctpPair pair_;
};

}  // namespace ocellus::benchmarks
