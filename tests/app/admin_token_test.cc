// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/admin_token.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_storage.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::app {
namespace {

// Checklist 55, 57: each device makes its own.
TEST(AdminToken, IsMadeOnceForEachDevice) {
  hal::FakeStorage storage;
  sim::SeededRandom random(1);
  const auto made = LoadOrMakeAdminToken(storage, random);
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(made->is_new);
  EXPECT_EQ(made->token.size(), 22u);

  const auto again = LoadOrMakeAdminToken(storage, random);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->token, made->token);

  hal::FakeStorage other;
  sim::SeededRandom other_random(2);
  EXPECT_NE(LoadOrMakeAdminToken(other, other_random)->token, made->token);
}

TEST(AdminToken, MayBeWrittenByHand) {
  hal::FakeStorage storage;
  storage.Write("admin-token", "my own token\r\n");
  sim::SeededRandom random(1);
  EXPECT_EQ(LoadOrMakeAdminToken(storage, random)->token, "my own token");
}

TEST(AdminToken, IsNotReplacedWhenItIsDamaged) {
  hal::FakeStorage storage;
  sim::SeededRandom random(1);
  for (const char* damaged : {"", "\n", "short"}) {
    storage.Write("admin-token", std::string(damaged));
    EXPECT_EQ(LoadOrMakeAdminToken(storage, random).status().code(), StatusCode::kMalformed);
  }
}

}  // namespace
}  // namespace ocellus::app
