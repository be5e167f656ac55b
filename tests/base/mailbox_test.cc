// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/mailbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace ocellus {
namespace {

TEST(Mailbox, IsFirstInFirstOutAndBounded) {
  Mailbox<int, 2> mailbox;
  EXPECT_FALSE(mailbox.Pop());
  EXPECT_TRUE(mailbox.Push(1));
  EXPECT_TRUE(mailbox.Push(2));
  EXPECT_FALSE(mailbox.Push(3));
  EXPECT_EQ(mailbox.Pop(), 1);
  EXPECT_TRUE(mailbox.Push(3));
  EXPECT_EQ(mailbox.Pop(), 2);
  EXPECT_EQ(mailbox.Pop(), 3);
  EXPECT_FALSE(mailbox.Pop());
}

TEST(Mailbox, LeavesAnItemThatDoesNotFitUntouched) {
  Mailbox<std::unique_ptr<int>, 1> mailbox;
  EXPECT_TRUE(mailbox.Push(std::make_unique<int>(1)));
  auto item = std::make_unique<int>(2);
  EXPECT_FALSE(mailbox.Push(item));
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(**mailbox.Pop(), 1);
  EXPECT_TRUE(mailbox.Push(item));
  EXPECT_EQ(item, nullptr);
}

TEST(Mailbox, KeepsNothingOfWhatWasPopped) {
  Mailbox<std::shared_ptr<int>, 2> mailbox;
  const auto item = std::make_shared<int>(1);
  EXPECT_TRUE(mailbox.Push(std::shared_ptr<int>(item)));
  mailbox.Pop();
  EXPECT_EQ(item.use_count(), 1);
}

// Two real threads: what the type is for. Each item has two fields that must arrive together.
TEST(Mailbox, HandsEveryItemFromThreadToThreadInOrder) {
  struct Item {
    uint64_t number = 0;
    uint64_t inverse = 0;
  };
  constexpr uint64_t kItems = 100'000;
  Mailbox<Item, 8> mailbox;
  std::thread producer([&mailbox] {
    for (uint64_t i = 1; i <= kItems; ++i) {
      while (!mailbox.Push(Item{i, ~i})) std::this_thread::yield();
    }
  });
  for (uint64_t expected = 1; expected <= kItems;) {
    const auto item = mailbox.Pop();
    if (!item) {
      std::this_thread::yield();
      continue;
    }
    EXPECT_EQ(item->number, expected);
    EXPECT_EQ(item->inverse, ~expected);
    ++expected;
  }
  producer.join();
  EXPECT_FALSE(mailbox.Pop());
}

}  // namespace
}  // namespace ocellus
