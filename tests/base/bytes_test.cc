// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace ocellus {
namespace {

TEST(Span, BorrowsFromEveryContiguousContainer) {
  const uint8_t array[] = {1, 2, 3};
  std::vector<uint8_t> vector = {1, 2, 3};
  const std::array<uint8_t, 3> std_array = {1, 2, 3};
  EXPECT_EQ(Bytes(array).data(), array);
  EXPECT_EQ(Bytes(array).size(), 3u);
  EXPECT_TRUE(Bytes(vector) == Bytes(std_array));
  EXPECT_TRUE(Bytes(MutableBytes(vector)) == Bytes(array));
  EXPECT_TRUE(Bytes().empty());
}

TEST(Span, CutsParts) {
  const uint8_t array[] = {1, 2, 3, 4};
  const Bytes bytes = array;
  EXPECT_EQ(bytes.subspan(1)[0], 2);
  EXPECT_EQ(bytes.subspan(1, 2).size(), 2u);
  EXPECT_EQ(bytes.first(3).size(), 3u);
  EXPECT_TRUE(bytes.subspan(4).empty());
}

TEST(Span, WritesThroughToWhatItBorrows) {
  uint8_t array[] = {1, 2};
  const MutableBytes bytes = array;
  bytes[1] = 9;
  EXPECT_EQ(array[1], 9);
}

TEST(SpanDeath, ChecksItsBounds) {
  const uint8_t array[] = {1, 2};
  const Bytes bytes = array;
  EXPECT_DEATH((void)bytes[2], "span index 2 of 2");
  EXPECT_DEATH((void)bytes.subspan(3), "span offset 3 of 2");
  EXPECT_DEATH((void)bytes.subspan(1, 2), "of 2");
  EXPECT_DEATH((void)bytes.subspan(1, SIZE_MAX), "of 2");
}

TEST(Bytes, CompareByContent) {
  const uint8_t a[] = {1, 2};
  const uint8_t b[] = {1, 2};
  const uint8_t c[] = {1, 3};
  EXPECT_TRUE(Bytes(a) == Bytes(b));
  EXPECT_TRUE(Bytes(a) != Bytes(c));
  EXPECT_TRUE(Bytes(a) != Bytes(a).first(1));
  EXPECT_TRUE(Bytes() == Bytes(a).first(0));
}

TEST(ConstantTimeEqual, AgreesWithEquality) {
  const uint8_t a[] = {1, 2, 3};
  for (size_t i = 0; i < 3; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      uint8_t b[] = {1, 2, 3};
      EXPECT_TRUE(ConstantTimeEqual(a, b));
      b[i] = static_cast<uint8_t>(b[i] ^ (1u << bit));
      EXPECT_FALSE(ConstantTimeEqual(a, b));
    }
  }
  EXPECT_FALSE(ConstantTimeEqual(Bytes(a), Bytes(a).first(2)));
  EXPECT_TRUE(ConstantTimeEqual(Bytes(), Bytes()));
}

TEST(Wipe, OverwritesTheSecretOnly) {
  uint8_t array[] = {1, 2, 3, 4};
  Wipe(MutableBytes(array).subspan(1, 2));
  const uint8_t expected[] = {1, 0, 0, 4};
  EXPECT_TRUE(Bytes(array) == Bytes(expected));
  Wipe(MutableBytes());
}

TEST(AsText, GoesThereAndBack) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(AsText(AsBytes(text)), text);
}

}  // namespace
}  // namespace ocellus
