// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/hmac.h"

#include <mbedtls/sha1.h>
#include <mbedtls/version.h>

namespace ocellus::crypto {
namespace {

// RFC 2104 section 2: B, the block size of SHA-1 in bytes.
constexpr size_t kBlockSize = 64;

// mbedTLS's generic mbedtls_md_* would allocate twice per HMAC; its SHA-1 alone does not.
class Sha1 {
 public:
  Sha1() {
    mbedtls_sha1_init(&context_);
#if MBEDTLS_VERSION_MAJOR < 3
    Check(mbedtls_sha1_starts_ret(&context_));
#else
    Check(mbedtls_sha1_starts(&context_));
#endif
  }
  ~Sha1() { mbedtls_sha1_free(&context_); }
  Sha1(const Sha1&) = delete;
  Sha1& operator=(const Sha1&) = delete;

  void Update(Bytes bytes) {
    if (bytes.empty()) return;
#if MBEDTLS_VERSION_MAJOR < 3
    Check(mbedtls_sha1_update_ret(&context_, bytes.data(), bytes.size()));
#else
    Check(mbedtls_sha1_update(&context_, bytes.data(), bytes.size()));
#endif
  }

  Sha1Digest Finish() {
    Sha1Digest digest;
#if MBEDTLS_VERSION_MAJOR < 3
    Check(mbedtls_sha1_finish_ret(&context_, digest.data()));
#else
    Check(mbedtls_sha1_finish(&context_, digest.data()));
#endif
    return digest;
  }

 private:
  static void Check(int result) { CHECK(result == 0, "SHA-1 failed: -0x%04x", -result); }

  mbedtls_sha1_context context_;
};

}  // namespace

Sha1Digest HmacSha1(Bytes key, Bytes message1, Bytes message2) {
  Sha1Digest short_key{};
  if (key.size() > kBlockSize) {
    Sha1 hash;
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

  Sha1 inner;
  inner.Update(inner_pad);
  inner.Update(message1);
  inner.Update(message2);

  Sha1 outer;
  outer.Update(outer_pad);
  outer.Update(inner.Finish());
  const Sha1Digest digest = outer.Finish();

  Wipe(short_key);
  Wipe(inner_pad);
  Wipe(outer_pad);
  return digest;
}

}  // namespace ocellus::crypto
