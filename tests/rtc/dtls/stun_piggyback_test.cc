// SPDX-License-Identifier: Apache-2.0
// The rules of draft-hancke-webrtc-sped-00, with datagrams that only look like DTLS.
#include "firmware/rtc/dtls/stun_piggyback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/base/byte_reader.h"
#include "firmware/rtc/stun/crc32.h"

namespace ocellus::dtls {
namespace {

using State = StunPiggyback::State;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A handshake record that differs from others in its last byte.
std::vector<uint8_t> Datagram(uint8_t number, size_t size = 20) {
  std::vector<uint8_t> datagram(size, 0);
  datagram.front() = 22;
  datagram.back() = number;
  return datagram;
}

std::vector<uint8_t> ChecksumsOf(std::initializer_list<std::vector<uint8_t>> datagrams) {
  std::vector<uint8_t> bytes;
  for (const auto& datagram : datagrams) {
    const uint32_t checksum = stun::Crc32(datagram);
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<uint8_t>(checksum >> shift));
  }
  return bytes;
}

void SetFlight(StunPiggyback& piggyback, std::initializer_list<std::vector<uint8_t>> datagrams) {
  piggyback.BeginFlight();
  for (const auto& datagram : datagrams) piggyback.AddToFlight(datagram);
}

// The last bytes of what the next messages carry; 0 for none.
std::vector<int> NextNumbers(StunPiggyback& piggyback, int messages) {
  std::vector<int> numbers;
  for (int i = 0; i < messages; ++i) {
    const stun::DtlsInStun carried = piggyback.Next();
    numbers.push_back(carried.datagram ? (*carried.datagram)[carried.datagram->size() - 1] : 0);
    piggyback.NoteSent(carried);
  }
  return numbers;
}

std::vector<int> DirectNumbers(StunPiggyback& piggyback) {
  std::vector<int> numbers;
  uint8_t out[kMaxDatagramSize];
  while (const auto size = piggyback.PollDirect(out)) numbers.push_back(out[*size - 1]);
  return numbers;
}

StunPiggyback Agreed() {
  StunPiggyback piggyback;
  piggyback.Agree();
  return piggyback;
}

TEST(StunPiggyback, IsOffUnlessItIsOffered) {
  StunPiggyback piggyback;
  EXPECT_TRUE(piggyback.Next().empty());
  const auto datagram = Datagram(1);
  EXPECT_FALSE(piggyback.HandleMessage({Bytes(datagram), Bytes()}));
  EXPECT_EQ(piggyback.state(), State::kOff);
}

// Without an attribute in each message the peer would take us for one that does not know them.
TEST(StunPiggyback, SpeaksFromTheFirstMessageEvenWithNothingToSay) {
  StunPiggyback piggyback = Agreed();
  const stun::DtlsInStun carried = piggyback.Next();
  EXPECT_FALSE(carried.datagram);
  EXPECT_EQ(carried.acknowledgements, Bytes());
}

TEST(StunPiggyback, GivesEachDatagramOfTheFlightInTurn) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(1), Datagram(2), Datagram(3)});
  EXPECT_THAT(NextNumbers(piggyback, 5), ElementsAre(1, 2, 3, 1, 2));
  EXPECT_EQ(piggyback.stats().carried, 5u);
}

TEST(StunPiggyback, StopsGivingWhatWasAcknowledged) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(1), Datagram(2), Datagram(3)});
  const auto checksums = ChecksumsOf({Datagram(2), Datagram(9)});
  piggyback.HandleMessage({std::nullopt, Bytes(checksums)});
  EXPECT_THAT(NextNumbers(piggyback, 4), ElementsAre(1, 3, 1, 3));
  EXPECT_THAT(DirectNumbers(piggyback), ElementsAre(1, 3));
}

TEST(StunPiggyback, IgnoresAcknowledgementsOfNoWholeNumber) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(1)});
  auto checksums = ChecksumsOf({Datagram(1)});
  checksums.pop_back();
  piggyback.HandleMessage({std::nullopt, Bytes(checksums)});
  EXPECT_THAT(NextNumbers(piggyback, 1), ElementsAre(1));
}

TEST(StunPiggyback, ANewFlightReplacesTheOneBefore) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(1), Datagram(2)});
  NextNumbers(piggyback, 1);
  SetFlight(piggyback, {Datagram(3)});
  EXPECT_THAT(NextNumbers(piggyback, 2), ElementsAre(3, 3));
  EXPECT_THAT(DirectNumbers(piggyback), ElementsAre(3));
}

TEST(StunPiggyback, SendsEachDatagramDirectlyOnce) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(1), Datagram(2)});
  EXPECT_THAT(DirectNumbers(piggyback), ElementsAre(1, 2));
  EXPECT_THAT(DirectNumbers(piggyback), IsEmpty());
  EXPECT_THAT(NextNumbers(piggyback, 1), ElementsAre(1));  // They still ride along.
}

TEST(StunPiggyback, HandsOverEachOfThePeersDatagramsOnce) {
  StunPiggyback piggyback = Agreed();
  const auto first = Datagram(1);
  const auto second = Datagram(2);
  EXPECT_EQ(piggyback.HandleMessage({Bytes(first), Bytes()}), Bytes(first));
  EXPECT_EQ(piggyback.HandleMessage({Bytes(second), Bytes()}), Bytes(second));
  EXPECT_FALSE(piggyback.HandleMessage({Bytes(first), Bytes()}));
  EXPECT_EQ(piggyback.state(), State::kAgreed);
  EXPECT_EQ(piggyback.stats().received, 2u);
}

TEST(StunPiggyback, AcknowledgesWhatCameInAMessageAndByItself) {
  StunPiggyback piggyback = Agreed();
  const auto first = Datagram(1);
  const auto second = Datagram(2);
  piggyback.HandleMessage({Bytes(first), Bytes()});
  piggyback.HandleDirect(second);
  piggyback.HandleDirect(first);  // Known already.
  EXPECT_EQ(piggyback.Next().acknowledgements, Bytes(ChecksumsOf({first, second})));
}

// "A cap of 4 entries is RECOMMENDED".
TEST(StunPiggyback, AcknowledgesTheLatestFour) {
  StunPiggyback piggyback = Agreed();
  for (uint8_t number = 1; number <= 6; ++number) piggyback.HandleDirect(Datagram(number));
  EXPECT_EQ(piggyback.Next().acknowledgements,
            Bytes(ChecksumsOf({Datagram(3), Datagram(4), Datagram(5), Datagram(6)})));
}

// "If an empty attribute is received, its value MUST NOT be injected into the DTLS layer"; what is
// not DTLS "SHOULD be silently discarded".
TEST(StunPiggyback, HandsOverNothingThatIsNotDtls) {
  StunPiggyback piggyback = Agreed();
  EXPECT_FALSE(piggyback.HandleMessage({Bytes(), Bytes()}));
  for (const uint8_t first : {0, 19, 64, 128, 255}) {
    const uint8_t other[] = {first, 1, 2};
    EXPECT_FALSE(piggyback.HandleMessage({Bytes(other), Bytes()})) << int{first};
  }
  EXPECT_EQ(piggyback.Next().acknowledgements, Bytes());
}

// Only the answer says whether the peer does it, but its checks may be here first: "An offerer that
// advertises `sped` MUST therefore be prepared".
TEST(StunPiggyback, ListensOnceItIsOfferedAndSpeaksOnceThePeerDoes) {
  StunPiggyback piggyback;
  piggyback.Offer();
  EXPECT_TRUE(piggyback.Next().empty());
  piggyback.HandleMessage({});
  EXPECT_EQ(piggyback.state(), State::kOffered);
  const auto datagram = Datagram(1);
  EXPECT_EQ(piggyback.HandleMessage({Bytes(datagram), Bytes()}), Bytes(datagram));
  EXPECT_EQ(piggyback.state(), State::kAgreed);
  EXPECT_EQ(piggyback.Next().acknowledgements, Bytes(ChecksumsOf({datagram})));
  piggyback.Agree();  // The answer says so too.
  EXPECT_EQ(piggyback.state(), State::kAgreed);
}

TEST(StunPiggyback, EndsWithAnAnswerThatDeclines) {
  StunPiggyback piggyback;
  piggyback.Offer();
  piggyback.Decline();
  const auto datagram = Datagram(1);
  EXPECT_FALSE(piggyback.HandleMessage({Bytes(datagram), Bytes()}));
  EXPECT_TRUE(piggyback.Next().empty());
}

// A browser answers checks that come before the answer without a word of it.
TEST(StunPiggyback, APeerMayBeSilent) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(1)});
  piggyback.HandleMessage({});
  EXPECT_EQ(piggyback.state(), State::kAgreed);
  EXPECT_THAT(NextNumbers(piggyback, 1), ElementsAre(1));
}

TEST(StunPiggyback, AClientIsDoneOnceThePeerSendsNothingMore) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(3)});
  const auto last = Datagram(4);
  piggyback.HandleMessage({Bytes(last), Bytes()});
  piggyback.HandleConnected(Role::kClient);
  EXPECT_EQ(piggyback.state(), State::kPending);
  // The peer still waits to hear that its last flight came.
  EXPECT_FALSE(piggyback.Next().datagram);
  EXPECT_EQ(piggyback.Next().acknowledgements, Bytes(ChecksumsOf({last})));
  piggyback.HandleMessage({Bytes(last), Bytes()});
  EXPECT_EQ(piggyback.state(), State::kPending);
  piggyback.HandleMessage({std::nullopt, Bytes()});
  EXPECT_EQ(piggyback.state(), State::kComplete);
  EXPECT_TRUE(piggyback.Next().empty());
}

TEST(StunPiggyback, AServerRepeatsItsLastFlightUntilItIsAcknowledged) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(4)});
  piggyback.HandleConnected(Role::kServer);
  piggyback.HandleMessage({std::nullopt, Bytes()});
  EXPECT_THAT(NextNumbers(piggyback, 2), ElementsAre(4, 4));
  const auto checksums = ChecksumsOf({Datagram(4)});
  piggyback.HandleMessage({std::nullopt, Bytes(checksums)});
  EXPECT_EQ(piggyback.state(), State::kComplete);
}

TEST(StunPiggyback, EndsWhenThePeerHasEndedIt) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(4)});
  piggyback.HandleConnected(Role::kServer);
  piggyback.HandleMessage({});
  EXPECT_EQ(piggyback.state(), State::kComplete);
}

TEST(StunPiggyback, EndsWhenThePeerUsesItsKeys) {
  StunPiggyback piggyback = Agreed();
  piggyback.HandleSecured();
  EXPECT_EQ(piggyback.state(), State::kAgreed);
  piggyback.HandleConnected(Role::kServer);
  piggyback.HandleSecured();
  EXPECT_EQ(piggyback.state(), State::kComplete);
}

TEST(StunPiggyback, CarriesABoundedNumberOfBytes) {
  StunPiggyback piggyback = Agreed();
  size_t carried_bytes = 0;
  for (int flight = 0; flight < 50; ++flight) {
    SetFlight(piggyback, {Datagram(1, kDtlsInStunMtu), Datagram(2, kDtlsInStunMtu)});
    for (int message = 0; message < 10; ++message) {
      const stun::DtlsInStun carried = piggyback.Next();
      ASSERT_TRUE(carried.acknowledgements);  // They go on.
      if (carried.datagram) carried_bytes += carried.datagram->size();
      piggyback.NoteSent(carried);
    }
  }
  EXPECT_LE(carried_bytes, kMaxDtlsInStunBytes);
  EXPECT_GT(carried_bytes, kMaxDtlsInStunBytes - kDtlsInStunMtu);
}

TEST(StunPiggyback, WhatDidNotFitIntoTheMessageCostsNothingOfTheBound) {
  StunPiggyback piggyback = Agreed();
  SetFlight(piggyback, {Datagram(1, kDtlsInStunMtu)});
  for (int message = 0; message < 100; ++message) {
    stun::DtlsInStun carried = piggyback.Next();
    ASSERT_TRUE(carried.datagram);
    carried.datagram.reset();
    piggyback.NoteSent(carried);
  }
  EXPECT_EQ(piggyback.stats().carried, 0u);
}

TEST(StunPiggyback, KeepsABoundedFlight) {
  StunPiggyback piggyback = Agreed();
  piggyback.BeginFlight();
  for (uint8_t number = 1; number <= 20; ++number) piggyback.AddToFlight(Datagram(number, 100));
  EXPECT_EQ(DirectNumbers(piggyback).size(), kMaxFlightDatagrams);
  piggyback.BeginFlight();
  for (uint8_t number = 1; number <= 20; ++number) piggyback.AddToFlight(Datagram(number, 1000));
  EXPECT_EQ(DirectNumbers(piggyback).size(), kMaxDtlsOutgoing / 1000);
}

TEST(StunPiggyback, NamesItsStates) {
  EXPECT_STREQ(ToString(State::kOffered), "offered");
  EXPECT_STREQ(ToString(State::kComplete), "complete");
}

}  // namespace
}  // namespace ocellus::dtls
