// SPDX-License-Identifier: Apache-2.0
// Where mbedTLS 2.28 and 3.6 differ, and what must be known of their insides: for transport.cc
// only.
#pragma once

#include <array>
#include <cstdint>

#include "firmware/base/bytes.h"

struct mbedtls_ssl_config;
struct mbedtls_ssl_context;

namespace ocellus::dtls {

// Whether this version puts a ClientHello together from fragments. 3.6.6 is the first one.
bool CanReassembleClientHello();

// DTLS 1.2 only; signatures with SHA-256; ECDHE on P-256, which RFC 8827 section 6.5 requires. Not
// on X25519: browsers would prefer it, and in mbedTLS it costs a fifth to a third more.
void ConfigureAlgorithms(mbedtls_ssl_config* config);

// What the keys of SRTP are derived from. Wiped when it goes.
class HandshakeSecrets {
 public:
  ~HandshakeSecrets() { Clear(); }
  // Has them filled when the handshake derives its keys, which is before it is complete.
  void CaptureFrom(mbedtls_ssl_config* config, mbedtls_ssl_context* ssl);
  // RFC 5705 section 4, without context. False when there are none, or the PRF fails.
  bool Export(const char* label, MutableBytes out) const;
  void Clear();

 private:
  friend struct SecretsCapture;
  std::array<uint8_t, 48> master_secret_{};  // RFC 5246 section 8.1.
  std::array<uint8_t, 64> randoms_{};        // The client's, then the server's.
  int prf_ = 0;
  bool captured_ = false;
};

enum class Progress { kAwaitsClientHello, kAwaitsServerHello, kUnderWay, kComplete };
Progress HandshakeProgress(const mbedtls_ssl_context* ssl);

// Sends the current flight again. Only while one waits for its answer, which is while mbedTLS's
// timer runs. 0 or mbedTLS's error.
int ResendFlight(mbedtls_ssl_context* ssl);

// As mbedTLS numbers it; 0 when none was agreed on.
uint16_t NegotiatedSrtpProfile(const mbedtls_ssl_context* ssl);

// The description of the alert that was just received (RFC 5246 section 7.2).
int LastAlert(const mbedtls_ssl_context* ssl);

// Makes the running hash of the handshake that of the two messages, given with their handshake
// headers (RFC 6347 section 4.2.6). Right after the ServerHello was read. False when one is
// missing, or mbedTLS fails.
[[nodiscard]] bool ReplaceTranscript(mbedtls_ssl_context* ssl, Bytes client_hello,
                                     Bytes server_hello);

}  // namespace ocellus::dtls
