// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/mdns/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>

#include "firmware/base/limits.h"

namespace ocellus::mdns {
namespace {

using ::testing::SizeIs;
using std::string_literals::operator""s;

std::string ReadData(const std::string& name) {
  std::ifstream file("tests/data/mdns/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The counts of a response, its questions' and its three sections'.
std::string Header(char questions, char answers, char authority = 0, char additional = 0) {
  return "\0\0\x84\0\0"s + questions + '\0' + answers + '\0' + authority + '\0' + additional;
}

const std::string kAddressRecord = "\0\1\x80\1\0\0\0\x78\0\4\xC0\0\2\1"s;  // Behind its name.

StatusCode ParseCode(const std::string& bytes) {
  return Message::Parse(AsBytes(bytes)).status().code();
}

Name NameOf(std::string_view text) { return *Name::FromText(text); }

TEST(Name, IsComparedWithoutRegardToCase) {
  EXPECT_EQ(NameOf("Camera.LOCAL"), NameOf("camera.local"));
  EXPECT_NE(NameOf("camera.local"), NameOf("camera2.local"));
  EXPECT_NE(NameOf("camera.local"), NameOf("camera"));
}

TEST(Name, OfOneLabelWithADotInsideIsNotTwoLabels) {
  Name dotted;
  ASSERT_TRUE(dotted.Append("camera.local"));
  EXPECT_NE(dotted, NameOf("camera.local"));
}

// RFC 1035 section 2.3.4.
TEST(Name, KeepsToTheLimitsOfRfc1035) {
  EXPECT_TRUE(Name::FromText(std::string(63, 'a') + ".local"));
  EXPECT_FALSE(Name::FromText(std::string(64, 'a') + ".local"));
  const std::string label(49, 'a');
  const std::string longest = label + '.' + label + '.' + label + '.' + label + '.' + label;
  EXPECT_TRUE(Name::FromText(longest + ".bc"));  // 250 + 3 + 1 + the root.
  EXPECT_FALSE(Name::FromText(longest + ".bcde"));
  EXPECT_FALSE(Name::FromText(""));
  EXPECT_FALSE(Name::FromText("a..local"));
  EXPECT_FALSE(Name::FromText("a.local."));
}

TEST(Message, ReadsTheAnnouncementOfChromium) {
  const auto message = Message::Parse(AsBytes(ReadData("chromium156_announcement_a.bin")));
  ASSERT_TRUE(message.ok()) << message.status().ToString();
  EXPECT_TRUE(message->is_response);
  EXPECT_TRUE(message->is_authoritative);
  EXPECT_FALSE(message->is_truncated);
  EXPECT_EQ(message->response_code, 0);
  EXPECT_THAT(message->questions, SizeIs(0));
  ASSERT_THAT(message->records, SizeIs(2));
  const Record& address = message->records[0];
  EXPECT_EQ(address.section, Section::kAnswer);
  EXPECT_EQ(address.name, NameOf("8f223c83-ed3e-4f6c-a4fb-bca342f6f5bd.local"));
  EXPECT_TRUE(address.cache_flush);
  EXPECT_EQ(address.record_class, kClassInternet);
  EXPECT_EQ(address.ttl_seconds, 120u);
  EXPECT_EQ(address.address(), IpAddress::Parse("10.99.0.1"));
  EXPECT_EQ(message->records[1].section, Section::kAdditional);
  EXPECT_EQ(message->records[1].address(), std::nullopt);  // NSEC.
}

TEST(Message, ReadsTheGoodbyesOfChromium) {
  const auto message = Message::Parse(AsBytes(ReadData("chromium156_goodbye.bin")));
  ASSERT_TRUE(message.ok());
  ASSERT_THAT(message->records, SizeIs(3));
  for (const Record& record : message->records) EXPECT_EQ(record.ttl_seconds, 0u);
  EXPECT_EQ(message->records[0].type, RecordType::kAaaa);
}

// RFC 1035 section 4.1.4.
TEST(Message, FollowsCompressedNames) {
  // The name of the first record, its domain for the second, all of it for the third.
  const std::string bytes = Header(0, 3) + "\6camera\5local\0"s + kAddressRecord +
                            "\5other\xC0\x13" + kAddressRecord + "\xC0\x0C"s + kAddressRecord;
  const auto message = Message::Parse(AsBytes(bytes));
  ASSERT_TRUE(message.ok()) << message.status().ToString();
  ASSERT_THAT(message->records, SizeIs(3));
  EXPECT_EQ(message->records[0].name, NameOf("camera.local"));
  EXPECT_EQ(message->records[1].name, NameOf("other.local"));
  EXPECT_EQ(message->records[2].name, NameOf("camera.local"));
}

TEST(Message, RefusesNamesThatGoRoundInCircles) {
  EXPECT_EQ(ParseCode(Header(0, 1) + "\xC0\x0C"s + kAddressRecord), StatusCode::kMalformed);
  EXPECT_EQ(ParseCode(Header(0, 1) + "\1a\xC0\x0C" + kAddressRecord), StatusCode::kMalformed);
  // Forward, to a pointer that leads back.
  EXPECT_EQ(ParseCode(Header(0, 1) + "\xC0\x0E\xC0\x0C"s + kAddressRecord), StatusCode::kMalformed);
  // Backwards into the header, where zeros are the root.
  EXPECT_EQ(ParseCode(Header(0, 1) + "\1a\xC0\0"s + kAddressRecord), StatusCode::kOk);
}

TEST(Message, RefusesNamesThatPointersMakeTooLong) {
  const std::string label = '\x3F' + std::string(63, 'a');
  std::string bytes = Header(0, 2) + label + label + label + '\0' + kAddressRecord;
  bytes += label + "\xC0\x0C"s + kAddressRecord;
  EXPECT_EQ(ParseCode(bytes), StatusCode::kMalformed);
}

TEST(Message, RefusesLabelsOfAnUnknownKind) {
  EXPECT_EQ(ParseCode(Header(0, 1) + "\x41" + std::string(65, 'a') + '\0' + kAddressRecord),
            StatusCode::kMalformed);
  EXPECT_EQ(ParseCode(Header(0, 1) + "\x80" + std::string(128, 'a') + '\0' + kAddressRecord),
            StatusCode::kMalformed);
}

TEST(Message, RefusesEveryTruncation) {
  for (const char* name : {"chromium156_announcement_a.bin", "chromium156_aaaa_denied.bin",
                           "chromium156_goodbye.bin", "query_a.bin"}) {
    const std::string whole = ReadData(name);
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(ParseCode(whole.substr(0, size)), StatusCode::kTruncated) << name << ", " << size;
    }
  }
}

TEST(Message, RefusesMoreRecordsThanItsLimit) {
  std::string bytes = Header(0, 0);
  bytes[6] = static_cast<char>((kMaxMdnsRecords + 1) >> 8);
  bytes[7] = static_cast<char>((kMaxMdnsRecords + 1) & 0xFF);
  EXPECT_EQ(ParseCode(bytes), StatusCode::kResourceExhausted);
}

TEST(Record, HasAnAddressOnlyWhenItsTypeClassAndLengthSaySo) {
  Record record;
  record.data = "\xC0\0\2\1"s;
  EXPECT_EQ(record.address(), IpAddress::Parse("192.0.2.1"));
  record.type = RecordType::kAaaa;
  EXPECT_EQ(record.address(), std::nullopt);
  record.data = std::string(15, '\0') + '\1';
  EXPECT_EQ(record.address(), IpAddress::Parse("::1"));
  record.type = RecordType::kA;
  EXPECT_EQ(record.address(), std::nullopt);
  record.data = "\xC0\0\2\1"s;
  record.record_class = 3;
  EXPECT_EQ(record.address(), std::nullopt);
  record.record_class = kClassInternet;
  record.type = static_cast<RecordType>(16);
  EXPECT_EQ(record.address(), std::nullopt);
}

TEST(Message, WritesTheQuestionThatBrowsersAnswer) {
  Message message;
  message.questions.push_back({NameOf("8f223c83-ed3e-4f6c-a4fb-bca342f6f5bd.local")});
  std::array<uint8_t, 512> out;
  const auto size = message.Write(out);
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(AsText(Bytes(out).first(*size)), ReadData("query_a.bin"));
}

TEST(Message, ReadsWhatItWrites) {
  Message message;
  message.id = 0x1234;
  message.is_response = true;
  message.is_truncated = true;
  message.opcode = 5;
  message.response_code = 3;
  message.questions.push_back({NameOf("a.local"), RecordType::kAaaa, 0x8001});
  for (const Section section : {Section::kAnswer, Section::kAuthority, Section::kAdditional}) {
    Record record;
    record.section = section;
    record.name = NameOf("b.local");
    record.cache_flush = section == Section::kAnswer;
    record.ttl_seconds = 0xFFFFFFFF;
    record.data = "data";
    message.records.push_back(record);
  }
  std::array<uint8_t, 512> out;
  const auto size = message.Write(out);
  ASSERT_TRUE(size.ok());
  const auto copy = Message::Parse(Bytes(out).first(*size));
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(copy->id, 0x1234);
  EXPECT_TRUE(copy->is_response && copy->is_truncated && !copy->is_authoritative);
  EXPECT_EQ(copy->opcode, 5);
  EXPECT_EQ(copy->response_code, 3);
  ASSERT_THAT(copy->questions, SizeIs(1));
  EXPECT_EQ(copy->questions[0].name, NameOf("a.local"));
  EXPECT_EQ(copy->questions[0].type, RecordType::kAaaa);
  EXPECT_EQ(copy->questions[0].question_class, 0x8001);
  ASSERT_THAT(copy->records, SizeIs(3));
  EXPECT_EQ(copy->records[0].section, Section::kAnswer);
  EXPECT_EQ(copy->records[1].section, Section::kAuthority);
  EXPECT_EQ(copy->records[2].section, Section::kAdditional);
  EXPECT_TRUE(copy->records[0].cache_flush);
  EXPECT_FALSE(copy->records[1].cache_flush);
  EXPECT_EQ(copy->records[2].ttl_seconds, 0xFFFFFFFF);
  EXPECT_EQ(copy->records[2].data, "data");

  EXPECT_EQ(message.Write(MutableBytes(out).first(*size - 1)).status().code(),
            StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace ocellus::mdns
