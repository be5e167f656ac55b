// SPDX-License-Identifier: Apache-2.0
// Our transport against OpenSSL: handshakes without loss, in no time at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/rtc/dtls/mbedtls_version.h"
#include "firmware/rtc/dtls/transport.h"
#include "tests/rtc/dtls/openssl_peer.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::dtls {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Time kNow(std::chrono::hours(1));

class OpenSslInterop : public ::testing::Test {
 protected:
  OpenSslInterop() : certificate_(*crypto::Certificate::Generate(random_, 1'800'000'000)) {}

  // Both of them, not started. Without `fingerprints`: the peer's right one.
  void SetUpCall(Role role, OpenSslPeer::Options options,
                 std::vector<crypto::Fingerprint> fingerprints = {}) {
    options.role = role == Role::kClient ? OpenSslPeer::Role::kServer : OpenSslPeer::Role::kClient;
    peer_.emplace(options);
    if (fingerprints.empty() && options.key != OpenSslPeer::Key::kNone) {
      fingerprints.push_back(peer_->fingerprint(crypto::HashAlgorithm::kSha256));
    }
    if (fingerprints.empty()) fingerprints.push_back(certificate_.fingerprint());
    Config config{certificate_, role, profiles_};
    config.needs_srtp = needs_srtp_;
    transport_ = std::move(*Transport::Open(config, random_));
    transport_->SetRemoteFingerprints(std::move(fingerprints));
  }

  void Run() {
    transport_->Start(kNow);
    peer_->HandleDatagram({});
    Exchange();
  }

  // Carries datagrams until both are silent.
  void Exchange() {
    for (bool silent = false; !silent;) {
      silent = true;
      uint8_t buffer[kMaxReceivedDatagramSize];
      while (const auto size = transport_->PollTransmit(kNow, buffer)) {
        peer_->HandleDatagram(Bytes(buffer, *size));
        silent = false;
      }
      for (const auto& datagram : peer_->TakeDatagrams()) {
        transport_->HandleDatagram(kNow, datagram);
        silent = false;
      }
    }
    while (auto event = transport_->PollEvent()) {
      if (const auto* connected = std::get_if<Connected>(&*event)) connected_ = *connected;
      if (const auto* closed = std::get_if<Closed>(&*event)) closed_ = closed->reason;
    }
  }

  void ExpectSameKeys(Role role) {
    ASSERT_TRUE(connected_);
    EXPECT_TRUE(peer_->is_connected());
    const size_t salt = srtp::MasterSaltSize(connected_->srtp->profile);
    const std::vector<uint8_t> keys = peer_->ExportKeys(2 * (16 + salt));
    const bool client = role == Role::kClient;
    const srtp::MasterKey& client_key = client ? connected_->srtp->local : connected_->srtp->remote;
    const srtp::MasterKey& server_key = client ? connected_->srtp->remote : connected_->srtp->local;
    const Bytes all(keys);
    EXPECT_TRUE(all.subspan(0, 16) == Bytes(client_key.key));
    EXPECT_TRUE(all.subspan(16, 16) == Bytes(server_key.key));
    EXPECT_TRUE(all.subspan(32, salt) == Bytes(client_key.salt).first(salt));
    EXPECT_TRUE(all.subspan(32 + salt, salt) == Bytes(server_key.salt).first(salt));
  }

  void ExpectRefused(CloseReason reason) {
    EXPECT_FALSE(connected_);
    ASSERT_TRUE(closed_);
    EXPECT_EQ(ToString(*closed_), std::string(ToString(reason)));
  }

  sim::SeededRandom random_{1};
  crypto::Certificate certificate_;
  std::vector<srtp::Profile> profiles_{srtp::Profile::kAeadAes128Gcm,
                                       srtp::Profile::kAes128CmHmacSha1_80};
  std::optional<OpenSslPeer> peer_;
  std::unique_ptr<Transport> transport_;
  bool needs_srtp_ = true;
  std::optional<Connected> connected_;
  std::optional<CloseReason> closed_;
};

TEST_F(OpenSslInterop, ClientAgreesOnAesGcm) {
  SetUpCall(Role::kClient, {});
  Run();
  ExpectSameKeys(Role::kClient);
  EXPECT_EQ(connected_->srtp->profile, srtp::Profile::kAeadAes128Gcm);
  EXPECT_EQ(peer_->srtp_profile(), "SRTP_AEAD_AES_128_GCM");
}

TEST_F(OpenSslInterop, ClientAgreesOnAesCmWhereThePeerHasNoAesGcm) {
  OpenSslPeer::Options options;
  options.srtp_profiles = "SRTP_AES128_CM_SHA1_80";
  SetUpCall(Role::kClient, options);
  Run();
  ExpectSameKeys(Role::kClient);
  EXPECT_EQ(connected_->srtp->profile, srtp::Profile::kAes128CmHmacSha1_80);
}

// So do Chromium's and Firefox's servers.
TEST_F(OpenSslInterop, ServerOfThePeerChoosesAmongWhatTheClientOffers) {
  OpenSslPeer::Options options;
  options.srtp_profiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM";
  SetUpCall(Role::kClient, options);
  Run();
  ExpectSameKeys(Role::kClient);
  EXPECT_EQ(connected_->srtp->profile, srtp::Profile::kAes128CmHmacSha1_80);

  profiles_ = {srtp::Profile::kAeadAes128Gcm};
  connected_.reset();
  SetUpCall(Role::kClient, options);
  Run();
  ExpectSameKeys(Role::kClient);
  EXPECT_EQ(connected_->srtp->profile, srtp::Profile::kAeadAes128Gcm);
}

TEST_F(OpenSslInterop, ClientAgreesOnAesGcmAfterAHelloVerifyRequest) {
  OpenSslPeer::Options options;
  options.hello_verify_request = true;
  SetUpCall(Role::kClient, options);
  Run();
  ExpectSameKeys(Role::kClient);
  EXPECT_EQ(connected_->srtp->profile, srtp::Profile::kAeadAes128Gcm);
}

TEST_F(OpenSslInterop, ServerAgreesOnAesCm) {
  SetUpCall(Role::kServer, {});
  Run();
  ExpectSameKeys(Role::kServer);
  EXPECT_EQ(connected_->srtp->profile, srtp::Profile::kAes128CmHmacSha1_80);
}

TEST_F(OpenSslInterop, TakesAnRsaCertificate) {
  OpenSslPeer::Options options;
  options.key = OpenSslPeer::Key::kRsa;
  for (const Role role : {Role::kClient, Role::kServer}) {
    connected_.reset();
    SetUpCall(role, options);
    Run();
    ExpectSameKeys(role);
  }
}

TEST_F(OpenSslInterop, TakesAFingerprintOfEachStrongHash) {
  for (const auto algorithm : {crypto::HashAlgorithm::kSha256, crypto::HashAlgorithm::kSha384,
                               crypto::HashAlgorithm::kSha512}) {
    connected_.reset();
    SetUpCall(Role::kClient, {});
    transport_->SetRemoteFingerprints({peer_->fingerprint(algorithm)});
    Run();
    ExpectSameKeys(Role::kClient);
  }
}

// Checklist 19.
TEST_F(OpenSslInterop, RefusesAClientWithoutCertificate) {
  OpenSslPeer::Options options;
  options.key = OpenSslPeer::Key::kNone;
  SetUpCall(Role::kServer, options);
  Run();
  ExpectRefused(CloseReason::kNoCertificate);
  EXPECT_TRUE(peer_->has_failed());
}

// Checklist 19: a server without certificate is one with an anonymous key exchange.
TEST_F(OpenSslInterop, RefusesAServerWithoutCertificate) {
  OpenSslPeer::Options options;
  options.key = OpenSslPeer::Key::kNone;
  options.ciphers = "aNULL";
  SetUpCall(Role::kClient, options);
  Run();
  ExpectRefused(CloseReason::kFatalAlert);
}

// Checklist 20.
TEST_F(OpenSslInterop, RefusesAPeerWithoutUseSrtp) {
  OpenSslPeer::Options options;
  options.srtp_profiles = "";
  for (const Role role : {Role::kClient, Role::kServer}) {
    closed_.reset();
    SetUpCall(role, options);
    Run();
    ExpectRefused(CloseReason::kNoSrtpProfile);
    EXPECT_TRUE(peer_->has_failed());
  }
}

TEST_F(OpenSslInterop, ConnectsForMessagesAloneToAPeerWithoutUseSrtp) {
  needs_srtp_ = false;
  OpenSslPeer::Options options;
  options.srtp_profiles = "";
  for (const Role role : {Role::kClient, Role::kServer}) {
    connected_.reset();
    SetUpCall(role, options);
    Run();
    ASSERT_TRUE(connected_ && peer_->is_connected());
    EXPECT_FALSE(connected_->srtp);
  }
}

// Checklist 20.
TEST_F(OpenSslInterop, RefusesAPeerWithoutACommonProfile) {
  OpenSslPeer::Options options;
  options.srtp_profiles = "SRTP_AES128_CM_SHA1_32";
  for (const Role role : {Role::kClient, Role::kServer}) {
    closed_.reset();
    SetUpCall(role, options);
    Run();
    ExpectRefused(CloseReason::kNoSrtpProfile);
  }
}

// Checklist 17 (and 16: another address has another transport, or none).
TEST_F(OpenSslInterop, RefusesANullCipher) {
  OpenSslPeer::Options options;
  options.ciphers = "eNULL";
  SetUpCall(Role::kServer, options);
  Run();
  EXPECT_FALSE(connected_);
  EXPECT_TRUE(closed_);
  EXPECT_TRUE(peer_->has_failed());
}

TEST_F(OpenSslInterop, ExchangesMessages) {
  for (const Role role : {Role::kClient, Role::kServer}) {
    SetUpCall(role, {});
    Run();
    ASSERT_TRUE(transport_->is_connected());
    ASSERT_TRUE(transport_->Send(kNow, AsBytes("from us")).ok());
    Exchange();
    EXPECT_THAT(peer_->TakeMessages(), ElementsAre("from us"));

    peer_->Send(AsBytes("to us"));
    for (const auto& datagram : peer_->TakeDatagrams()) {
      transport_->HandleDatagram(kNow, datagram);
    }
    uint8_t buffer[kMaxReceivedDatagramSize];
    const auto size = transport_->PollReceived(buffer);
    ASSERT_TRUE(size);
    EXPECT_EQ(AsText(Bytes(buffer, *size)), "to us");
    EXPECT_FALSE(transport_->PollReceived(buffer));
  }
}

// Checklist 22.
TEST_F(OpenSslInterop, RefusesRenegotiation) {
  for (const Role role : {Role::kClient, Role::kServer}) {
    closed_.reset();
    SetUpCall(role, {});
    Run();
    ASSERT_TRUE(connected_);
    connected_.reset();
    peer_->Renegotiate();
    Exchange();
    EXPECT_FALSE(connected_) << "other keys in the middle of a call";
    EXPECT_TRUE(closed_ || transport_->is_connected());
  }
}

TEST_F(OpenSslInterop, NoticesCloseNotifyAndSendsIt) {
  SetUpCall(Role::kClient, {});
  Run();
  peer_->SendCloseNotify();
  Exchange();
  EXPECT_EQ(closed_, CloseReason::kClosedByPeer);

  SetUpCall(Role::kClient, {});
  Run();
  closed_.reset();
  transport_->Close(kNow);
  Exchange();
  EXPECT_FALSE(closed_);
  EXPECT_FALSE(transport_->is_connected());
}

}  // namespace
}  // namespace ocellus::dtls
