// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/fingerprint.h"

#include <mbedtls/md.h>

#include <algorithm>

#include "firmware/base/text.h"

namespace ocellus::crypto {
namespace {

constexpr HashAlgorithm kAlgorithms[] = {HashAlgorithm::kSha1, HashAlgorithm::kSha256,
                                         HashAlgorithm::kSha384, HashAlgorithm::kSha512};

size_t DigestSize(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return 20;
    case HashAlgorithm::kSha256:
      return 32;
    case HashAlgorithm::kSha384:
      return 48;
    case HashAlgorithm::kSha512:
      return 64;
  }
  return 0;
}

mbedtls_md_type_t MdType(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return MBEDTLS_MD_SHA1;
    case HashAlgorithm::kSha256:
      return MBEDTLS_MD_SHA256;
    case HashAlgorithm::kSha384:
      return MBEDTLS_MD_SHA384;
    case HashAlgorithm::kSha512:
      return MBEDTLS_MD_SHA512;
  }
  return MBEDTLS_MD_NONE;
}

}  // namespace

const char* ToString(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::kSha1:
      return "sha-1";
    case HashAlgorithm::kSha256:
      return "sha-256";
    case HashAlgorithm::kSha384:
      return "sha-384";
    case HashAlgorithm::kSha512:
      return "sha-512";
  }
  return "unknown";
}

// RFC 8122 section 5:
//   fingerprint-attribute = "fingerprint" ":" hash-func SP fingerprint
//   fingerprint           = 2UHEX *(":" 2UHEX)
Result<Fingerprint> Fingerprint::Parse(std::string_view text) {
  const std::string_view hash_name = TakeUntil(text, ' ');
  const auto* algorithm =
      std::find_if(std::begin(kAlgorithms), std::end(kAlgorithms), [&](HashAlgorithm known) {
        return EqualsIgnoreCase(hash_name, ocellus::crypto::ToString(known));
      });
  if (algorithm == std::end(kAlgorithms)) {
    return Status(StatusCode::kUnsupported, "fingerprint with an unknown hash function");
  }

  Fingerprint fingerprint;
  fingerprint.algorithm = *algorithm;
  const size_t size = DigestSize(*algorithm);
  if (text.size() != size * 3 - 1) {
    return Status(StatusCode::kMalformed, "fingerprint of the wrong length");
  }
  for (size_t i = 0; i < size; ++i) {
    const std::string_view digits = text.substr(i * 3, 2);
    const std::optional<uint8_t> byte = ParseNumber<uint8_t>(digits, 16);
    if (!byte || (i > 0 && text[i * 3 - 1] != ':')) {
      return Status(StatusCode::kMalformed, "fingerprint that is not pairs of hexadecimal digits");
    }
    fingerprint.bytes.push_back(*byte);
  }
  return fingerprint;
}

Fingerprint Fingerprint::Of(Bytes der, HashAlgorithm algorithm) {
  Fingerprint fingerprint;
  fingerprint.algorithm = algorithm;
  fingerprint.bytes.resize(DigestSize(algorithm));
  const mbedtls_md_info_t* hash = mbedtls_md_info_from_type(MdType(algorithm));
  CHECK(hash != nullptr, "mbedTLS is built without %s", ocellus::crypto::ToString(algorithm));
  const int result = mbedtls_md(hash, der.data(), der.size(), fingerprint.bytes.data());
  CHECK(result == 0, "%s failed: -0x%04x", ocellus::crypto::ToString(algorithm),
        static_cast<unsigned>(-result));
  return fingerprint;
}

std::string Fingerprint::ToString() const {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text = ocellus::crypto::ToString(algorithm);
  char separator = ' ';
  for (const uint8_t byte : bytes) {
    text += separator;
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
    separator = ':';
  }
  return text;
}

bool MatchesAnyFingerprint(const std::vector<Fingerprint>& fingerprints, Bytes der) {
  HashAlgorithm strongest = HashAlgorithm::kSha1;
  for (const Fingerprint& fingerprint : fingerprints) {
    strongest = std::max(strongest, fingerprint.algorithm);
  }
  if (strongest == HashAlgorithm::kSha1) return false;
  const Fingerprint actual = Fingerprint::Of(der, strongest);
  return std::find(fingerprints.begin(), fingerprints.end(), actual) != fingerprints.end();
}

}  // namespace ocellus::crypto
