// SPDX-License-Identifier: Apache-2.0
// The hash functions that STUN's credentials are made with, and SHA-256 of files, piece by piece.
// MD5 and SHA-1 protect nothing by themselves any more; the long-term credentials of RFC 8489
// section 9.2.2 are made with MD5 all the same. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/bytes.h"

namespace ocellus::crypto {

using Md5Digest = std::array<uint8_t, 16>;
using Sha1Digest = std::array<uint8_t, 20>;
using Sha256Digest = std::array<uint8_t, 32>;

// These two allocate nothing.
Md5Digest Md5(Bytes message);
Sha256Digest Sha256(Bytes message);

// A digest as sha256sum(1) writes it: 64 digits, of which both cases are read.
std::string ToHex(const Sha256Digest& digest);
std::optional<Sha256Digest> ParseSha256(std::string_view hex);

// SHA-256 (FIPS 180-4) of what comes in pieces.
class Sha256Hasher {
 public:
  Sha256Hasher();  // Allocates once, 100 to 200 bytes.
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void Update(Bytes piece);
  // To be called once; nothing but destruction and assignment may follow.
  Sha256Digest Finish();

 private:
  struct Context;

  std::unique_ptr<Context> context_;
};

}  // namespace ocellus::crypto
