// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/binding_request.h"

#include <gtest/gtest.h>

#include "tests/rtc/gathering/scripted_stun_server.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::gathering {
namespace {

const ice::Path kPath{At("192.168.1.2:8555"), At("192.0.2.1:3478")};
const SocketAddress kMapped = At("203.0.113.5:40000");

class BindingRequestTest : public testing::Test {
 protected:
  Packet Send() {
    uint8_t out[kMaxDatagramSize];
    const Transmit transmit = request_.Write(now_, out);
    return {transmit.local, transmit.remote, {out, out + transmit.size}, now_};
  }
  bool IsAnsweredBy(Packet packet) {
    Datagram in = packet.AsDatagram();
    const auto message = stun::Message::Parse(in.payload);
    return message.ok() && request_.IsAnsweredBy(in, *message);
  }

  sim::SeededRandom random_{1};
  Time now_{std::chrono::hours(1)};
  BindingRequest request_{now_, kPath, Retransmission(), random_};
};

TEST_F(BindingRequestTest, IsABindingRequestWithFingerprint) {
  const Packet sent = Send();
  EXPECT_EQ(sent.from, kPath.local);
  EXPECT_EQ(sent.to, kPath.remote);
  const stun::Message message = sent.message();
  EXPECT_EQ(message.message_class(), stun::MessageClass::kRequest);
  EXPECT_EQ(message.method(), stun::Method::kBinding);
  EXPECT_TRUE(message.FingerprintMatches());
  EXPECT_FALSE(message.Has(stun::AttributeType::kChangeRequest));
}

// RFC 8489 section 6.2.1: "at times 0 ms, 500 ms, 1500 ms, 3500 ms, 7500 ms, 15500 ms, and
// 31500 ms. If the client has not received a response after 39500 ms, the client will consider the
// transaction to have timed out."
TEST_F(BindingRequestTest, IsSentAtTheTimesOfTheRfc) {
  const Time start = now_;
  std::vector<int64_t> times;
  while (!request_.HasFailed(now_)) {
    ASSERT_TRUE(request_.IsDue(now_));
    times.push_back(ToMilliseconds(now_ - start));
    Send();
    EXPECT_FALSE(request_.IsDue(now_));
    now_ = request_.next_deadline();
  }
  EXPECT_EQ(times, (std::vector<int64_t>{0, 500, 1500, 3500, 7500, 15500, 31500}));
  EXPECT_EQ(ToMilliseconds(now_ - start), 39500);
}

TEST_F(BindingRequestTest, RepeatsTheSameBytes) {
  const Packet first = Send();
  now_ = request_.next_deadline();
  EXPECT_EQ(Send().bytes, first.bytes);
}

// Checklist 4.
TEST_F(BindingRequestTest, IsAnsweredByItsOwnIdOnly) {
  const Packet sent = Send();
  const Packet answer = AnswerTo(sent, {kMapped, {}, {}, {}, {}});
  EXPECT_TRUE(IsAnsweredBy(answer));

  Packet other_id = sent;
  other_id.bytes[19] ^= 1;
  other_id.bytes.resize(stun::kHeaderSize);  // Its fingerprint would not fit any more.
  other_id.bytes[3] = 0;
  EXPECT_FALSE(IsAnsweredBy(AnswerTo(other_id, {kMapped, {}, {}, {}, {}})));

  Packet other_base = answer;
  other_base.to = At("192.168.1.3:8555");
  EXPECT_FALSE(IsAnsweredBy(other_base));

  Packet other_method = answer;
  other_method.bytes[1] = 0x03;  // Allocate.
  EXPECT_FALSE(IsAnsweredBy(other_method));

  Packet broken = answer;
  broken.bytes.back() ^= 1;  // The fingerprint.
  EXPECT_FALSE(IsAnsweredBy(broken));

  Packet request = sent;
  EXPECT_FALSE(IsAnsweredBy({kPath.remote, kPath.local, request.bytes}));
}

TEST_F(BindingRequestTest, MeasuresTheRoundTripOfWhatWasSentOnce) {
  EXPECT_FALSE(request_.RoundTrip(now_));
  Send();
  EXPECT_EQ(request_.RoundTrip(now_ + std::chrono::milliseconds(30)),
            Duration(std::chrono::milliseconds(30)));
  now_ = request_.next_deadline();
  Send();
  EXPECT_FALSE(request_.RoundTrip(now_ + std::chrono::milliseconds(30)));
}

TEST_F(BindingRequestTest, AsksForAnotherSource) {
  BindingRequest request(now_, kPath, Retransmission(), random_, kChangeAddress | kChangePort);
  uint8_t out[kMaxDatagramSize];
  const Transmit transmit = request.Write(now_, out);
  const auto message = stun::Message::Parse(Bytes(out).first(transmit.size));
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->FindU32(stun::AttributeType::kChangeRequest), 6u);  // RFC 5780 section 7.2.
}

TEST_F(BindingRequestTest, ReadsTheMappedAddress) {
  const Packet sent = Send();
  const auto mapped = ReadMappedAddress(AnswerTo(sent, {kMapped, {}, {}, {}, {}}).message());
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(*mapped, kMapped);
}

TEST_F(BindingRequestTest, SaysWhyAnAnswerHasNoAddress) {
  const Packet sent = Send();
  const auto read = [&](const Answer& answer) {
    return ReadMappedAddress(AnswerTo(sent, answer).message()).status();
  };
  EXPECT_EQ(read({{}, {}, stun::ErrorCode::kBadRequest, {}, {}}).message(),
            "refused: 400 Bad Request");
  EXPECT_EQ(read({}).code(), StatusCode::kMalformed);
  for (const char* address : {"0.0.0.0:40000", "203.0.113.5:0", "239.0.0.1:40000", "[::]:1"}) {
    EXPECT_EQ(read({At(address), {}, {}, {}, {}}).code(), StatusCode::kMalformed) << address;
  }
}

// Checklist 13. RFC 8489 section 6.3.3: an answer with a comprehension-required attribute that we
// do not know is no answer.
TEST_F(BindingRequestTest, DoesNotBelieveWhatItDoesNotUnderstand) {
  const Packet sent = Send();
  const auto read = [&](uint16_t attribute) {
    return ReadMappedAddress(AnswerTo(sent, {kMapped, {}, {}, attribute, {}}).message());
  };
  EXPECT_FALSE(read(0x7FFF).ok());
  EXPECT_TRUE(read(0xC057).ok());
  EXPECT_TRUE(read(0x0004).ok());  // SOURCE-ADDRESS of RFC 3489, which old servers add.
}

}  // namespace
}  // namespace ocellus::gathering
