// SPDX-License-Identifier: Apache-2.0
// The description of an alert that was received has no accessor in either version of mbedTLS.
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "firmware/rtc/crypto/tls_client.h"

#include <mbedtls/oid.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>

#include <algorithm>
#include <array>
#include <utility>

namespace ocellus::crypto {
namespace {

// Bytes of plaintext in one record. RFC 5246 section 6.2.1: "The length MUST NOT exceed 2^14".
constexpr size_t kMaxRecordPlaintext = 16384;

// More than any cipher suite adds to a record: header, nonce, tag, padding.
constexpr size_t kMaxRecordOverhead = 128;

// Room in outgoing_ beyond kMaxTlsOutgoing, for alerts that mbedTLS sends by itself.
constexpr size_t kAlertRoom = 1024;

// Names of a certificate that an error text lists, and bytes of each of them.
constexpr int kMaxListedNames = 4;
constexpr size_t kMaxListedName = 64;

// Forward secrecy and authenticated encryption: what every TURN server of the last ten years has.
constexpr int kCipherSuites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                 MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                 MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                                 MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                                 MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                 MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                                 0};

#if MBEDTLS_VERSION_MAJOR < 3
constexpr int kWrongVersion = MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION;
#else
constexpr int kWrongVersion = MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION;
#endif

// Not TLS 1.3, which only version 3.6 has: it would then offer RSA-PSS to servers with TLS 1.2 too,
// and refuse their signature when they take it at its word, as OpenSSL does.
void UseTls12(mbedtls_ssl_config* config) {
#if MBEDTLS_VERSION_MAJOR < 3
  mbedtls_ssl_conf_min_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_max_version(config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#else
  mbedtls_ssl_conf_min_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
  mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2);
#endif
}

int FillRandom(void* random, unsigned char* out, size_t size) {
  static_cast<Random*>(random)->Fill(MutableBytes(out, size));
  return 0;
}

// Without the dot that may end an absolute name: certificates do not have it.
std::string WithoutFinalDot(std::string name) {
  if (!name.empty() && name.back() == '.') name.pop_back();
  return name;
}

bool IsServerName(const std::string& name) {
  return !name.empty() && name.size() <= MBEDTLS_SSL_MAX_HOST_NAME_LEN &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// What a certificate calls itself, as far as a log may show it.
std::string Printable(Bytes name) {
  std::string text(AsText(name).substr(0, kMaxListedName));
  for (char& c : text) {
    if (c < ' ' || c >= 0x7f) c = '?';
  }
  return text;
}

int TypeOf(const mbedtls_x509_sequence& alternative) {
  return alternative.buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
}

Bytes ValueOf(const mbedtls_asn1_buf& value) { return Bytes(value.p, value.len); }

// The first names of a certificate, "a.example.net, 192.0.2.1"; without alternative names its
// common name.
std::string NamesOf(const mbedtls_x509_crt& certificate) {
  std::string names;
  int count = 0;
  const auto add = [&](const std::string& name) {
    if (++count > kMaxListedNames) return;
    names += (names.empty() ? "" : ", ") + name;
  };
  for (const auto* name = &certificate.subject_alt_names; name != nullptr; name = name->next) {
    if (name->buf.p == nullptr) continue;
    const std::optional<IpAddress> ip = IpAddress::FromBytes(ValueOf(name->buf));
    if (TypeOf(*name) == MBEDTLS_X509_SAN_DNS_NAME) add(Printable(ValueOf(name->buf)));
    if (TypeOf(*name) == MBEDTLS_X509_SAN_IP_ADDRESS && ip) add(ip->ToString());
  }
  for (const auto* part = &certificate.subject; part != nullptr && count == 0; part = part->next) {
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) == 0) add(Printable(ValueOf(part->val)));
  }
  return names.empty() ? "nobody" : names;
}

// RFC 6125 section 1.7.2 leaves addresses to RFC 2818 section 3.1: "the iPAddress subjectAltName
// must be present in the certificate and must exactly match the IP in the URI".
bool IsFor(const mbedtls_x509_crt& certificate, const IpAddress& ip) {
  for (const auto* name = &certificate.subject_alt_names; name != nullptr; name = name->next) {
    if (name->buf.p != nullptr && TypeOf(*name) == MBEDTLS_X509_SAN_IP_ADDRESS &&
        ValueOf(name->buf) == ip.bytes()) {
      return true;
    }
  }
  return false;
}

// RFC 5246 section 7.2, those that a person can do something about.
const char* AlertName(int alert) {
  switch (alert) {
    case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE:
      return " (nothing in common)";
    case MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION:
      return " (it wants another version than TLS 1.2)";
    case MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR:
      return " (its own error)";
    case MBEDTLS_SSL_ALERT_MSG_UNRECOGNIZED_NAME:
      return " (it has another name)";
    default:
      return "";
  }
}

}  // namespace

struct TrustStore::Native {
  Native() { mbedtls_x509_crt_init(&chain); }
  ~Native() { mbedtls_x509_crt_free(&chain); }
  Native(const Native&) = delete;
  Native& operator=(const Native&) = delete;

  mbedtls_x509_crt chain;
  size_t left_out = 0;
};

Result<TrustStore> TrustStore::FromPem(std::string_view pem) {
  auto native = std::make_unique<Native>();
  const std::string text(pem);  // mbedTLS wants the zero at its end.
  const int result = mbedtls_x509_crt_parse(
      &native->chain, reinterpret_cast<const unsigned char*>(text.c_str()), text.size() + 1);
  if (result < 0 || native->chain.raw.p == nullptr) {
    return Status(StatusCode::kMalformed, "no certificate that can be read");
  }
  native->left_out = static_cast<size_t>(result);
  return TrustStore(std::move(native));
}

TrustStore::TrustStore(std::unique_ptr<Native> native) : native_(std::move(native)) {}
TrustStore::TrustStore(TrustStore&&) noexcept = default;
TrustStore& TrustStore::operator=(TrustStore&&) noexcept = default;
TrustStore::~TrustStore() = default;

size_t TrustStore::size() const {
  size_t count = 0;
  for (const auto* crt = &native_->chain; crt != nullptr; crt = crt->next) ++count;
  return count;
}

size_t TrustStore::left_out() const { return native_->left_out; }

void TlsClient::Free::operator()(mbedtls_ssl_config* config) const {
  mbedtls_ssl_config_free(config);
  delete config;
}

void TlsClient::Free::operator()(mbedtls_ssl_context* ssl) const {
  mbedtls_ssl_free(ssl);
  delete ssl;
}

Result<std::unique_ptr<TlsClient>> TlsClient::Open(const Options& options) {
  auto client = std::make_unique<TlsClient>(options);
  if (!IsServerName(client->server_name_)) {
    return Status(StatusCode::kInvalidArgument, "TLS needs the name of the server");
  }
  int result = client->SetUpConfig(options);
  if (result == 0) result = client->SetUpContext();
  if (result != 0) {
    return Status(StatusCode::kInternal, Format("TLS does not start: mbedTLS error -0x%04x",
                                                static_cast<unsigned>(-result)));
  }
  client->Handshake();
  return client;
}

TlsClient::TlsClient(const Options& options)
    : server_name_(WithoutFinalDot(options.server_name)),
      server_ip_(IpAddress::Parse(server_name_)) {}

TlsClient::~TlsClient() { Wipe(plaintext_); }

int TlsClient::SetUpConfig(const Options& options) {
  config_.reset(new mbedtls_ssl_config);
  mbedtls_ssl_config* conf = config_.get();
  mbedtls_ssl_config_init(conf);
  const int result = mbedtls_ssl_config_defaults(
      conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
  UseTls12(conf);
  mbedtls_ssl_conf_rng(conf, FillRandom, &options.random);
  mbedtls_ssl_conf_ciphersuites(conf, kCipherSuites);
  mbedtls_ssl_conf_renegotiation(conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  mbedtls_ssl_conf_session_tickets(conf, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  mbedtls_ssl_conf_authmode(conf, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_ca_chain(conf, &options.trust.native_->chain, nullptr);
  mbedtls_ssl_conf_verify(conf, CheckCertificate, this);
  return result;
}

int TlsClient::SetUpContext() {
  ssl_.reset(new mbedtls_ssl_context);
  mbedtls_ssl_context* ssl = ssl_.get();
  mbedtls_ssl_init(ssl);
  int result = mbedtls_ssl_setup(ssl, config_.get());
  // An address is no name for the server name extension (RFC 6066 section 3), and version 2.28
  // looks for names only: CheckCertificate looks for the address.
  const char* name = server_ip_ ? nullptr : server_name_.c_str();
  if (result == 0) result = mbedtls_ssl_set_hostname(ssl, name);
  mbedtls_ssl_set_bio(ssl, this, SendRecord, ReceiveRecord, nullptr);
  return result;
}

void TlsClient::HandleCiphertext(Bytes bytes) {
  if (state_ == State::kClosed) return;
  incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<int64_t>(incoming_begin_));
  incoming_begin_ = 0;
  if (bytes.size() > kMaxTlsIncoming - incoming_.size()) {
    return Fail(Status(StatusCode::kResourceExhausted,
                       "TLS with " + server_name_ + ": more comes than is read"));
  }
  incoming_.insert(incoming_.end(), bytes.begin(), bytes.end());
  if (state_ == State::kHandshaking) Handshake();
}

void TlsClient::Handshake() {
  const int result = mbedtls_ssl_handshake(ssl_.get());
  if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) return;
  if (result != 0) return FailWith(result);
  state_ = State::kConnected;
  plaintext_.resize(kMaxRecordPlaintext);
}

std::optional<MutableBytes> TlsClient::Read() {
  while (state_ == State::kConnected) {
    const int result = mbedtls_ssl_read(ssl_.get(), plaintext_.data(), plaintext_.size());
    if (result > 0) return MutableBytes(plaintext_).first(static_cast<size_t>(result));
    if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) break;
    FailWith(result == 0 ? MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY : result);
  }
  return std::nullopt;
}

bool TlsClient::Write(Bytes plaintext) {
  if (state_ != State::kConnected) return false;
  const int max_payload = mbedtls_ssl_get_max_out_record_payload(ssl_.get());
  if (max_payload <= 0) return false;
  const size_t records = plaintext.size() / static_cast<size_t>(max_payload) + 1;
  const size_t room = kMaxTlsOutgoing - std::min(kMaxTlsOutgoing, ciphertext().size());
  if (plaintext.size() + records * kMaxRecordOverhead > room) return false;
  while (!plaintext.empty()) {
    const int result = mbedtls_ssl_write(ssl_.get(), plaintext.data(), plaintext.size());
    if (result <= 0) {
      FailWith(result);
      return false;
    }
    plaintext = plaintext.subspan(static_cast<size_t>(result));
  }
  return true;
}

void TlsClient::TakeCiphertext(size_t size) {
  CHECK(size <= ciphertext().size(), "%zu of %zu bytes taken", size, ciphertext().size());
  outgoing_begin_ += size;
  if (outgoing_begin_ == outgoing_.size()) {
    outgoing_.clear();
    outgoing_begin_ = 0;
  }
}

void TlsClient::Close() {
  if (state_ == State::kConnected) mbedtls_ssl_close_notify(ssl_.get());
  Fail(Status());
}

int TlsClient::SendRecord(void* client, const unsigned char* bytes, size_t size) {
  auto* self = static_cast<TlsClient*>(client);
  if (size > kMaxTlsOutgoing + kAlertRoom - self->ciphertext().size()) {
    return MBEDTLS_ERR_SSL_WANT_WRITE;
  }
  std::vector<uint8_t>& outgoing = self->outgoing_;
  outgoing.erase(outgoing.begin(), outgoing.begin() + static_cast<int64_t>(self->outgoing_begin_));
  self->outgoing_begin_ = 0;
  outgoing.insert(outgoing.end(), bytes, bytes + size);
  return static_cast<int>(size);
}

int TlsClient::ReceiveRecord(void* client, unsigned char* bytes, size_t size) {
  auto* self = static_cast<TlsClient*>(client);
  const Bytes incoming = Bytes(self->incoming_).subspan(self->incoming_begin_);
  if (incoming.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
  const Bytes taken = incoming.first(std::min(size, incoming.size()));
  std::copy(taken.begin(), taken.end(), bytes);
  self->incoming_begin_ += taken.size();
  return static_cast<int>(taken.size());
}

int TlsClient::CheckCertificate(void* client, mbedtls_x509_crt* certificate, int depth,
                                uint32_t* flags) {
  auto* self = static_cast<TlsClient*>(client);
  if (depth != 0) return 0;  // Of an authority.
  self->certificate_names_ = NamesOf(*certificate);
  if (self->server_ip_ && !IsFor(*certificate, *self->server_ip_)) {
    *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  }
  return 0;
}

// mbedTLS has sent an alert already, where one is due.
void TlsClient::FailWith(int error) {
  const auto fail = [this](StatusCode code, const std::string& what) { Fail(Status(code, what)); };
  switch (error) {
    case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED:
      return Fail(CertificateError());
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return fail(StatusCode::kUnavailable, server_name_ + " has closed the connection");
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      return fail(StatusCode::kUnavailable,
                  server_name_ + Format(" refuses: TLS alert %d%s", int{ssl_->in_msg[1]},
                                        AlertName(ssl_->in_msg[1])));
    case kWrongVersion:
      return fail(StatusCode::kUnsupported, server_name_ + " has no TLS 1.2");
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
    case MBEDTLS_ERR_SSL_INTERNAL_ERROR:
      return fail(StatusCode::kInternal,
                  Format("TLS fails: mbedTLS error -0x%04x", static_cast<unsigned>(-error)));
    default:
      return fail(StatusCode::kMalformed,
                  server_name_ + Format(" sends something else than TLS, or it was damaged on the "
                                        "way (mbedTLS error -0x%04x)",
                                        static_cast<unsigned>(-error)));
  }
}

Status TlsClient::CertificateError() const {
  struct Problem {
    uint32_t flags;
    std::string text;
  };
  const std::array<Problem, 5> problems{{
      {MBEDTLS_X509_BADCERT_NOT_TRUSTED, "issuer unknown"},
      {MBEDTLS_X509_BADCERT_EXPIRED, "expired"},
      {MBEDTLS_X509_BADCERT_FUTURE, "not valid yet (is the clock right?)"},
      {MBEDTLS_X509_BADCERT_CN_MISMATCH, "is for " + certificate_names_},
      {MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY,
       "signed with a weak algorithm or key"},
  }};
  uint32_t flags = mbedtls_ssl_get_verify_result(ssl_.get());
  std::string text;
  for (const Problem& problem : problems) {
    if ((flags & problem.flags) != 0) text += (text.empty() ? "" : ", ") + problem.text;
    flags &= ~problem.flags;
  }
  if (text.empty()) text = Format("cannot be verified (mbedTLS flags 0x%x)", unsigned{flags});
  return Status(StatusCode::kPermissionDenied, "certificate of " + server_name_ + ": " + text);
}

void TlsClient::Fail(Status why) {
  state_ = State::kClosed;
  why_closed_ = std::move(why);
  incoming_.clear();
  incoming_begin_ = 0;
}

}  // namespace ocellus::crypto
