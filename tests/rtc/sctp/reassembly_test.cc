// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/reassembly.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace ocellus::sctp {
namespace {

constexpr size_t kMaxMessage = 16;

// "B", "E", "BE" or "": where in its message a fragment is.
DataChunk Fragment(uint32_t tsn, uint16_t stream, uint16_t sequence, std::string_view place,
                   std::string_view payload) {
  DataChunk data;
  data.tsn = Tsn(tsn);
  data.stream = StreamId(stream);
  data.sequence = StreamSequence(sequence);
  data.beginning = place.find('B') != std::string_view::npos;
  data.end = place.find('E') != std::string_view::npos;
  data.ppid = kPpidString;
  data.payload = AsBytes(payload);
  return data;
}

DataChunk UnorderedFragment(uint32_t tsn, uint16_t stream, std::string_view place,
                            std::string_view payload) {
  DataChunk data = Fragment(tsn, stream, 0, place, payload);
  data.unordered = true;
  return data;
}

DataChunk IFragment(uint16_t stream, uint32_t message, uint32_t fragment, std::string_view place,
                    std::string_view payload) {
  static uint32_t tsn = 0;  // Of no importance to messages: each its own.
  DataChunk data = Fragment(++tsn, stream, 0, place, payload);
  data.interleaved = true;
  data.message_id = MessageId(message);
  data.fragment = fragment;
  if (!data.beginning) data.ppid = Ppid(0);
  return data;
}

DataChunk UnorderedIFragment(uint16_t stream, uint32_t message, uint32_t fragment,
                             std::string_view place, std::string_view payload) {
  DataChunk data = IFragment(stream, message, fragment, place, payload);
  data.unordered = true;
  return data;
}

// "1:hello 2:you": stream and payload of all messages that are ready.
std::string Messages(Reassembly& reassembly) {
  std::string text;
  while (const auto message = reassembly.PollMessage()) {
    EXPECT_EQ(message->ppid, kPpidString);
    if (!text.empty()) text += " ";
    text += std::to_string(message->stream.value()) + ":" + std::string(AsText(message->payload));
  }
  return text;
}

TEST(Reassembly, HandsOverWholeMessagesAtOnce) {
  Reassembly reassembly(kMaxMessage, false);
  reassembly.Add(Fragment(1, 1, 0, "BE", "one"));
  reassembly.Add(Fragment(2, 1, 1, "BE", "two"));
  reassembly.Add(UnorderedFragment(3, 2, "BE", "three"));
  EXPECT_TRUE(reassembly.has_messages());
  EXPECT_EQ(Messages(reassembly), "1:one 1:two 2:three");
  EXPECT_FALSE(reassembly.has_messages());
  EXPECT_EQ(reassembly.held_bytes(), 0u);
  EXPECT_EQ(reassembly.stats().messages, 3u);
  EXPECT_EQ(reassembly.stats().message_bytes, 11u);
}

TEST(Reassembly, JoinsFragmentsInOrder) {
  Reassembly reassembly(kMaxMessage, false);
  reassembly.Add(Fragment(1, 1, 0, "B", "a"));
  EXPECT_EQ(reassembly.held_bytes(), 1 + 2 * Reassembly::kOverhead);
  reassembly.Add(Fragment(2, 1, 0, "", "b"));
  EXPECT_EQ(reassembly.held_bytes(), 2 + 2 * Reassembly::kOverhead);
  EXPECT_EQ(Messages(reassembly), "");
  reassembly.Add(Fragment(3, 1, 0, "E", "c"));
  EXPECT_EQ(Messages(reassembly), "1:abc");
  EXPECT_EQ(reassembly.held_bytes(), 0u);
}

TEST(Reassembly, JoinsFragmentsInEveryOrder) {
  for (const bool unordered : {false, true}) {
    std::vector<uint32_t> order = {0xFFFFFFFE, 0xFFFFFFFF, 0, 1, 2};
    std::vector<size_t> indices = {0, 1, 2, 3, 4};
    do {
      Reassembly reassembly(kMaxMessage, false);
      for (const size_t index : indices) {
        const std::string_view place = index == 0 ? "B" : index == 4 ? "E" : "";
        DataChunk data =
            Fragment(order[index], 1, 0, place, std::string_view("abcde").substr(index, 1));
        data.unordered = unordered;
        reassembly.Add(data);
      }
      ASSERT_EQ(Messages(reassembly), "1:abcde");
      ASSERT_EQ(reassembly.held_bytes(), 0u);
    } while (std::next_permutation(indices.begin(), indices.end()));
  }
}

TEST(Reassembly, JoinsInterleavedFragmentsInEveryOrder) {
  for (const bool unordered : {false, true}) {
    std::vector<size_t> indices = {0, 1, 2, 3, 4, 5};
    do {
      Reassembly reassembly(kMaxMessage, true);
      for (const size_t index : indices) {
        const auto fragment = static_cast<uint32_t>(index % 3);
        const auto stream = static_cast<uint16_t>(index / 3);
        const std::string_view place = fragment == 0 ? "B" : fragment == 2 ? "E" : "";
        DataChunk data =
            IFragment(stream, 0, fragment, place, std::string_view("abcxyz").substr(index, 1));
        data.unordered = unordered;
        reassembly.Add(data);
      }
      const std::string messages = Messages(reassembly);
      ASSERT_TRUE(messages == "0:abc 1:xyz" || messages == "1:xyz 0:abc") << messages;
      ASSERT_EQ(reassembly.held_bytes(), 0u);
    } while (std::next_permutation(indices.begin(), indices.end()));
  }
}

TEST(Reassembly, HandsOverEachStreamInItsOwnOrder) {
  Reassembly reassembly(kMaxMessage, false);
  reassembly.Add(Fragment(2, 1, 1, "BE", "b"));
  reassembly.Add(Fragment(4, 1, 2, "B", "c"));
  reassembly.Add(Fragment(5, 1, 2, "E", "c"));
  reassembly.Add(Fragment(3, 2, 0, "BE", "other"));
  EXPECT_EQ(Messages(reassembly), "2:other");
  reassembly.Add(Fragment(1, 1, 0, "BE", "a"));
  EXPECT_EQ(Messages(reassembly), "1:a 1:b 1:cc");
  EXPECT_EQ(reassembly.held_bytes(), 0u);
}

TEST(Reassembly, DoesNotLetUnorderedMessagesWait) {
  Reassembly reassembly(kMaxMessage, false);
  reassembly.Add(Fragment(2, 1, 1, "BE", "later"));
  reassembly.Add(UnorderedFragment(3, 1, "BE", "now"));
  EXPECT_EQ(Messages(reassembly), "1:now");
}

TEST(Reassembly, KeepsUnorderedMessagesThatFollowEachOtherApart) {
  Reassembly reassembly(kMaxMessage, false);
  reassembly.Add(UnorderedFragment(4, 1, "E", "d"));
  reassembly.Add(UnorderedFragment(2, 1, "E", "b"));
  reassembly.Add(UnorderedFragment(3, 1, "B", "c"));
  EXPECT_EQ(Messages(reassembly), "1:cd");
  reassembly.Add(UnorderedFragment(1, 1, "B", "a"));
  EXPECT_EQ(Messages(reassembly), "1:ab");
}

TEST(Reassembly, CountsMessagesOverTheWrap) {
  Reassembly reassembly(kMaxMessage, false);
  for (uint32_t i = 0; i < 0x10000; ++i) {
    reassembly.Add(Fragment(i, 1, static_cast<uint16_t>(i), "BE", "x"));
    ASSERT_TRUE(reassembly.PollMessage());
  }
  reassembly.Add(Fragment(0x10001, 1, 1, "BE", "b"));
  EXPECT_EQ(Messages(reassembly), "");
  reassembly.Add(Fragment(0x10000, 1, 0, "BE", "a"));
  EXPECT_EQ(Messages(reassembly), "1:a 1:b");
}

TEST(Reassembly, OrdersMessagesOnBothSidesOfTheWrap) {
  for (const bool interleaving : {false, true}) {
    Reassembly reassembly(kMaxMessage, interleaving);
    const uint32_t last = interleaving ? 0xFFFFFFFF : 0xFFFF;
    const auto add = [&](uint32_t message, std::string_view payload) {
      if (interleaving) return reassembly.Add(IFragment(1, message, 0, "BE", payload));
      reassembly.Add(Fragment(message + 70'000, 1, static_cast<uint16_t>(message), "BE", payload));
    };
    // In steps of less than half of the numbers.
    for (const uint32_t target : {last / 3, last / 3 * 2, last - 3}) {
      RecordBuffer<SkippedSequence, 1> sequence;
      RecordBuffer<SkippedMessage, 1> message;
      ASSERT_TRUE(sequence.Add({StreamId(1), StreamSequence(static_cast<uint16_t>(target))}));
      ASSERT_TRUE(message.Add({StreamId(1), false, MessageId(target)}));
      if (interleaving) {
        reassembly.Skip(message.list());
      } else {
        reassembly.Skip(Tsn(target), sequence.list());
      }
    }
    add(last - 1, "b");
    add(last, "c");
    add(0, "d");
    add(1, "e");
    EXPECT_EQ(Messages(reassembly), "");
    add(last - 2, "a");
    EXPECT_EQ(Messages(reassembly), "1:a 1:b 1:c 1:d 1:e");
    EXPECT_EQ(reassembly.held_bytes(), 0u);
  }
}

// RFC 3758 section 3.6.
TEST(Reassembly, SkipsMessagesThatThePeerGivesUp) {
  Reassembly reassembly(kMaxMessage, false);
  reassembly.Add(Fragment(2, 1, 0, "", "half"));
  reassembly.Add(Fragment(4, 1, 1, "BE", "whole"));
  reassembly.Add(Fragment(6, 1, 3, "BE", "next"));
  reassembly.Add(Fragment(7, 2, 1, "BE", "other"));
  RecordBuffer<SkippedSequence, 1> skipped;
  ASSERT_TRUE(skipped.Add({StreamId(1), StreamSequence(2)}));
  reassembly.Skip(Tsn(5), skipped.list());
  EXPECT_EQ(Messages(reassembly), "1:whole 1:next");
  EXPECT_EQ(reassembly.stats().skipped_runs, 1u);
  reassembly.Skip(Tsn(5), skipped.list());
  // What comes late after all is of no use.
  reassembly.Add(Fragment(1, 1, 0, "B", "late"));
  EXPECT_EQ(reassembly.held_bytes(), 5 + 2 * Reassembly::kOverhead);
  reassembly.Add(Fragment(8, 2, 0, "BE", "first"));
  EXPECT_EQ(Messages(reassembly), "2:first 2:other");
}

TEST(Reassembly, SkipsOverTheWrapInOrder) {
  Reassembly reassembly(kMaxMessage, false);
  RecordBuffer<SkippedSequence, 1> skipped;
  for (const uint16_t target : {0x7000, 0xE000, 0xFFFC}) {
    skipped.Clear();
    ASSERT_TRUE(skipped.Add({StreamId(1), StreamSequence(target)}));
    reassembly.Skip(Tsn(target), skipped.list());
  }
  reassembly.Add(Fragment(0x10000, 1, 0, "BE", "c"));
  reassembly.Add(Fragment(0xFFFE, 1, 0xFFFE, "BE", "a"));
  reassembly.Add(Fragment(0xFFFF, 1, 0xFFFF, "B", "half"));
  reassembly.Add(Fragment(0x10003, 1, 3, "BE", "d"));
  skipped.Clear();
  ASSERT_TRUE(skipped.Add({StreamId(1), StreamSequence(1)}));
  reassembly.Skip(Tsn(0x10001), skipped.list());
  EXPECT_EQ(Messages(reassembly), "1:a 1:c");
  reassembly.Add(Fragment(0x10002, 1, 2, "BE", "!"));
  EXPECT_EQ(Messages(reassembly), "1:! 1:d");
}

TEST(Reassembly, DropsPartsOfUnorderedMessagesThatAreGivenUp) {
  Reassembly reassembly(kMaxMessage, false);
  reassembly.Add(UnorderedFragment(2, 1, "", "x"));
  reassembly.Add(UnorderedFragment(5, 7, "", "y"));
  reassembly.Add(UnorderedFragment(9, 1, "E", "d"));
  reassembly.Skip(Tsn(6), {});
  EXPECT_EQ(reassembly.stats().skipped_runs, 2u);
  EXPECT_EQ(reassembly.held_bytes(), 1 + 2 * Reassembly::kOverhead);
  reassembly.Add(UnorderedFragment(8, 1, "B", "c"));
  EXPECT_EQ(Messages(reassembly), "1:cd");
}

// RFC 8260 section 2.3.1.
TEST(Reassembly, SkipsInterleavedMessagesByTheirNumbers) {
  Reassembly reassembly(kMaxMessage, true);
  reassembly.Add(IFragment(1, 0, 1, "", "half"));
  reassembly.Add(IFragment(1, 2, 0, "BE", "next"));
  reassembly.Add(UnorderedIFragment(1, 5, 1, "E", "x"));
  reassembly.Add(UnorderedIFragment(1, 6, 1, "E", "d"));
  reassembly.Add(UnorderedIFragment(2, 5, 1, "E", "f"));
  RecordBuffer<SkippedMessage, 2> skipped;
  ASSERT_TRUE(skipped.Add({StreamId(1), false, MessageId(1)}));
  ASSERT_TRUE(skipped.Add({StreamId(1), true, MessageId(5)}));
  reassembly.Skip(skipped.list());
  EXPECT_EQ(Messages(reassembly), "1:next");
  EXPECT_EQ(reassembly.stats().skipped_runs, 2u);
  reassembly.Add(UnorderedIFragment(1, 6, 0, "B", "c"));
  reassembly.Add(UnorderedIFragment(2, 5, 0, "B", "e"));
  EXPECT_EQ(Messages(reassembly), "1:cd 2:ef");
}

TEST(Reassembly, SkipsUnorderedMessagesOverTheWrapOfTheirNumbers) {
  Reassembly reassembly(kMaxMessage, true);
  reassembly.Add(UnorderedIFragment(1, 0xFFFFFFFE, 1, "E", "x"));
  reassembly.Add(UnorderedIFragment(1, 0, 1, "E", "y"));
  reassembly.Add(UnorderedIFragment(1, 2, 1, "E", "d"));
  RecordBuffer<SkippedMessage, 1> skipped;
  ASSERT_TRUE(skipped.Add({StreamId(1), true, MessageId(1)}));
  reassembly.Skip(skipped.list());
  EXPECT_EQ(reassembly.stats().skipped_runs, 2u);
  reassembly.Add(UnorderedIFragment(1, 2, 0, "B", "c"));
  EXPECT_EQ(Messages(reassembly), "1:cd");
}

TEST(Reassembly, ResetStreamsBeginAgainAtZero) {
  for (const bool interleaving : {false, true}) {
    Reassembly reassembly(kMaxMessage, interleaving);
    uint32_t tsn = 1;
    const auto add = [&](uint16_t stream, uint16_t number, std::string_view payload) {
      if (interleaving) return reassembly.Add(IFragment(stream, number, 0, "BE", payload));
      reassembly.Add(Fragment(tsn++, stream, number, "BE", payload));
    };
    add(1, 0, "a");
    add(2, 0, "b");
    add(1, 2, "left behind");
    RecordBuffer<StreamNumber, 1> streams;
    ASSERT_TRUE(streams.Add({StreamId(1)}));
    EXPECT_EQ(Messages(reassembly), "1:a 2:b");
    reassembly.ResetStreams(streams.list());
    EXPECT_EQ(reassembly.held_bytes(), 0u);
    add(1, 0, "c");
    add(2, 1, "d");
    add(2, 0, "over");
    EXPECT_EQ(Messages(reassembly), "1:c 2:d");
    reassembly.ResetStreams({});
    add(1, 0, "e");
    add(2, 0, "f");
    EXPECT_EQ(Messages(reassembly), "1:e 2:f");
  }
}

// Checklist 42.
TEST(Reassembly, DropsTooLargeMessagesAndReportsEachOnce) {
  Reassembly reassembly(4, false);
  reassembly.Add(Fragment(1, 1, 0, "BE", "large"));
  reassembly.Add(Fragment(2, 1, 1, "B", "lar"));
  reassembly.Add(Fragment(3, 1, 1, "", "ge"));
  EXPECT_EQ(reassembly.held_bytes(), Reassembly::kOverhead);
  reassembly.Add(Fragment(4, 1, 1, "", "r and larger"));
  reassembly.Add(Fragment(5, 1, 1, "E", "!"));
  reassembly.Add(Fragment(6, 1, 2, "BE", "fine"));
  reassembly.Add(UnorderedFragment(7, 2, "BE", "large"));
  EXPECT_EQ(Messages(reassembly), "1:fine");
  EXPECT_EQ(reassembly.PollOversized(), StreamId(1));
  EXPECT_EQ(reassembly.PollOversized(), StreamId(1));
  EXPECT_EQ(reassembly.PollOversized(), StreamId(2));
  EXPECT_EQ(reassembly.PollOversized(), std::nullopt);
  EXPECT_EQ(reassembly.stats().oversized_messages, 3u);
  EXPECT_EQ(reassembly.held_bytes(), 0u);
}

// Checklist 42.
TEST(Reassembly, FindsTooLargeMessagesInAnyOrder) {
  std::vector<size_t> indices = {0, 1, 2, 3, 4};
  do {
    Reassembly reassembly(4, false);
    reassembly.Add(Fragment(9, 1, 1, "BE", "next"));
    for (const size_t index : indices) {
      const std::string_view place = index == 0 ? "B" : index == 4 ? "E" : "";
      reassembly.Add(Fragment(static_cast<uint32_t>(index) + 1, 1, 0, place, "ab"));
    }
    ASSERT_EQ(Messages(reassembly), "1:next");
    ASSERT_EQ(reassembly.stats().oversized_messages, 1u);
    ASSERT_EQ(reassembly.held_bytes(), 0u);
  } while (std::next_permutation(indices.begin(), indices.end()));
}

TEST(Reassembly, TakesMessagesOfTheLargestSize) {
  Reassembly reassembly(4, false);
  reassembly.Add(Fragment(1, 1, 0, "BE", "four"));
  reassembly.Add(Fragment(2, 1, 1, "B", "fo"));
  reassembly.Add(Fragment(3, 1, 1, "E", "ur"));
  EXPECT_EQ(Messages(reassembly), "1:four 1:four");
  EXPECT_EQ(reassembly.PollOversized(), std::nullopt);
}

TEST(Reassembly, DropsFragmentsThatContradictOthers) {
  Reassembly reassembly(kMaxMessage, true);
  reassembly.Add(IFragment(1, 0, 0, "B", "a"));
  reassembly.Add(IFragment(1, 0, 1, "", "b"));
  reassembly.Add(IFragment(1, 0, 0, "B", "again"));
  reassembly.Add(IFragment(1, 0, 1, "E", "again"));
  reassembly.Add(IFragment(1, 0, 3, "E", "d"));
  reassembly.Add(IFragment(1, 0, 3, "E", "again"));
  reassembly.Add(IFragment(1, 0, 2, "", "c"));
  EXPECT_EQ(Messages(reassembly), "1:abcd");
  EXPECT_EQ(reassembly.held_bytes(), 0u);
}

// A peer that ends messages in their middle and begins them twice harms its own stream only.
TEST(Reassembly, GetsOverMessagesThatMakeNoSense) {
  Reassembly reassembly(kMaxMessage, false);
  reassembly.Add(Fragment(1, 1, 0, "B", "a"));
  reassembly.Add(Fragment(2, 1, 0, "B", "b"));
  reassembly.Add(Fragment(3, 1, 0, "", "c"));
  reassembly.Add(Fragment(4, 1, 0, "E", "d"));
  reassembly.Add(Fragment(5, 1, 0, "E", "e"));
  EXPECT_EQ(Messages(reassembly), "1:bcd");
  EXPECT_EQ(reassembly.held_bytes(), 0u);
  reassembly.Add(Fragment(6, 1, 1, "BE", "next"));
  EXPECT_EQ(Messages(reassembly), "1:next");
  // A stream that changes within a message.
  reassembly.Add(UnorderedFragment(7, 1, "B", "f"));
  reassembly.Add(UnorderedFragment(8, 2, "E", "g"));
  EXPECT_EQ(Messages(reassembly), "");
  reassembly.Skip(Tsn(8), {});
  EXPECT_EQ(reassembly.held_bytes(), 0u);
}

// Checklist 41.
TEST(Reassembly, WorksOnAllStreamsThatThereAre) {
  Reassembly reassembly(kMaxMessage, false);
  for (uint32_t round = 0; round < 2; ++round) {
    for (uint32_t stream = 0; stream <= 0xFFFF; ++stream) {
      reassembly.Add(Fragment(round << 16 | stream, static_cast<uint16_t>(0xFFFF - stream),
                              static_cast<uint16_t>(round), "BE", "x"));
      const auto message = reassembly.PollMessage();
      ASSERT_TRUE(message);
      ASSERT_EQ(message->stream.value(), 0xFFFF - stream);
    }
  }
  EXPECT_EQ(reassembly.held_bytes(), 0u);
}

// The order in which joining by copying would cost most: each fragment goes before all that are
// there, 1.6 GB for the 0.2 MB of this message.
TEST(Reassembly, JoinsBackwardsWithoutCopyingAllEachTime) {
  constexpr uint32_t kFragments = 8000;
  constexpr size_t kLarge = 200'000;
  Reassembly reassembly(kLarge + kFragments, false);
  const std::string large(kLarge, 'x');
  reassembly.Add(Fragment(kFragments, 1, 0, "E", large));
  for (uint32_t tsn = kFragments - 1; tsn > 0; --tsn) {
    reassembly.Add(Fragment(tsn, 1, 0, tsn == 1 ? "B" : "", "y"));
  }
  const auto message = reassembly.PollMessage();
  ASSERT_TRUE(message);
  EXPECT_EQ(AsText(message->payload), std::string(kFragments - 1, 'y') + large);
  EXPECT_EQ(reassembly.held_bytes(), 0u);
}

// Messages of all kinds on several streams, cut at random and in random order, against a list.
TEST(Reassembly, LosesNothingInAnyOrder) {
  constexpr uint32_t kSeed = 11;
  std::mt19937 random(kSeed);
  for (int round = 0; round < 200; ++round) {
    const bool interleaving = round % 2 == 1;
    struct Sent {
      DataChunk data;
      std::string payload;
    };
    std::vector<Sent> fragments;
    std::vector<std::string> ordered(3), expected_unordered, unordered;
    std::vector<uint32_t> next_ordered(3), next_unordered(3);
    uint32_t tsn = 0xFFFFFFE0;
    for (int i = 0; i < 40; ++i) {
      const auto stream = static_cast<uint16_t>(random() % 3);
      const bool is_unordered = random() % 3 == 0;
      const std::string payload = std::to_string(i) + ";" + std::string(random() % 12, '.');
      const uint32_t number = (is_unordered ? next_unordered : next_ordered)[stream]++;
      size_t at = 0;
      for (uint32_t fragment = 0; at < payload.size(); ++fragment) {
        const size_t size = std::min<size_t>(1 + random() % 8, payload.size() - at);
        Sent sent{Fragment(tsn++, stream, static_cast<uint16_t>(number), "", {}),
                  payload.substr(at, size)};
        sent.data.interleaved = interleaving;
        sent.data.unordered = is_unordered;
        sent.data.message_id = MessageId(number);
        sent.data.beginning = at == 0;
        sent.data.fragment = fragment;
        at += size;
        sent.data.end = at == payload.size();
        fragments.push_back(sent);
      }
      if (is_unordered) {
        expected_unordered.push_back(payload);
      } else {
        ordered[stream] += payload;
      }
    }
    std::shuffle(fragments.begin(), fragments.end(), random);
    Reassembly reassembly(kMaxMessage, interleaving);
    std::vector<std::string> received(3);
    for (Sent& sent : fragments) {
      sent.data.payload = AsBytes(sent.payload);
      reassembly.Add(sent.data);
      while (const auto message = reassembly.PollMessage()) {
        const std::string payload(AsText(message->payload));
        const bool is_unordered = std::find(expected_unordered.begin(), expected_unordered.end(),
                                            payload) != expected_unordered.end();
        if (is_unordered) {
          unordered.push_back(payload);
        } else {
          received[message->stream.value()] += payload;
        }
      }
    }
    std::sort(unordered.begin(), unordered.end());
    std::sort(expected_unordered.begin(), expected_unordered.end());
    ASSERT_EQ(received, ordered) << "round " << round;
    ASSERT_EQ(unordered, expected_unordered) << "round " << round;
    ASSERT_EQ(reassembly.held_bytes(), 0u);
  }
}

}  // namespace
}  // namespace ocellus::sctp
