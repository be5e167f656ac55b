// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/crypto/tls_server.h"

#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#if MBEDTLS_VERSION_MAJOR >= 3
#include <psa/crypto.h>
#endif

#include <algorithm>
#include <cstring>
#include <utility>

namespace ocellus::crypto {
namespace {

int FillRandom(void* random, unsigned char* out, size_t size) {
  static_cast<Random*>(random)->Fill(MutableBytes(out, size));
  return 0;
}

void Require(int result, const char* what) {
  CHECK(result >= 0, "%s: mbedTLS error -0x%04x", what, static_cast<unsigned>(-result));
}

// SubjectAltName (RFC 5280 section 4.2.1.6) in DER: [2] is a dNSName, [7] an iPAddress. Short
// lengths only.
std::string AlternativeNames(const CertificateRequest& request) {
  std::string names;
  const auto add = [&names](char tag, std::string_view value) {
    CHECK(value.size() < 64, "a name of %zu bytes", value.size());
    names += tag;
    names += static_cast<char>(value.size());
    names += value;
  };
  for (const std::string& name : request.dns_names) add('\x82', name);
  for (const IpAddress& address : request.addresses) add('\x87', AsText(address.bytes()));
  CHECK(names.size() < 128, "%zu bytes of names", names.size());
  return std::string("\x30") + static_cast<char>(names.size()) + names;
}

int SetSerial(mbedtls_x509write_cert* writer) {
  uint8_t serial[] = {1};
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

}  // namespace

struct Identity::Native {
  Native() {
    mbedtls_x509_crt_init(&chain);
    mbedtls_pk_init(&key);
  }
  ~Native() {
    mbedtls_pk_free(&key);
    mbedtls_x509_crt_free(&chain);
  }

  mbedtls_x509_crt chain;
  mbedtls_pk_context key;
  std::string name;
  bool is_root = false;
};

Identity::Identity(Random& random, const CertificateRequest& request, const Identity* issuer)
    : native_(std::make_unique<Native>()) {
  native_->name = "CN=" + request.common_name;
  native_->is_root = issuer == nullptr;
  Native& signer = issuer != nullptr ? *issuer->native_ : *native_;
  mbedtls_pk_context* key = &native_->key;
  Require(mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), "key");
  Require(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), FillRandom, &random),
          "key");

  mbedtls_x509write_cert writer;
  mbedtls_x509write_crt_init(&writer);
  mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(&writer, key);
  mbedtls_x509write_crt_set_issuer_key(&writer, &signer.key);
  Require(mbedtls_x509write_crt_set_subject_name(&writer, native_->name.c_str()), "name");
  Require(mbedtls_x509write_crt_set_issuer_name(&writer, signer.name.c_str()), "issuer");
  Require(SetSerial(&writer), "serial");
  Require(mbedtls_x509write_crt_set_validity(&writer, request.not_before.c_str(),
                                             request.not_after.c_str()),
          "validity");
  Require(mbedtls_x509write_crt_set_basic_constraints(&writer, request.is_authority ? 1 : 0, -1),
          "constraints");
  if (!request.dns_names.empty() || !request.addresses.empty()) {
    const std::string names = AlternativeNames(request);
    Require(
        mbedtls_x509write_crt_set_extension(
            &writer, MBEDTLS_OID_SUBJECT_ALT_NAME, MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME),
            /*critical=*/0, reinterpret_cast<const unsigned char*>(names.data()), names.size()),
        "names");
  }
  unsigned char der[2048];
  const int size = mbedtls_x509write_crt_der(&writer, der, sizeof(der), FillRandom, &random);
  Require(size, "certificate");
  mbedtls_x509write_crt_free(&writer);
  // It is written to the end of the buffer.
  const Bytes written = Bytes(der).subspan(sizeof(der) - static_cast<size_t>(size));
  Require(mbedtls_x509_crt_parse_der(&native_->chain, written.data(), written.size()), "parse");
  if (issuer == nullptr || issuer->native_->is_root) return;
  for (const auto* above = &issuer->native_->chain; above != nullptr; above = above->next) {
    Require(mbedtls_x509_crt_parse_der(&native_->chain, above->raw.p, above->raw.len), "parse");
  }
}

Identity::Identity(Identity&&) noexcept = default;
Identity::~Identity() = default;

std::string Identity::ToPem() const {
  unsigned char pem[4096];
  size_t size = 0;
  Require(mbedtls_pem_write_buffer("-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n",
                                   native_->chain.raw.p, native_->chain.raw.len, pem, sizeof(pem),
                                   &size),
          "PEM");
  return reinterpret_cast<const char*>(pem);
}

struct TlsServer::Native {
  Native() {
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_init(&ssl);
  }
  ~Native() {
    mbedtls_ssl_free(&ssl);
    mbedtls_ssl_config_free(&config);
  }

  static int Send(void* server, const unsigned char* bytes, size_t size) {
    static_cast<Native*>(server)->outgoing.append(reinterpret_cast<const char*>(bytes), size);
    return static_cast<int>(size);
  }
  static int Receive(void* server, unsigned char* bytes, size_t size) {
    std::string& incoming = static_cast<Native*>(server)->incoming;
    if (incoming.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
    const size_t taken = std::min(size, incoming.size());
    std::memcpy(bytes, incoming.data(), taken);
    incoming.erase(0, taken);
    return static_cast<int>(taken);
  }
  // Called with the server name extension.
  static int KeepName(void* server, mbedtls_ssl_context*, const unsigned char* name, size_t size) {
    static_cast<Native*>(server)->asked_name.assign(reinterpret_cast<const char*>(name), size);
    return 0;
  }

  mbedtls_ssl_config config;
  mbedtls_ssl_context ssl;
  std::string incoming;
  std::string outgoing;
  std::string plaintext;
  std::string asked_name;
  bool connected = false;
  bool closed = false;
};

TlsServer::TlsServer(const Identity& identity, Random& random)
    : native_(std::make_unique<Native>()) {
#if MBEDTLS_VERSION_MAJOR >= 3
  Require(psa_crypto_init(), "PSA");
#endif
  mbedtls_ssl_config* config = &native_->config;
  Require(mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                      MBEDTLS_SSL_PRESET_DEFAULT),
          "defaults");
  mbedtls_ssl_conf_rng(config, FillRandom, &random);
  mbedtls_ssl_conf_sni(config, Native::KeepName, native_.get());
  Require(mbedtls_ssl_conf_own_cert(config, &identity.native_->chain, &identity.native_->key),
          "own certificate");
  Require(mbedtls_ssl_setup(&native_->ssl, config), "setup");
  mbedtls_ssl_set_bio(&native_->ssl, native_.get(), Native::Send, Native::Receive, nullptr);
}

TlsServer::~TlsServer() = default;

bool TlsServer::is_connected() const { return native_->connected; }

bool TlsServer::is_closed() const { return native_->closed; }

std::string TlsServer::asked_name() const { return native_->asked_name; }

void TlsServer::HandleCiphertext(Bytes bytes) {
  native_->incoming += AsText(bytes);
  if (native_->closed) return;
  int result = 0;
  if (!native_->connected) {
    result = mbedtls_ssl_handshake(&native_->ssl);
    native_->connected = result == 0;
  }
  while (native_->connected && !native_->closed) {
    unsigned char buffer[4096];
    result = mbedtls_ssl_read(&native_->ssl, buffer, sizeof(buffer));
    if (result <= 0) break;
    native_->plaintext.append(reinterpret_cast<char*>(buffer), static_cast<size_t>(result));
  }
  native_->closed = result <= 0 && result != MBEDTLS_ERR_SSL_WANT_READ;
}

std::string TlsServer::TakeCiphertext() { return std::exchange(native_->outgoing, {}); }

void TlsServer::Write(const std::string& plaintext) {
  for (size_t done = 0; done < plaintext.size();) {
    const int result =
        mbedtls_ssl_write(&native_->ssl, reinterpret_cast<const unsigned char*>(&plaintext[done]),
                          plaintext.size() - done);
    Require(result, "write");
    done += static_cast<size_t>(result);
  }
}

std::string TlsServer::TakePlaintext() { return std::exchange(native_->plaintext, {}); }

void TlsServer::Close() { Require(mbedtls_ssl_close_notify(&native_->ssl), "close"); }

}  // namespace ocellus::crypto
