// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/stun/dtls_in_stun.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"
#include "firmware/rtc/stun/crc32.h"
#include "tests/rtc/stun/vectors.h"

namespace ocellus::stun {
namespace {

constexpr TransactionId kId = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
constexpr uint8_t kDatagram[] = {22, 0xFE, 0xFD, 0, 0};  // Of five bytes: it needs padding.
constexpr uint8_t kChecksums[] = {1, 2, 3, 4, 5, 6, 7, 8};

struct Written {
  DtlsInStun carried;
  std::optional<size_t> size;
};

Written WriteCheck(const DtlsInStun& carried, MutableBytes out) {
  MessageWriter writer(out, {MessageClass::kRequest, Method::kBinding, kId});
  writer.AddText(AttributeType::kUsername, "theirs:ours");
  Written written;
  written.carried = carried.Write(writer);
  writer.AddIntegrity(AsBytes("password"));
  writer.AddFingerprint();
  written.size = writer.Finish();
  return written;
}

TEST(DtlsInStun, ReadsWhatItHasWritten) {
  uint8_t out[256];
  const auto written = WriteCheck({Bytes(kDatagram), Bytes(kChecksums)}, out);
  EXPECT_EQ(written.carried.datagram, Bytes(kDatagram));
  const auto message = Message::Parse(Bytes(out).first(written.size.value()));
  ASSERT_TRUE(message.ok());
  EXPECT_TRUE(message->IntegrityMatches(AsBytes("password")));
  const DtlsInStun read = DtlsInStun::Read(*message);
  EXPECT_EQ(read.datagram, Bytes(kDatagram));
  EXPECT_EQ(read.acknowledgements, Bytes(kChecksums));
}

TEST(DtlsInStun, AbsentIsNotEmpty) {
  uint8_t out[256];
  const auto size = WriteCheck({std::nullopt, Bytes()}, out).size;
  const auto message = Message::Parse(Bytes(out).first(size.value()));
  ASSERT_TRUE(message.ok());
  const DtlsInStun read = DtlsInStun::Read(*message);
  EXPECT_FALSE(read.datagram);
  EXPECT_EQ(read.acknowledgements, Bytes());
  EXPECT_FALSE(read.empty());
  EXPECT_TRUE(DtlsInStun().empty());
}

TEST(DtlsInStun, LeavesOutWhatDoesNotFitAndKeepsTheMessageWhole) {
  const std::vector<uint8_t> large(kMaxDatagramSize - 60);
  for (size_t room = 60; room <= 140; ++room) {
    std::vector<uint8_t> out(room);
    const auto written = WriteCheck({Bytes(kDatagram), Bytes(kChecksums)}, out);
    if (!written.size) {
      EXPECT_TRUE(written.carried.empty()) << room;  // Not even the check itself fits.
      continue;
    }
    const auto message = Message::Parse(Bytes(out).first(*written.size));
    ASSERT_TRUE(message.ok()) << room;
    EXPECT_TRUE(message->IntegrityMatches(AsBytes("password"))) << room;
    EXPECT_EQ(DtlsInStun::Read(*message).datagram, written.carried.datagram) << room;
    EXPECT_TRUE(written.carried.acknowledgements || !written.carried.datagram) << room;
  }
  std::vector<uint8_t> out(kMaxDatagramSize);
  const auto written = WriteCheck({Bytes(large), Bytes(kChecksums)}, out);
  EXPECT_TRUE(written.size);
  EXPECT_FALSE(written.carried.datagram);
  EXPECT_EQ(written.carried.acknowledgements, Bytes(kChecksums));
}

TEST(DtlsInStun, ReadsNothingBehindTheIntegrityCheck) {
  uint8_t out[256];
  MessageWriter writer(out, {MessageClass::kSuccess, Method::kBinding, kId});
  writer.AddIntegrity(AsBytes("password"));
  EXPECT_TRUE((DtlsInStun{Bytes(kDatagram), Bytes(kChecksums)}.Write(writer).datagram));
  const auto message = Message::Parse(Bytes(out).first(writer.Finish().value()));
  ASSERT_TRUE(message.ok());
  EXPECT_TRUE(DtlsInStun::Read(*message).empty());
}

// What Chromium 156 sends: the answer acknowledges the CRC-32 of the datagram in the request.
TEST(DtlsInStun, ReadsABrowsersRequestAndAnswer) {
  const Vector request = ReadVector("chromium156-sped-00-request.bin");
  const Vector answer = ReadVector("chromium156-sped-01-success.bin");
  const auto first = Message::Parse(request.bytes);
  const auto second = Message::Parse(answer.bytes);
  ASSERT_TRUE(first.ok() && second.ok());
  const DtlsInStun carried = DtlsInStun::Read(*first);
  ASSERT_TRUE(carried.datagram);
  EXPECT_EQ((*carried.datagram)[0], 22);  // A handshake record.
  EXPECT_EQ(carried.acknowledgements, Bytes());
  EXPECT_EQ(second->FindU32(AttributeType::kDtlsInStunAcknowledgement), Crc32(*carried.datagram));
}

}  // namespace
}  // namespace ocellus::stun
