// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/hmac.h"

#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

namespace ocellus::crypto {
namespace {

// RFC 2104 section 2: B, the block size in bytes of SHA-1 and of SHA-256.
constexpr size_t kBlockSize = 64;

// mbedTLS renamed its functions, the same in both hashes.
#if MBEDTLS_VERSION_MAJOR < 3
#define MBEDTLS_HASH(name) name##_ret
#else
#define MBEDTLS_HASH(name) name
#endif

void Check(int result) {
  CHECK(result == 0, "a hash failed: -0x%04x", static_cast<unsigned>(-result));
}

// mbedTLS's generic mbedtls_md_* would allocate twice per HMAC; its SHA-1 and SHA-256 alone do not.
class Sha1Context {
 public:
  using Digest = Sha1Digest;

  Sha1Context() {
    mbedtls_sha1_init(&context_);
    Check(MBEDTLS_HASH(mbedtls_sha1_starts)(&context_));
  }
  ~Sha1Context() { mbedtls_sha1_free(&context_); }
  Sha1Context(const Sha1Context&) = delete;
  Sha1Context& operator=(const Sha1Context&) = delete;

  void Update(Bytes bytes) {
    if (bytes.empty()) return;
    Check(MBEDTLS_HASH(mbedtls_sha1_update)(&context_, bytes.data(), bytes.size()));
  }

  Digest Finish() {
    Digest digest;
    Check(MBEDTLS_HASH(mbedtls_sha1_finish)(&context_, digest.data()));
    return digest;
  }

 private:
  mbedtls_sha1_context context_;
};

class Sha256Context {
 public:
  using Digest = Sha256Digest;

  Sha256Context() {
    constexpr int kNotSha224 = 0;
    mbedtls_sha256_init(&context_);
    Check(MBEDTLS_HASH(mbedtls_sha256_starts)(&context_, kNotSha224));
  }
  ~Sha256Context() { mbedtls_sha256_free(&context_); }
  Sha256Context(const Sha256Context&) = delete;
  Sha256Context& operator=(const Sha256Context&) = delete;

  void Update(Bytes bytes) {
    if (bytes.empty()) return;
    Check(MBEDTLS_HASH(mbedtls_sha256_update)(&context_, bytes.data(), bytes.size()));
  }

  Digest Finish() {
    Digest digest;
    Check(MBEDTLS_HASH(mbedtls_sha256_finish)(&context_, digest.data()));
    return digest;
  }

 private:
  mbedtls_sha256_context context_;
};

template <typename Hash>
typename Hash::Digest Hmac(Bytes key, Bytes message1, Bytes message2) {
  typename Hash::Digest short_key{};
  if (key.size() > kBlockSize) {
    Hash hash;
    hash.Update(key);
    short_key = hash.Finish();
    key = short_key;
  }

  std::array<uint8_t, kBlockSize> inner_pad;
  std::array<uint8_t, kBlockSize> outer_pad;
  for (size_t i = 0; i < kBlockSize; ++i) {
    const unsigned byte = i < key.size() ? key[i] : 0u;
    inner_pad[i] = static_cast<uint8_t>(byte ^ 0x36u);
    outer_pad[i] = static_cast<uint8_t>(byte ^ 0x5cu);
  }

  Hash inner;
  inner.Update(inner_pad);
  inner.Update(message1);
  inner.Update(message2);

  Hash outer;
  outer.Update(outer_pad);
  outer.Update(inner.Finish());
  const typename Hash::Digest digest = outer.Finish();

  Wipe(short_key);
  Wipe(inner_pad);
  Wipe(outer_pad);
  return digest;
}

}  // namespace

Sha1Digest HmacSha1(Bytes key, Bytes message1, Bytes message2) {
  return Hmac<Sha1Context>(key, message1, message2);
}

Sha256Digest HmacSha256(Bytes key, Bytes message1, Bytes message2) {
  return Hmac<Sha256Context>(key, message1, message2);
}

}  // namespace ocellus::crypto
