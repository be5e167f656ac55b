// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/certificate.h"

#include <mbedtls/ecp.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include <cstdio>
#include <vector>

#include "firmware/base/calendar.h"

namespace ocellus::crypto {
namespace {

// Room for a P-256 key (122 bytes of DER) or certificate (about 300) in PEM form.
constexpr size_t kMaxPemSize = 1024;

// The common name tells nothing about the device: everybody who connects sees it.
constexpr char kName[] = "CN=ocellus";

// mbedTLS's f_rng on our Random.
int FillRandom(void* random, unsigned char* out, size_t size) {
  static_cast<Random*>(random)->Fill(MutableBytes(out, size));
  return 0;
}

Status MbedTlsError(const char* what, int result) {
  return Status(StatusCode::kInternal,
                Format("%s: mbedTLS error -0x%04x", what, static_cast<unsigned>(-result)));
}

int GenerateKey(Random& random, mbedtls_pk_context* key) {
  const int result = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
  if (result != 0) return result;
  return mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), FillRandom, &random);
}

int SetSerial(mbedtls_x509write_cert* writer, Random& random) {
  // RFC 5280 section 4.1.2.2: a positive integer of at most 20 octets; 64 bits of chance here.
  uint8_t serial[8];
  random.Fill(serial);
  serial[0] = static_cast<uint8_t>((serial[0] & 0x7f) | 0x40);
#if MBEDTLS_VERSION_MAJOR < 3
  mbedtls_mpi number;
  mbedtls_mpi_init(&number);
  int result = mbedtls_mpi_read_binary(&number, serial, sizeof(serial));
  if (result == 0) result = mbedtls_x509write_crt_set_serial(writer, &number);
  mbedtls_mpi_free(&number);
  return result;
#else
  return mbedtls_x509write_crt_set_serial_raw(writer, serial, sizeof(serial));
#endif
}

int ParseKey(Random& random, const std::string& pem, mbedtls_pk_context* key) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(pem.c_str());
#if MBEDTLS_VERSION_MAJOR < 3
  static_cast<void>(random);
  return mbedtls_pk_parse_key(key, bytes, pem.size() + 1, nullptr, 0);
#else
  return mbedtls_pk_parse_key(key, bytes, pem.size() + 1, nullptr, 0, FillRandom, &random);
#endif
}

int CheckPair(Random& random, mbedtls_x509_crt* certificate, mbedtls_pk_context* key) {
#if MBEDTLS_VERSION_MAJOR < 3
  static_cast<void>(random);
  return mbedtls_pk_check_pair(&certificate->pk, key);
#else
  return mbedtls_pk_check_pair(&certificate->pk, key, FillRandom, &random);
#endif
}

bool IsP256(mbedtls_pk_context* key) {
  return mbedtls_pk_can_do(key, MBEDTLS_PK_ECDSA) != 0 && mbedtls_pk_get_bitlen(key) == 256;
}

}  // namespace

struct Certificate::Native {
  Native() {
    mbedtls_x509_crt_init(&x509);
    mbedtls_pk_init(&key);
  }
  ~Native() {
    mbedtls_pk_free(&key);
    mbedtls_x509_crt_free(&x509);
  }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;

  mbedtls_x509_crt x509;
  mbedtls_pk_context key;
};

namespace {

// Signs a certificate for `key` and returns its DER form.
Result<std::vector<uint8_t>> SelfSign(Random& random, mbedtls_pk_context* key,
                                      int64_t unix_seconds) {
  mbedtls_x509write_cert writer;
  mbedtls_x509write_crt_init(&writer);
  mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(&writer, key);
  mbedtls_x509write_crt_set_issuer_key(&writer, key);

  // mbedTLS writes the certificate at the end of the buffer and returns its size.
  std::vector<uint8_t> buffer(kMaxPemSize);
  int result = mbedtls_x509write_crt_set_subject_name(&writer, kName);
  if (result == 0) result = mbedtls_x509write_crt_set_issuer_name(&writer, kName);
  if (result == 0) result = SetSerial(&writer, random);
  if (result == 0) {
    result = mbedtls_x509write_crt_set_validity(&writer, UtcDigits(unix_seconds).c_str(),
                                                "99991231235959");
  }
  if (result == 0) {
    result = mbedtls_x509write_crt_der(&writer, buffer.data(), buffer.size(), FillRandom, &random);
  }
  mbedtls_x509write_crt_free(&writer);
  if (result < 0) return MbedTlsError("cannot write the certificate", result);
  return std::vector<uint8_t>(buffer.end() - result, buffer.end());
}

}  // namespace

Certificate::Certificate(std::unique_ptr<Native> native)
    : native_(std::move(native)), fingerprint_(Fingerprint::Of(der(), HashAlgorithm::kSha256)) {}

Certificate::Certificate(Certificate&&) noexcept = default;
Certificate& Certificate::operator=(Certificate&&) noexcept = default;
Certificate::~Certificate() = default;

Result<Certificate> Certificate::Generate(Random& random, int64_t unix_seconds) {
  auto native = std::make_unique<Native>();
  int result = GenerateKey(random, &native->key);
  if (result != 0) return MbedTlsError("cannot make a P-256 key", result);
  const Result<std::vector<uint8_t>> der = SelfSign(random, &native->key, unix_seconds);
  if (!der.ok()) return der.status();
  result = mbedtls_x509_crt_parse_der(&native->x509, der->data(), der->size());
  if (result != 0) return MbedTlsError("cannot read the certificate just written", result);
  return Certificate(std::move(native));
}

Result<Certificate> Certificate::FromPem(Random& random, std::string_view pem) {
  auto native = std::make_unique<Native>();
  std::string text(pem);  // mbedTLS wants the terminating NUL.
  const int certificate_result = mbedtls_x509_crt_parse(
      &native->x509, reinterpret_cast<const unsigned char*>(text.c_str()), text.size() + 1);
  const int key_result = ParseKey(random, text, &native->key);
  Wipe(MutableBytes(reinterpret_cast<uint8_t*>(text.data()), text.size()));

  if (certificate_result != 0) {
    return Status(StatusCode::kMalformed, "no certificate that can be read in the PEM text");
  }
  if (key_result != 0) {
    return Status(StatusCode::kMalformed, "no private key that can be read in the PEM text");
  }
  if (!IsP256(&native->key)) {
    return Status(StatusCode::kUnsupported, "the private key is not an ECDSA key on P-256");
  }
  if (CheckPair(random, &native->x509, &native->key) != 0) {
    return Status(StatusCode::kMalformed, "the private key is not that of the certificate");
  }
  return Certificate(std::move(native));
}

std::string Certificate::ToPem() const {
  unsigned char buffer[kMaxPemSize];
  size_t size = 0;
  int result =
      mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n",
                               der().data(), der().size(), buffer, sizeof(buffer), &size);
  CHECK(result == 0, "cannot write a certificate as PEM: -0x%04x", static_cast<unsigned>(-result));
  std::string pem;
  pem.reserve(2 * kMaxPemSize);  // So that growing leaves no copy of the key behind.
  pem += reinterpret_cast<const char*>(buffer);

  result = mbedtls_pk_write_key_pem(&native_->key, buffer, sizeof(buffer));
  CHECK(result == 0, "cannot write a key as PEM: -0x%04x", static_cast<unsigned>(-result));
  pem += reinterpret_cast<const char*>(buffer);
  Wipe(buffer);
  return pem;
}

Bytes Certificate::der() const { return Bytes(native_->x509.raw.p, native_->x509.raw.len); }

mbedtls_x509_crt* Certificate::x509() const { return &native_->x509; }

mbedtls_pk_context* Certificate::private_key() const { return &native_->key; }

}  // namespace ocellus::crypto
