// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/background_lookup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>

#include <atomic>
#include <memory>
#include <set>

#include "tests/platform/linux/network_namespace.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::StartsWith;

const IpAddress kAddress = *IpAddress::Parse("192.0.2.7");

std::unique_ptr<BackgroundLookup> OpenWith(BackgroundLookup::LookUp look_up) {
  return std::move(*BackgroundLookup::Open(std::move(look_up)));
}

// The next answer, which must come.
hal::ResolvedName Await(BackgroundLookup& lookup) {
  pollfd polled{lookup.descriptor(), POLLIN, 0};
  EXPECT_EQ(poll(&polled, 1, /*timeout=*/10'000), 1);
  std::optional<hal::ResolvedName> answer = lookup.Poll();
  CHECK(answer.has_value(), "no answer behind descriptor %d", polled.fd);
  return std::move(*answer);
}

// Name servers that do not answer until they are told to.
struct Servers {
  std::atomic<size_t> asked{0};
  std::atomic<size_t> at_once{0};
  std::atomic<size_t> most_at_once{0};
  std::atomic<bool> answer{false};
};

BackgroundLookup::LookUp AskSlow(std::shared_ptr<Servers> servers) {
  return [servers = std::move(servers)](const std::string&) {
    ++servers->asked;
    const size_t now = ++servers->at_once;
    size_t most = servers->most_at_once;
    while (most < now && !servers->most_at_once.compare_exchange_weak(most, now)) {
    }
    while (!servers->answer) sched_yield();
    --servers->at_once;
    return Result<std::vector<IpAddress>>(std::vector<IpAddress>{kAddress});
  };
}

TEST(BackgroundLookup, AnswersWithWhatWasFound) {
  const auto lookup = OpenWith([](const std::string& name) -> Result<std::vector<IpAddress>> {
    if (name == "turn.example.net") return std::vector<IpAddress>{kAddress};
    return Status(StatusCode::kNotFound, name + ": no");
  });
  EXPECT_FALSE(lookup->Poll());
  lookup->Start("turn.example.net");
  const hal::ResolvedName found = Await(*lookup);
  EXPECT_EQ(found.name, "turn.example.net");
  EXPECT_EQ(*found.addresses, std::vector<IpAddress>{kAddress});
  lookup->Start("other.example.net");
  const hal::ResolvedName missing = Await(*lookup);
  EXPECT_EQ(missing.name, "other.example.net");
  EXPECT_EQ(missing.addresses.status().code(), StatusCode::kNotFound);
  EXPECT_FALSE(lookup->Poll());
}

TEST(BackgroundLookup, AsksForSomeNamesAtOnceAndForTheRestInTurn) {
  const auto servers = std::make_shared<Servers>();
  const auto lookup = OpenWith(AskSlow(servers));
  constexpr size_t kNames = kMaxNameLookups + 10;
  std::multiset<std::string> asked;
  for (size_t i = 0; i < kNames; ++i) {
    asked.insert("host" + std::to_string(i));
    lookup->Start("host" + std::to_string(i));
  }
  while (servers->asked < kMaxNameLookups) sched_yield();
  EXPECT_FALSE(lookup->Poll());
  servers->answer = true;
  std::multiset<std::string> answered;
  for (size_t i = 0; i < kNames; ++i) answered.insert(Await(*lookup).name);
  EXPECT_EQ(answered, asked);
  EXPECT_EQ(servers->most_at_once, kMaxNameLookups);
  EXPECT_FALSE(lookup->Poll());
}

TEST(BackgroundLookup, RefusesMoreNamesThanItKeeps) {
  const auto servers = std::make_shared<Servers>();
  const auto lookup = OpenWith(AskSlow(servers));
  for (size_t i = 0; i < kMaxNameLookups + kMaxWaitingNames; ++i) lookup->Start("host");
  lookup->Start("one-too-many");
  const hal::ResolvedName refused = Await(*lookup);
  EXPECT_EQ(refused.name, "one-too-many");
  EXPECT_EQ(refused.addresses.status().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(refused.addresses.status().message(), StartsWith("one-too-many: "));
  servers->answer = true;
}

// Name servers that are away never block the io thread, not even at its end.
TEST(BackgroundLookup, WaitsForNobodyAtItsEnd) {
  const auto servers = std::make_shared<Servers>();
  auto lookup = OpenWith(AskSlow(servers));
  for (size_t i = 0; i < 2 * kMaxNameLookups; ++i) lookup->Start("host");
  while (servers->asked < kMaxNameLookups) sched_yield();
  lookup.reset();  // Hangs if it waits.
  EXPECT_EQ(servers->at_once, kMaxNameLookups);
  servers->answer = true;
  while (servers.use_count() > 1) sched_yield();  // The last thread frees what they shared.
  EXPECT_EQ(servers->asked, kMaxNameLookups) << "what waited is not asked for any more";
}

TEST(BackgroundLookup, ReturnsAnswersFromElsewhereToo) {
  const auto lookup = OpenWith(LookUpHost);
  lookup->Add({"192.0.2.7", std::vector<IpAddress>{kAddress}});
  EXPECT_EQ(Await(*lookup).name, "192.0.2.7");
  EXPECT_FALSE(lookup->Poll());
}

TEST(LookUpHost, KnowsTheHostsOwnTables) {
  const auto addresses = LookUpHost("localhost");
  ASSERT_TRUE(addresses.ok()) << addresses.status().message();
  for (const IpAddress& ip : *addresses) EXPECT_TRUE(ip.is_loopback()) << ip.ToString();
  const std::set<std::string> different = [&] {
    std::set<std::string> texts;
    for (const IpAddress& ip : *addresses) texts.insert(ip.ToString());
    return texts;
  }();
  EXPECT_EQ(different.size(), addresses->size());
}

TEST(LookUpHost, NamesTheHostThatItDoesNotFind) {
  IN_NETWORK_NAMESPACE([] {
    const auto addresses = LookUpHost("turn.example.net");
    ASSERT_FALSE(addresses.ok());
    EXPECT_EQ(addresses.status().code(), StatusCode::kUnavailable);
    EXPECT_THAT(addresses.status().message(), StartsWith("turn.example.net: "));
  });
}

}  // namespace
}  // namespace ocellus::linux_platform
