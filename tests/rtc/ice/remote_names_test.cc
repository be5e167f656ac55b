// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/remote_names.h"

#include <gtest/gtest.h>

namespace ocellus::ice {
namespace {

constexpr const char* kName = "43253f72-4e6c-43d9-8e2b-f580bd9e26b6.local";

Candidate Named(std::string_view name, uint16_t port = 5000) {
  Candidate candidate;
  candidate.priority = 1;
  candidate.host_name = name;
  candidate.address.port = port;
  return candidate;
}

IpAddress Ip(std::string_view text) { return IpAddress::Parse(text).value(); }

// A peer must not make us look up names of its choice in the DNS.
TEST(RemoteNames, AreOneLabelBeforeLocal) {
  for (const char* name : {kName, "A.LOCAL", "x.Local", "0-0.local"}) {
    EXPECT_TRUE(RemoteNames::IsResolvable(name)) << name;
  }
  const std::string long_label = std::string(64, 'a') + ".local";
  for (const char* name :
       {"", "local", ".local", "a.b.local", "a.local.", "a.local.example.com", "example.com",
        "a_b.local", "notlocal", "a.localx", "*.local", long_label.c_str()}) {
    EXPECT_FALSE(RemoteNames::IsResolvable(name)) << name;
  }
}

TEST(RemoteNames, AreAskedForOnceHoweverManyCandidatesHaveThem) {
  RemoteNames names;
  EXPECT_TRUE(names.Add(Named(kName, 1)));
  EXPECT_TRUE(names.Add(Named("43253F72-4E6C-43D9-8E2B-F580BD9E26B6.LOCAL", 2)));
  EXPECT_TRUE(names.Add(Named("other.local")));
  EXPECT_EQ(names.PollName(), kName);
  EXPECT_EQ(names.PollName(), "other.local");
  EXPECT_EQ(names.PollName(), std::nullopt);
  EXPECT_TRUE(names.Add(Named(kName, 3)));
  EXPECT_EQ(names.PollName(), std::nullopt);
}

TEST(RemoteNames, GiveACandidateForEachAddress) {
  RemoteNames names;
  EXPECT_TRUE(names.Add(Named(kName, 1)));
  EXPECT_TRUE(names.Add(Named("other.local", 2)));
  EXPECT_EQ(names.PollCandidate(), std::nullopt);
  names.PollName();
  const std::vector<IpAddress> addresses = {Ip("192.0.2.5"), Ip("2001:db8::5")};
  names.Resolve("43253F72-4e6c-43d9-8e2b-f580bd9e26b6.local", addresses);
  for (const IpAddress& ip : addresses) {
    const auto candidate = names.PollCandidate();
    ASSERT_TRUE(candidate.has_value());
    EXPECT_EQ(candidate->address, (SocketAddress{ip, 1}));
    EXPECT_EQ(candidate->host_name, "");
    EXPECT_EQ(candidate->priority, 1u);
  }
  EXPECT_EQ(names.PollCandidate(), std::nullopt) << "the other name has no answer yet";
  // What is known serves candidates that come later.
  EXPECT_TRUE(names.Add(Named(kName, 7)));
  EXPECT_EQ(names.PollCandidate()->address, (SocketAddress{addresses[0], 7}));
}

TEST(RemoteNames, GiveTheCandidateBackWhenNobodyAnswers) {
  RemoteNames names;
  EXPECT_TRUE(names.Add(Named(kName)));
  names.PollName();
  names.Resolve(kName, {});
  EXPECT_EQ(names.PollCandidate()->host_name, kName);
  EXPECT_EQ(names.PollCandidate(), std::nullopt);
}

TEST(RemoteNames, BelieveOnlyTheFirstAnswerToWhatWasAsked) {
  RemoteNames names;
  const std::vector<IpAddress> addresses = {Ip("192.0.2.5")};
  EXPECT_TRUE(names.Add(Named(kName)));
  names.Resolve(kName, addresses);
  EXPECT_EQ(names.PollCandidate(), std::nullopt) << "nobody asked yet";
  names.PollName();
  names.Resolve("other.local", addresses);
  EXPECT_EQ(names.PollCandidate(), std::nullopt);
  names.Resolve(kName, addresses);
  EXPECT_NE(names.PollCandidate(), std::nullopt);
  names.Resolve(kName, addresses);
  EXPECT_EQ(names.PollCandidate(), std::nullopt);
}

// Checklist 9.
TEST(RemoteNames, AreBounded) {
  RemoteNames names;
  size_t taken = 0;
  for (int i = 0; i < 100; ++i) {
    taken += names.Add(Named("n" + std::to_string(i) + ".local")) ? 1 : 0;
  }
  EXPECT_EQ(taken, kMaxRemoteNames);
  for (uint16_t port = 1; port < 100; ++port) taken += names.Add(Named("n0.local", port)) ? 1 : 0;
  EXPECT_EQ(taken, kMaxUnresolvedCandidates);
  names.PollName();
  std::vector<IpAddress> addresses;
  for (int i = 0; i < 100; ++i) addresses.push_back(Ip("10.0.0." + std::to_string(i)));
  names.Resolve("n0.local", addresses);
  size_t candidates = 0;
  while (names.PollCandidate()) ++candidates;
  EXPECT_EQ(candidates, (kMaxUnresolvedCandidates - kMaxRemoteNames + 1) * kMaxAddressesPerName);
  names.Clear();
  EXPECT_TRUE(names.Add(Named("another.local")));
}

TEST(RemoteNames, KeepACandidateOnceWhenItIsSignalledTwice) {
  RemoteNames names;
  EXPECT_TRUE(names.Add(Named(kName)));
  EXPECT_TRUE(names.Add(Named(kName)));
  names.PollName();
  names.Resolve(kName, {});
  EXPECT_TRUE(names.PollCandidate());
  EXPECT_FALSE(names.PollCandidate());
}

}  // namespace
}  // namespace ocellus::ice
