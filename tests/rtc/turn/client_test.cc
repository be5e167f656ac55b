// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/turn/client.h"

#include "tests/rtc/turn/scripted_server.h"

namespace ocellus::turn {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using stun::AttributeType;
using stun::Method;

class ClientTest : public ScriptedServer {};

// Checklist 11. RFC 8656 section 7.1, RFC 8489 section 9.2.3: first without credentials, then with.
TEST_F(ClientTest, AllocatesAfterAChallenge) {
  MakeClient();
  Buffer request = Poll();
  EXPECT_EQ(ParseOrDie(request).method(), Method::kAllocate);
  EXPECT_FALSE(ParseOrDie(request).Has(AttributeType::kUsername));
  const stun::TransactionId first = ParseOrDie(request).transaction_id();
  EXPECT_TRUE(Poll().empty());

  now_ += milliseconds(30);
  Deliver(Challenge(ParseOrDie(request), 401));
  request = Poll();
  EXPECT_NE(ParseOrDie(request).transaction_id(), first);
  EXPECT_TRUE(ParseOrDie(request).IntegrityMatches(key()));
  now_ += milliseconds(40);
  Deliver(Success(ParseOrDie(request)));

  EXPECT_EQ(client_->state(), Client::State::kAllocated);
  const Event event = client_->PollEvent().value();
  EXPECT_EQ(std::get<Allocated>(event).relayed, relayed_);
  EXPECT_EQ(std::get<Allocated>(event).mapped, kMapped);
  EXPECT_FALSE(client_->PollEvent());
  EXPECT_EQ(client_->rtt(), milliseconds(40));
  EXPECT_EQ(client_->last_heard(), now_);
  EXPECT_TRUE(Poll().empty());
}

TEST_F(ClientTest, TakesAServerThatAsksForNothing) {
  MakeClient({TransportProtocol::kUdp, "", ""});
  Exchange([this](const stun::Message& request) { return Success(request, Signed::kNo); });
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

// RFC 8656 section 7.3: an IPv4 and an IPv6 address.
TEST_F(ClientTest, TakesAnAddressOfEachFamily) {
  relayed_ = {At("192.0.2.50:50000"), At("[2001:db8::50]:50001"), At("192.0.2.51:1")};
  MakeClient();
  Exchange();
  EXPECT_THAT(std::get<Allocated>(client_->PollEvent().value()).relayed,
              testing::ElementsAre(relayed_[0], relayed_[1]))
      << "a second one of a family is left out";
}

// RFC 8489 section 6.2.1.
TEST_F(ClientTest, RepeatsItselfUntilTheServerAnswers) {
  MakeClient();
  const Buffer first = Poll();
  Run(seconds(20), Silence);
  ASSERT_EQ(sent_.size(), 5u);
  for (const Buffer& again : sent_) EXPECT_EQ(again, first);
  Run(seconds(15));
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
  EXPECT_EQ(client_->stats().retransmissions, 6u);
}

TEST_F(ClientTest, FailsWhenTheServerIsSilent) {
  for (const auto protocol : {TransportProtocol::kUdp, TransportProtocol::kTcp}) {
    MakeClient({protocol, "user", "pass"});
    Exchange(Silence);
    Run(milliseconds(39499), Silence);
    EXPECT_EQ(client_->state(), Client::State::kAllocating);
    Run(milliseconds(1), Silence);
    EXPECT_EQ(client_->state(), Client::State::kFailed);
    EXPECT_EQ(PollFailed()->status.code(), StatusCode::kTimeout);
    EXPECT_EQ(client_->next_deadline(), kNever);
  }
}

// Checklist 11.
TEST_F(ClientTest, RefreshesBeforeTheAllocationExpires) {
  Allocate();
  Time last = now_;
  for (int hour = 0; hour < 24; ++hour) {
    Run(minutes(60), [&](const stun::Message& request) {
      if (request.method() == Method::kRefresh) {
        EXPECT_LE(now_ - last, minutes(8));
        EXPECT_EQ(request.FindU32(AttributeType::kLifetime), 600u);
        last = now_;
      }
      return Answer(request);
    });
  }
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
  EXPECT_GE(SentOf(Method::kRefresh), 24u * 3600 / 25);
  EXPECT_LE(SentOf(Method::kRefresh), 24u * 3600 / 15);
}

// What the server says for how long; neither 0 nor 2^32-1 makes us spin or overflow.
TEST_F(ClientTest, DoesNotTakeEveryLifetimeForGranted) {
  for (const uint32_t lifetime : {0u, 1u, 5u, 3600u, 86400u, 0xFFFFFFFFu}) {
    lifetime_ = lifetime;
    Allocate();
    Run(minutes(60));
    EXPECT_EQ(client_->state(), Client::State::kAllocated) << lifetime;
    EXPECT_GE(SentOf(Method::kRefresh), 1u) << lifetime;
    EXPECT_LE(SentOf(Method::kRefresh), 60u * 60 / 2) << lifetime;
    client_.reset();
  }
}

TEST_F(ClientTest, KeepsAnAllocationWhoseRefreshIsLost) {
  Allocate();
  Run(minutes(9), Silence);
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
  Run(minutes(10));
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
}

TEST_F(ClientTest, FailsWhenTheAllocationExpires) {
  Allocate();
  Run(minutes(10) - seconds(1), Silence);
  EXPECT_EQ(client_->state(), Client::State::kAllocated);
  Run(seconds(1), Silence);
  EXPECT_EQ(client_->state(), Client::State::kFailed);
  EXPECT_THAT(PollFailed()->status.message(), testing::HasSubstr("does not answer"));
}

// A NAT in front of us forgets who is silent for 30 s, and a server that was restarted has
// forgotten us.
TEST_F(ClientTest, KeepsTheMappingOfANatAliveByWhatTheServerMustAnswer) {
  Allocate();
  Time last = now_;
  Run(minutes(5), [&](const stun::Message& request) {
    EXPECT_EQ(request.method(), Method::kRefresh);
    EXPECT_GE(now_ - last, seconds(15));
    EXPECT_LE(now_ - last, seconds(25));
    last = now_;
    return Answer(request);
  });
  EXPECT_GE(sent_.size(), 12u);
}

// Checklist 11. RFC 8656 section 8: a lifetime of 0 frees it.
TEST_F(ClientTest, FreesTheAllocationWhenItIsClosed) {
  Allocate();
  Send(kPeer);
  client_->Close(now_);
  EXPECT_EQ(client_->state(), Client::State::kClosing);
  EXPECT_FALSE(Wrap(kPeer));
  sent_.clear();
  Exchange();
  ASSERT_EQ(sent_.size(), 1u);
  EXPECT_EQ(ParseOrDie(sent_[0]).method(), Method::kRefresh);
  EXPECT_EQ(ParseOrDie(sent_[0]).FindU32(AttributeType::kLifetime), 0u);
  EXPECT_EQ(client_->state(), Client::State::kClosed);
  EXPECT_EQ(client_->next_deadline(), kNever);
  EXPECT_FALSE(client_->PollEvent());
  client_->Close(now_);
  EXPECT_EQ(client_->state(), Client::State::kClosed);
}

TEST_F(ClientTest, FreesTheAllocationThoughItsNonceIsStale) {
  Allocate();
  nonce_ = "another nonce";
  client_->Close(now_);
  Exchange();
  EXPECT_EQ(SentOf(Method::kRefresh), 2u);
  EXPECT_EQ(client_->state(), Client::State::kClosed);
}

TEST_F(ClientTest, RepeatsTheFreeingUntilItIsAnswered) {
  Allocate();
  client_->Close(now_);
  Run(seconds(40), Silence);
  EXPECT_EQ(SentOf(Method::kRefresh), 7u);
  EXPECT_EQ(client_->state(), Client::State::kClosed);
  EXPECT_FALSE(client_->PollEvent());
}

// The server may have an allocation for us though we have not heard of it.
TEST_F(ClientTest, FreesWhatItIsBeingGiven) {
  MakeClient();
  Deliver(Challenge(ParseOrDie(delivered_ = Poll()), 401));
  const Buffer allocate = Poll();
  client_->Close(now_);
  Exchange();
  EXPECT_EQ(SentOf(Method::kRefresh), 1u);
  Deliver(Success(ParseOrDie(allocate)));
  EXPECT_EQ(client_->state(), Client::State::kClosed);
}

TEST_F(ClientTest, HasNothingToFreeBeforeItHasAsked) {
  MakeClient();
  client_->Close(now_);
  EXPECT_EQ(client_->state(), Client::State::kClosed);
  EXPECT_TRUE(Poll().empty());
}

// A user name that no request has room for is the user's mistake.
TEST_F(ClientTest, FailsWithAUserNameThatDoesNotFit) {
  MakeClient({TransportProtocol::kUdp, std::string(2000, 'u'), "pass"});
  Exchange();
  EXPECT_EQ(PollFailed()->status.code(), StatusCode::kUnsupported);
}

// Nobody has to ask: a server that was restarted knows nothing of us, and says so when we ask it.
TEST_F(ClientTest, AsksAServerThatFallsSilentWhileWeSend) {
  Allocate();
  Send(kPeer);
  sent_.clear();
  const Time silent_since = now_;
  std::optional<Time> failed;
  while (!failed && now_ < silent_since + seconds(10)) {
    Wrap(kPeer);
    Run(milliseconds(100), [this](const stun::Message& request) {
      return request.method() == Method::kRefresh ? Error(request, 437) : Buffer();
    });
    if (PollFailed()) failed = now_;
  }
  ASSERT_TRUE(failed);
  EXPECT_LT(*failed - silent_since, seconds(4));
}

TEST_F(ClientTest, AsksASilentServerNoMoreOftenThanItHasTo) {
  Allocate();
  for (int i = 0; i < 600; ++i) {
    Send(kPeer);
    Run(milliseconds(100));
  }
  EXPECT_LE(SentOf(Method::kRefresh), 20u);
  EXPECT_GE(SentOf(Method::kRefresh), 15u);
}

}  // namespace
}  // namespace ocellus::turn
