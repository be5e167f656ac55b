// SPDX-License-Identifier: Apache-2.0
// The state of the handshake and the chosen profile have no accessors in either version.
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "firmware/rtc/dtls/mbedtls_version.h"

#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#if MBEDTLS_VERSION_MAJOR < 3
#include <mbedtls/ssl_internal.h>
#endif

#include <algorithm>

#include "firmware/base/byte_reader.h"

#if MBEDTLS_VERSION_MAJOR >= 3
// Internal to mbedTLS 3.x, but exported by it (library/ssl_misc.h). The first empties the running
// hash, the second adds a header of four bytes {type, size} to it, the third a header and a body;
// the last one sends a flight again.
extern "C" {
int mbedtls_ssl_reset_checksum(mbedtls_ssl_context* ssl);
int mbedtls_ssl_add_hs_hdr_to_checksum(mbedtls_ssl_context* ssl, unsigned type, size_t size);
int mbedtls_ssl_add_hs_msg_to_checksum(mbedtls_ssl_context* ssl, unsigned type,
                                       const unsigned char* body, size_t size);
int mbedtls_ssl_resend(mbedtls_ssl_context* ssl);
}
#endif

namespace ocellus::dtls {

bool CanReassembleClientHello() { return mbedtls_version_get_number() >= 0x03060600; }

struct SecretsCapture {
  static void Store(void* context, Bytes master_secret, const unsigned char* client_random,
                    const unsigned char* server_random, mbedtls_tls_prf_types prf) {
    auto* secrets = static_cast<HandshakeSecrets*>(context);
    if (master_secret.size() != secrets->master_secret_.size()) return;
    std::copy(master_secret.begin(), master_secret.end(), secrets->master_secret_.begin());
    std::copy(client_random, client_random + 32, secrets->randoms_.begin());
    std::copy(server_random, server_random + 32, secrets->randoms_.begin() + 32);
    secrets->prf_ = prf;
    secrets->captured_ = true;
  }
};

#if MBEDTLS_VERSION_MAJOR < 3

void ConfigureAlgorithms(mbedtls_ssl_config* config) {
  static const mbedtls_ecp_group_id kGroups[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};
  static const int kHashes[] = {MBEDTLS_MD_SHA256, MBEDTLS_MD_NONE};
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_curves(config, kGroups);
  mbedtls_ssl_conf_sig_hashes(config, kHashes);
}

void HandshakeSecrets::CaptureFrom(mbedtls_ssl_config* config, mbedtls_ssl_context*) {
  const auto callback = [](void* context, const unsigned char* master_secret, const unsigned char*,
                           size_t, size_t, size_t, const unsigned char* client_random,
                           const unsigned char* server_random, mbedtls_tls_prf_types prf) {
    SecretsCapture::Store(context, Bytes(master_secret, 48), client_random, server_random, prf);
    return 0;
  };
  mbedtls_ssl_conf_export_keys_ext_cb(config, callback, this);
}

bool ReplaceTranscript(mbedtls_ssl_context* ssl, Bytes client_hello, Bytes server_hello) {
  if (client_hello.empty() || server_hello.empty()) return false;
  mbedtls_ssl_reset_checksum(ssl);
  ssl->handshake->update_checksum(ssl, client_hello.data(), client_hello.size());
  ssl->handshake->update_checksum(ssl, server_hello.data(), server_hello.size());
  return true;
}

#else

void ConfigureAlgorithms(mbedtls_ssl_config* config) {
  static const uint16_t kGroups[] = {MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
                                     MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
  static const uint16_t kSignatures[] = {MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
                                         MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
                                         MBEDTLS_TLS1_3_SIG_NONE};
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_groups(config, kGroups);
  mbedtls_ssl_conf_sig_algs(config, kSignatures);
}

void HandshakeSecrets::CaptureFrom(mbedtls_ssl_config*, mbedtls_ssl_context* ssl) {
  const auto callback = [](void* context, mbedtls_ssl_key_export_type, const unsigned char* secret,
                           size_t size, const unsigned char* client_random,
                           const unsigned char* server_random, mbedtls_tls_prf_types prf) {
    SecretsCapture::Store(context, Bytes(secret, size), client_random, server_random, prf);
  };
  mbedtls_ssl_set_export_keys_cb(ssl, callback, this);
}

namespace {

// The twelve bytes of a DTLS header (see FindHandshake in profile_swap.cc) are three TLS headers in
// a row: {type, size}, {sequence number and zeros} and {zero, size}. mbedTLS offers just these.
bool AddToTranscript(mbedtls_ssl_context* ssl, Bytes message) {
  ByteReader reader(message);
  const uint8_t type = reader.ReadU8();
  const uint32_t size = reader.ReadU24();
  const uint8_t sequence_high = reader.ReadU8();
  const uint32_t sequence_low_and_offset = reader.ReadU24();
  reader.Skip(1 + 3);
  const Bytes body = reader.ReadBytes(size);
  return reader.ok() && mbedtls_ssl_add_hs_hdr_to_checksum(ssl, type, size) == 0 &&
         mbedtls_ssl_add_hs_hdr_to_checksum(ssl, sequence_high, sequence_low_and_offset) == 0 &&
         mbedtls_ssl_add_hs_msg_to_checksum(ssl, 0, body.data(), body.size()) == 0;
}

}  // namespace

bool ReplaceTranscript(mbedtls_ssl_context* ssl, Bytes client_hello, Bytes server_hello) {
  return mbedtls_ssl_reset_checksum(ssl) == 0 && AddToTranscript(ssl, client_hello) &&
         AddToTranscript(ssl, server_hello);
}

#endif

bool HandshakeSecrets::Export(const char* label, MutableBytes out) const {
  return captured_ &&
         mbedtls_ssl_tls_prf(static_cast<mbedtls_tls_prf_types>(prf_), master_secret_.data(),
                             master_secret_.size(), label, randoms_.data(), randoms_.size(),
                             out.data(), out.size()) == 0;
}

void HandshakeSecrets::Clear() {
  Wipe(master_secret_);
  captured_ = false;
}

Progress HandshakeProgress(const mbedtls_ssl_context* ssl) {
  switch (ssl->state) {
    case MBEDTLS_SSL_HELLO_REQUEST:
    case MBEDTLS_SSL_CLIENT_HELLO:
      return Progress::kAwaitsClientHello;
    case MBEDTLS_SSL_SERVER_HELLO:
      return Progress::kAwaitsServerHello;
    case MBEDTLS_SSL_HANDSHAKE_OVER:
      return Progress::kComplete;
    default:
      return Progress::kUnderWay;
  }
}

int ResendFlight(mbedtls_ssl_context* ssl) { return mbedtls_ssl_resend(ssl); }

uint16_t NegotiatedSrtpProfile(const mbedtls_ssl_context* ssl) {
  return ssl->dtls_srtp_info.chosen_dtls_srtp_profile;
}

int LastAlert(const mbedtls_ssl_context* ssl) { return ssl->in_msg[1]; }

}  // namespace ocellus::dtls
