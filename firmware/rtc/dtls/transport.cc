// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/dtls/transport.h"

#include <mbedtls/ssl.h>

#include <algorithm>
#include <utility>

#include "firmware/base/log.h"
#include "firmware/rtc/dtls/connection.h"

namespace ocellus::dtls {
namespace {

// A handshake that takes longer is given up: as long as ICE keeps a pair without consent
// (RFC 7675 section 5.1).
constexpr Duration kHandshakeTimeout = std::chrono::seconds(30);

// After this long without a record, memory is given back: longer than the gaps in a data channel
// that is in use.
constexpr Duration kSuspendAfter = std::chrono::seconds(1);

// Where a flight is lost again and again, it goes in datagrams of 508 bytes (RFC 6347 section
// 4.1.1.1).
constexpr size_t kMinMtu = 508;

// Each at most a few datagrams: a peer that checks without end gets no more than a timer would
// send.
constexpr unsigned kMaxPromptedFlights = 8;

CloseReason ReasonOf(int error) {
  switch (error) {
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return CloseReason::kClosedByPeer;
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return CloseReason::kFatalAlert;
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
      return CloseReason::kFingerprintMismatch;
    case MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE:
      return CloseReason::kNoCertificate;
    case MBEDTLS_ERR_SSL_TIMEOUT:
      return CloseReason::kTimeout;
    default:
      return CloseReason::kProtocolError;
  }
}

Status CheckConfig(const Config& config) {
  if (config.srtp_profiles.empty()) {
    return Status(StatusCode::kInvalidArgument, "DTLS needs at least one SRTP profile");
  }
  const auto is_aes_gcm = [](srtp::Profile profile) {
    return profile == srtp::Profile::kAeadAes128Gcm;
  };
  if (config.role == Role::kServer &&
      std::all_of(config.srtp_profiles.begin(), config.srtp_profiles.end(), is_aes_gcm)) {
    return Status(StatusCode::kUnsupported, "a DTLS server cannot agree on AEAD_AES_128_GCM");
  }
  for (const size_t mtu : {config.mtu, config.message_mtu}) {
    if (mtu >= kMinMtu && mtu <= kMaxReceivedDatagramSize) continue;
    return Status(StatusCode::kInvalidArgument, Format("DTLS MTU of %zu, allowed are %zu to %zu",
                                                       mtu, kMinMtu, kMaxReceivedDatagramSize));
  }
  return Status();
}

}  // namespace

const char* ToString(CloseReason reason) {
  switch (reason) {
    case CloseReason::kClosedByPeer:
      return "closed by the peer";
    case CloseReason::kFatalAlert:
      return "fatal alert from the peer";
    case CloseReason::kNoUsableFingerprint:
      return "the signalling has no fingerprint stronger than SHA-1";
    case CloseReason::kFingerprintMismatch:
      return "the peer's certificate is not the one that it announced";
    case CloseReason::kNoCertificate:
      return "the peer has no certificate";
    case CloseReason::kNoSrtpProfile:
      return "no SRTP profile in common";
    case CloseReason::kTimeout:
      return "the handshake took too long";
    case CloseReason::kFragmentedClientHello:
      return "this mbedTLS cannot read a ClientHello in several datagrams; use a=setup:active";
    case CloseReason::kProtocolError:
      return "protocol error";
  }
  return "unknown";
}

Result<std::unique_ptr<Transport>> Transport::Open(const Config& config, Random& random) {
  RETURN_IF_ERROR(CheckConfig(config));
  Result<std::unique_ptr<Connection>> connection = Connection::Open(config, random);
  if (!connection.ok()) return connection.status();
  return std::make_unique<Transport>(config.role, config.needs_srtp, std::move(*connection));
}

Transport::Transport(Role role, bool needs_srtp, std::unique_ptr<Connection> connection)
    : role_(role), needs_srtp_(needs_srtp), connection_(std::move(connection)) {}

Transport::~Transport() = default;

void Transport::SetRemoteFingerprints(std::vector<crypto::Fingerprint> fingerprints) {
  CHECK(state_ == State::kIdle, "fingerprints after Start, in state %d", static_cast<int>(state_));
  connection_->SetRemoteFingerprints(std::move(fingerprints));
}

void Transport::Start(Time now) {
  CHECK(state_ == State::kIdle, "Start in state %d", static_cast<int>(state_));
  if (!connection_->has_usable_fingerprint()) return Fail(CloseReason::kNoUsableFingerprint);
  state_ = State::kHandshaking;
  give_up_at_ = now + kHandshakeTimeout;
  Handshake(now, {});
}

void Transport::HandleDatagram(Time now, Bytes datagram) {
  switch (state_) {
    case State::kIdle:
    case State::kClosed:
      return;
    case State::kHandshaking:
      return Handshake(now, datagram);
    case State::kConnected:
      return Receive(now, datagram);
  }
}

void Transport::HandleTimeout(Time now) {
  switch (state_) {
    case State::kIdle:
    case State::kClosed:
      return;
    case State::kHandshaking:
      if (now >= give_up_at_) return Fail(CloseReason::kTimeout);
      if (now >= connection_->retransmit_at()) connection_->RepeatLateFlight(now);
      return;
    case State::kConnected:
      if (now < suspend_at_) return;
      suspend_at_ = kNever;
      return connection_->Suspend();
  }
}

void Transport::HandlePathAlive(Time now) {
  if (state_ != State::kHandshaking || prompted_ == kMaxPromptedFlights) return;
  if (!connection_->HasOverdueFlight(now)) return;
  ++prompted_;
  connection_->RepeatFlight(now);
}

Time Transport::next_deadline() const {
  switch (state_) {
    case State::kIdle:
    case State::kClosed:
      return kNever;
    case State::kHandshaking:
      return std::min(connection_->retransmit_at(), give_up_at_);
    case State::kConnected:
      return suspend_at_;
  }
  return kNever;
}

void Transport::Handshake(Time now, Bytes datagram) {
  if (role_ == Role::kServer && !CanReassembleClientHello() && HasFragmentOfClientHello(datagram)) {
    return Fail(CloseReason::kFragmentedClientHello);
  }
  const int result = connection_->Handshake(now, datagram);
  if (result == MBEDTLS_ERR_SSL_WANT_READ) return;
  if (result != 0) return FailWith(result);

  const std::optional<srtp::Profile> profile = connection_->srtp_profile();
  if (!profile && needs_srtp_) {
    // RFC 5764 section 4.1: without use_srtp this is not DTLS-SRTP.
    connection_->SendFatalAlert();
    return Fail(CloseReason::kNoSrtpProfile);
  }
  state_ = State::kConnected;
  Connected connected;
  if (profile) {
    connected.srtp = connection_->TakeKeys(*profile);
  } else {
    connection_->ForgetKeys();
  }
  CHECK(events_.Push(std::move(connected)), "events after invariant 2: %zu", events_.size());
  LOG_INFO("DTLS: connected as %s with %s", role_ == Role::kClient ? "client" : "server",
           profile ? srtp::ToString(*profile) : "messages only");
  Receive(now, {});  // Messages may be in the same datagram.
}

void Transport::Receive(Time now, Bytes datagram) {
  uint8_t discarded[64];
  while (!datagram.empty() && PollReceived(discarded)) {
  }
  if (state_ != State::kConnected) return;
  const int result = connection_->Receive(now, datagram);
  if (!connection_->is_suspended()) suspend_at_ = now + kSuspendAfter;
  if (result < 0 && result != MBEDTLS_ERR_SSL_WANT_READ) FailWith(result);
}

std::optional<size_t> Transport::PollReceived(MutableBytes out) {
  if (state_ != State::kConnected) return std::nullopt;
  const int result = connection_->Read(out);
  if (result >= 0) return static_cast<size_t>(result);
  if (result != MBEDTLS_ERR_SSL_WANT_READ) FailWith(result);
  return std::nullopt;
}

size_t Transport::max_message_size() const { return connection_->max_message_size(); }

Status Transport::Send(Time now, Bytes message) {
  if (state_ != State::kConnected) {
    return Status(StatusCode::kFailedPrecondition, "DTLS is not connected");
  }
  if (message.empty() || message.size() > max_message_size()) {
    return Status(StatusCode::kInvalidArgument,
                  Format("DTLS message of %zu bytes, allowed are 1 to %zu", message.size(),
                         max_message_size()));
  }
  if (!connection_->has_room_to_transmit()) return StatusCode::kResourceExhausted;
  const int result = connection_->Write(now, message);
  suspend_at_ = now + kSuspendAfter;
  if (result < 0) {
    FailWith(result);
    return Status(StatusCode::kInternal, Format("DTLS cannot encrypt: mbedTLS error -0x%04x",
                                                static_cast<unsigned>(-result)));
  }
  return Status();
}

void Transport::Close(Time now) {
  if (state_ == State::kConnected) {
    connection_->SendCloseNotify(now);
    LOG_INFO("DTLS: closed");
  }
  state_ = State::kClosed;
  events_.Clear();
  connection_->ForgetKeys();
}

// mbedTLS has sent an alert already, where one is due; but not for a missing certificate
// (RFC 5246 section 7.4.6).
void Transport::FailWith(int error) {
  const CloseReason reason = ReasonOf(error);
  int detail = 0;
  if (reason == CloseReason::kNoCertificate) connection_->SendFatalAlert();
  if (reason == CloseReason::kFatalAlert) detail = connection_->last_alert();
  if (reason == CloseReason::kProtocolError) detail = error;
  Fail(reason, detail);
}

void Transport::Fail(CloseReason reason, int detail) {
  state_ = State::kClosed;
  connection_->ForgetKeys();
  LOG_INFO("DTLS: %s (%s0x%04x)", ToString(reason), detail < 0 ? "-" : "",
           static_cast<unsigned>(detail < 0 ? -detail : detail));
  CHECK(events_.Push(Closed{reason, detail}), "events after invariant 2: %zu", events_.size());
}

std::optional<size_t> Transport::PollTransmit(Time, MutableBytes out) {
  return connection_->PollTransmit(out);
}

std::optional<Event> Transport::PollEvent() {
  if (events_.empty()) return std::nullopt;
  return events_.Pop();
}

}  // namespace ocellus::dtls
