// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/dtls/profile_swap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/sim/seeded_random.h"

namespace ocellus::dtls {
namespace {

using ::testing::ElementsAre;

std::vector<uint8_t> ReadFlight(const std::string& name) {
  std::ifstream file("tests/data/dtls/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Firefox offers 0007, 0008, 0001, 0002; Chromium's answer was 0001 and Firefox's 0007.
const char kClientFlight[] = "firefox153-dtls12-00-client.bin";
const char kServerFlight[] = "firefox153-dtls12-01-server.bin";
const char kServerFlightWithAesCm[] = "firefox153client-chromium156server-dtls12-01-server.bin";

// The profiles after "use_srtp, size of extension, size of list".
std::vector<uint8_t> Profiles(const std::vector<uint8_t>& datagram, size_t count) {
  const uint8_t header[] = {
      0, 14, 0, static_cast<uint8_t>(2 * count + 3), 0, static_cast<uint8_t>(2 * count)};
  const auto found =
      std::search(datagram.begin(), datagram.end(), std::begin(header), std::end(header));
  if (found == datagram.end()) return {};
  return {found + 6, found + 6 + static_cast<long>(2 * count)};
}

TEST(ProfileSwap, SwapsTheProfilesOfAClientHello) {
  std::vector<uint8_t> datagram = ReadFlight(kClientFlight);
  ASSERT_THAT(Profiles(datagram, 4), ElementsAre(0, 7, 0, 8, 0, 1, 0, 2));
  ProfileSwap swap;
  swap.HandleOutgoing(datagram);
  EXPECT_THAT(Profiles(datagram, 4), ElementsAre(0, 5, 0, 8, 0, 1, 0, 2));
  // What goes out is what is kept, with the handshake header and without the record's.
  EXPECT_TRUE(swap.client_hello() == Bytes(datagram).subspan(13));

  swap.HandleOutgoing(datagram);
  EXPECT_EQ(datagram, ReadFlight(kClientFlight));
}

TEST(ProfileSwap, SwapsTheProfileOfAServerHello) {
  const std::vector<uint8_t> received = ReadFlight(kServerFlight);
  ASSERT_THAT(Profiles(received, 1), ElementsAre(0, 7));
  std::vector<uint8_t> datagram = received;
  ProfileSwap swap;
  swap.HandleIncoming(datagram);
  EXPECT_THAT(Profiles(datagram, 1), ElementsAre(0, 5));
  // What came in is what is kept: the first of the messages in the datagram.
  EXPECT_TRUE(swap.server_hello() == Bytes(received).subspan(13, 12 + 115));
}

TEST(ProfileSwap, LeavesOtherProfilesAlone) {
  std::vector<uint8_t> datagram = ReadFlight(kServerFlightWithAesCm);
  ProfileSwap swap;
  swap.HandleIncoming(datagram);
  EXPECT_EQ(datagram, ReadFlight(kServerFlightWithAesCm));
  EXPECT_FALSE(swap.server_hello().empty());
}

// A peer that chose no encryption must not pass for one that chose AES-GCM.
TEST(ProfileSwap, MakesTheStandInOnTheWireUnknownToMbedTls) {
  std::vector<uint8_t> datagram = ReadFlight(kServerFlight);
  ProfileSwap().HandleIncoming(datagram);
  ASSERT_THAT(Profiles(datagram, 1), ElementsAre(0, 5));
  ProfileSwap().HandleIncoming(datagram);
  EXPECT_THAT(Profiles(datagram, 1), ElementsAre(0, 7));
}

TEST(ProfileSwap, LeavesEverythingElseAlone) {
  for (const char* name :
       {"firefox153-dtls12-02-client.bin", "firefox153-dtls12-03-server.bin",
        "chromium156-dtls13-00-client.bin", "chromium156-dtls13-01-client.bin"}) {
    std::vector<uint8_t> datagram = ReadFlight(name);
    ProfileSwap swap;
    swap.HandleOutgoing(datagram);
    swap.HandleIncoming(datagram);
    EXPECT_EQ(datagram, ReadFlight(name)) << name;
  }
}

TEST(ProfileSwap, SurvivesLiesAboutLengths) {
  sim::SeededRandom random(1);
  for (const char* name : {kClientFlight, kServerFlight}) {
    const std::vector<uint8_t> flight = ReadFlight(name);
    for (size_t size = 0; size <= flight.size(); ++size) {
      std::vector<uint8_t> datagram(flight.begin(), flight.begin() + static_cast<long>(size));
      datagram.shrink_to_fit();
      if (size > 0) datagram[random.Below(static_cast<uint32_t>(size))] ^= 0xff;
      ProfileSwap swap;
      swap.HandleOutgoing(datagram);
      swap.HandleIncoming(datagram);
      HasFragmentOfClientHello(datagram);
    }
  }
}

// Checklist 15.
TEST(HasFragmentOfClientHello, TellsWhatBrowsersSend) {
  for (const char* name : {"chromium156-dtls13-00-client.bin", "chromium156-dtls13-01-client.bin",
                           "firefox153-dtls13-00-client.bin", "firefox153-dtls13-01-client.bin",
                           "retransmit-chromium156-01-seq3.bin"}) {
    EXPECT_TRUE(HasFragmentOfClientHello(ReadFlight(name))) << name;
  }
  for (const char* name : {"firefox153-dtls12-00-client.bin", "firefox153-dtls12-01-server.bin",
                           "firefox153-dtls12-02-client.bin"}) {
    EXPECT_FALSE(HasFragmentOfClientHello(ReadFlight(name))) << name;
  }
  EXPECT_FALSE(HasFragmentOfClientHello({}));
}

}  // namespace
}  // namespace ocellus::dtls
