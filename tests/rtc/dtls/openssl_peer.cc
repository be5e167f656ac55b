// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/dtls/openssl_peer.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstring>
#include <deque>

namespace ocellus::dtls {
namespace {

constexpr long kMtu = 1200;
constexpr unsigned char kCookie[] = "cookie";

using Datagram = std::vector<uint8_t>;

struct Wire {
  std::deque<Datagram> in;
  std::vector<Datagram> out;
};

int WireWrite(BIO* bio, const char* bytes, int size) {
  auto* wire = static_cast<Wire*>(BIO_get_data(bio));
  wire->out.emplace_back(bytes, bytes + size);
  return size;
}

int WireRead(BIO* bio, char* bytes, int size) {
  auto* wire = static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (wire->in.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const Datagram datagram = std::move(wire->in.front());
  wire->in.pop_front();
  const int taken = std::min(size, static_cast<int>(datagram.size()));
  std::memcpy(bytes, datagram.data(), static_cast<size_t>(taken));
  return taken;
}

long WireControl(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT ? 1 : 0;
}

BIO* NewWireBio(Wire* wire) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* wire_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
    BIO_meth_set_write(wire_method, WireWrite);
    BIO_meth_set_read(wire_method, WireRead);
    BIO_meth_set_ctrl(wire_method, WireControl);
    return wire_method;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, wire);
  BIO_set_init(bio, 1);
  return bio;
}

X509* SelfSign(EVP_PKEY* key) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("peer"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  CHECK(X509_sign(certificate, key, EVP_sha256()) > 0, "OpenSSL cannot sign");
  return certificate;
}

}  // namespace

struct OpenSslPeer::Native {
  ~Native() {
    SSL_free(ssl);
    SSL_CTX_free(context);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }

  Wire wire;
  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
};

OpenSslPeer::OpenSslPeer(const Options& options) : native_(std::make_unique<Native>()) {
  SSL_CTX* context = SSL_CTX_new(DTLS_method());
  native_->context = context;
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU);
  CHECK(SSL_CTX_set_cipher_list(context, options.ciphers.c_str()) == 1, "ciphers %s",
        options.ciphers.c_str());
  // Any certificate will do: it is ours that is to be strict.
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  if (!options.srtp_profiles.empty()) {
    CHECK(SSL_CTX_set_tlsext_use_srtp(context, options.srtp_profiles.c_str()) == 0, "profiles %s",
          options.srtp_profiles.c_str());
  }
  if (options.key != Key::kNone) {
    native_->key = options.key == Key::kP256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048u);
    native_->certificate = SelfSign(native_->key);
    SSL_CTX_use_certificate(context, native_->certificate);
    SSL_CTX_use_PrivateKey(context, native_->key);
  }
  if (options.hello_verify_request) {
    SSL_CTX_set_options(context, SSL_OP_COOKIE_EXCHANGE);
    SSL_CTX_set_cookie_generate_cb(context, [](SSL*, unsigned char* cookie, unsigned* size) {
      std::memcpy(cookie, kCookie, sizeof(kCookie));
      *size = sizeof(kCookie);
      return 1;
    });
    SSL_CTX_set_cookie_verify_cb(context, [](SSL*, const unsigned char* cookie, unsigned size) {
      return size == sizeof(kCookie) && std::memcmp(cookie, kCookie, size) == 0 ? 1 : 0;
    });
  }

  SSL* ssl = SSL_new(context);
  native_->ssl = ssl;
  SSL_set_mtu(ssl, kMtu);
  SSL_set_bio(ssl, NewWireBio(&native_->wire), NewWireBio(&native_->wire));
  if (options.role == Role::kClient) {
    SSL_set_connect_state(ssl);
  } else {
    SSL_set_accept_state(ssl);
  }
}

OpenSslPeer::~OpenSslPeer() = default;

crypto::Fingerprint OpenSslPeer::fingerprint(crypto::HashAlgorithm algorithm) const {
  unsigned char* der = nullptr;
  const int size = i2d_X509(native_->certificate, &der);
  CHECK(size > 0, "no certificate: %d", size);
  const auto fingerprint =
      crypto::Fingerprint::Of(Bytes(der, static_cast<size_t>(size)), algorithm);
  OPENSSL_free(der);
  return fingerprint;
}

void OpenSslPeer::HandleDatagram(Bytes datagram) {
  if (!datagram.empty()) native_->wire.in.emplace_back(datagram.begin(), datagram.end());
  SSL* ssl = native_->ssl;
  ERR_clear_error();
  int result = SSL_do_handshake(ssl);
  while (result > 0) {
    char message[2048];
    result = SSL_read(ssl, message, sizeof(message));
    if (result > 0) messages_.emplace_back(message, static_cast<size_t>(result));
  }
  const int error = SSL_get_error(ssl, result);
  failed_ = failed_ || error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL;
}

std::vector<std::vector<uint8_t>> OpenSslPeer::TakeDatagrams() {
  return std::exchange(native_->wire.out, {});
}

bool OpenSslPeer::is_connected() const { return SSL_is_init_finished(native_->ssl) == 1; }

std::string OpenSslPeer::srtp_profile() const {
  const SRTP_PROTECTION_PROFILE* profile = SSL_get_selected_srtp_profile(native_->ssl);
  return profile == nullptr ? "" : profile->name;
}

std::vector<uint8_t> OpenSslPeer::ExportKeys(size_t size) const {
  constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";
  std::vector<uint8_t> keys(size);
  CHECK(SSL_export_keying_material(native_->ssl, keys.data(), size, kLabel, sizeof(kLabel) - 1,
                                   nullptr, 0, 0) == 1,
        "OpenSSL has no keys");
  return keys;
}

void OpenSslPeer::Send(Bytes message) {
  CHECK(SSL_write(native_->ssl, message.data(), static_cast<int>(message.size())) > 0,
        "OpenSSL cannot send");
}

std::vector<std::string> OpenSslPeer::TakeMessages() { return std::exchange(messages_, {}); }

void OpenSslPeer::Renegotiate() {
  SSL_renegotiate(native_->ssl);
  HandleDatagram({});
}

void OpenSslPeer::SendCloseNotify() { SSL_shutdown(native_->ssl); }

}  // namespace ocellus::dtls
