// SPDX-License-Identifier: Apache-2.0
// The fingerprint of a certificate, as SDP carries it: "sha-256 19:E2:1C:...". It ties the DTLS
// handshake to the signalling, so it is what a peer's identity rests on. RFC 8122 section 5.
// A plain value; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"

namespace ocellus::crypto {

// In order of strength. SHA-1 is recognised, but authenticates nobody: collisions can be made.
enum class HashAlgorithm { kSha1, kSha256, kSha384, kSha512 };

// "sha-256"
const char* ToString(HashAlgorithm algorithm);

struct Fingerprint {
  HashAlgorithm algorithm = HashAlgorithm::kSha256;
  std::vector<uint8_t> bytes;  // As many as the algorithm gives.

  // The value of an a=fingerprint line. Hexadecimal digits of either case are taken.
  // Errors: kUnsupported (a hash that we do not know), kMalformed.
  static Result<Fingerprint> Parse(std::string_view text);
  // The fingerprint of a certificate in DER form. Not for kSha1.
  static Fingerprint Of(Bytes der, HashAlgorithm algorithm);

  // "sha-256 19:E2:1C:..."
  std::string ToString() const;

  // False for SHA-1.
  bool is_strong() const { return algorithm != HashAlgorithm::kSha1; }

  friend bool operator==(const Fingerprint& a, const Fingerprint& b) {
    return a.algorithm == b.algorithm && ConstantTimeEqual(a.bytes, b.bytes);
  }
  friend bool operator!=(const Fingerprint& a, const Fingerprint& b) { return !(a == b); }
};

// Whether the certificate `der` is one that `fingerprints` announce. RFC 8122 section 5: of the
// fingerprints given, those of the strongest hash that we understand count, and any one of them may
// match. False when there is no strong one.
bool MatchesAnyFingerprint(const std::vector<Fingerprint>& fingerprints, Bytes der);

}  // namespace ocellus::crypto
