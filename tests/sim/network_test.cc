// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/network.h"

#include <gtest/gtest.h>

#include <vector>

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;

const IpAddress kAlice = *IpAddress::Parse("192.0.2.1");
const IpAddress kBob = *IpAddress::Parse("2001:db8::2");

// Sends `count` numbered datagrams, one each `interval`, and keeps what comes in.
class Talker : public Node {
 public:
  Talker(SocketAddress self, SocketAddress other, size_t count, Duration interval)
      : self_(self), other_(other), left_(count), interval_(interval) {}

  void HandleDatagram(Time now, const Datagram& in) override {
    arrivals.push_back({now, in.payload[0]});
  }
  void HandleTimeout(Time) override {}
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override {
    if (left_ == 0 || now < next_) return std::nullopt;
    --left_;
    next_ = now + interval_;
    out[0] = sent_++;
    return Transmit{self_, other_, 1000};
  }
  Time next_deadline() const override { return left_ == 0 ? kNever : next_; }

  struct Arrival {
    Time at;
    uint8_t number;
  };
  std::vector<Arrival> arrivals;

 private:
  SocketAddress self_;
  SocketAddress other_;
  size_t left_;
  Duration interval_;
  Time next_{};
  uint8_t sent_ = 0;
};

struct Talk {
  explicit Talk(uint64_t seed, const LinkConditions& conditions, size_t count = 200,
                Duration interval = milliseconds(10))
      : network(seed), alice({kAlice, 1}, {kBob, 2}, count, interval), bob({kBob, 2}, {}, 0, {}) {
    network.SetDefaultConditions(conditions);
    network.Attach(alice, {kAlice});
    network.Attach(bob, {kBob});
    start = network.now();
    network.RunFor(std::chrono::seconds(10));
  }
  Network network;
  Talker alice;
  Talker bob;
  Time start;
};

TEST(Network, DeliversInOrderAfterTheDelay) {
  LinkConditions conditions;
  conditions.delay = milliseconds(25);
  Talk talk(1, conditions);
  ASSERT_EQ(talk.bob.arrivals.size(), 200u);
  for (size_t i = 0; i < talk.bob.arrivals.size(); ++i) {
    EXPECT_EQ(talk.bob.arrivals[i].number, i);
    EXPECT_EQ(talk.bob.arrivals[i].at, talk.start + milliseconds(10 * i + 25));
  }
}

TEST(Network, RepeatsItselfWithTheSameSeedOnly) {
  LinkConditions conditions;
  conditions.loss = 0.3;
  conditions.jitter = milliseconds(30);
  const auto numbers = [](const Talk& talk) {
    std::vector<int64_t> all;
    for (const auto& arrival : talk.bob.arrivals) {
      all.push_back((arrival.at - talk.start).count() * 256 + arrival.number);
    }
    return all;
  };
  EXPECT_EQ(numbers(Talk(7, conditions)), numbers(Talk(7, conditions)));
  EXPECT_NE(numbers(Talk(7, conditions)), numbers(Talk(8, conditions)));
}

TEST(Network, LosesAboutTheFractionAskedFor) {
  LinkConditions conditions;
  conditions.loss = 0.25;
  Talk talk(3, conditions, 1000, milliseconds(5));
  EXPECT_NEAR(static_cast<double>(talk.bob.arrivals.size()), 750, 45);
}

TEST(Network, LosesInBursts) {
  LinkConditions conditions;
  conditions.burst_begin = 0.02;
  conditions.burst_end = 0.2;
  Talk talk(4, conditions, 250, milliseconds(5));
  size_t gaps = 0;
  size_t lost = 250 - talk.bob.arrivals.size();
  for (size_t i = 1; i < talk.bob.arrivals.size(); ++i) {
    if (talk.bob.arrivals[i].number - talk.bob.arrivals[i - 1].number > 1) ++gaps;
  }
  ASSERT_GT(gaps, 0u);
  EXPECT_GE(lost, 2 * gaps);  // The mean burst is 5.
}

TEST(Network, QueuesAtTheRateAndDropsWhatDoesNotFit) {
  LinkConditions conditions;
  conditions.rate = DataRate::FromBitsPerSecond(1028 * 8 * 10);  // Ten datagrams a second.
  conditions.queue_limit = milliseconds(500);
  Talk talk(5, conditions, 20, milliseconds(1));
  EXPECT_EQ(talk.bob.arrivals.size(), 6u);
  EXPECT_EQ(talk.bob.arrivals.back().at, talk.start + milliseconds(600));
  EXPECT_EQ(talk.network.link(kAlice, kBob).stats().dropped, 14u);
}

TEST(Network, DuplicatesAndReorders) {
  LinkConditions conditions;
  conditions.duplicate = 0.5;
  conditions.reorder = 0.2;
  conditions.reorder_delay = milliseconds(35);
  Talk talk(6, conditions);
  EXPECT_GT(talk.bob.arrivals.size(), 260u);
  size_t backwards = 0;
  for (size_t i = 1; i < talk.bob.arrivals.size(); ++i) {
    if (talk.bob.arrivals[i].number < talk.bob.arrivals[i - 1].number) ++backwards;
  }
  EXPECT_GT(backwards, 10u);
}

TEST(Network, DeliversNothingOverALinkThatIsDownOrToAnUnknownAddress) {
  LinkConditions conditions;
  conditions.down = true;
  EXPECT_TRUE(Talk(1, conditions).bob.arrivals.empty());

  Network network(1);
  Talker bob({kBob, 2}, {}, 0, {});
  network.Attach(bob, {kBob});
  const uint8_t payload[] = {1};
  network.Inject({kBob, 2}, {kAlice, 9}, payload);
  network.RunFor(milliseconds(1));
  EXPECT_TRUE(bob.arrivals.empty());
}

}  // namespace
}  // namespace ocellus::sim
