// SPDX-License-Identifier: Apache-2.0
// DTLS for one viewer: the handshake that authenticates the peer by its fingerprint and agrees on
// the keys of SRTP (DTLS 1.2, RFC 6347; DTLS-SRTP, RFC 5764), and the encrypted channel that SCTP
// uses afterwards (RFC 8261).
// Does not know addresses, and reads datagrams from validated ones only: that is Peer's and ICE's
// business. Runs on mbedTLS 2.28 or 3.6, which only the .cc files see.
// io thread only. Owned by Peer.
//
// State: kIdle -Start-> kHandshaking -> kConnected -> kClosed; every failure and Close() lead to
// kClosed, which is final.
//
// Invariants:
//   1. No Connected event, hence no key, before the handshake is complete and the certificate of
//      the peer has matched one of the fingerprints that the signalling announced.
//   2. Exactly one Closed event, except after Close(): the caller knows.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"
#include "firmware/base/random.h"
#include "firmware/base/ring.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/rtc/crypto/certificate.h"
#include "firmware/rtc/crypto/fingerprint.h"
#include "firmware/rtc/srtp/profile.h"

namespace ocellus::dtls {

// SDP's a=setup:active and passive. The client speaks first. A browser that is the client sends a
// ClientHello in two datagrams, which mbedTLS can put together from 3.6.6 on; so be the client.
enum class Role { kClient, kServer };

struct Config {
  const crypto::Certificate& certificate;  // Must outlive the transport.
  Role role;
  // In order of preference; at least one. As server only kAes128CmHmacSha1_80 can be agreed on: see
  // profile_swap.h.
  std::vector<srtp::Profile> srtp_profiles;
  // Of every datagram of our handshake, in bytes of UDP payload.
  size_t mtu = kMaxDatagramSize;
  // And of those with messages, afterwards.
  size_t message_mtu = kMaxDatagramSize;
  // False: a peer without use_srtp, or without a profile in common, will do. It gets messages only.
  bool needs_srtp = true;
};

struct SrtpKeys {
  srtp::Profile profile;
  srtp::MasterKey local;   // Protects what we send.
  srtp::MasterKey remote;  // Unprotects what we receive.
};

struct Connected {
  std::optional<SrtpKeys> srtp;  // Always, where Config::needs_srtp.
};

enum class CloseReason {
  kClosedByPeer,           // close_notify.
  kFatalAlert,             // The peer gave up; Closed::detail is its alert (RFC 5246 7.2).
  kNoUsableFingerprint,    // The signalling had none, or only SHA-1.
  kFingerprintMismatch,    // The peer has another certificate than it announced.
  kNoCertificate,          // The peer shows none.
  kNoSrtpProfile,          // No use_srtp, or no profile in common, where it is needed.
  kTimeout,                // No handshake within kHandshakeTimeout.
  kFragmentedClientHello,  // Cannot be read by this version of mbedTLS; answer as client instead.
  kProtocolError,          // Anything else; Closed::detail is mbedTLS's error code.
};
const char* ToString(CloseReason reason);

struct Closed {
  CloseReason reason;
  int detail = 0;
};

using Event = std::variant<Connected, Closed>;

class Connection;

class Transport {
 public:
  // Errors: kInvalidArgument (no profile, or an MTU out of range), kUnsupported (a server for
  // AES-GCM alone), kInternal (memory).
  static Result<std::unique_ptr<Transport>> Open(const Config& config, Random& random);
  Transport(Role role, bool needs_srtp, std::unique_ptr<Connection> connection);  // For Open.
  ~Transport();

  // What the signalling announced, any number of them; before Start.
  void SetRemoteFingerprints(std::vector<crypto::Fingerprint> fingerprints);

  // Begins the handshake: the client sends its ClientHello, the server listens. Before, datagrams
  // are ignored; the peer repeats them.
  void Start(Time now);

  // One datagram whose first byte is 20 to 63 (RFC 7983). Borrowed. Garbage is ignored.
  void HandleDatagram(Time now, Bytes datagram);
  void HandleTimeout(Time now);
  // ICE has heard from the peer: a flight whose answer is overdue is sent again now, because the
  // timer has waited longer each time. A bounded number of times.
  void HandlePathAlive(Time now);
  // The size of the next datagram, written to the front of `out`, which must have room for both
  // MTUs.
  std::optional<size_t> PollTransmit(Time now, MutableBytes out);
  std::optional<Event> PollEvent();
  Time next_deadline() const;

  // The next application message of the last datagram, written to the front of `out`; what does not
  // fit is cut. To be called until nullopt after each HandleDatagram: the next one discards the
  // rest.
  std::optional<size_t> PollReceived(MutableBytes out);

  // Encrypts one application message into one datagram. Errors: kFailedPrecondition (not
  // connected), kInvalidArgument (empty, or larger than max_message_size), kResourceExhausted
  // (PollTransmit is not being called: the message is dropped).
  Status Send(Time now, Bytes message);
  // In bytes, so that the datagram stays within Config::message_mtu. While connected.
  size_t max_message_size() const;

  // Sends close_notify. No event follows.
  void Close(Time now);

  Role role() const { return role_; }
  bool is_connected() const { return state_ == State::kConnected; }

 private:
  enum class State { kIdle, kHandshaking, kConnected, kClosed };

  void Handshake(Time now, Bytes datagram);
  // Discards messages that nobody has polled, then decrypts `datagram` up to its first message.
  void Receive(Time now, Bytes datagram);
  void FailWith(int mbedtls_error);
  void Fail(CloseReason reason, int detail = 0);

  const Role role_;
  const bool needs_srtp_;
  std::unique_ptr<Connection> connection_;
  State state_ = State::kIdle;
  Time give_up_at_ = kNever;  // While handshaking.
  unsigned prompted_ = 0;     // Flights that HandlePathAlive has sent.
  Time suspend_at_ = kNever;  // While connected; kNever: suspended already.
  Ring<Event, 2> events_;     // Connected, Closed: never full (invariant 2).
};

}  // namespace ocellus::dtls
