// SPDX-License-Identifier: Apache-2.0
// The source of chance, always passed in: the platform's is cryptographic (getrandom, esp_random),
// the simulator's is seeded.
#pragma once

#include <string>

#include "firmware/base/bytes.h"

namespace ocellus {

class Random {
 public:
  virtual ~Random() = default;

  // Fills `out` with uniformly distributed, unpredictable bytes. Cannot fail: a platform without
  // entropy must not start.
  virtual void Fill(MutableBytes out) = 0;

  uint32_t NextU32();
  uint64_t NextU64();
  // Uniform in [0, bound), for bound > 0.
  uint32_t Below(uint32_t bound);
  // `size` characters of the 64 that RFC 8839 section 5.4 calls ice-char: 6 bits of chance each.
  std::string IceChars(size_t size);
  // `size` characters that are safe in a URL path and a header (RFC 4648 section 5): 6 bits each.
  std::string UrlChars(size_t size);
};

}  // namespace ocellus
