// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/crypto/tls_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/rtc/crypto/tls_server.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::crypto {
namespace {

using State = TlsClient::State;
using ::testing::HasSubstr;
using ::testing::StartsWith;

CertificateRequest Authority(const char* name) {
  CertificateRequest request;
  request.common_name = name;
  request.is_authority = true;
  return request;
}

CertificateRequest ServerNamed(std::vector<std::string> dns_names,
                               std::vector<IpAddress> addresses = {}) {
  CertificateRequest request;
  request.common_name = "TURN";
  request.dns_names = std::move(dns_names);
  request.addresses = std::move(addresses);
  return request;
}

class TlsClientTest : public testing::Test {
 protected:
  // The client asks for `name`; the server has `identity`.
  void Start(const std::string& name, const Identity& identity) {
    Result<std::unique_ptr<TlsClient>> client = TlsClient::Open({name, trust_, random_});
    ASSERT_TRUE(client.ok()) << client.status().message();
    client_ = std::move(*client);
    server_ = std::make_unique<TlsServer>(identity, random_);
  }
  void Start(const std::string& name, const CertificateRequest& request) {
    identity_ = std::make_unique<Identity>(random_, request, &root_);
    Start(name, *identity_);
  }

  std::string TakeFromClient() {
    std::string ciphertext(AsText(client_->ciphertext()));
    client_->TakeCiphertext(ciphertext.size());
    return ciphertext;
  }
  std::string Read() {
    std::string all;
    while (const std::optional<MutableBytes> plaintext = client_->Read()) {
      EXPECT_FALSE(plaintext->empty());
      all += AsText(*plaintext);
    }
    return all;
  }
  void Deliver(const std::string& to_client, size_t cut = SIZE_MAX) {
    for (size_t begin = 0; begin < to_client.size();) {
      const size_t size = std::min(cut, to_client.size() - begin);
      client_->HandleCiphertext(AsBytes(to_client).subspan(begin, size));
      begin += size;
    }
  }
  // Carries bytes in pieces of `cut` until both are silent.
  void Exchange(size_t cut = SIZE_MAX) {
    while (true) {
      const std::string to_server = TakeFromClient();
      server_->HandleCiphertext(AsBytes(to_server));
      const std::string to_client = server_->TakeCiphertext();
      Deliver(to_client, cut);
      if (to_server.empty() && to_client.empty()) return;
    }
  }
  void Connect() {
    Start("turn.example.net", ServerNamed({"turn.example.net"}));
    Exchange();
    ASSERT_EQ(client_->state(), State::kConnected) << client_->why_closed().message();
    EXPECT_TRUE(server_->is_connected());
  }
  // The text of the refusal of a server that is certified by `request`.
  std::string Refusal(const std::string& name, const CertificateRequest& request) {
    Start(name, request);
    Exchange();
    EXPECT_EQ(client_->state(), State::kClosed);
    EXPECT_EQ(client_->why_closed().code(), StatusCode::kPermissionDenied);
    EXPECT_FALSE(server_->is_connected());
    return client_->why_closed().message();
  }
  bool Accepts(const std::string& name, const CertificateRequest& request) {
    Start(name, request);
    Exchange();
    return client_->state() == State::kConnected;
  }

  sim::SeededRandom random_{1};
  const Identity root_{random_, Authority("Our root")};
  TrustStore trust_ = *TrustStore::FromPem(root_.ToPem());
  std::unique_ptr<Identity> identity_;
  std::unique_ptr<TlsClient> client_;
  std::unique_ptr<TlsServer> server_;
};

TEST_F(TlsClientTest, CarriesPlaintextBothWays) {
  Connect();
  EXPECT_EQ(server_->asked_name(), "turn.example.net");
  EXPECT_TRUE(client_->Write(AsBytes("Allocate")));
  Exchange();
  EXPECT_EQ(server_->TakePlaintext(), "Allocate");
  server_->Write("success");
  server_->Write("and more");
  Exchange();
  EXPECT_EQ(Read(), "successand more");
  EXPECT_TRUE(client_->why_closed().ok());
}

TEST_F(TlsClientTest, TakesBytesInAnyCut) {
  for (const size_t cut : {1, 2, 3, 5, 100, 1000}) {
    Start("turn.example.net", ServerNamed({"turn.example.net"}));
    Exchange(cut);
    ASSERT_EQ(client_->state(), State::kConnected) << "in pieces of " << cut;
    server_->Write("success");
    Exchange(cut);
    EXPECT_EQ(Read(), "success");
  }
}

TEST_F(TlsClientTest, CarriesMoreThanOneRecord) {
  Connect();
  const std::string large(20'000, 'v');
  EXPECT_TRUE(client_->Write(AsBytes(large)));
  Exchange();
  EXPECT_EQ(server_->TakePlaintext(), large);
  server_->Write(large);
  Exchange();
  EXPECT_EQ(Read(), large);
}

TEST_F(TlsClientTest, WritesNothingBeforeItIsConnected) {
  Start("turn.example.net", ServerNamed({"turn.example.net"}));
  EXPECT_EQ(client_->state(), State::kHandshaking);
  EXPECT_FALSE(client_->ciphertext().empty());
  EXPECT_FALSE(client_->Write(AsBytes("too early")));
  EXPECT_FALSE(client_->Read());
}

TEST_F(TlsClientTest, TrustsThroughIntermediateAuthorities) {
  const Identity intermediate(random_, Authority("In between"), &root_);
  const Identity server(random_, ServerNamed({"turn.example.net"}), &intermediate);
  Start("turn.example.net", server);
  Exchange();
  EXPECT_EQ(client_->state(), State::kConnected) << client_->why_closed().message();
}

// Checklist 58.
TEST_F(TlsClientTest, RefusesAnUnknownIssuer) {
  const Identity other_root(random_, Authority("Another root"));
  const Identity server(random_, ServerNamed({"turn.example.net"}), &other_root);
  Start("turn.example.net", server);
  Exchange();
  EXPECT_EQ(client_->why_closed().message(), "certificate of turn.example.net: issuer unknown");
  EXPECT_TRUE(server_->is_closed()) << "it was not told";
}

TEST_F(TlsClientTest, RefusesASelfSignedCertificate) {
  const Identity server(random_, ServerNamed({"turn.example.net"}));
  Start("turn.example.net", server);
  Exchange();
  EXPECT_EQ(client_->why_closed().message(), "certificate of turn.example.net: issuer unknown");
}

TEST_F(TlsClientTest, RefusesACertificateSignedByOneThatIsNoAuthority) {
  const Identity impostor(random_, ServerNamed({"other.example.net"}), &root_);
  const Identity server(random_, ServerNamed({"turn.example.net"}), &impostor);
  Start("turn.example.net", server);
  Exchange();
  EXPECT_EQ(client_->state(), State::kClosed);
  EXPECT_THAT(client_->why_closed().message(), HasSubstr("issuer unknown"));
}

// Checklist 58.
TEST_F(TlsClientTest, RefusesACertificateOfSomebodyElse) {
  EXPECT_EQ(Refusal("turn.example.net", ServerNamed({"other.example.net", "www.example.net"})),
            "certificate of turn.example.net: is for other.example.net, www.example.net");
  EXPECT_EQ(Refusal("turn.example.net", ServerNamed({}, {*IpAddress::Parse("192.0.2.1")})),
            "certificate of turn.example.net: is for 192.0.2.1");
}

TEST_F(TlsClientTest, NamesMayHaveOneWildcardAndAFinalDot) {
  EXPECT_TRUE(Accepts("turn.example.net", ServerNamed({"*.example.net"})));
  EXPECT_TRUE(Accepts("TURN.example.net.", ServerNamed({"turn.example.net"})));
  EXPECT_FALSE(Accepts("a.turn.example.net", ServerNamed({"*.example.net"})));
}

TEST_F(TlsClientTest, AddressesMustBeInTheCertificateAsAddresses) {
  for (const char* text : {"192.0.2.1", "2001:db8::1"}) {
    const IpAddress ip = *IpAddress::Parse(text);
    EXPECT_TRUE(Accepts(text, ServerNamed({"turn.example.net"}, {ip})));
    EXPECT_EQ(server_->asked_name(), "") << "RFC 6066 section 3: no literal addresses";
    EXPECT_EQ(Refusal(text, ServerNamed({"turn.example.net", text})),
              Format("certificate of %s: is for turn.example.net, %s", text, text));
  }
  EXPECT_FALSE(Accepts("192.0.2.2", ServerNamed({}, {*IpAddress::Parse("192.0.2.1")})));
}

// Where this mbedTLS knows the time, as Debian's does.
TEST_F(TlsClientTest, RefusesCertificatesOfOtherTimes) {
  CertificateRequest old = ServerNamed({"turn.example.net"});
  old.not_after = "20010101000000";
  EXPECT_EQ(Refusal("turn.example.net", old), "certificate of turn.example.net: expired");
  CertificateRequest future = ServerNamed({"turn.example.net"});
  future.not_before = "20981231235959";
  EXPECT_THAT(Refusal("turn.example.net", future), HasSubstr("not valid yet"));
}

TEST_F(TlsClientTest, SaysEverythingThatIsWrongWithACertificate) {
  CertificateRequest request = ServerNamed({"other.example.net"});
  request.not_after = "20010101000000";
  EXPECT_EQ(Refusal("turn.example.net", request),
            "certificate of turn.example.net: expired, is for other.example.net");
}

TEST_F(TlsClientTest, NamesOfCertificatesCannotForgeLogLines) {
  EXPECT_EQ(Refusal("turn.example.net", ServerNamed({"a\n[error] b"})),
            "certificate of turn.example.net: is for a?[error] b");
}

TEST_F(TlsClientTest, NeedsAServerName) {
  for (const std::string& name : {std::string(), std::string("."), std::string("a b"),
                                  std::string("a\0b", 3), std::string(300, 'a')}) {
    const auto client = TlsClient::Open({name, trust_, random_});
    ASSERT_FALSE(client.ok()) << name;
    EXPECT_EQ(client.status().code(), StatusCode::kInvalidArgument);
  }
}

TEST_F(TlsClientTest, NoticesThatTheServerCloses) {
  Connect();
  server_->Write("last words");
  server_->Close();
  Exchange();
  EXPECT_EQ(Read(), "last words");
  EXPECT_EQ(client_->state(), State::kClosed);
  EXPECT_EQ(client_->why_closed().message(), "turn.example.net has closed the connection");
  EXPECT_FALSE(client_->Write(AsBytes("too late")));
}

TEST_F(TlsClientTest, SaysGoodbye) {
  Connect();
  client_->Close();
  EXPECT_EQ(client_->state(), State::kClosed);
  EXPECT_TRUE(client_->why_closed().ok());
  Exchange();
  EXPECT_TRUE(server_->is_closed());
}

TEST_F(TlsClientTest, ServersThatDoNotSpeakTlsAreNamed) {
  Start("turn.example.net", ServerNamed({"turn.example.net"}));
  Deliver("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(client_->state(), State::kClosed);
  EXPECT_EQ(client_->why_closed().code(), StatusCode::kMalformed);
  EXPECT_THAT(client_->why_closed().message(),
              StartsWith("turn.example.net sends something else than TLS"));
}

TEST_F(TlsClientTest, AlertsOfTheServerAreNamed) {
  Start("turn.example.net", ServerNamed({"turn.example.net"}));
  Deliver(std::string("\x15\x03\x03\x00\x02\x02\x28", 7));
  EXPECT_EQ(client_->state(), State::kClosed);
  EXPECT_EQ(client_->why_closed().message(),
            "turn.example.net refuses: TLS alert 40 (nothing in common)");
}

TEST_F(TlsClientTest, OlderVersionsAreRefused) {
  Start("turn.example.net", ServerNamed({"turn.example.net"}));
  // A ServerHello of TLS 1.1: version, random, no session id, cipher suite, no compression.
  std::string hello = std::string("\x03\x02", 2) + std::string(32, 'r') + std::string(1, '\0') +
                      "\xc0\x2b" + std::string(1, '\0');
  hello = std::string("\x02\x00\x00", 3) + static_cast<char>(hello.size()) + hello;
  Deliver(std::string("\x16\x03\x02\x00", 4) + static_cast<char>(hello.size()) + hello);
  EXPECT_EQ(client_->state(), State::kClosed);
  EXPECT_FALSE(client_->why_closed().ok());
}

// Every byte of the server's handshake, damaged: an error, and never a connection.
TEST_F(TlsClientTest, ADamagedHandshakeFails) {
  Start("turn.example.net", ServerNamed({"turn.example.net"}));
  server_->HandleCiphertext(AsBytes(TakeFromClient()));
  const size_t size = server_->TakeCiphertext().size();
  for (size_t i = 0; i < size; i += 7) {
    Start("turn.example.net", *identity_);
    server_->HandleCiphertext(AsBytes(TakeFromClient()));
    std::string flight = server_->TakeCiphertext();
    flight[std::min(i, flight.size() - 1)] ^= 0x55;
    Deliver(flight);
    Exchange();
    EXPECT_NE(client_->state(), State::kConnected) << "byte " << i;
    EXPECT_FALSE(server_->is_connected()) << "byte " << i;
  }
}

TEST_F(TlsClientTest, AHandshakeThatIsCutShortWaits) {
  Start("turn.example.net", ServerNamed({"turn.example.net"}));
  server_->HandleCiphertext(AsBytes(TakeFromClient()));
  const std::string flight = server_->TakeCiphertext();
  Deliver(flight.substr(0, flight.size() - 1));
  EXPECT_EQ(client_->state(), State::kHandshaking);
  Deliver(flight.substr(flight.size() - 1));
  Exchange();
  EXPECT_EQ(client_->state(), State::kConnected);
}

TEST_F(TlsClientTest, ADamagedRecordCloses) {
  Connect();
  server_->Write("success");
  std::string record = server_->TakeCiphertext();
  record.back() ^= 1;
  Deliver(record);
  EXPECT_FALSE(client_->Read());
  EXPECT_EQ(client_->state(), State::kClosed);
  EXPECT_EQ(client_->why_closed().code(), StatusCode::kMalformed);
}

TEST_F(TlsClientTest, WhatIsNotSentIsBounded) {
  Connect();
  const std::string packet(1200, 'v');
  size_t written = 0;
  while (written < 10 * kMaxTlsOutgoing && client_->Write(AsBytes(packet)))
    written += packet.size();
  EXPECT_LE(client_->ciphertext().size(), kMaxTlsOutgoing);
  EXPECT_LE(client_->ciphertext().size(), kTcpSendBuffer) << "TCP never takes it at once";
  EXPECT_EQ(client_->state(), State::kConnected);
  // The network takes a part of it: the stream has no gaps, and there is room again.
  std::string part(AsText(client_->ciphertext().first(3000)));
  client_->TakeCiphertext(part.size());
  server_->HandleCiphertext(AsBytes(part));
  EXPECT_TRUE(client_->Write(AsBytes(packet)));
  Exchange();
  EXPECT_EQ(server_->TakePlaintext().size(), written + packet.size());
}

TEST_F(TlsClientTest, WhatIsNotReadIsBounded) {
  Connect();
  server_->Write(std::string(2 * kMaxTlsIncoming, 'v'));
  Deliver(server_->TakeCiphertext(), 16 * 1024);
  EXPECT_EQ(client_->state(), State::kClosed);
  EXPECT_EQ(client_->why_closed().code(), StatusCode::kResourceExhausted);
}

TEST_F(TlsClientTest, NothingAfterTheEndDoesHarm) {
  Connect();
  client_->Close();
  client_->Close();
  Deliver("more");
  EXPECT_FALSE(client_->Read());
  EXPECT_FALSE(client_->Write(AsBytes("more")));
  EXPECT_TRUE(client_->why_closed().ok());
}

TEST(TrustStore, CountsWhatItHoldsAndWhatItLeavesOut) {
  sim::SeededRandom random(2);
  const Identity first(random, Authority("First"));
  const Identity second(random, Authority("Second"));
  const std::string damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  const auto trust =
      TrustStore::FromPem("# A comment\n" + first.ToPem() + damaged + second.ToPem());
  ASSERT_TRUE(trust.ok()) << trust.status().message();
  EXPECT_EQ(trust->size(), 2u);
  EXPECT_EQ(trust->left_out(), 1u);
}

TEST(TrustStore, RefusesWhatHoldsNoCertificate) {
  for (const char* text : {"", "not PEM", "-----BEGIN CERTIFICATE-----\n!\n"}) {
    const auto trust = TrustStore::FromPem(text);
    ASSERT_FALSE(trust.ok()) << text;
    EXPECT_EQ(trust.status().code(), StatusCode::kMalformed);
  }
}

}  // namespace
}  // namespace ocellus::crypto
