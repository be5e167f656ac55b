// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/dtls/connection.h"

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include <algorithm>
#include <utility>

#include "firmware/base/byte_reader.h"

namespace ocellus::dtls {
namespace {

// RFC 6347 section 4.2.4.1 has 1 s, doubled each time up to 60 s; RFC 9147 section 5.8.2 lets a
// real-time application begin lower. ICE has just measured that packets come back much sooner.
constexpr Duration kFirstPatience = std::chrono::milliseconds(50);
constexpr Duration kLastPatience = std::chrono::seconds(60);

// RFC 6347 section 4.1.1.1: "If repeated retransmissions do not result in a response, and the PMTU
// is unknown, subsequent retransmissions SHOULD back off to a smaller record size". 508 bytes pass
// wherever IP does. The first three transmissions may all leave within a round trip.
constexpr unsigned kLargeRepetitions = 2;
constexpr size_t kSmallMtu = 508;

// RFC 5764 section 4.2.
constexpr char kExporterLabel[] = "EXTRACTOR-dtls_srtp";

// RFC 8827 section 6.5 requires the first one; the second is for peers with an RSA certificate.
constexpr int kCipherSuites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                 MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, 0};

int FillRandom(void* random, unsigned char* out, size_t size) {
  static_cast<Random*>(random)->Fill(MutableBytes(out, size));
  return 0;
}

}  // namespace

void Connection::Free::operator()(mbedtls_ssl_config* config) const {
  mbedtls_ssl_config_free(config);
  delete config;
}

void Connection::Free::operator()(mbedtls_ssl_context* ssl) const {
  mbedtls_ssl_free(ssl);
  delete ssl;
}

Connection::Connection(const Config& config)
    : role_(config.role),
      mtu_(config.mtu),
      message_mtu_(config.message_mtu),
      patience_(kFirstPatience) {}

Connection::~Connection() { Wipe(suspended_); }

Result<std::unique_ptr<Connection>> Connection::Open(const Config& config, Random& random) {
  auto connection = std::make_unique<Connection>(config);
  int result = connection->SetUpConfig(config, random);
  if (result == 0) result = connection->SetUpContext();
  if (result != 0) {
    return Status(StatusCode::kInternal, Format("DTLS does not start: mbedTLS error -0x%04x",
                                                static_cast<unsigned>(-result)));
  }
  connection->secrets_.CaptureFrom(connection->config_.get(), connection->ssl_.get());
  return connection;
}

int Connection::SetUpConfig(const Config& config, Random& random) {
  config_.reset(new mbedtls_ssl_config);
  mbedtls_ssl_config* conf = config_.get();
  mbedtls_ssl_config_init(conf);
  const int endpoint = role_ == Role::kClient ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER;
  int result = mbedtls_ssl_config_defaults(conf, endpoint, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                           MBEDTLS_SSL_PRESET_DEFAULT);
  mbedtls_ssl_conf_rng(conf, FillRandom, &random);
  ConfigureAlgorithms(conf);
  mbedtls_ssl_conf_ciphersuites(conf, kCipherSuites);
  mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  if (role_ == Role::kClient) {
    mbedtls_ssl_conf_session_tickets(conf, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  } else {
    // No HelloVerifyRequest: ICE has shown already that the peer is where it says.
    mbedtls_ssl_conf_dtls_cookies(conf, nullptr, nullptr, nullptr);
    mbedtls_ssl_conf_cert_req_ca_list(conf, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
  }

  // By default a server accepts a client without certificate. mbedTLS insists on some authority
  // where a certificate is required; VerifyCertificate decides in its place.
  mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_chain(conf, config.certificate.x509(), nullptr);
  mbedtls_ssl_conf_verify(conf, VerifyCertificate, this);
  if (result == 0) {
    result = mbedtls_ssl_conf_own_cert(conf, config.certificate.x509(),
                                       config.certificate.private_key());
  }
  return result != 0 ? result : SetProfiles(config.srtp_profiles);
}

int Connection::SetUpContext() {
  ssl_.reset(new mbedtls_ssl_context);
  mbedtls_ssl_context* ssl = ssl_.get();
  mbedtls_ssl_init(ssl);
  int result = mbedtls_ssl_setup(ssl, config_.get());
  if (result == 0) result = mbedtls_ssl_set_hostname(ssl, nullptr);  // There is no name to check.
  mbedtls_ssl_set_mtu(ssl, static_cast<uint16_t>(mtu_));
  mbedtls_ssl_set_bio(ssl, this, SendDatagram, ReceiveDatagram, nullptr);
  mbedtls_ssl_set_timer_cb(ssl, this, SetTimer, GetTimer);
  return result;
}

int Connection::SetProfiles(const std::vector<srtp::Profile>& profiles) {
  for (const srtp::Profile profile : profiles) {
    const bool aes_gcm = profile == srtp::Profile::kAeadAes128Gcm;
    if (aes_gcm && role_ == Role::kServer) continue;
    if (aes_gcm) swap_.emplace();
    srtp_profiles_.push_back(aes_gcm ? kStandInForAesGcm : static_cast<uint16_t>(profile));
  }
  srtp_profiles_.push_back(MBEDTLS_TLS_SRTP_UNSET);
  return mbedtls_ssl_conf_dtls_srtp_protection_profiles(config_.get(), srtp_profiles_.data());
}

void Connection::SetRemoteFingerprints(std::vector<crypto::Fingerprint> fingerprints) {
  fingerprints_ = std::move(fingerprints);
}

bool Connection::has_usable_fingerprint() const {
  return std::any_of(fingerprints_.begin(), fingerprints_.end(),
                     [](const auto& fingerprint) { return fingerprint.is_strong(); });
}

int Connection::Handshake(Time now, Bytes datagram) {
  now_ = now;
  incoming_ = datagram;
  mbedtls_ssl_context* ssl = ssl_.get();
  int result = 0;
  Progress progress = HandshakeProgress(ssl);
  while (result == 0 && progress != Progress::kComplete) {
    const Progress before = progress;
    result = mbedtls_ssl_handshake_step(ssl);
    progress = HandshakeProgress(ssl);
    if (result == MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE && role_ == Role::kServer &&
        before == Progress::kAwaitsClientHello) {
      // 3.6.6 gives up when the first part of a ClientHello comes twice. The client is not told,
      // and repeats everything.
      outgoing_.clear();
      outgoing_begin_ = 0;
      result = mbedtls_ssl_session_reset(ssl);
      if (result == 0) result = MBEDTLS_ERR_SSL_WANT_READ;
    }
    const bool has_server_hello =
        result == 0 && before == Progress::kAwaitsServerHello && progress == Progress::kUnderWay;
    if (has_server_hello && swap_ &&
        !ReplaceTranscript(ssl, swap_->client_hello(), swap_->server_hello())) {
      result = MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    }
  }
  incoming_ = {};
  if (result == 0) {
    mtu_ = message_mtu_;
    mbedtls_ssl_set_mtu(ssl, static_cast<uint16_t>(mtu_));
    max_message_size_ =
        static_cast<size_t>(std::max(mbedtls_ssl_get_max_out_record_payload(ssl), 0));
    swap_.reset();
  }
  return result == MBEDTLS_ERR_SSL_WANT_WRITE ? MBEDTLS_ERR_SSL_WANT_READ : result;
}

bool Connection::HasOverdueFlight(Time now) const {
  return retransmit_at_ != kNever && now >= retransmit_at_ - patience_ + kFirstPatience;
}

void Connection::RepeatLateFlight(Time now) {
  patience_ = std::min(2 * patience_, kLastPatience);
  if (++repetitions_ > kLargeRepetitions) {
    mbedtls_ssl_set_mtu(ssl_.get(), static_cast<uint16_t>(std::min(mtu_, kSmallMtu)));
  }
  RepeatFlight(now);
}

void Connection::RepeatFlight(Time now) {
  CHECK(retransmit_at_ != kNever, "no flight waits, after %u repetitions", repetitions_);
  now_ = now;
  // What fails is what would also fail a handshake that goes on: memory. Its timer tries again.
  if (ResendFlight(ssl_.get()) != 0) retransmit_at_ = now + patience_;
}

std::optional<srtp::Profile> Connection::srtp_profile() const {
  const uint16_t number = NegotiatedSrtpProfile(ssl_.get());
  if (number == MBEDTLS_TLS_SRTP_UNSET) return std::nullopt;
  if (number == kStandInForAesGcm) return srtp::Profile::kAeadAes128Gcm;
  return static_cast<srtp::Profile>(number);
}

// RFC 5764 section 4.2: the exported bytes are client key, server key, client salt, server salt.
SrtpKeys Connection::TakeKeys(srtp::Profile profile) {
  std::array<uint8_t, 2 * (srtp::kMasterKeySize + srtp::kMaxMasterSaltSize)> exported;
  const size_t salt_size = srtp::MasterSaltSize(profile);
  const MutableBytes material =
      MutableBytes(exported).first(2 * (srtp::kMasterKeySize + salt_size));
  CHECK(secrets_.Export(kExporterLabel, material), "no key material for %s",
        srtp::ToString(profile));
  secrets_.Clear();

  SrtpKeys keys;
  keys.profile = profile;
  const bool client = role_ == Role::kClient;
  srtp::MasterKey& client_key = client ? keys.local : keys.remote;
  srtp::MasterKey& server_key = client ? keys.remote : keys.local;
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
  return keys;
}

int Connection::Receive(Time now, Bytes datagram) {
  now_ = now;
  if (is_suspended()) {
    // Only what may be authentic is worth the memory: a record of epoch 1 (RFC 6347 section 4.1).
    ByteReader reader(datagram);
    reader.Skip(3);
    if (reader.ReadU16() != 1) return MBEDTLS_ERR_SSL_WANT_READ;
    if (!Resume()) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  }
  // Without room for data, mbedtls_ssl_read goes up to the next application message and keeps it.
  incoming_ = datagram;
  unsigned char nothing;
  const int result = mbedtls_ssl_read(ssl_.get(), &nothing, 0);
  incoming_ = {};
  return result;
}

int Connection::Read(MutableBytes out) {
  if (is_suspended()) return MBEDTLS_ERR_SSL_WANT_READ;
  const int result = mbedtls_ssl_read(ssl_.get(), out.data(), out.size());
  if (result < 0) return result;
  // What did not fit is cut, as recv() does with a datagram.
  uint8_t rest[64];
  while (mbedtls_ssl_get_bytes_avail(ssl_.get()) > 0) {
    if (mbedtls_ssl_read(ssl_.get(), rest, sizeof(rest)) <= 0) break;
  }
  return result;
}

int Connection::Write(Time now, Bytes message) {
  now_ = now;
  if (!Resume()) return MBEDTLS_ERR_SSL_ALLOC_FAILED;
  return mbedtls_ssl_write(ssl_.get(), message.data(), message.size());
}

void Connection::SendCloseNotify(Time now) {
  now_ = now;
  if (Resume()) mbedtls_ssl_close_notify(ssl_.get());
}

void Connection::SendFatalAlert() {
  mbedtls_ssl_send_alert_message(ssl_.get(), MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                 MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
}

int Connection::last_alert() const { return LastAlert(ssl_.get()); }

bool Connection::has_room_to_transmit() const {
  return outgoing_.size() + 2 + mtu_ <= kMaxDtlsOutgoing;
}

std::optional<size_t> Connection::PollTransmit(MutableBytes out) {
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

void Connection::Suspend() {
#if defined(MBEDTLS_SSL_CONTEXT_SERIALIZATION)
  if (is_suspended()) return;
  size_t size = 0;
  if (mbedtls_ssl_context_save(ssl_.get(), nullptr, 0, &size) != MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL) {
    return;
  }
  suspended_.resize(size);
  if (mbedtls_ssl_context_save(ssl_.get(), suspended_.data(), suspended_.size(), &size) != 0) {
    suspended_.clear();
    return;
  }
  ssl_.reset();
  if (outgoing_.empty()) outgoing_.shrink_to_fit();
  fingerprints_ = {};
#endif
}

bool Connection::Resume() {
#if defined(MBEDTLS_SSL_CONTEXT_SERIALIZATION)
  if (!is_suspended()) return true;
  int result = SetUpContext();
  if (result == 0) {
    result = mbedtls_ssl_context_load(ssl_.get(), suspended_.data(), suspended_.size());
  }
  Wipe(suspended_);
  suspended_ = {};
  return result == 0;
#else
  return true;
#endif
}

int Connection::SendDatagram(void* connection, const unsigned char* bytes, size_t size) {
  auto* self = static_cast<Connection*>(connection);
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

int Connection::ReceiveDatagram(void* connection, unsigned char* bytes, size_t size) {
  auto* self = static_cast<Connection*>(connection);
  if (self->incoming_.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
  const Bytes datagram = self->incoming_.first(std::min(size, self->incoming_.size()));
  std::copy(datagram.begin(), datagram.end(), bytes);
  self->incoming_ = {};
  if (self->swap_ && HandshakeProgress(self->ssl_.get()) == Progress::kAwaitsServerHello) {
    self->swap_->HandleIncoming(MutableBytes(bytes, datagram.size()));
  }
  return static_cast<int>(datagram.size());
}

// mbedTLS starts its timer when a flight was sent, again or not, and stops it when the answer is
// complete.
void Connection::SetTimer(void* connection, uint32_t, uint32_t final_ms) {
  auto* self = static_cast<Connection*>(connection);
  if (final_ms != 0) {
    self->retransmit_at_ = self->now_ + self->patience_;
    return;
  }
  self->retransmit_at_ = kNever;
  self->patience_ = kFirstPatience;
  self->repetitions_ = 0;
  mbedtls_ssl_set_mtu(self->ssl_.get(), static_cast<uint16_t>(self->mtu_));
}

// -1: does not run; 0, 1, 2: how many of the two delays have passed. Never both: see
// RepeatLateFlight.
int Connection::GetTimer(void* connection) {
  return static_cast<const Connection*>(connection)->retransmit_at_ == kNever ? -1 : 0;
}

// In place of a chain of trust: the fingerprint of the peer's own certificate, which is the last
// one that this is called for. Leaving a flag set makes mbedTLS end the handshake with an alert.
int Connection::VerifyCertificate(void* connection, mbedtls_x509_crt* certificate, int depth,
                                  uint32_t* flags) {
  const auto* self = static_cast<Connection*>(connection);
  *flags = 0;
  if (depth > 0) return 0;
  const Bytes der(certificate->raw.p, certificate->raw.len);
  if (!crypto::MatchesAnyFingerprint(self->fingerprints_, der)) {
    *flags = MBEDTLS_X509_BADCERT_NOT_TRUSTED;
  }
  return 0;
}

}  // namespace ocellus::dtls
