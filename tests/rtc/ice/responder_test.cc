// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/responder.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"
#include "tests/rtc/ice/agent_node.h"
#include "tests/rtc/ice/forged_check.h"

namespace ocellus::ice {
namespace {

using stun::AttributeType;
using stun::ErrorCode;

class ResponderTest : public testing::Test {
 protected:
  // Hands the request over, and accepts it when it passes.
  std::optional<Check> Receive(std::vector<uint8_t> request,
                               const Credentials* previous = nullptr) {
    const Datagram in = {local_, remote_, request};
    const auto message = stun::Message::Parse(request);
    EXPECT_TRUE(message.ok());
    const auto check = responder_.HandleRequest(now_, in, *message, Keys{ours_, previous}, stats_);
    if (check) responder_.Accept(in, *message, check->generation, stats_);
    return check;
  }

  std::optional<stun::Message> PollAnswer(const Credentials* previous = nullptr) {
    const auto transmit = responder_.PollTransmit(out_, Keys{ours_, previous});
    if (!transmit) return std::nullopt;
    EXPECT_EQ(transmit->local, local_);
    EXPECT_EQ(transmit->remote, remote_);
    size_ = transmit->size;
    auto message = stun::Message::Parse(Bytes(out_).first(size_));
    EXPECT_TRUE(message.ok());
    EXPECT_TRUE(message->FingerprintMatches());
    return *message;
  }

  ForgedCheck GoodCheck() const {
    ForgedCheck check;
    check.recipient = ours_;
    return check;
  }

  Time now_{std::chrono::hours(1)};
  SocketAddress local_ = Address("192.0.2.1:8555");
  SocketAddress remote_ = Address("198.51.100.1:40000");
  Credentials ours_ = {"abcdefgh", "0123456789012345678901"};
  Responder responder_;
  Stats stats_;
  uint8_t out_[kMaxDatagramSize];
  size_t size_ = 0;
};

TEST_F(ResponderTest, AnswersAGoodRequestWithItsSource) {
  ForgedCheck forged = GoodCheck();
  forged.use_candidate = true;
  forged.tie_breaker = 77;
  const auto check = Receive(forged.Write());
  ASSERT_TRUE(check);
  EXPECT_EQ(check->priority, 0x6e0001ffu);
  EXPECT_TRUE(check->use_candidate);
  EXPECT_EQ(check->role, Role::kControlling);
  EXPECT_EQ(check->tie_breaker, 77u);
  const auto answer = PollAnswer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->message_class(), stun::MessageClass::kSuccess);
  EXPECT_EQ(answer->transaction_id(), forged.id);
  EXPECT_EQ(answer->FindXorAddress(AttributeType::kXorMappedAddress), remote_);
  EXPECT_TRUE(answer->IntegrityMatches(AsBytes(ours_.pwd)));
  EXPECT_FALSE(PollAnswer());
}

// Checklist 2: 401 or silence.
TEST_F(ResponderTest, RefusesAWrongIntegrity) {
  ForgedCheck forged = GoodCheck();
  forged.recipient.pwd[3] = 'x';
  EXPECT_FALSE(Receive(forged.Write()));
  EXPECT_EQ(stats_.dropped(Drop::kIntegrity), 1u);
  const auto answer = PollAnswer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->FindErrorCode(), ErrorCode::kUnauthenticated);
  EXPECT_FALSE(answer->has_integrity());
}

// Checklist 3.
TEST_F(ResponderTest, RefusesAnotherUfrag) {
  for (const char* ufrag : {"abcdefgX", "abcdefg", "abcdefghi", ""}) {
    now_ += kRefusalInterval;
    ForgedCheck forged = GoodCheck();
    forged.recipient.ufrag = ufrag;
    EXPECT_FALSE(Receive(forged.Write())) << ufrag;
    EXPECT_EQ(PollAnswer()->FindErrorCode(), ErrorCode::kUnauthenticated);
  }
  EXPECT_EQ(stats_.dropped(Drop::kUsername), 4u);
  EXPECT_EQ(stats_.requests_received, 0u);
}

// RFC 8489 section 9.1.3.
TEST_F(ResponderTest, Says400WithoutUsernameOrIntegrity) {
  ForgedCheck no_username = GoodCheck();
  no_username.has_username = false;
  EXPECT_FALSE(Receive(no_username.Write()));
  EXPECT_EQ(PollAnswer()->FindErrorCode(), ErrorCode::kBadRequest);
  now_ += kRefusalInterval;
  ForgedCheck no_integrity = GoodCheck();
  no_integrity.has_integrity = false;
  EXPECT_FALSE(Receive(no_integrity.Write()));
  EXPECT_EQ(PollAnswer()->FindErrorCode(), ErrorCode::kBadRequest);
}

TEST_F(ResponderTest, IsSilentWithoutAFingerprint) {
  for (const bool right_ufrag : {true, false}) {
    ForgedCheck forged = GoodCheck();
    forged.has_fingerprint = false;
    if (!right_ufrag) forged.recipient.ufrag = "somebody";
    EXPECT_FALSE(Receive(forged.Write()));
    EXPECT_FALSE(PollAnswer());
  }
}

// Checklist 13. RFC 8489 section 6.3.1.
TEST_F(ResponderTest, Says420AndNamesUnknownAttributes) {
  ForgedCheck forged = GoodCheck();
  forged.unknown = {static_cast<AttributeType>(0x0030), static_cast<AttributeType>(0xC057),
                    static_cast<AttributeType>(0x7FFE)};
  EXPECT_FALSE(Receive(forged.Write()));
  const auto answer = PollAnswer();
  EXPECT_EQ(answer->FindErrorCode(), ErrorCode::kUnknownAttribute);
  const uint8_t names[] = {0x00, 0x30, 0x7F, 0xFE};
  EXPECT_TRUE(answer->Find(AttributeType::kUnknownAttributes).value() == Bytes(names));
  EXPECT_TRUE(answer->IntegrityMatches(AsBytes(ours_.pwd)));
}

TEST_F(ResponderTest, Says400WithoutPriority) {
  ForgedCheck forged = GoodCheck();
  forged.priority.reset();
  EXPECT_FALSE(Receive(forged.Write()));
  EXPECT_EQ(PollAnswer()->FindErrorCode(), ErrorCode::kBadRequest);
}

// Chromium's requests with DTLS inside have 1,004 bytes.
TEST_F(ResponderTest, TakesLongRequestsWithUnknownOptionalAttributes) {
  ForgedCheck forged = GoodCheck();
  forged.padding = 1100;
  EXPECT_TRUE(Receive(forged.Write()));
  EXPECT_EQ(PollAnswer()->message_class(), stun::MessageClass::kSuccess);
}

// Checklist 14.
TEST_F(ResponderTest, TakesPlusAndSlashInUfragAndPassword) {
  ours_ = {"a+/b", "+/+/+/+/+/+/+/+/+/+/+/"};
  EXPECT_TRUE(Receive(GoodCheck().Write()));
  EXPECT_TRUE(PollAnswer()->IntegrityMatches(AsBytes(ours_.pwd)));
}

// Checklist 10.
TEST_F(ResponderTest, FloodOfStrangersGetsFewAnswersAndNoneIsLonger) {
  size_t bytes_in = 0;
  size_t bytes_out = 0;
  unsigned answers = 0;
  for (int i = 0; i < 10'000; ++i) {
    ForgedCheck forged = GoodCheck();
    forged.recipient.ufrag = i % 2 ? "somebody" : ours_.ufrag;
    forged.recipient.pwd = "no idea";
    forged.has_username = i % 3 != 0;
    forged.has_integrity = i % 5 != 0;
    const std::vector<uint8_t> request = forged.Write();
    bytes_in += request.size();
    EXPECT_FALSE(Receive(request));
    while (PollAnswer()) {
      ++answers;
      bytes_out += size_;
      EXPECT_LE(size_, request.size());
    }
    now_ += std::chrono::microseconds(100);
  }
  EXPECT_LE(answers, 11u);
  EXPECT_LE(bytes_out, bytes_in);
}

TEST_F(ResponderTest, NeverAnswersWithMoreThanItGot) {
  // The shortest requests that there are.
  std::vector<uint8_t> request(28);
  stun::MessageWriter writer(request, {});
  writer.AddFingerprint();
  ASSERT_EQ(writer.Finish(), 28u);
  EXPECT_FALSE(Receive(request));
  EXPECT_FALSE(PollAnswer()) << "400 would have 36 bytes";

  remote_ = Address("[2001:db8::1]:40000");
  ForgedCheck forged = GoodCheck();
  forged.sender_ufrag = "";
  forged.role.reset();
  const std::vector<uint8_t> shortest = forged.Write();
  EXPECT_TRUE(Receive(shortest));
  EXPECT_TRUE(PollAnswer());
  EXPECT_LE(size_, shortest.size());
}

TEST_F(ResponderTest, KnowsThePreviousGenerationUntilItIsGone) {
  const Credentials previous = {"oldufrag", "oldpasswordoldpassword"};
  ForgedCheck forged = GoodCheck();
  forged.recipient = previous;
  EXPECT_FALSE(Receive(forged.Write()));
  responder_.Clear();
  const auto check = Receive(forged.Write(), &previous);
  ASSERT_TRUE(check);
  EXPECT_EQ(check->generation, Generation::kPrevious);
  EXPECT_TRUE(PollAnswer(&previous)->IntegrityMatches(AsBytes(previous.pwd)));
  EXPECT_TRUE(Receive(forged.Write(), &previous));
  EXPECT_FALSE(PollAnswer()) << "gone between the request and its answer";
}

TEST_F(ResponderTest, DropsRequestsThatCannotWait) {
  for (int i = 0; i < 20; ++i) Receive(GoodCheck().Write());
  EXPECT_EQ(stats_.dropped(Drop::kResponseQueue), 12u);
  int answers = 0;
  while (PollAnswer()) ++answers;
  EXPECT_EQ(answers, 8);
}

}  // namespace
}  // namespace ocellus::ice
