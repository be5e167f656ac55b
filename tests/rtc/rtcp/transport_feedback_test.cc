// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/rtcp/transport_feedback.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::rtcp {
namespace {

using test::FromHex;

std::map<uint16_t, int64_t> Arrivals(const TransportFeedback& feedback) {
  std::map<uint16_t, int64_t> arrivals;
  auto cursor = feedback.Packets();
  while (const auto status = cursor.Next()) {
    if (status->arrival) arrivals[status->sequence_number.value()] = status->arrival->count();
  }
  return arrivals;
}

size_t CountStatuses(const TransportFeedback& feedback) {
  size_t count = 0;
  auto cursor = feedback.Packets();
  while (cursor.Next()) ++count;
  return count;
}

TEST(TransportFeedback, ReadsWhatBrowsersSend) {
  std::ifstream file("tests/data/rtcp/browser-transport-feedback.txt");
  ASSERT_TRUE(file) << "run me in the source tree";
  size_t feedbacks = 0;
  size_t with_losses = 0;
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '#') continue;
    std::istringstream fields(line);
    std::string hex;
    unsigned base = 0, count = 0, reference = 0, feedback_count = 0;
    fields >> hex >> base >> count >> reference >> feedback_count;
    std::map<uint16_t, int64_t> expected;
    unsigned number = 0;
    char colon = 0;
    for (int64_t arrival = 0; fields >> number >> colon >> arrival;) {
      expected[static_cast<uint16_t>(number)] = arrival;
    }

    const auto datagram = FromHex(hex);
    ByteReader reader(datagram);
    const auto raw = ReadRawPacket(reader);
    ASSERT_TRUE(raw.ok()) << hex;
    const auto feedback = TransportFeedback::Parse(raw->body);
    ASSERT_TRUE(feedback.ok()) << hex;
    EXPECT_EQ(feedback->base.value(), base);
    EXPECT_EQ(feedback->packet_status_count, count);
    EXPECT_EQ(feedback->reference_time, std::chrono::milliseconds(64) * reference);
    EXPECT_EQ(feedback->feedback_count, feedback_count);
    EXPECT_EQ(CountStatuses(*feedback), count);
    EXPECT_EQ(Arrivals(*feedback), expected) << hex;
    ++feedbacks;
    with_losses += expected.size() < count ? 1 : 0;
  }
  EXPECT_EQ(feedbacks, 360u);
  EXPECT_GT(with_losses, 0u);
}

constexpr char kSsrcs[] = "11111111 22222222 ";

Result<TransportFeedback> Parse(const std::vector<uint8_t>& body) {
  return TransportFeedback::Parse(body);
}

TEST(TransportFeedback, WrapsItsNumbersAndGoesBackInTime) {
  // From 65535: received, lost, received 250 us before the reference. Two-bit symbols 01 00 10.
  const auto body = FromHex(kSsrcs + std::string("ffff 0003 000001 00 d200 04 fffb"));
  const auto feedback = Parse(body);
  ASSERT_TRUE(feedback.ok());
  const std::map<uint16_t, int64_t> expected = {{65535, 65000}, {1, 63750}};
  EXPECT_EQ(Arrivals(*feedback), expected);
}

TEST(TransportFeedback, ReadsANegativeReferenceTime) {
  const auto body = FromHex(kSsrcs + std::string("0001 0001 ffffff 00 2001 00"));
  const auto feedback = Parse(body);
  ASSERT_TRUE(feedback.ok());
  EXPECT_EQ(feedback->reference_time, std::chrono::milliseconds(-64));
}

// Checklist 33: vectors/rfc-derived rtcp-twcc-status-overrun and its kind.
TEST(TransportFeedback, RefusesRunsWithoutDeltas) {
  EXPECT_FALSE(Parse(FromHex(kSsrcs + std::string("0000 ffff 000000 00 20ff 3fff"))).ok());
  // A run length past the count: only the count's deltas are wanted.
  const auto body = FromHex(kSsrcs + std::string("0000 0002 000000 00 3fff 01 02"));
  const auto feedback = Parse(body);
  ASSERT_TRUE(feedback.ok());
  EXPECT_EQ(CountStatuses(*feedback), 2u);
}

// Checklist 33.
TEST(TransportFeedback, RefusesEmptyRunsWithoutEnd) {
  std::vector<uint8_t> body = FromHex(kSsrcs + std::string("0000 0001 000000 00"));
  body.resize(1400);  // Run after run of length 0.
  EXPECT_EQ(Parse(body).status().code(), StatusCode::kTruncated);
}

TEST(TransportFeedback, RefusesReservedSymbolsAndNoPackets) {
  EXPECT_EQ(Parse(FromHex(kSsrcs + std::string("0000 0001 000000 00 6001"))).status().code(),
            StatusCode::kMalformed);
  EXPECT_EQ(Parse(FromHex(kSsrcs + std::string("0000 0001 000000 00 f000"))).status().code(),
            StatusCode::kMalformed);
  EXPECT_EQ(Parse(FromHex(kSsrcs + std::string("0000 0000 000000 00 2001 00"))).status().code(),
            StatusCode::kMalformed);
}

// Checklist 33.
TEST(TransportFeedback, BoundsTheWorkOfTheLargestCount) {
  // 65,535 packets, none received: eight runs of 8,191 and one of 7.
  std::string hex = kSsrcs + std::string("0000 ffff 000000 00");
  for (int i = 0; i < 8; ++i) hex += "1fff";
  const auto body = FromHex(hex + "0007");
  const auto feedback = Parse(body);
  ASSERT_TRUE(feedback.ok());
  EXPECT_EQ(CountStatuses(*feedback), 65535u);
}

}  // namespace
}  // namespace ocellus::rtcp
