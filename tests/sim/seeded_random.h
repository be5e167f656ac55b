// SPDX-License-Identifier: Apache-2.0
// Chance for tests: the same seed gives the same bytes on every machine.
#pragma once

#include "firmware/base/random.h"

namespace ocellus::sim {

// splitmix64 (Steele, Lea, Flood 2014): tiny, and good enough for everything but secrets.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}

  void Fill(MutableBytes out) override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(Next() >> 56);
  }

  // Uniform in [0, 1).
  double Fraction() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

}  // namespace ocellus::sim
