// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/random.h"

#include <gtest/gtest.h>

namespace ocellus {
namespace {

// Gives 0, 1, 2 ... and counts what was asked for.
class CountingRandom : public Random {
 public:
  explicit CountingRandom(uint8_t first = 0) : next_(first) {}
  void Fill(MutableBytes out) override {
    for (uint8_t& byte : out) byte = next_++;
    filled_ += out.size();
  }
  size_t filled() const { return filled_; }

 private:
  uint8_t next_;
  size_t filled_ = 0;
};

TEST(Random, MakesNumbersOfFreshBytes) {
  CountingRandom random;
  EXPECT_EQ(random.NextU64(), 0x0001020304050607u);
  EXPECT_EQ(random.NextU64(), 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(random.NextU32(), 0x14151617u);
}

TEST(Random, StaysBelowTheBound) {
  CountingRandom random;
  for (int i = 0; i < 1000; ++i) EXPECT_LT(random.Below(7), 7u);
  EXPECT_EQ(random.Below(1), 0u);
  CountingRandom highest(0xff);  // 0xff, then 0, 1 ...: reaches both ends of a range of two halves.
  bool low = false;
  bool high = false;
  for (int i = 0; i < 64; ++i) (highest.Below(2) == 0 ? low : high) = true;
  EXPECT_TRUE(low && high);
}

TEST(RandomDeath, HasNothingBelowZero) {
  CountingRandom random;
  EXPECT_DEATH((void)random.Below(0), "Below\\(0\\)");
}

// RFC 8839 section 5.4.
TEST(Random, MakesIceCharsOfOneByteEach) {
  CountingRandom random;
  EXPECT_EQ(random.IceChars(64),
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  EXPECT_EQ(random.filled(), 64u);
  EXPECT_EQ(random.IceChars(0), "");
}

// RFC 4648 section 5.
TEST(Random, MakesUrlChars) {
  CountingRandom random(62);
  EXPECT_EQ(random.UrlChars(3), "-_A");
}

}  // namespace
}  // namespace ocellus
