// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/dcep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

// What Chromium sends for createDataChannel("ctl").
constexpr uint8_t kChromiumOpen[] = {3, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 'c', 't', 'l'};

TEST(Dcep, ReadsWhatChromiumSends) {
  const Result<DcepOpen> open = DcepOpen::Parse(kChromiumOpen);
  ASSERT_TRUE(open.ok());
  EXPECT_TRUE(open->ordered);
  EXPECT_EQ(open->priority, 256);
  EXPECT_EQ(open->label, "ctl");
  EXPECT_EQ(open->protocol, "");
  EXPECT_FALSE(open->max_retransmits);
  EXPECT_FALSE(open->max_lifetime);
}

TEST(Dcep, WritesWhatChromiumSends) {
  DcepOpen open;
  open.priority = 256;
  open.label = "ctl";
  EXPECT_EQ(Bytes(open.Write()), Bytes(kChromiumOpen));
  EXPECT_THAT(WriteDcepAck(), ElementsAre(0x02));
}

// RFC 8832 section 5.1: the six channel types.
TEST(Dcep, ReadsItsOwnOpensOfAllTypes) {
  for (const bool ordered : {true, false}) {
    for (const int limit : {0, 1, 2}) {
      DcepOpen open;
      open.ordered = ordered;
      if (limit == 1) open.max_retransmits = 65'535;
      if (limit == 2) open.max_lifetime = milliseconds(4'294'967'295);
      open.priority = 1024;
      open.label = "a label";
      open.protocol = "a.protocol";
      const std::vector<uint8_t> message = open.Write();
      EXPECT_EQ(message[1], (ordered ? 0 : 0x80) + limit);
      EXPECT_EQ(TypeOfDcepMessage(message), DcepType::kOpen);
      const Result<DcepOpen> read = DcepOpen::Parse(message);
      ASSERT_TRUE(read.ok());
      EXPECT_EQ(read->ordered, ordered);
      EXPECT_EQ(read->max_retransmits, open.max_retransmits);
      EXPECT_EQ(read->max_lifetime, open.max_lifetime);
      EXPECT_EQ(read->priority, 1024);
      EXPECT_EQ(read->label, "a label");
      EXPECT_EQ(read->protocol, "a.protocol");
    }
  }
}

TEST(Dcep, TakesMoreRetransmissionsThanWeCountAsTheMost) {
  std::vector<uint8_t> message(kChromiumOpen, std::end(kChromiumOpen));
  message[1] = 0x01;
  message[4] = 0xff;
  EXPECT_EQ(DcepOpen::Parse(message)->max_retransmits, 65'535);
}

// "MUST be set to 0 on the sending side and MUST be ignored on the receiving side".
TEST(Dcep, IgnoresTheParameterOfAReliableChannel) {
  std::vector<uint8_t> message(kChromiumOpen, std::end(kChromiumOpen));
  message[7] = 9;
  EXPECT_FALSE(DcepOpen::Parse(message)->max_retransmits);
}

// Checklist 41: lengths that lie.
TEST(Dcep, RefusesLengthsThatLie) {
  for (size_t size = 1; size < std::size(kChromiumOpen); ++size) {
    EXPECT_EQ(DcepOpen::Parse(Bytes(kChromiumOpen, size)).status().code(), StatusCode::kTruncated);
  }
  std::vector<uint8_t> longer(kChromiumOpen, std::end(kChromiumOpen));
  longer.push_back(0);
  EXPECT_EQ(DcepOpen::Parse(longer).status().code(), StatusCode::kMalformed);
  std::vector<uint8_t> huge(kChromiumOpen, std::end(kChromiumOpen));
  huge[8] = huge[9] = huge[10] = huge[11] = 0xff;
  EXPECT_EQ(DcepOpen::Parse(huge).status().code(), StatusCode::kTruncated);
}

TEST(Dcep, RefusesUnknownTypes) {
  std::vector<uint8_t> message(kChromiumOpen, std::end(kChromiumOpen));
  for (const int type : {0x03, 0x7f, 0x83, 0xff}) {
    message[1] = static_cast<uint8_t>(type);
    EXPECT_EQ(DcepOpen::Parse(message).status().code(), StatusCode::kUnsupported) << type;
  }
  EXPECT_EQ(TypeOfDcepMessage({}), std::nullopt);
  for (const uint8_t type : {0, 1, 4, 255}) {
    EXPECT_EQ(TypeOfDcepMessage(Bytes(&type, 1)), std::nullopt);
  }
}

}  // namespace
}  // namespace ocellus::sctp
