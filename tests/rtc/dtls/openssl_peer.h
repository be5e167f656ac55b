// SPDX-License-Identifier: Apache-2.0
// A DTLS peer that is not ours: OpenSSL, without sockets. What it can do and we cannot (be without
// certificate, without use_srtp, with RSA, negotiate AES-GCM as server) is what it is for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/rtc/crypto/fingerprint.h"

namespace ocellus::dtls {

class OpenSslPeer {
 public:
  enum class Role { kClient, kServer };
  enum class Key { kNone, kP256, kRsa };
  struct Options {
    Role role = Role::kServer;
    Key key = Key::kP256;
    // Colon-separated names in OpenSSL's spelling; empty: no use_srtp.
    std::string srtp_profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
    std::string ciphers = "ECDHE+AESGCM";
    bool hello_verify_request = false;
  };

  explicit OpenSslPeer(const Options& options);
  ~OpenSslPeer();

  crypto::Fingerprint fingerprint(crypto::HashAlgorithm algorithm) const;

  // Goes on with the handshake, then reads. The client has to be called once with nothing.
  void HandleDatagram(Bytes datagram);
  // What it has sent since the last call.
  std::vector<std::vector<uint8_t>> TakeDatagrams();

  bool is_connected() const;
  bool has_failed() const { return failed_; }
  // OpenSSL's name of what was agreed on, or "".
  std::string srtp_profile() const;
  // The keying material of RFC 5764 section 4.2.
  std::vector<uint8_t> ExportKeys(size_t size) const;

  void Send(Bytes message);
  // Application messages received since the last call.
  std::vector<std::string> TakeMessages();
  // Asks for a new handshake (RFC 5246 section 7.4.1.1), or sends a ClientHello for one.
  void Renegotiate();
  void SendCloseNotify();

 private:
  struct Native;
  std::unique_ptr<Native> native_;
  std::vector<std::string> messages_;
  bool failed_ = false;
};

}  // namespace ocellus::dtls
