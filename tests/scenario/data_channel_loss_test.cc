// SPDX-License-Identifier: Apache-2.0
// Every kind of data channel over a network that loses, repeats and reorders, both ways at once.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMessages = 100;  // On each channel, each way.

struct Kind {
  sctp::ChannelOptions options;
  bool reliable() const { return !options.max_retransmits && !options.max_lifetime; }
};

std::vector<Kind> AllKinds() {
  const auto make = [](const char* label, bool ordered, std::optional<uint16_t> retransmits,
                       std::optional<Duration> lifetime) {
    Kind kind;
    kind.options.label = label;
    kind.options.ordered = ordered;
    kind.options.max_retransmits = retransmits;
    kind.options.max_lifetime = lifetime;
    return kind;
  };
  return {
      make("ordered", true, std::nullopt, std::nullopt),
      make("unordered", false, std::nullopt, std::nullopt),
      make("ordered, sent once", true, 0, std::nullopt),
      make("unordered, sent once", false, 0, std::nullopt),
      make("ordered, sent again twice", true, 2, std::nullopt),
      make("ordered, for 100 ms", true, std::nullopt, milliseconds(100)),
      make("unordered, for 100 ms", false, std::nullopt, milliseconds(100)),
  };
}

// Empty ones, short ones, and some of several packets. All channels together are no more than a
// window of four packets carries, which is what remains of one on such a network.
std::string MessageText(size_t number) {
  if (number % 10 == 9) return "";
  const size_t most = number % 10 == 5 ? 4000 : 400;
  return std::to_string(number) + ":" + std::string(number * 1237 % most, 'x');
}
sctp::MessageKind KindOf(size_t number) {
  return number % 2 == 0 ? sctp::MessageKind::kString : sctp::MessageKind::kBinary;
}

class DataChannelLoss : public testing::TestWithParam<uint64_t> {
 protected:
  DataChannelLoss() {
    PeerPairOptions options;
    options.seed = GetParam();
    options.conditions.delay = milliseconds(25);
    options.conditions.jitter = milliseconds(10);
    options.conditions.loss = 0.1;
    options.conditions.duplicate = 0.1;
    options.conditions.reorder = 0.1;
    options.conditions.reorder_delay = milliseconds(15);
    pair_.emplace(options);
    pair_->camera().AddChannelUser(camera_log_);
    pair_->viewer().AddChannelUser(viewer_log_);
    pair_->Negotiate();
  }

  // The numbers of the messages that came over the channel, in their order; empty ones are only
  // counted. Fails for what was never sent.
  static std::vector<size_t> ReadNumbers(const ChannelLog& log, sctp::ChannelId id, size_t& empty) {
    std::vector<size_t> numbers;
    for (const ChannelLog::Message& message : log.messages()) {
      if (message.id != id) continue;
      if (message.payload.empty()) {
        ++empty;
        continue;
      }
      const size_t number = std::stoul(message.payload);
      EXPECT_EQ(message.payload, MessageText(number));
      EXPECT_EQ(message.kind, KindOf(number));
      numbers.push_back(number);
    }
    return numbers;
  }

  void ExpectArrived(const Kind& kind, const ChannelLog& log) {
    SCOPED_TRACE(kind.options.label);
    const auto id = log.Find(kind.options.label);
    ASSERT_TRUE(id.has_value());
    size_t empty = 0;
    std::vector<size_t> numbers = ReadNumbers(log, *id, empty);
    EXPECT_TRUE(!kind.options.ordered || std::is_sorted(numbers.begin(), numbers.end()));
    std::sort(numbers.begin(), numbers.end());
    EXPECT_EQ(std::adjacent_find(numbers.begin(), numbers.end()), numbers.end()) << "twice";
    const size_t received = numbers.size() + empty;
    if (kind.reliable()) {
      EXPECT_EQ(received, kMessages);
      EXPECT_EQ(empty, kMessages / 10);
    } else {
      EXPECT_GE(received, kMessages / 2);
      EXPECT_LE(received, kMessages);
    }
  }

  std::optional<PeerPair> pair_;
  ChannelLog camera_log_;
  ChannelLog viewer_log_;
};

TEST_P(DataChannelLoss, EveryKindKeepsItsPromise) {
  ASSERT_TRUE(pair_->RunUntilConnected(seconds(30)));
  Network& network = pair_->network();
  peer::Peer& camera = pair_->camera().peer();
  peer::Peer& viewer = pair_->viewer().peer();
  const std::vector<Kind> kinds = AllKinds();
  std::vector<sctp::ChannelId> ids;
  for (size_t i = 0; i < kinds.size(); ++i) {
    peer::Peer& opener = i % 2 == 0 ? viewer : camera;
    const auto id = opener.channels()->Open(network.now(), kinds[i].options);
    ASSERT_TRUE(id.ok()) << id.status().ToString();
    ids.push_back(*id);
  }
  ASSERT_TRUE(network.RunUntilTrue(
      [&] {
        return camera_log_.opened().size() == kinds.size() &&
               viewer_log_.opened().size() == kinds.size();
      },
      seconds(30)));
  for (size_t number = 0; number < kMessages; ++number) {
    const std::string text = MessageText(number);
    for (const sctp::ChannelId id : ids) {
      for (peer::Peer* peer : {&camera, &viewer}) {
        const Status sent =
            peer->channels()->Send(network.now(), id, KindOf(number), AsBytes(text));
        ASSERT_TRUE(sent.ok()) << sent.ToString();
      }
    }
    network.RunFor(milliseconds(80));
  }
  network.RunFor(seconds(10));
  for (const Kind& kind : kinds) {
    ExpectArrived(kind, camera_log_);
    ExpectArrived(kind, viewer_log_);
  }
  EXPECT_FALSE(camera_log_.failed() || viewer_log_.failed());
}

INSTANTIATE_TEST_SUITE_P(Seeds, DataChannelLoss, testing::Range<uint64_t>(1, 6));

}  // namespace
}  // namespace ocellus::sim
