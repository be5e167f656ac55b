// SPDX-License-Identifier: Apache-2.0
// What transport_test.cc and openssl_interop_test.cc do not show already: both run on whichever
// mbedTLS is installed.
#include "firmware/rtc/dtls/mbedtls_version.h"

#include <gtest/gtest.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

#include <cstdio>

namespace ocellus::dtls {
namespace {

class MbedTlsVersion : public ::testing::Test {
 protected:
  MbedTlsVersion() {
    mbedtls_ssl_init(&ssl_);
    mbedtls_ssl_config_init(&config_);
    mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                MBEDTLS_SSL_PRESET_DEFAULT);
    ConfigureAlgorithms(&config_);
  }
  ~MbedTlsVersion() override {
    mbedtls_ssl_free(&ssl_);
    mbedtls_ssl_config_free(&config_);
  }

  mbedtls_ssl_config config_;
  mbedtls_ssl_context ssl_;
};

TEST_F(MbedTlsVersion, IsOneThatWeKnow) {
  char version[18];
  mbedtls_version_get_string_full(version);
  std::printf("  %s, a ClientHello in several datagrams: %s\n", version,
              CanReassembleClientHello() ? "yes" : "no");
  const unsigned number = mbedtls_version_get_number();
  EXPECT_GE(number, 0x021c0000u);
  EXPECT_LT(number, 0x04000000u);
  EXPECT_EQ(CanReassembleClientHello(), number >= 0x03060600u);
}

TEST_F(MbedTlsVersion, BeginsWithTheClientHello) {
  mbedtls_ssl_conf_rng(
      &config_, [](void*, unsigned char*, size_t) { return 0; }, nullptr);
  ASSERT_EQ(mbedtls_ssl_setup(&ssl_, &config_), 0);
  EXPECT_EQ(HandshakeProgress(&ssl_), Progress::kAwaitsClientHello);
  EXPECT_EQ(NegotiatedSrtpProfile(&ssl_), 0);
}

TEST_F(MbedTlsVersion, ExportsNothingBeforeThereAreSecrets) {
  HandshakeSecrets secrets;
  secrets.CaptureFrom(&config_, &ssl_);
  uint8_t keys[60];
  EXPECT_FALSE(secrets.Export("EXTRACTOR-dtls_srtp", keys));
}

}  // namespace
}  // namespace ocellus::dtls
