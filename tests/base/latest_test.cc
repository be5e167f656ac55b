// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/latest.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace ocellus {
namespace {

TEST(Latest, BeginsWithItsInitialValue) {
  Latest<int> none;
  EXPECT_EQ(none.Load(), 0);
  Latest<std::string> latest("first");
  EXPECT_EQ(latest.Load(), "first");
}

TEST(Latest, GivesTheNewestAndForgetsTheOthers) {
  Latest<std::string> latest;
  for (int i = 0; i < 100; ++i) latest.Store(std::to_string(i));
  EXPECT_EQ(latest.Load(), "99");
  EXPECT_EQ(latest.Load(), "99");
  latest.Store("new");
  EXPECT_EQ(latest.Load(), "new");
}

// For the thread sanitizer.
TEST(Latest, IsWholeAndNeverOlderAcrossThreads) {
  constexpr int kLast = 100'000;
  struct Pair {
    int a = 0;
    int b = 0;
  };
  Latest<Pair> latest;
  std::thread producer([&latest] {
    for (int i = 1; i <= kLast; ++i) latest.Store({i, -i});
  });
  int last = 0;
  bool whole = true;
  bool in_order = true;
  while (last < kLast) {
    const Pair& pair = latest.Load();
    whole = whole && pair.a == -pair.b;
    in_order = in_order && pair.a >= last;
    last = pair.a;
  }
  producer.join();
  EXPECT_TRUE(whole);
  EXPECT_TRUE(in_order);
}

}  // namespace
}  // namespace ocellus
