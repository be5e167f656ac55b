// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/stun_server.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"
#include "tests/rtc/gathering/scripted_stun_server.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::gathering {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SocketAddress kBase = At("192.168.1.2:8555");
const SocketAddress kMapped = At("203.0.113.5:40000");

class StunServerTest : public testing::Test {
 protected:
  void Resolve(std::initializer_list<const char*> texts) {
    ASSERT_TRUE(server_.addresses().wants_lookup());
    server_.HandleAsked();
    std::vector<IpAddress> found;
    for (const char* text : texts) found.push_back(*IpAddress::Parse(text));
    server_.HandleResolved(now_, found);
  }
  void SetBases(std::vector<SocketAddress> bases) { server_.SetBases(now_, bases); }
  std::vector<Packet> RunFor(Duration duration) { return RunUntil(server_, now_, now_ + duration); }
  bool Handle(Packet packet) {
    Datagram in = packet.AsDatagram();
    const auto message = stun::Message::Parse(in.payload);
    return message.ok() && server_.HandleAnswer(now_, in, *message);
  }

  sim::SeededRandom random_{1};
  Context context_{random_, std::monostate()};
  Time now_{std::chrono::hours(1)};
  StunServer server_{*ServerUrl::Parse("stun:example.org"), context_};
};

TEST_F(StunServerTest, AsksFromEachBaseThatCanReachIt) {
  SetBases({At("192.168.1.2:8555"), At("127.0.0.1:8555"), At("169.254.1.1:8555"),
            At("[2001:db8::2]:8555"), At("[fe80::1]:8555"), At("10.0.0.2:8555")});
  EXPECT_TRUE(RunFor(seconds(1)).empty());
  EXPECT_EQ(server_.status().state, ServerState::kResolving);
  Resolve({"192.0.2.1", "2001:db8::1"});
  EXPECT_EQ(server_.status().state, ServerState::kConnecting);
  const auto sent = RunFor(milliseconds(400));
  ASSERT_EQ(sent.size(), 3u);
  EXPECT_EQ(sent[0].from, At("192.168.1.2:8555"));
  EXPECT_EQ(sent[1].from, At("[2001:db8::2]:8555"));
  EXPECT_EQ(sent[1].to, At("[2001:db8::1]:3478"));
  EXPECT_EQ(sent[2].from, At("10.0.0.2:8555"));
  // RFC 8445 section 14.2.
  EXPECT_EQ(sent[1].at - sent[0].at, ice::kTa);
  EXPECT_EQ(sent[2].at - sent[1].at, ice::kTa);
}

TEST_F(StunServerTest, SaysHowItStands) {
  SetBases({kBase});
  Resolve({"192.0.2.1"});
  const auto sent = RunFor(Duration(0));
  now_ += milliseconds(20);
  ASSERT_TRUE(Handle(AnswerTo(sent.at(0), {kMapped, {}, {}, {}, {}})));
  EXPECT_EQ(server_.status().ToString(),
            "stun:example.org: ready (192.0.2.1:3478, 20 ms), sees 203.0.113.5:40000");
}

TEST_F(StunServerTest, AFailedBaseDoesNotMatterWhileAnotherWorks) {
  SetBases({kBase, At("172.17.0.1:8555")});
  Resolve({"192.0.2.1", "192.0.2.2"});
  const auto sent = RunFor(milliseconds(100));
  ASSERT_EQ(sent.size(), 2u);
  ASSERT_TRUE(Handle(AnswerTo(sent[0], {kMapped, {}, {}, {}, {}})));
  for (int i = 0; i < 20; ++i) {
    for (const Packet& packet : RunFor(seconds(5))) {
      if (packet.from == kBase) Handle(AnswerTo(packet, {kMapped, {}, {}, {}, {}}));
    }
  }
  EXPECT_EQ(server_.status().state, ServerState::kReady);
  EXPECT_EQ(server_.status().address, At("192.0.2.1:3478"));
  EXPECT_EQ(server_.status().mapped, std::vector<SocketAddress>{kMapped});
}

TEST_F(StunServerTest, GoesOnToTheNextAddressAndThenAsksTheNameAgain) {
  SetBases({kBase});
  Resolve({"192.0.2.1", "192.0.2.2"});
  RunFor(milliseconds(39500));
  EXPECT_EQ(server_.status().address, At("192.0.2.2:3478"));
  EXPECT_FALSE(server_.addresses().wants_lookup());
  RunFor(seconds(41));
  EXPECT_TRUE(server_.addresses().wants_lookup());
  Resolve({"192.0.2.3"});
  const auto sent = RunFor(milliseconds(100));
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent[0].to, At("192.0.2.3:3478"));
  EXPECT_TRUE(Handle(AnswerTo(sent[0], {kMapped, {}, {}, {}, {}})));
  EXPECT_EQ(server_.status().state, ServerState::kReady);
}

TEST_F(StunServerTest, ARefusalSendsItToTheNextAddress) {
  SetBases({kBase});
  Resolve({"192.0.2.1", "192.0.2.2"});
  const auto sent = RunFor(Duration(0));
  EXPECT_TRUE(Handle(AnswerTo(sent.at(0), {{}, {}, stun::ErrorCode::kServerError, {}, {}})));
  EXPECT_EQ(server_.status().address, At("192.0.2.2:3478"));
}

TEST_F(StunServerTest, SaysThatTheNameIsNotFound) {
  SetBases({kBase});
  server_.HandleAsked();
  server_.HandleResolved(now_, Status(StatusCode::kNotFound, "no such host"));
  EXPECT_EQ(server_.status().state, ServerState::kFailed);
  EXPECT_EQ(server_.status().error, "its name is not found: no such host");
}

TEST_F(StunServerTest, KeepsWhatItKnowsOfBasesThatStay) {
  SetBases({kBase});
  Resolve({"192.0.2.1"});
  const auto sent = RunFor(Duration(0));
  ASSERT_TRUE(Handle(AnswerTo(sent.at(0), {kMapped, {}, {}, {}, {}})));
  SetBases({At("10.0.0.2:8555"), kBase});
  ASSERT_EQ(server_.mappings().size(), 2u);
  EXPECT_FALSE(server_.mappings()[0]->mapped());
  EXPECT_EQ(server_.mappings()[1]->mapped(), kMapped);
  SetBases({});
  EXPECT_TRUE(server_.mappings().empty());
  EXPECT_EQ(server_.status().state, ServerState::kUnused);
  EXPECT_TRUE(RunFor(std::chrono::minutes(5)).empty());
}

TEST_F(StunServerTest, TellsTheMappingOfACableThatIsBackBeforeTheServerDoes) {
  for (const auto& [away, known] : {std::pair{seconds(30), true}, {seconds(61), false}}) {
    StunServer server(*ServerUrl::Parse("stun:192.0.2.1"), context_);
    server.SetBases(now_, std::vector<SocketAddress>{kBase});
    auto sent = RunUntil(server, now_, now_ + seconds(1));
    ASSERT_FALSE(sent.empty());
    Packet answer = AnswerTo(sent[0], {kMapped, {}, {}, {}, {}});
    Datagram in = answer.AsDatagram();
    ASSERT_TRUE(server.HandleAnswer(now_, in, *stun::Message::Parse(in.payload)));
    server.SetBases(now_, {});
    EXPECT_TRUE(server.mappings().empty());
    sent = RunUntil(server, now_, now_ + away);
    EXPECT_TRUE(sent.empty());
    server.SetBases(now_, std::vector<SocketAddress>{kBase});
    ASSERT_EQ(server.mappings().size(), 1u);
    EXPECT_EQ(server.mappings()[0]->mapped().has_value(), known);
    EXPECT_FALSE(RunUntil(server, now_, now_ + seconds(1)).empty()) << "and is asked all the same";
  }
}

TEST_F(StunServerTest, BoundsItsMappings) {
  std::vector<SocketAddress> bases;
  for (unsigned i = 1; i <= 2 * kMaxMappingsPerServer; ++i) {
    bases.push_back(At(("10.0.0." + std::to_string(i) + ":8555").c_str()));
  }
  SetBases(bases);
  Resolve({"192.0.2.1"});
  EXPECT_EQ(server_.mappings().size(), kMaxMappingsPerServer);
}

}  // namespace
}  // namespace ocellus::gathering
