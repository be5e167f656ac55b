// SPDX-License-Identifier: Apache-2.0
// TlsClient with servers on OpenSSL, which most TURN servers run on: RSA and elliptic curves, TLS
// 1.2 alone and beside TLS 1.3, the client's preferences and the server's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "firmware/rtc/crypto/tls_client.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::crypto {
namespace {

using ::testing::HasSubstr;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

enum class KeyType { kRsa, kP256 };

struct ServerKind {
  KeyType key_type = KeyType::kRsa;
  int max_version = TLS1_2_VERSION;
  uint64_t options = 0;
};

class OpenSslServer {
 public:
  explicit OpenSslServer(const ServerKind& kind)
      : key_(kind.key_type == KeyType::kRsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256")),
        certificate_(X509_new()),
        context_(SSL_CTX_new(TLS_server_method())) {
    Certify();
    SSL_CTX_set_max_proto_version(context_.get(), kind.max_version);
    SSL_CTX_set_options(context_.get(), kind.options);
    CHECK(SSL_CTX_use_certificate(context_.get(), certificate_.get()) == 1, "certificate");
    CHECK(SSL_CTX_use_PrivateKey(context_.get(), key_.get()) == 1, "key");
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_bio(ssl_.get(), in_, out_);  // Which it owns from now on.
    SSL_set_accept_state(ssl_.get());
  }

  void set_min_version(int version) { SSL_set_min_proto_version(ssl_.get(), version); }

  std::string CertificateAsPem() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate_.get());
    std::string pem = Drain(bio);
    BIO_free(bio);
    return pem;
  }

  // Takes what the client has sent, says everything that it reads again, and returns its bytes.
  std::string Exchange(Bytes from_client) {
    if (!from_client.empty()) {
      BIO_write(in_, from_client.data(), static_cast<int>(from_client.size()));
    }
    char plaintext[1024];
    const int size = SSL_read(ssl_.get(), plaintext, sizeof(plaintext));
    if (size > 0) SSL_write(ssl_.get(), plaintext, size);
    return Drain(out_);
  }

 private:
  static std::string Drain(BIO* bio) {
    std::string bytes;
    char buffer[4096];
    for (int size = 1; size > 0;) {
      size = BIO_read(bio, buffer, sizeof(buffer));
      if (size > 0) bytes.append(buffer, static_cast<size_t>(size));
    }
    return bytes;
  }

  // Self-signed: the client trusts it as its own authority.
  void Certify() {
    X509* certificate = certificate_.get();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key_.get());
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("TURN"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                                "DNS:turn.example.net,IP:192.0.2.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    CHECK(X509_sign(certificate, key_.get(), EVP_sha256()) > 0, "sign");
  }

  const Owned<EVP_PKEY> key_;
  const Owned<X509> certificate_;
  const Owned<SSL_CTX> context_;
  BIO* const in_ = BIO_new(BIO_s_mem());
  BIO* const out_ = BIO_new(BIO_s_mem());
  Owned<SSL> ssl_;
};

// Runs the handshake and one exchange. What came back, or why nothing did.
std::string EchoOf(OpenSslServer& server, const std::string& server_name) {
  sim::SeededRandom random(1);
  const TrustStore trust = *TrustStore::FromPem(server.CertificateAsPem());
  const auto client = std::move(*TlsClient::Open({server_name, trust, random}));
  std::string echo;
  bool written = false;
  for (int turn = 0; turn < 20; ++turn) {
    if (!written) written = client->Write(AsBytes("Allocate"));
    const std::string to_client = server.Exchange(client->ciphertext());
    client->TakeCiphertext(client->ciphertext().size());
    client->HandleCiphertext(AsBytes(to_client));
    while (const auto plaintext = client->Read()) echo += AsText(*plaintext);
  }
  return client->why_closed().ok() ? echo : client->why_closed().message();
}

TEST(TlsOpenSslInterop, WorksWithEveryKindOfServerThatHasTls12) {
  for (const KeyType key_type : {KeyType::kRsa, KeyType::kP256}) {
    for (const int max_version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      for (const uint64_t options : {uint64_t{0}, uint64_t{SSL_OP_CIPHER_SERVER_PREFERENCE}}) {
        for (const char* name : {"turn.example.net", "192.0.2.1"}) {
          OpenSslServer server({key_type, max_version, options});
          EXPECT_EQ(EchoOf(server, name), "Allocate")
              << name << (key_type == KeyType::kRsa ? ", RSA" : ", P-256") << ", up to version "
              << max_version << ", options " << options;
        }
      }
    }
  }
}

TEST(TlsOpenSslInterop, SaysSoWhereAServerWantsAnotherVersion) {
  OpenSslServer server({KeyType::kP256, TLS1_3_VERSION, 0});
  server.set_min_version(TLS1_3_VERSION);
  EXPECT_THAT(EchoOf(server, "turn.example.net"), HasSubstr("another version than TLS 1.2"));
}

TEST(TlsOpenSslInterop, RefusesAnotherName) {
  OpenSslServer server({KeyType::kRsa, TLS1_3_VERSION, 0});
  EXPECT_EQ(EchoOf(server, "other.example.net"),
            "certificate of other.example.net: is for turn.example.net, 192.0.2.1");
}

}  // namespace
}  // namespace ocellus::crypto
