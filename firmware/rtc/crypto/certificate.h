// SPDX-License-Identifier: Apache-2.0
// The certificate that a device shows in every DTLS handshake: self-signed, ECDSA with P-256, made
// once at first boot and then loaded. Nobody checks its names or dates; its fingerprint travels in
// the SDP. Every WebRTC peer takes such a certificate (RFC 8827 section 6.5).
// io thread only. One for the whole device; must outlive the transports that use it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "firmware/base/bytes.h"
#include "firmware/base/random.h"
#include "firmware/base/status.h"
#include "firmware/rtc/crypto/fingerprint.h"

struct mbedtls_pk_context;
struct mbedtls_x509_crt;

namespace ocellus::crypto {

class Certificate {
 public:
  // Makes a key pair and a certificate for it. `unix_seconds` is when its validity begins; it has
  // no end (RFC 5280 section 4.1.2.5: 9999-12-31). Takes some milliseconds, on a microcontroller
  // some hundred. Error: kInternal.
  static Result<Certificate> Generate(Random& random, int64_t unix_seconds);

  // From what ToPem wrote: a certificate and its private key in one text.
  // Errors: kMalformed (not PEM, one of the two missing, or they do not belong together),
  // kUnsupported (not a P-256 key).
  static Result<Certificate> FromPem(Random& random, std::string_view pem);

  Certificate(Certificate&&) noexcept;
  Certificate& operator=(Certificate&&) noexcept;
  ~Certificate();

  // Holds the private key: for a file that only we may read, never for a log. Wipe it after use.
  std::string ToPem() const;

  // The certificate alone. Borrowed.
  Bytes der() const;
  // SHA-256, for the a=fingerprint of our SDP.
  const Fingerprint& fingerprint() const { return fingerprint_; }

  // For the DTLS wrapper only. mbedTLS takes them as mutable, and leaves them as they are.
  mbedtls_x509_crt* x509() const;
  mbedtls_pk_context* private_key() const;

 private:
  struct Native;
  explicit Certificate(std::unique_ptr<Native> native);

  std::unique_ptr<Native> native_;
  Fingerprint fingerprint_;
};

}  // namespace ocellus::crypto
