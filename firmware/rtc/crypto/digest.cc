// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/digest.h"

#include <mbedtls/md5.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

namespace ocellus::crypto {
namespace {

constexpr int kNotSha224 = 0;

void Check(int result) {
  CHECK(result == 0, "a hash failed: -0x%04x", static_cast<unsigned>(-result));
}

}  // namespace

Md5Digest Md5(Bytes message) {
  Md5Digest digest;
#if MBEDTLS_VERSION_MAJOR < 3
  Check(mbedtls_md5_ret(message.data(), message.size(), digest.data()));
#else
  Check(mbedtls_md5(message.data(), message.size(), digest.data()));
#endif
  return digest;
}

Sha256Digest Sha256(Bytes message) {
  Sha256Digest digest;
#if MBEDTLS_VERSION_MAJOR < 3
  Check(mbedtls_sha256_ret(message.data(), message.size(), digest.data(), kNotSha224));
#else
  Check(mbedtls_sha256(message.data(), message.size(), digest.data(), kNotSha224));
#endif
  return digest;
}

}  // namespace ocellus::crypto
