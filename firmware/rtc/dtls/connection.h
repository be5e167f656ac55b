// SPDX-License-Identifier: Apache-2.0
// mbedTLS's part of a Transport: one connection without sockets and clocks. Knows datagrams, its
// timer, fingerprints and keys; what they mean for the call is Transport's business.
// io thread only. Owned by Transport, and for transport.cc only.
//
// What returns an int returns mbedTLS's: 0 or a size when it worked, MBEDTLS_ERR_SSL_WANT_READ when
// it needs another datagram or more time, another negative error when the connection is over.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "firmware/rtc/dtls/mbedtls_version.h"
#include "firmware/rtc/dtls/profile_swap.h"
#include "firmware/rtc/dtls/transport.h"

namespace ocellus::dtls {

class Connection {
 public:
  // `config` is checked already. Error: kInternal (memory).
  static Result<std::unique_ptr<Connection>> Open(const Config& config, Random& random);
  explicit Connection(const Config& config);  // For Open.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void SetRemoteFingerprints(std::vector<crypto::Fingerprint> fingerprints);
  bool has_usable_fingerprint() const;

  // Goes on with the handshake as far as it can; `datagram` may be empty. 0: it is complete.
  int Handshake(Time now, Bytes datagram);
  // When the flight that waits for its answer is to be sent again; kNever: none does.
  Time retransmit_at() const { return retransmit_at_; }
  // Sends it again because that time has come: the next wait is twice as long.
  void RepeatLateFlight(Time now);
  // Whether one waits that a peer in the same house would have answered by now.
  bool HasOverdueFlight(Time now) const;
  // Sends it again in between. While one waits.
  void RepeatFlight(Time now);

  // Once the handshake is complete: what was agreed on, if anything.
  std::optional<srtp::Profile> srtp_profile() const;
  // The keys for it. Only once: what they are made of is wiped.
  SrtpKeys TakeKeys(srtp::Profile profile);
  void ForgetKeys() { secrets_.Clear(); }

  // Takes `datagram` in, up to its first application message, which waits for Read.
  int Receive(Time now, Bytes datagram);
  // The next application message, cut to the size of `out`.
  int Read(MutableBytes out);
  // In bytes, for Write to stay within Config::message_mtu.
  size_t max_message_size() const { return max_message_size_; }
  int Write(Time now, Bytes message);

  // What goes wrong is not reported: the connection is over either way.
  void SendCloseNotify(Time now);
  void SendFatalAlert();
  // The one that the peer sent, after MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE.
  int last_alert() const;

  // Whether Write could send now.
  bool has_room_to_transmit() const;
  std::optional<size_t> PollTransmit(MutableBytes out);

  // mbedTLS has two buffers for records, of 16 KiB each in Debian, for every connection. Suspend
  // frees them in exchange for some 600 bytes; the next call of anything brings them back. Does
  // nothing when messages wait, or when the peer may still repeat its last flight.
  void Suspend();
  bool is_suspended() const { return ssl_ == nullptr; }

 private:
  struct Free {
    void operator()(mbedtls_ssl_config* config) const;
    void operator()(mbedtls_ssl_context* ssl) const;
  };

  int SetUpConfig(const Config& config, Random& random);
  int SetUpContext();
  int SetProfiles(const std::vector<srtp::Profile>& profiles);
  // False when there is no memory.
  bool Resume();

  // mbedTLS's callbacks.
  static int SendDatagram(void* connection, const unsigned char* bytes, size_t size);
  static int ReceiveDatagram(void* connection, unsigned char* bytes, size_t size);
  static void SetTimer(void* connection, uint32_t intermediate_ms, uint32_t final_ms);
  static int GetTimer(void* connection);
  static int VerifyCertificate(void* connection, mbedtls_x509_crt* certificate, int depth,
                               uint32_t* flags);

  const Role role_;
  size_t mtu_;  // Of what is sent next.
  const size_t message_mtu_;
  std::unique_ptr<mbedtls_ssl_config, Free> config_;
  std::unique_ptr<mbedtls_ssl_context, Free> ssl_;  // nullptr while suspended.
  std::vector<uint8_t> suspended_;                  // In mbedTLS's serialised form. Secret.
  size_t max_message_size_ = 0;

  // In mbedTLS's form: with the stand-in, ended by 0. It keeps a pointer to it.
  std::vector<uint16_t> srtp_profiles_;
  std::vector<crypto::Fingerprint> fingerprints_;
  std::optional<ProfileSwap> swap_;  // While AES-GCM may be agreed on.
  HandshakeSecrets secrets_;

  Time now_{};
  // Ours in place of mbedTLS's timer, which would go on with small datagrams before a round trip
  // has passed, and never return to large ones.
  Time retransmit_at_ = kNever;
  Duration patience_;         // From one transmission to the next.
  unsigned repetitions_ = 0;  // Of the current flight, for being late.

  Bytes incoming_;                 // Within a call: the datagram, until mbedTLS takes it.
  std::vector<uint8_t> outgoing_;  // Datagrams, each after its size in two bytes.
  size_t outgoing_begin_ = 0;      // What is before has been polled.
};

}  // namespace ocellus::dtls
