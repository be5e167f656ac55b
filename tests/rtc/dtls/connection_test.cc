// SPDX-License-Identifier: Apache-2.0
// What Transport does not show: transport_test.cc has the handshakes.
#include "firmware/rtc/dtls/connection.h"

#include <gtest/gtest.h>
#include <mbedtls/ssl.h>

#include "tests/sim/seeded_random.h"

namespace ocellus::dtls {
namespace {

constexpr Time kNow(std::chrono::hours(1));

class ConnectionPair : public ::testing::Test {
 protected:
  ConnectionPair() : certificate_(*crypto::Certificate::Generate(random_, 1'800'000'000)) {
    client_ = Make(Role::kClient);
    server_ = Make(Role::kServer);
  }

  std::unique_ptr<Connection> Make(Role role) {
    const Config config{certificate_, role, {srtp::Profile::kAes128CmHmacSha1_80}};
    auto connection = std::move(*Connection::Open(config, random_));
    connection->SetRemoteFingerprints({certificate_.fingerprint()});
    return connection;
  }

  void Connect() {
    int client = client_->Handshake(kNow, {});
    int server = server_->Handshake(kNow, {});
    uint8_t buffer[1500];
    while (client != 0 || server != 0) {
      while (const auto size = client_->PollTransmit(buffer)) {
        server = server_->Handshake(kNow, Bytes(buffer, *size));
      }
      while (const auto size = server_->PollTransmit(buffer)) {
        client = client_->Handshake(kNow, Bytes(buffer, *size));
      }
      ASSERT_TRUE(client == 0 || client == MBEDTLS_ERR_SSL_WANT_READ) << client;
      ASSERT_TRUE(server == 0 || server == MBEDTLS_ERR_SSL_WANT_READ) << server;
    }
  }

  // One message from one to the other; returns what arrived.
  std::string Carry(Connection& from, Connection& to, std::string_view message) {
    EXPECT_EQ(from.Write(kNow, AsBytes(message)), static_cast<int>(message.size()));
    uint8_t buffer[1500];
    EXPECT_GE(to.Receive(kNow, Bytes(buffer, *from.PollTransmit(buffer))), 0);
    const int size = to.Read(buffer);
    return size < 0 ? "" : std::string(AsText(Bytes(buffer, static_cast<size_t>(size))));
  }

  sim::SeededRandom random_{1};
  crypto::Certificate certificate_;
  std::unique_ptr<Connection> client_;
  std::unique_ptr<Connection> server_;
};

TEST_F(ConnectionPair, SuspendsOnlyWhenItIsComplete) {
  client_->Suspend();
  EXPECT_FALSE(client_->is_suspended());
  Connect();
  client_->Suspend();
  EXPECT_TRUE(client_->is_suspended());
}

// The peer could have missed the last flight until something encrypted comes from it.
TEST_F(ConnectionPair, SuspendsAsServerOnlyAfterTheFirstMessage) {
  Connect();
  server_->Suspend();
  EXPECT_FALSE(server_->is_suspended());
  EXPECT_EQ(Carry(*client_, *server_, "first"), "first");
  server_->Suspend();
  EXPECT_TRUE(server_->is_suspended());
}

TEST_F(ConnectionPair, DoesNotSuspendWhileAMessageWaits) {
  Connect();
  ASSERT_EQ(server_->Write(kNow, AsBytes("waiting")), 7);
  uint8_t buffer[1500];
  client_->Receive(kNow, Bytes(buffer, *server_->PollTransmit(buffer)));
  client_->Suspend();
  EXPECT_FALSE(client_->is_suspended());
  EXPECT_EQ(client_->Read(buffer), 7);
  client_->Suspend();
  EXPECT_TRUE(client_->is_suspended());
}

TEST_F(ConnectionPair, WakesForARecordAndForAMessage) {
  Connect();
  client_->Suspend();
  EXPECT_EQ(Carry(*server_, *client_, "down"), "down");
  client_->Suspend();
  EXPECT_EQ(Carry(*client_, *server_, "up"), "up");
  EXPECT_FALSE(client_->is_suspended());
}

TEST_F(ConnectionPair, SleepsThroughWhatCannotBeAuthentic) {
  Connect();
  client_->Suspend();
  const uint8_t plain_alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};
  const uint8_t short_one[] = {23, 0xfe, 0xfd};
  for (const Bytes datagram : {Bytes(plain_alert), Bytes(short_one), Bytes()}) {
    EXPECT_EQ(client_->Receive(kNow, datagram), MBEDTLS_ERR_SSL_WANT_READ);
    EXPECT_TRUE(client_->is_suspended());
  }
  uint8_t buffer[1500];
  EXPECT_EQ(client_->Read(buffer), MBEDTLS_ERR_SSL_WANT_READ);
}

TEST_F(ConnectionPair, AgreesOnKeysOnce) {
  Connect();
  ASSERT_EQ(client_->srtp_profile(), srtp::Profile::kAes128CmHmacSha1_80);
  const SrtpKeys client = client_->TakeKeys(*client_->srtp_profile());
  const SrtpKeys server = server_->TakeKeys(*server_->srtp_profile());
  EXPECT_EQ(client.local.key, server.remote.key);
  EXPECT_EQ(client.remote.salt, server.local.salt);
  EXPECT_DEATH(client_->TakeKeys(srtp::Profile::kAes128CmHmacSha1_80), "no key material");
}

}  // namespace
}  // namespace ocellus::dtls
