// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/rope.h"

#include <gtest/gtest.h>

#include <string>

namespace ocellus::sctp {
namespace {

TEST(Rope, IsOneBufferWhileBytesComeInOrder) {
  Rope rope;
  EXPECT_EQ(rope.size(), 0u);
  EXPECT_EQ(rope.pieces(), 0u);
  rope.Append(AsBytes("ab"));
  rope.Append(AsBytes("cde"));
  EXPECT_EQ(rope.size(), 5u);
  EXPECT_EQ(rope.pieces(), 1u);
  EXPECT_EQ(AsText(rope.Take()), "abcde");
  EXPECT_EQ(rope.size(), 0u);
  EXPECT_EQ(rope.pieces(), 0u);
  EXPECT_TRUE(rope.Take().empty());
}

TEST(Rope, JoinsOthersBehindIt) {
  Rope first, second, third;
  first.Append(AsBytes("a"));
  second.Append(AsBytes("b"));
  third.Append(AsBytes("c"));
  second.Append(third);
  first.Append(second);
  first.Append(AsBytes("d"));
  EXPECT_EQ(first.pieces(), 3u);
  EXPECT_EQ(first.size(), 4u);
  EXPECT_EQ(second.size(), 0u);
  EXPECT_EQ(second.pieces(), 0u);
  EXPECT_EQ(AsText(first.Take()), "abcd");
}

TEST(Rope, ForgetsWhatItHolds) {
  Rope rope;
  rope.Append(AsBytes("a"));
  rope.Clear();
  EXPECT_EQ(rope.size(), 0u);
  rope.Append(AsBytes("b"));
  EXPECT_EQ(AsText(rope.Take()), "b");
}

}  // namespace
}  // namespace ocellus::sctp
