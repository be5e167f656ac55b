// SPDX-License-Identifier: Apache-2.0
// What connects to what: the table in docs/network.md, as the tests of agents and of whole peers
// read it.
#pragma once

#include <algorithm>
#include <iterator>

#include "tests/sim/nat_world.h"

namespace ocellus::sim {

// D: direct, whatever servers there are besides STUN.
// R: through a relay where either side knows a TURN server, else not at all.
// N: not at all over UDP; with TURN over TCP or ICE-TCP (tests/interop).
struct NatRow {
  Behind camera;
  const char* viewers;
};
constexpr Behind kNatViewers[] = {
    Behind::kNothing,   Behind::kFullCone, Behind::kAddressRestricted, Behind::kPortRestricted,
    Behind::kSymmetric, Behind::kCarrier,  Behind::kSymmetricCarrier,  Behind::kUdpBlocked};
// clang-format off
constexpr NatRow kNatTable[] = {
    // Camera                       Viewer: nothing
    //                              |  full cone
    //                              |  |  address-restricted
    //                              |  |  |  port-restricted
    //                              |  |  |  |  symmetric
    //                              |  |  |  |  |  carrier, port-restricted
    //                              |  |  |  |  |  |  carrier, symmetric
    //                              |  |  |  |  |  |  |  UDP blocked
    {Behind::kNothing,             "D  D  D  D  D  D  D  N"},
    {Behind::kFullCone,            "D  D  D  D  D  D  D  N"},
    {Behind::kAddressRestricted,   "D  D  D  D  D  D  D  N"},
    {Behind::kPortRestricted,      "D  D  D  D  R  D  R  N"},
    {Behind::kSymmetric,           "D  D  D  R  R  R  R  N"},
    {Behind::kCarrier,             "D  D  D  D  R  D  R  N"},
    {Behind::kSymmetricCarrier,    "D  D  D  R  R  R  R  N"},
    {Behind::kUdpBlocked,          "N  N  N  N  N  N  N  N"},
};
// clang-format on

inline char OutcomeOf(const NatRow& row, Behind viewer) {
  const auto column = std::find(std::begin(kNatViewers), std::end(kNatViewers), viewer);
  return row.viewers[3 * (column - std::begin(kNatViewers))];
}

inline const char* Name(Behind behind) {
  switch (behind) {
    case Behind::kNothing:
      return "nothing";
    case Behind::kFullCone:
      return "full cone";
    case Behind::kAddressRestricted:
      return "address-restricted";
    case Behind::kPortRestricted:
      return "port-restricted";
    case Behind::kSymmetric:
      return "symmetric";
    case Behind::kCarrier:
      return "carrier";
    case Behind::kSymmetricCarrier:
      return "symmetric carrier";
    case Behind::kUdpBlocked:
      return "UDP blocked";
  }
  return "";
}

}  // namespace ocellus::sim
