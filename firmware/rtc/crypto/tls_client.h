// SPDX-License-Identifier: Apache-2.0
// A TLS client (TLS 1.2, RFC 5246), for TURN servers behind "turns:". Sans I/O: bytes of the
// connection in and out, plaintext in and out. It trusts a server whose certificate leads to a root
// of the TrustStore, is for the name that was asked for (RFC 6125) and, where mbedTLS knows the
// time, is not expired. Does not open connections, knows no addresses, and needs no timer: whoever
// owns the connection gives up on a slow one.
// Runs on mbedTLS 2.28 or 3.6, which only the .cc file sees.
// io thread only. Owned by whoever owns the connection.
//
// State: kHandshaking -> kConnected -> kClosed; every failure and Close() lead to kClosed, which is
// final.
//
//   tls->HandleCiphertext(bytes);                                  // from the connection
//   while (const std::optional<MutableBytes> plaintext = tls->Read()) { ... }
//   tls->Write(message);
//   while (!tls->ciphertext().empty() && Send(tls->ciphertext())) ...   // see TakeCiphertext
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"
#include "firmware/base/random.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"

struct mbedtls_ssl_config;
struct mbedtls_ssl_context;
struct mbedtls_x509_crt;

namespace ocellus::crypto {

// The certificates of the authorities that we trust. Parsed once, shared by all clients; some
// hundred kilobytes for what a Linux distribution ships.
class TrustStore {
 public:
  // `pem` is a bundle of certificates. Those that mbedTLS cannot read are left out.
  // Error: kMalformed (not one that it can read).
  static Result<TrustStore> FromPem(std::string_view pem);

  TrustStore(TrustStore&&) noexcept;
  TrustStore& operator=(TrustStore&&) noexcept;
  ~TrustStore();

  // Certificates in it, and those of the bundle that were left out.
  size_t size() const;
  size_t left_out() const;

 private:
  friend class TlsClient;
  struct Native;
  explicit TrustStore(std::unique_ptr<Native> native);
  std::unique_ptr<Native> native_;
};

class TlsClient {
 public:
  enum class State { kHandshaking, kConnected, kClosed };

  struct Options {
    std::string server_name;  // "turn.example.net", or an address: "192.0.2.1", "2001:db8::1".
    const TrustStore& trust;  // Must outlive the client.
    Random& random;           // Must outlive the client.
  };

  // Begins the handshake: ciphertext() holds a ClientHello. Errors: kInvalidArgument (no server
  // name that TLS can carry), kInternal (memory).
  static Result<std::unique_ptr<TlsClient>> Open(const Options& options);
  explicit TlsClient(const Options& options);  // For Open.
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  State state() const { return state_; }
  // Why it is closed; OK as long as it is not, and after Close(). For people, and names the server:
  // "certificate of turn.example.net: issuer unknown". kPermissionDenied (the certificate),
  // kUnavailable (the server has closed, or refuses), kUnsupported (an older TLS), kMalformed (not
  // TLS, or damaged), kResourceExhausted (nobody reads), kInternal.
  const Status& why_closed() const { return why_closed_; }

  // Bytes that came from the server, in any cut. Read is to be called until nullopt afterwards:
  // what is left over counts against kMaxTlsIncoming, and too much closes.
  void HandleCiphertext(Bytes bytes);

  // The next plaintext, never empty, at most one TLS record (16 KiB). Good until the next call of
  // anything; it may be changed in place.
  std::optional<MutableBytes> Read();

  // Encrypts all of `plaintext`, or nothing. False: it is not connected, or ciphertext() would
  // become more than kMaxTlsOutgoing because the connection takes nothing: what is late is dropped.
  bool Write(Bytes plaintext);

  // What is to be sent to the server, in order. Borrowed until the next call of anything but
  // TakeCiphertext, which takes the first `size` bytes off once the connection has them. After
  // kClosed it may hold a last alert.
  Bytes ciphertext() const { return Bytes(outgoing_).subspan(outgoing_begin_); }
  void TakeCiphertext(size_t size);

  // Says goodbye (close_notify in ciphertext()). Reads nothing more.
  void Close();

 private:
  struct Free {
    void operator()(mbedtls_ssl_config* config) const;
    void operator()(mbedtls_ssl_context* ssl) const;
  };

  // These return mbedTLS's errors; 0 is success.
  int SetUpConfig(const Options& options);
  int SetUpContext();

  void Handshake();
  void FailWith(int mbedtls_error);
  void Fail(Status why);
  Status CertificateError() const;

  // mbedTLS's I/O and verification; `client` is a TlsClient.
  static int SendRecord(void* client, const unsigned char* bytes, size_t size);
  static int ReceiveRecord(void* client, unsigned char* bytes, size_t size);
  static int CheckCertificate(void* client, mbedtls_x509_crt* certificate, int depth,
                              uint32_t* flags);

  const std::string server_name_;
  const std::optional<IpAddress> server_ip_;  // Where server_name_ is an address.
  State state_ = State::kHandshaking;
  Status why_closed_;
  std::unique_ptr<mbedtls_ssl_config, Free> config_;
  std::unique_ptr<mbedtls_ssl_context, Free> ssl_;
  std::string certificate_names_;  // Of the server, for people.

  // Ciphertext that mbedTLS has not taken yet: [incoming_begin_, end). At most kMaxTlsIncoming.
  std::vector<uint8_t> incoming_;
  size_t incoming_begin_ = 0;
  // Ciphertext that the connection has not taken yet: [outgoing_begin_, end). At most
  // kMaxTlsOutgoing and some alerts.
  std::vector<uint8_t> outgoing_;
  size_t outgoing_begin_ = 0;
  std::vector<uint8_t> plaintext_;  // What Read returned last.
};

}  // namespace ocellus::crypto
