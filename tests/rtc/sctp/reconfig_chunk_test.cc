// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/reconfig_chunk.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/rtc/rtcp/hex.h"

namespace ocellus::sctp {
namespace {

using test::FromHex;
using test::ToHex;

std::vector<uint8_t> Written(const ReconfigChunk& chunk) {
  std::vector<uint8_t> out(256);
  ByteWriter writer{MutableBytes(out)};
  chunk.Write(writer);
  EXPECT_TRUE(writer.ok());
  out.resize(writer.size());
  return out;
}

Result<ReconfigChunk> Parse(const std::vector<uint8_t>& chunk) {
  return ReconfigChunk::Parse(0, Bytes(chunk).subspan(4));
}

RecordBuffer<StreamNumber, 3> Streams(std::initializer_list<uint16_t> numbers) {
  RecordBuffer<StreamNumber, 3> streams;
  for (const uint16_t number : numbers) EXPECT_TRUE(streams.Add({StreamId(number)}));
  return streams;
}

TEST(ReconfigChunk, WritesAnOutgoingResetAsItReadsIt) {
  const auto streams = Streams({1, 65535, 3});
  const auto bytes = Written(
      {OutgoingResetRequest{ReconfigSequence(7), ReconfigSequence(8), Tsn(9), streams.list()}, {}});
  EXPECT_EQ(ToHex(bytes),
            "8200001a"
            "000d0016"
            "00000007"
            "00000008"
            "00000009"
            "0001ffff0003");
  const auto parsed = Parse(bytes);
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->second);
  const auto* reset = std::get_if<OutgoingResetRequest>(&parsed->first);
  ASSERT_NE(reset, nullptr);
  EXPECT_EQ(reset->request, ReconfigSequence(7));
  EXPECT_EQ(reset->response, ReconfigSequence(8));
  EXPECT_EQ(reset->last_tsn, Tsn(9));
  ASSERT_EQ(reset->streams.size(), 3u);
  EXPECT_EQ(reset->streams[1].stream, StreamId(65535));
}

// RFC 6525 section 3.1: an outgoing reset may stand beside an incoming one or a response.
TEST(ReconfigChunk, WritesTwoParametersAsItReadsThem) {
  const auto one = Streams({1});
  const auto bytes =
      Written({OutgoingResetRequest{ReconfigSequence(7), ReconfigSequence(8), Tsn(9), one.list()},
               IncomingResetRequest{ReconfigSequence(10), one.list()}});
  EXPECT_EQ(ToHex(bytes),
            "82000022"
            "000d0012"
            "00000007"
            "00000008"
            "00000009"
            "00010000"
            "000e000a"
            "0000000a"
            "0001");
  const auto parsed = Parse(bytes);
  ASSERT_TRUE(parsed.ok());
  ASSERT_TRUE(parsed->second);
  const auto* incoming = std::get_if<IncomingResetRequest>(&*parsed->second);
  ASSERT_NE(incoming, nullptr);
  EXPECT_EQ(incoming->request, ReconfigSequence(10));
  EXPECT_EQ(incoming->streams[0].stream, StreamId(1));
}

TEST(ReconfigChunk, WritesResponsesAsItReadsThem) {
  const auto plain =
      Written({ReconfigResponse{ReconfigSequence(7), ReconfigResult::kPerformed, {}}, {}});
  EXPECT_EQ(ToHex(plain),
            "82000010"
            "0010000c"
            "00000007"
            "00000001");
  const auto parsed = Parse(plain);
  ASSERT_TRUE(parsed.ok());
  const auto* response = std::get_if<ReconfigResponse>(&parsed->first);
  ASSERT_NE(response, nullptr);
  EXPECT_EQ(response->result, ReconfigResult::kPerformed);
  EXPECT_FALSE(response->next_tsns);

  const auto full = Written({ReconfigResponse{ReconfigSequence(7), ReconfigResult::kInProgress,
                                              ReconfigResponse::NextTsns{Tsn(1), Tsn(2)}},
                             {}});
  EXPECT_EQ(ToHex(full),
            "82000018"
            "00100014"
            "00000007"
            "00000006"
            "00000001"
            "00000002");
  const auto parsed_full = Parse(full);
  ASSERT_TRUE(parsed_full.ok());
  response = std::get_if<ReconfigResponse>(&parsed_full->first);
  ASSERT_TRUE(response != nullptr && response->next_tsns);
  EXPECT_EQ(response->next_tsns->of_sender, Tsn(1));
  EXPECT_EQ(response->next_tsns->of_receiver, Tsn(2));
}

TEST(ReconfigChunk, WritesTheOtherRequestsAsItReadsThem) {
  const auto reset = Written({SsnTsnResetRequest{ReconfigSequence(7)}, {}});
  EXPECT_EQ(ToHex(reset),
            "8200000c"
            "000f0008"
            "00000007");
  EXPECT_TRUE(std::holds_alternative<SsnTsnResetRequest>(Parse(reset)->first));

  const auto add = Written({AddOutgoingStreamsRequest{ReconfigSequence(7), 8},
                            AddIncomingStreamsRequest{ReconfigSequence(9), 10}});
  EXPECT_EQ(ToHex(add),
            "8200001c"
            "0011000c"
            "00000007"
            "00080000"
            "0012000c"
            "00000009"
            "000a0000");
  const auto parsed = Parse(add);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(std::get<AddOutgoingStreamsRequest>(parsed->first).count, 8);
  EXPECT_EQ(std::get<AddIncomingStreamsRequest>(*parsed->second).count, 10);
}

TEST(ReconfigChunk, RefusesEveryTruncation) {
  for (const char* text :
       {"000d 0010 00000007 00000008 00000009", "000e 0008 00000007", "000f 0008 00000007",
        "0010 000c 00000007 00000001", "0011 000c 00000007 00080000"}) {
    const auto value = FromHex(text);
    ASSERT_TRUE(ReconfigChunk::Parse(0, Bytes(value)).ok()) << text;
    for (size_t size = 0; size < value.size(); ++size) {
      std::vector<uint8_t> cut(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(ReconfigChunk::Parse(0, Bytes(cut)).ok()) << text << " " << size;
    }
  }
  for (const char* text : {"000d 000c 00000007 00000008", "000e 0006 0000", "000f 0006 0000",
                           "0010 0008 00000007", "0011 0008 00000007"}) {
    const auto value = FromHex(text);
    EXPECT_EQ(ReconfigChunk::Parse(0, Bytes(value)).status().code(), StatusCode::kTruncated)
        << text;
  }
}

TEST(ReconfigChunk, RefusesHalfStreamNumbersAndUnknownParameters) {
  const auto half = FromHex("000e 0009 00000007 01 000000");
  EXPECT_EQ(ReconfigChunk::Parse(0, Bytes(half)).status().code(), StatusCode::kMalformed);
  const auto unknown = FromHex("0099 0008 00000007");
  EXPECT_EQ(ReconfigChunk::Parse(0, Bytes(unknown)).status().code(), StatusCode::kUnsupported);
}

}  // namespace
}  // namespace ocellus::sctp
