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

// A check with what fits of `carried`; nullopt when it does not fit itself.
std::optional<Bytes> WriteCheck(const DtlsInStun& carried, MutableBytes out) {
  MessageWriter writer(out, {MessageClass::kRequest, Method::kBinding, kId});
  writer.AddText(AttributeType::kUsername, "theirs:ours");
  carried.Write(writer);
  writer.AddIntegrity(AsBytes("password"));
  writer.AddFingerprint();
  const auto size = writer.Finish();
  return size ? std::optional<Bytes>(out.first(*size)) : std::nullopt;
}

DtlsInStun ReadCheck(Bytes check) {
  const auto message = Message::Parse(check);
  EXPECT_TRUE(message.ok() && message->IntegrityMatches(AsBytes("password")));
  return message.ok() ? DtlsInStun::Read(*message) : DtlsInStun();
}

TEST(DtlsInStun, ReadsWhatItHasWritten) {
  uint8_t out[256];
  const DtlsInStun read = ReadCheck(WriteCheck({Bytes(kDatagram), Bytes(kChecksums)}, out).value());
  EXPECT_EQ(read.datagram, Bytes(kDatagram));
  EXPECT_EQ(read.acknowledgements, Bytes(kChecksums));
}

TEST(DtlsInStun, AbsentIsNotEmpty) {
  uint8_t out[256];
  const DtlsInStun read = ReadCheck(WriteCheck({std::nullopt, Bytes()}, out).value());
  EXPECT_FALSE(read.datagram);
  EXPECT_EQ(read.acknowledgements, Bytes());
  EXPECT_FALSE(read.empty());
  EXPECT_TRUE(DtlsInStun().empty());
}

TEST(DtlsInStun, SaysHowMuchTheMessageHasGrown) {
  uint8_t out[256];
  MessageWriter writer(out, {MessageClass::kSuccess, Method::kBinding, kId});
  EXPECT_EQ(DtlsInStun().Write(writer), 0u);
  EXPECT_EQ((DtlsInStun{Bytes(kDatagram), Bytes(kChecksums)}.Write(writer)), 4u + 8 + 4 + 8);
  EXPECT_EQ(writer.Finish(), kHeaderSize + 24);
}

TEST(DtlsInStun, LeavesOutWhatDoesNotFitAndKeepsTheMessageWhole) {
  size_t with_both = 0;
  for (size_t room = 60; room <= 140; ++room) {
    std::vector<uint8_t> out(room);
    const auto check = WriteCheck({Bytes(kDatagram), Bytes(kChecksums)}, out);
    if (!check) continue;
    const DtlsInStun read = ReadCheck(*check);
    EXPECT_TRUE(read.acknowledgements || !read.datagram) << room;
    with_both += read.datagram ? 1 : 0;
  }
  EXPECT_GT(with_both, 0u);

  const std::vector<uint8_t> large(kMaxDatagramSize - 60);
  std::vector<uint8_t> out(kMaxDatagramSize);
  const DtlsInStun read = ReadCheck(WriteCheck({Bytes(large), Bytes(kChecksums)}, out).value());
  EXPECT_FALSE(read.datagram);
  EXPECT_EQ(read.acknowledgements, Bytes(kChecksums));
}

TEST(DtlsInStun, ReadsNothingBehindTheIntegrityCheck) {
  uint8_t out[256];
  MessageWriter writer(out, {MessageClass::kSuccess, Method::kBinding, kId});
  writer.AddIntegrity(AsBytes("password"));
  EXPECT_GT((DtlsInStun{Bytes(kDatagram), Bytes(kChecksums)}.Write(writer)), 0u);
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
