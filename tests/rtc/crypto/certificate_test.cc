// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/sim/seeded_random.h"

namespace ocellus::crypto {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int64_t kMoment = 1'795'205'700;  // 2026-11-20 20:15:00 UTC.

Certificate Make(uint64_t seed, int64_t unix_seconds = kMoment) {
  sim::SeededRandom random(seed);
  Result<Certificate> certificate = Certificate::Generate(random, unix_seconds);
  EXPECT_TRUE(certificate.ok()) << certificate.status().ToString();
  return std::move(*certificate);
}

// With OpenSSL's eyes.
struct Parsed {
  explicit Parsed(Bytes der) {
    const unsigned char* begin = der.data();
    x509 = d2i_X509(nullptr, &begin, static_cast<long>(der.size()));
  }
  ~Parsed() { X509_free(x509); }

  X509* x509;
};

std::string TimeText(const ASN1_TIME* time) {
  return reinterpret_cast<const char*>(ASN1_STRING_get0_data(time));
}

TEST(Certificate, IsSelfSignedWithEcdsaOnP256) {
  const Certificate certificate = Make(1);
  const Parsed parsed(certificate.der());
  ASSERT_NE(parsed.x509, nullptr);
  EVP_PKEY* key = X509_get0_pubkey(parsed.x509);
  EXPECT_EQ(EVP_PKEY_get_base_id(key), EVP_PKEY_EC);
  EXPECT_EQ(EVP_PKEY_get_bits(key), 256);
  EXPECT_EQ(X509_verify(parsed.x509, key), 1);
  EXPECT_EQ(X509_get_version(parsed.x509), 2);
  EXPECT_EQ(X509_get_signature_nid(parsed.x509), NID_ecdsa_with_SHA256);
}

// RFC 5280 section 4.1.2.5: UTCTime up to 2049, GeneralizedTime from 2050 on.
TEST(Certificate, IsValidFromTheGivenMomentOn) {
  const struct {
    int64_t unix_seconds;
    const char* not_before;
  } kCases[] = {
      {kMoment, "261120201500Z"},
      {0, "700101000000Z"},
      {-5, "700101000000Z"},
      {951'782'400, "000229000000Z"},
      {1'709'251'199, "240229235959Z"},
      {1'735'689'599, "241231235959Z"},
      {4'107'542'400, "21000301000000Z"},
  };
  for (const auto& test_case : kCases) {
    const Certificate certificate = Make(1, test_case.unix_seconds);
    const Parsed parsed(certificate.der());
    EXPECT_EQ(TimeText(X509_get0_notBefore(parsed.x509)), test_case.not_before);
    EXPECT_EQ(TimeText(X509_get0_notAfter(parsed.x509)), "99991231235959Z");
  }
}

TEST(Certificate, HasTheFingerprintOfItsDer) {
  const Certificate certificate = Make(1);
  EXPECT_EQ(certificate.fingerprint(), Fingerprint::Of(certificate.der(), HashAlgorithm::kSha256));
}

TEST(Certificate, IsAnotherOneForEveryDevice) {
  EXPECT_NE(Make(1).fingerprint(), Make(2).fingerprint());
}

TEST(Certificate, StaysTheSameThroughPem) {
  sim::SeededRandom random(3);
  const Certificate certificate = Make(1);
  const std::string pem = certificate.ToPem();
  EXPECT_THAT(pem, StartsWith("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_THAT(pem, HasSubstr("-----BEGIN EC PRIVATE KEY-----\n"));
  const Result<Certificate> again = Certificate::FromPem(random, pem);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->fingerprint(), certificate.fingerprint());
  EXPECT_EQ(again->ToPem(), pem);
}

TEST(Certificate, RefusesBrokenPem) {
  sim::SeededRandom random(3);
  const std::string pem = Make(1).ToPem();
  const size_t key_begin = pem.find("-----BEGIN EC");
  const auto code_of = [&random](const std::string& text) {
    return Certificate::FromPem(random, text).status().code();
  };
  EXPECT_EQ(code_of(""), StatusCode::kMalformed);
  EXPECT_EQ(code_of("hello"), StatusCode::kMalformed);
  EXPECT_EQ(code_of(pem.substr(0, key_begin)), StatusCode::kMalformed);
  EXPECT_EQ(code_of(pem.substr(key_begin)), StatusCode::kMalformed);
  EXPECT_EQ(code_of(pem.substr(0, pem.size() / 2)), StatusCode::kMalformed);
  const std::string other = Make(2).ToPem();
  EXPECT_EQ(code_of(pem.substr(0, key_begin) + other.substr(other.find("-----BEGIN EC"))),
            StatusCode::kMalformed);
}

// A key on P-384 and a certificate for it, as `openssl req -x509` would write them.
std::string P384Pem() {
  EVP_PKEY* key = EVP_EC_gen("P-384");
  X509* x509 = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), 0);
  X509_gmtime_adj(X509_getm_notAfter(x509), 1);
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("camera"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_set_pubkey(x509, key);
  X509_sign(x509, key, EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, x509);
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<size_t>(size));
  BIO_free(bio);
  X509_free(x509);
  EVP_PKEY_free(key);
  return pem;
}

TEST(Certificate, RefusesAnotherCurve) {
  sim::SeededRandom random(3);
  EXPECT_EQ(Certificate::FromPem(random, P384Pem()).status().code(), StatusCode::kUnsupported);
}

}  // namespace
}  // namespace ocellus::crypto
