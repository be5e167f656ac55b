// SPDX-License-Identifier: Apache-2.0
// The other side of TlsClient: authorities and certificates made on the spot, and a TLS server on
// mbedTLS, sans I/O.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/random.h"
#include "firmware/base/socket_address.h"

namespace ocellus::crypto {

// Whom a certificate is for. Dates as X.509 writes them.
struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<IpAddress> addresses;
  std::string not_before = "20000101000000";
  std::string not_after = "20991231235959";
  bool is_authority = false;
};

// A certificate with its private key, and those of its authorities but the root's.
class Identity {
 public:
  // Signed by `issuer`, or by itself.
  Identity(Random& random, const CertificateRequest& request, const Identity* issuer = nullptr);
  Identity(Identity&&) noexcept;
  ~Identity();

  // Of the certificate alone.
  std::string ToPem() const;

 private:
  friend class TlsServer;
  struct Native;
  std::unique_ptr<Native> native_;
};

class TlsServer {
 public:
  // Both must outlive it.
  TlsServer(const Identity& identity, Random& random);
  ~TlsServer();

  bool is_connected() const;
  // The client has said goodbye, or has broken off the handshake.
  bool is_closed() const;
  // The name that the client asked for (RFC 6066 section 3); empty when it did not.
  std::string asked_name() const;

  void HandleCiphertext(Bytes bytes);
  // What is to be sent to the client since the last call.
  std::string TakeCiphertext();
  void Write(const std::string& plaintext);
  // All plaintext since the last call.
  std::string TakePlaintext();
  void Close();

 private:
  struct Native;
  std::unique_ptr<Native> native_;
};

}  // namespace ocellus::crypto
