// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/ring.h"

#include <gtest/gtest.h>

#include <memory>

namespace ocellus {
namespace {

TEST(Ring, IsFirstInFirstOut) {
  Ring<int, 3> ring;
  EXPECT_TRUE(ring.empty());
  EXPECT_TRUE(ring.Push(1));
  EXPECT_TRUE(ring.Push(2));
  EXPECT_EQ(ring.size(), 2u);
  EXPECT_EQ(ring.front(), 1);
  EXPECT_EQ(ring.back(), 2);
  EXPECT_EQ(ring.Pop(), 1);
  EXPECT_EQ(ring.Pop(), 2);
  EXPECT_TRUE(ring.empty());
}

TEST(Ring, RefusesWhenFull) {
  Ring<int, 2> ring;
  EXPECT_TRUE(ring.Push(1));
  EXPECT_TRUE(ring.Push(2));
  EXPECT_TRUE(ring.full());
  EXPECT_FALSE(ring.Push(3));
  EXPECT_EQ(ring.back(), 2);
}

TEST(Ring, DropsTheOldestWhenAskedTo) {
  Ring<int, 3> ring;
  for (int i = 0; i < 10; ++i) ring.PushDroppingOldest(i);
  EXPECT_EQ(ring.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(ring[i], static_cast<int>(7 + i));
}

TEST(Ring, GoesRoundManyTimes) {
  Ring<int, 4> ring;
  int pushed = 0;
  int popped = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 1 + round % 4; ++i) {
      if (ring.Push(pushed)) ++pushed;
    }
    for (int i = 0; i < 1 + round % 3 && !ring.empty(); ++i) EXPECT_EQ(ring.Pop(), popped++);
  }
  EXPECT_EQ(ring.size(), static_cast<size_t>(pushed - popped));
}

TEST(Ring, KeepsNothingOfWhatWasPopped) {
  Ring<std::shared_ptr<int>, 2> ring;
  const auto item = std::make_shared<int>(1);
  EXPECT_TRUE(ring.Push(item));
  ring.Pop();
  EXPECT_EQ(item.use_count(), 1);
  EXPECT_TRUE(ring.Push(item));
  ring.Clear();
  EXPECT_EQ(item.use_count(), 1);
}

TEST(RingDeath, GivesNothingWhenEmpty) {
  Ring<int, 2> ring;
  EXPECT_DEATH((void)ring.Pop(), "empty ring");
  EXPECT_DEATH((void)ring[0], "ring index 0 of 0");
}

}  // namespace
}  // namespace ocellus
