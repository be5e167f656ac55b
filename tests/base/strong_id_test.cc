// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/strong_id.h"

#include <gtest/gtest.h>

#include <type_traits>
#include <unordered_set>

namespace ocellus {
namespace {

TEST(StrongId, ComparesByValue) {
  EXPECT_EQ(Ssrc(7).value(), 7u);
  EXPECT_TRUE(Ssrc(7) == Ssrc(7));
  EXPECT_TRUE(Ssrc(7) != Ssrc(8));
  EXPECT_TRUE(Ssrc(7) < Ssrc(8));
  EXPECT_EQ(Ssrc().value(), 0u);
}

TEST(StrongId, DoesNotMixWithOthersOrWithNumbers) {
  static_assert(!std::is_convertible_v<uint32_t, Ssrc>);
  static_assert(!std::is_convertible_v<Ssrc, uint32_t>);
  static_assert(!std::is_constructible_v<PayloadType, ExtensionId>);
}

TEST(StrongId, CanBeAKey) {
  const std::unordered_set<Ssrc> set = {Ssrc(1), Ssrc(2), Ssrc(1)};
  EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace ocellus
