// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/digest.h"

#include <mbedtls/md5.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

#include "firmware/base/text.h"

namespace ocellus::crypto {
namespace {

constexpr int kNotSha224 = 0;

// mbedTLS renamed its functions.
#if MBEDTLS_VERSION_MAJOR < 3
#define MBEDTLS_HASH(name) name##_ret
#else
#define MBEDTLS_HASH(name) name
#endif

void Check(int result) {
  CHECK(result == 0, "a hash failed: -0x%04x", static_cast<unsigned>(-result));
}

}  // namespace

Md5Digest Md5(Bytes message) {
  Md5Digest digest;
  Check(MBEDTLS_HASH(mbedtls_md5)(message.data(), message.size(), digest.data()));
  return digest;
}

Sha256Digest Sha256(Bytes message) {
  Sha256Digest digest;
  Check(MBEDTLS_HASH(mbedtls_sha256)(message.data(), message.size(), digest.data(), kNotSha224));
  return digest;
}

std::string ToHex(const Sha256Digest& digest) {
  std::string hex;
  hex.reserve(2 * digest.size());
  for (const uint8_t byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::optional<Sha256Digest> ParseSha256(std::string_view hex) {
  Sha256Digest digest;
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (size_t i = 0; i < digest.size(); ++i) {
    const auto byte = ParseNumber<uint8_t>(hex.substr(2 * i, 2), 16);
    if (!byte) return std::nullopt;
    digest[i] = *byte;
  }
  return digest;
}

struct Sha256Hasher::Context {
  Context() {
    mbedtls_sha256_init(&state);
    Check(MBEDTLS_HASH(mbedtls_sha256_starts)(&state, kNotSha224));
  }
  ~Context() { mbedtls_sha256_free(&state); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  mbedtls_sha256_context state;
};

Sha256Hasher::Sha256Hasher() : context_(std::make_unique<Context>()) {}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::Update(Bytes piece) {
  if (piece.empty()) return;
  Check(MBEDTLS_HASH(mbedtls_sha256_update)(&context_->state, piece.data(), piece.size()));
}

Sha256Digest Sha256Hasher::Finish() {
  Sha256Digest digest;
  Check(MBEDTLS_HASH(mbedtls_sha256_finish)(&context_->state, digest.data()));
  return digest;
}

}  // namespace ocellus::crypto
