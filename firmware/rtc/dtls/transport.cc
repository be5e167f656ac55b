// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/dtls/transport.h"

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include <algorithm>
#include <utility>

#include "firmware/base/byte_reader.h"
#include "firmware/base/log.h"
#include "firmware/base/ring.h"
#include "firmware/rtc/dtls/mbedtls_version.h"
#include "firmware/rtc/dtls/profile_swap.h"

namespace ocellus::dtls {
namespace {

// RFC 6347 section 4.2.4.1 has 1 s, doubled each time up to 60 s; RFC 9147 section 5.8.2 lets a
// real-time application begin lower. ICE has just measured that packets come back much sooner.
constexpr unsigned kFirstRetransmissionMs = 50;
constexpr unsigned kLastRetransmissionMs = 60'000;

// A handshake that takes longer is given up: as long as ICE keeps a pair without consent
// (RFC 7675 section 5.1).
constexpr Duration kHandshakeTimeout = std::chrono::seconds(30);

// Once a flight was lost twice, mbedTLS sends datagrams of 508 bytes (RFC 6347 section 4.1.1.1).
constexpr size_t kMinMtu = 508;

// RFC 5764 section 4.2.
constexpr char kExporterLabel[] = "EXTRACTOR-dtls_srtp";

constexpr int kCipherSuites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                 MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, 0};

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

int FillRandom(void* random, unsigned char* out, size_t size) {
  static_cast<Random*>(random)->Fill(MutableBytes(out, size));
  return 0;
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

class Transport::Impl {
 public:
  Impl(const Config& config, Random& random) : role_(config.role), mtu_(config.mtu) {
    mbedtls_ssl_init(&ssl_);
    mbedtls_ssl_config_init(&config_);
    mbedtls_ssl_conf_rng(&config_, FillRandom, &random);
  }
  ~Impl() {
    mbedtls_ssl_free(&ssl_);
    mbedtls_ssl_config_free(&config_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status SetUp(const Config& config);

  void SetRemoteFingerprints(std::vector<crypto::Fingerprint> fingerprints) {
    CHECK(state_ == State::kIdle, "fingerprints after Start, in state %d",
          static_cast<int>(state_));
    fingerprints_ = std::move(fingerprints);
  }
  void Start(Time now);
  void HandleDatagram(Time now, Bytes datagram);
  void HandleTimeout(Time now);
  std::optional<size_t> PollTransmit(MutableBytes out);
  std::optional<Event> PollEvent();
  Time next_deadline() const;
  std::optional<size_t> PollReceived(MutableBytes out);
  Status Send(Time now, Bytes message);
  size_t max_message_size() const;
  void Close(Time now);
  bool is_connected() const { return state_ == State::kConnected; }

 private:
  enum class State { kIdle, kHandshaking, kConnected, kClosed };

  int SetProfiles(const std::vector<srtp::Profile>& profiles);
  void Handshake();
  void Finish();
  Connected DeriveKeys(srtp::Profile profile) const;
  // Discards application data that nobody asked for, then decrypts up to the next one.
  void DiscardReceived();
  void ReadAhead();
  void SendFatalAlert() {
    mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                   MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
  }
  void Fail(int error);
  void Finalise(CloseReason reason, int detail);

  // mbedTLS's callbacks.
  static int SendDatagram(void* impl, const unsigned char* bytes, size_t size);
  static int ReceiveDatagram(void* impl, unsigned char* bytes, size_t size);
  static void SetTimer(void* impl, uint32_t intermediate_ms, uint32_t final_ms);
  static int GetTimer(void* impl);
  static int VerifyCertificate(void* impl, mbedtls_x509_crt* certificate, int depth,
                               uint32_t* flags);

  const Role role_;
  const size_t mtu_;
  mbedtls_ssl_config config_;
  mbedtls_ssl_context ssl_;
  // In mbedTLS's form: with the stand-in, ended by 0. It keeps a pointer to it.
  std::vector<mbedtls_ssl_srtp_profile> srtp_profiles_;
  std::vector<crypto::Fingerprint> fingerprints_;
  std::optional<ProfileSwap> swap_;  // While AES-GCM may be agreed on.
  HandshakeSecrets secrets_;

  State state_ = State::kIdle;
  Time now_{};
  Time give_up_at_ = kNever;
  // mbedTLS's only timer: when the current flight is sent again. kNever: it does not run.
  Time timer_intermediate_ = kNever;
  Time timer_final_ = kNever;

  Bytes incoming_;                 // During HandleDatagram: the part that mbedTLS has not taken.
  std::vector<uint8_t> outgoing_;  // Datagrams, each after its size in two bytes.
  size_t outgoing_begin_ = 0;      // What is before has been polled.
  Ring<Event, 2> events_;          // Connected, Closed: never full (invariant 2).
};

Status Transport::Impl::SetUp(const Config& config) {
  const int endpoint = role_ == Role::kClient ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER;
  int result = mbedtls_ssl_config_defaults(&config_, endpoint, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                           MBEDTLS_SSL_PRESET_DEFAULT);
  ConfigureAlgorithms(&config_);
  mbedtls_ssl_conf_ciphersuites(&config_, kCipherSuites);
  mbedtls_ssl_conf_renegotiation(&config_, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  mbedtls_ssl_conf_handshake_timeout(&config_, kFirstRetransmissionMs, kLastRetransmissionMs);
  if (role_ == Role::kClient) {
    mbedtls_ssl_conf_session_tickets(&config_, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  } else {
    // No HelloVerifyRequest: ICE has shown already that the peer is where it says.
    mbedtls_ssl_conf_dtls_cookies(&config_, nullptr, nullptr, nullptr);
    mbedtls_ssl_conf_cert_req_ca_list(&config_, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
  }

  // By default a server accepts a client without certificate. mbedTLS insists on some authority
  // where a certificate is required; VerifyCertificate decides in its place.
  mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_chain(&config_, config.certificate.x509(), nullptr);
  mbedtls_ssl_conf_verify(&config_, VerifyCertificate, this);
  if (result == 0) {
    result = mbedtls_ssl_conf_own_cert(&config_, config.certificate.x509(),
                                       config.certificate.private_key());
  }
  if (result == 0) result = SetProfiles(config.srtp_profiles);
  if (result == 0) result = mbedtls_ssl_setup(&ssl_, &config_);
  if (result == 0) result = mbedtls_ssl_set_hostname(&ssl_, nullptr);  // There is no name to check.
  if (result != 0) {
    return Status(StatusCode::kInternal, Format("DTLS does not start: mbedTLS error -0x%04x",
                                                static_cast<unsigned>(-result)));
  }
  mbedtls_ssl_set_mtu(&ssl_, static_cast<uint16_t>(mtu_));
  mbedtls_ssl_set_bio(&ssl_, this, SendDatagram, ReceiveDatagram, nullptr);
  mbedtls_ssl_set_timer_cb(&ssl_, this, SetTimer, GetTimer);
  secrets_.CaptureFrom(&config_, &ssl_);
  return Status();
}

int Transport::Impl::SetProfiles(const std::vector<srtp::Profile>& profiles) {
  for (const srtp::Profile profile : profiles) {
    const bool aes_gcm = profile == srtp::Profile::kAeadAes128Gcm;
    if (aes_gcm && role_ == Role::kServer) continue;
    if (aes_gcm) swap_.emplace();
    srtp_profiles_.push_back(aes_gcm ? kStandInForAesGcm : static_cast<uint16_t>(profile));
  }
  srtp_profiles_.push_back(MBEDTLS_TLS_SRTP_UNSET);
  return mbedtls_ssl_conf_dtls_srtp_protection_profiles(&config_, srtp_profiles_.data());
}

void Transport::Impl::Start(Time now) {
  CHECK(state_ == State::kIdle, "Start in state %d", static_cast<int>(state_));
  now_ = now;
  const bool usable = std::any_of(fingerprints_.begin(), fingerprints_.end(),
                                  [](const auto& fingerprint) { return fingerprint.is_strong(); });
  if (!usable) return Finalise(CloseReason::kNoUsableFingerprint, 0);
  state_ = State::kHandshaking;
  give_up_at_ = now + kHandshakeTimeout;
  Handshake();
}

void Transport::Impl::HandleDatagram(Time now, Bytes datagram) {
  now_ = now;
  switch (state_) {
    case State::kIdle:
    case State::kClosed:
      return;
    case State::kHandshaking:
      if (role_ == Role::kServer && !CanReassembleClientHello() &&
          HasFragmentOfClientHello(datagram)) {
        return Finalise(CloseReason::kFragmentedClientHello, 0);
      }
      incoming_ = datagram;
      Handshake();
      break;
    case State::kConnected:
      DiscardReceived();
      if (state_ != State::kConnected) return;
      incoming_ = datagram;
      ReadAhead();
      break;
  }
  incoming_ = {};
}

void Transport::Impl::HandleTimeout(Time now) {
  now_ = now;
  if (state_ != State::kHandshaking) return;
  if (now >= give_up_at_) return Finalise(CloseReason::kTimeout, 0);
  Handshake();
}

Time Transport::Impl::next_deadline() const {
  return state_ == State::kHandshaking ? std::min(timer_final_, give_up_at_) : kNever;
}

// Goes on as far as it can without another datagram or more time.
void Transport::Impl::Handshake() {
  while (state_ == State::kHandshaking) {
    const Progress before = HandshakeProgress(&ssl_);
    const int result = mbedtls_ssl_handshake_step(&ssl_);
    if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) return;
    if (result == MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE && role_ == Role::kServer &&
        before == Progress::kAwaitsClientHello) {
      // 3.6.6 gives up when the first part of a ClientHello comes twice. The client knows nothing
      // of it, and repeats everything.
      outgoing_.clear();
      outgoing_begin_ = 0;
      const int reset_result = mbedtls_ssl_session_reset(&ssl_);
      if (reset_result != 0) Fail(reset_result);
      return;
    }
    if (result != 0) return Fail(result);

    const Progress after = HandshakeProgress(&ssl_);
    if (swap_ && before == Progress::kAwaitsServerHello && after == Progress::kUnderWay &&
        !ReplaceTranscript(&ssl_, swap_->client_hello(), swap_->server_hello())) {
      return Fail(MBEDTLS_ERR_SSL_INTERNAL_ERROR);
    }
    if (after == Progress::kComplete) return Finish();
  }
}

void Transport::Impl::Finish() {
  uint16_t number = NegotiatedSrtpProfile(&ssl_);
  if (number == kStandInForAesGcm) number = static_cast<uint16_t>(srtp::Profile::kAeadAes128Gcm);
  if (number == MBEDTLS_TLS_SRTP_UNSET) {
    // RFC 5764 section 4.1: without use_srtp this is not DTLS-SRTP.
    SendFatalAlert();
    return Finalise(CloseReason::kNoSrtpProfile, 0);
  }
  const auto profile = static_cast<srtp::Profile>(number);
  state_ = State::kConnected;
  CHECK(events_.Push(DeriveKeys(profile)), "events after invariant 2: %zu", events_.size());
  secrets_.Clear();
  swap_.reset();
  LOG_INFO("DTLS: connected as %s with %s", role_ == Role::kClient ? "client" : "server",
           srtp::ToString(profile));
  ReadAhead();
}

// RFC 5764 section 4.2: the exported bytes are client key, server key, client salt, server salt.
Connected Transport::Impl::DeriveKeys(srtp::Profile profile) const {
  std::array<uint8_t, 2 * (srtp::kMasterKeySize + srtp::kMaxMasterSaltSize)> exported;
  const size_t salt_size = srtp::MasterSaltSize(profile);
  const MutableBytes material =
      MutableBytes(exported).first(2 * (srtp::kMasterKeySize + salt_size));
  CHECK(secrets_.Export(kExporterLabel, material), "no key material for %s",
        srtp::ToString(profile));

  Connected connected;
  connected.profile = profile;
  const bool client = role_ == Role::kClient;
  srtp::MasterKey& client_key = client ? connected.local : connected.remote;
  srtp::MasterKey& server_key = client ? connected.remote : connected.local;
  ByteReader reader(material);
  const auto read = [&reader](size_t size, uint8_t* out) {
    const Bytes bytes = reader.ReadBytes(size);
    std::copy(bytes.begin(), bytes.end(), out);
  };
  read(srtp::kMasterKeySize, client_key.key.data());
  read(srtp::kMasterKeySize, server_key.key.data());
  read(salt_size, client_key.salt.data());
  read(salt_size, server_key.salt.data());
  Wipe(exported);
  return connected;
}

void Transport::Impl::DiscardReceived() {
  uint8_t discarded[64];
  while (state_ == State::kConnected && PollReceived(discarded)) {
  }
}

// Without room for data, mbedtls_ssl_read goes up to the next application message and keeps it.
void Transport::Impl::ReadAhead() {
  unsigned char nothing;
  const int result = mbedtls_ssl_read(&ssl_, &nothing, 0);
  if (result < 0 && result != MBEDTLS_ERR_SSL_WANT_READ && result != MBEDTLS_ERR_SSL_WANT_WRITE) {
    Fail(result);
  }
}

std::optional<size_t> Transport::Impl::PollReceived(MutableBytes out) {
  if (state_ != State::kConnected) return std::nullopt;
  const int result = mbedtls_ssl_read(&ssl_, out.data(), out.size());
  if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) {
    return std::nullopt;
  }
  if (result < 0) {
    Fail(result);
    return std::nullopt;
  }
  // What did not fit is cut, as recv() does with a datagram.
  while (mbedtls_ssl_get_bytes_avail(&ssl_) > 0) {
    uint8_t rest[64];
    if (mbedtls_ssl_read(&ssl_, rest, sizeof(rest)) <= 0) break;
  }
  return static_cast<size_t>(result);
}

size_t Transport::Impl::max_message_size() const {
  const int size = mbedtls_ssl_get_max_out_record_payload(&ssl_);
  return size > 0 ? static_cast<size_t>(size) : 0;
}

Status Transport::Impl::Send(Time now, Bytes message) {
  now_ = now;
  if (state_ != State::kConnected) {
    return Status(StatusCode::kFailedPrecondition, "DTLS is not connected");
  }
  if (message.empty() || message.size() > max_message_size()) {
    return Status(StatusCode::kInvalidArgument,
                  Format("DTLS message of %zu bytes, allowed are 1 to %zu", message.size(),
                         max_message_size()));
  }
  if (outgoing_.size() + mtu_ + 2 > kMaxDtlsOutgoing) return StatusCode::kResourceExhausted;
  const int result = mbedtls_ssl_write(&ssl_, message.data(), message.size());
  if (result < 0) {
    Fail(result);
    return Status(StatusCode::kInternal, Format("DTLS cannot encrypt: mbedTLS error -0x%04x",
                                                static_cast<unsigned>(-result)));
  }
  return Status();
}

void Transport::Impl::Close(Time now) {
  now_ = now;
  if (state_ == State::kConnected) {
    mbedtls_ssl_close_notify(&ssl_);
    LOG_INFO("DTLS: closed");
  }
  state_ = State::kClosed;
  events_.Clear();
  secrets_.Clear();
}

void Transport::Impl::Fail(int error) {
  const CloseReason reason = ReasonOf(error);
  switch (reason) {
    case CloseReason::kFatalAlert:
      return Finalise(reason, LastAlert(&ssl_));
    case CloseReason::kNoCertificate:
      // RFC 5246 section 7.4.6. For every other error of the handshake mbedTLS has sent an alert.
      SendFatalAlert();
      return Finalise(reason, 0);
    case CloseReason::kProtocolError:
      return Finalise(reason, error);
    default:
      return Finalise(reason, 0);
  }
}

void Transport::Impl::Finalise(CloseReason reason, int detail) {
  state_ = State::kClosed;
  secrets_.Clear();
  LOG_INFO("DTLS: %s (%s0x%04x)", ToString(reason), detail < 0 ? "-" : "",
           static_cast<unsigned>(detail < 0 ? -detail : detail));
  CHECK(events_.Push(Closed{reason, detail}), "events after invariant 2: %zu", events_.size());
}

std::optional<size_t> Transport::Impl::PollTransmit(MutableBytes out) {
  if (outgoing_begin_ == outgoing_.size()) return std::nullopt;
  ByteReader reader(Bytes(outgoing_).subspan(outgoing_begin_));
  const Bytes datagram = reader.ReadBytes(reader.ReadU16());
  CHECK(datagram.size() <= out.size(), "datagram of %zu for a buffer of %zu", datagram.size(),
        out.size());
  std::copy(datagram.begin(), datagram.end(), out.begin());
  outgoing_begin_ += 2 + datagram.size();
  if (outgoing_begin_ == outgoing_.size()) {
    outgoing_.clear();
    outgoing_begin_ = 0;
  }
  return datagram.size();
}

std::optional<Event> Transport::Impl::PollEvent() {
  if (events_.empty()) return std::nullopt;
  return events_.Pop();
}

int Transport::Impl::SendDatagram(void* impl, const unsigned char* bytes, size_t size) {
  auto* self = static_cast<Impl*>(impl);
  std::vector<uint8_t>& outgoing = self->outgoing_;
  const int sent = static_cast<int>(size);
  if (outgoing.size() + 2 + size > kMaxDtlsOutgoing) return sent;
  outgoing.push_back(static_cast<uint8_t>(size >> 8));
  outgoing.push_back(static_cast<uint8_t>(size));
  outgoing.insert(outgoing.end(), bytes, bytes + size);
  if (self->swap_) {
    self->swap_->HandleOutgoing(MutableBytes(outgoing).subspan(outgoing.size() - size));
  }
  return sent;
}

int Transport::Impl::ReceiveDatagram(void* impl, unsigned char* bytes, size_t size) {
  auto* self = static_cast<Impl*>(impl);
  if (self->incoming_.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
  const Bytes datagram = self->incoming_.first(std::min(size, self->incoming_.size()));
  std::copy(datagram.begin(), datagram.end(), bytes);
  self->incoming_ = {};
  if (self->swap_ && HandshakeProgress(&self->ssl_) == Progress::kAwaitsServerHello) {
    self->swap_->HandleIncoming(MutableBytes(bytes, datagram.size()));
  }
  return static_cast<int>(datagram.size());
}

void Transport::Impl::SetTimer(void* impl, uint32_t intermediate_ms, uint32_t final_ms) {
  auto* self = static_cast<Impl*>(impl);
  const bool runs = final_ms != 0;
  const auto after = [self](uint32_t ms) { return self->now_ + std::chrono::milliseconds(ms); };
  self->timer_intermediate_ = runs ? after(intermediate_ms) : kNever;
  self->timer_final_ = runs ? after(final_ms) : kNever;
}

// -1: does not run; 0, 1, 2: how many of the two delays have passed.
int Transport::Impl::GetTimer(void* impl) {
  const auto* self = static_cast<Impl*>(impl);
  if (self->timer_final_ == kNever) return -1;
  const int passed = (self->now_ >= self->timer_intermediate_ ? 1 : 0) +
                     (self->now_ >= self->timer_final_ ? 1 : 0);
  // A datagram that has come is read first: it may be what the timer waits for, and mbedTLS would
  // send the flight again instead and leave it.
  return self->incoming_.empty() ? passed : std::min(passed, 1);
}

// In place of a chain of trust: the fingerprint of the peer's own certificate, which is the last
// one that this is called for. Leaving a flag set makes mbedTLS end the handshake with an alert.
int Transport::Impl::VerifyCertificate(void* impl, mbedtls_x509_crt* certificate, int depth,
                                       uint32_t* flags) {
  const auto* self = static_cast<Impl*>(impl);
  *flags = 0;
  if (depth > 0) return 0;
  const Bytes der(certificate->raw.p, certificate->raw.len);
  if (!crypto::MatchesAnyFingerprint(self->fingerprints_, der)) {
    *flags = MBEDTLS_X509_BADCERT_NOT_TRUSTED;
  }
  return 0;
}

Transport::Transport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Transport::~Transport() = default;

Result<std::unique_ptr<Transport>> Transport::Open(const Config& config, Random& random) {
  if (config.srtp_profiles.empty()) {
    return Status(StatusCode::kInvalidArgument, "DTLS needs at least one SRTP profile");
  }
  if (config.mtu < kMinMtu || config.mtu > kMaxReceivedDatagramSize) {
    return Status(StatusCode::kInvalidArgument,
                  Format("DTLS MTU of %zu, allowed are %zu to %zu", config.mtu, kMinMtu,
                         kMaxReceivedDatagramSize));
  }
  const bool possible =
      config.role == Role::kClient ||
      std::any_of(config.srtp_profiles.begin(), config.srtp_profiles.end(),
                  [](srtp::Profile profile) { return profile != srtp::Profile::kAeadAes128Gcm; });
  if (!possible) {
    return Status(StatusCode::kUnsupported, "a DTLS server cannot agree on AEAD_AES_128_GCM");
  }
  auto impl = std::make_unique<Impl>(config, random);
  RETURN_IF_ERROR(impl->SetUp(config));
  return std::make_unique<Transport>(std::move(impl));
}

void Transport::SetRemoteFingerprints(std::vector<crypto::Fingerprint> fingerprints) {
  impl_->SetRemoteFingerprints(std::move(fingerprints));
}
void Transport::Start(Time now) { impl_->Start(now); }
void Transport::HandleDatagram(Time now, Bytes datagram) { impl_->HandleDatagram(now, datagram); }
void Transport::HandleTimeout(Time now) { impl_->HandleTimeout(now); }
std::optional<size_t> Transport::PollTransmit(Time, MutableBytes out) {
  return impl_->PollTransmit(out);
}
std::optional<Event> Transport::PollEvent() { return impl_->PollEvent(); }
Time Transport::next_deadline() const { return impl_->next_deadline(); }
std::optional<size_t> Transport::PollReceived(MutableBytes out) { return impl_->PollReceived(out); }
Status Transport::Send(Time now, Bytes message) { return impl_->Send(now, message); }
size_t Transport::max_message_size() const { return impl_->max_message_size(); }
void Transport::Close(Time now) { impl_->Close(now); }
bool Transport::is_connected() const { return impl_->is_connected(); }

}  // namespace ocellus::dtls
