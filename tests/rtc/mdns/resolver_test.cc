// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/mdns/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <set>

namespace ocellus::mdns {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kChromiumName[] = "8f223c83-ed3e-4f6c-a4fb-bca342f6f5bd.local";

IpAddress Ip(const char* text) { return *IpAddress::Parse(text); }

Record AddressRecord(const std::string& name, const IpAddress& ip) {
  Record record;
  record.name = *Name::FromText(name);
  record.type = ip.is_v4() ? RecordType::kA : RecordType::kAaaa;
  record.cache_flush = true;
  record.ttl_seconds = 120;
  record.data = AsText(ip.bytes());
  return record;
}

class ResolverTest : public testing::Test {
 protected:
  struct Sent {
    Duration after;
    std::string labels;
    RecordType type;
  };

  // Everything that may go out now.
  void Transmit() {
    std::array<uint8_t, kMaxDatagramSize> out;
    while (const auto size = resolver_.PollTransmit(now_, out)) {
      const auto message = Message::Parse(Bytes(out).first(*size));
      ASSERT_TRUE(message.ok());
      EXPECT_EQ(message->id, 0);  // RFC 6762 section 18.1.
      EXPECT_FALSE(message->is_response);
      EXPECT_THAT(message->records, IsEmpty());
      ASSERT_THAT(message->questions, SizeIs(1));
      EXPECT_EQ(message->questions[0].question_class, kClassInternet);  // No QU bit.
      sent_.push_back({now_ - kStart, std::string(message->questions[0].name.labels()),
                       message->questions[0].type});
    }
  }

  // Lets time pass as the platform's thread does.
  void RunUntil(Time end) {
    Transmit();
    for (int turns = 0; resolver_.next_deadline() <= end; ++turns) {
      ASSERT_LT(turns, 2000) << "it spins";
      now_ = std::max(now_, resolver_.next_deadline());
      resolver_.HandleTimeout(now_);
      Transmit();
      Collect();
    }
    now_ = std::max(now_, end);
    Collect();
  }

  void Collect() {
    while (auto event = resolver_.PollEvent()) events_.push_back(std::move(*event));
  }

  void Receive(std::string bytes, SocketAddress from = {Ip("192.0.2.9"), kPort},
               SocketAddress to = GroupV4()) {
    Datagram in{to, from, MutableBytes(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size())};
    resolver_.HandleDatagram(now_, in);
    Collect();
  }

  static std::string Written(const Message& message) {
    std::array<uint8_t, 4096> out;
    const auto size = message.Write(out);
    EXPECT_TRUE(size.ok());
    return std::string(AsText(Bytes(out).first(*size)));
  }

  static Message Answer(std::vector<Record> records) {
    Message message;
    message.is_response = true;
    message.is_authoritative = true;
    message.records = std::move(records);
    return message;
  }

  static constexpr Time kStart{std::chrono::hours(1)};
  Time now_ = kStart;
  Resolver resolver_;
  std::vector<Sent> sent_;
  std::vector<Resolved> events_;
};

TEST_F(ResolverTest, IsIdleWithoutAName) {
  EXPECT_EQ(resolver_.next_deadline(), kNever);
  Transmit();
  EXPECT_THAT(sent_, IsEmpty());
}

// RFC 6762 section 5.2.
TEST_F(ResolverTest, AsksAtOnceAndAfterOneAndThreeSecondsThenGivesUp) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  RunUntil(now_ + seconds(60));
  ASSERT_THAT(sent_, SizeIs(6));
  const Duration times[] = {seconds(0), seconds(1), seconds(3)};
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(sent_[i].after, times[i / 2]);
    EXPECT_EQ(sent_[i].type, i % 2 == 0 ? RecordType::kA : RecordType::kAaaa);
  }
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_EQ(events_[0].name, "camera.local");
  EXPECT_EQ(events_[0].addresses.status().code(), StatusCode::kNotFound);
  EXPECT_EQ(resolver_.next_deadline(), kNever);
}

TEST_F(ResolverTest, TakesTheAnswerOfChromium) {
  ASSERT_TRUE(resolver_.Resolve(now_, kChromiumName).ok());
  RunUntil(now_ + milliseconds(2));
  std::ifstream file("tests/data/mdns/chromium156_announcement_a.bin", std::ios::binary);
  Receive({std::istreambuf_iterator<char>(file), {}});
  RunUntil(now_ + milliseconds(20));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_EQ(events_[0].name, kChromiumName);
  ASSERT_TRUE(events_[0].addresses.ok());
  EXPECT_THAT(*events_[0].addresses, ElementsAre(Ip("10.99.0.1")));
  RunUntil(now_ + seconds(10));
  EXPECT_THAT(sent_, SizeIs(2));  // Not asked again.
}

// Chromium answers a question for the other family so, and a lost answer is then no loss.
TEST_F(ResolverTest, TakesTheAddressBesideADenial) {
  ASSERT_TRUE(resolver_.Resolve(now_, kChromiumName).ok());
  RunUntil(now_);
  std::ifstream file("tests/data/mdns/chromium156_aaaa_denied.bin", std::ios::binary);
  Receive({std::istreambuf_iterator<char>(file), {}});
  RunUntil(now_ + milliseconds(20));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_THAT(*events_[0].addresses, ElementsAre(Ip("10.99.0.1")));
}

TEST_F(ResolverTest, IsDoneAtOnceWhenBothFamiliesHaveAnswered) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  Receive(Written(Answer({AddressRecord("camera.local", Ip("192.0.2.7")),
                          AddressRecord("CAMERA.local", Ip("2001:db8::7"))})));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_THAT(*events_[0].addresses, ElementsAre(Ip("192.0.2.7"), Ip("2001:db8::7")));
}

TEST_F(ResolverTest, WaitsAMomentForTheOtherFamily) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  Receive(Written(Answer({AddressRecord("camera.local", Ip("192.0.2.7"))})));
  EXPECT_THAT(events_, IsEmpty());
  now_ += milliseconds(5);
  Receive(Written(Answer({AddressRecord("camera.local", Ip("2001:db8::7"))})));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_THAT(*events_[0].addresses, ElementsAre(Ip("192.0.2.7"), Ip("2001:db8::7")));
}

TEST_F(ResolverTest, TakesALateAnswerToARepeatedQuestion) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  RunUntil(now_ + milliseconds(3500));
  Receive(Written(Answer({AddressRecord("camera.local", Ip("192.0.2.7"))})), {Ip("fe80::1"), kPort},
          GroupV6());
  RunUntil(now_ + seconds(1));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_TRUE(events_[0].addresses.ok());
}

// RFC 6762 sections 6 and 11.
TEST_F(ResolverTest, IgnoresAnswersFromAnotherPortAndUnicastOnes) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  const std::string answer = Written(Answer({AddressRecord("camera.local", Ip("192.0.2.7"))}));
  Receive(answer, {Ip("192.0.2.9"), 5354});
  Receive(answer, {Ip("192.0.2.9"), kPort}, {Ip("192.0.2.1"), kPort});
  RunUntil(now_ + seconds(5));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_FALSE(events_[0].addresses.ok());
}

// RFC 6762 sections 18.2, 18.3 and 18.11.
TEST_F(ResolverTest, IgnoresWhatIsNoAnswer) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  Message answer = Answer({AddressRecord("camera.local", Ip("192.0.2.7"))});
  answer.is_response = false;
  Receive(Written(answer));
  answer.is_response = true;
  answer.opcode = 1;
  Receive(Written(answer));
  answer.opcode = 0;
  answer.response_code = 3;
  Receive(Written(answer));
  answer.response_code = 0;
  answer.records[0].section = Section::kAuthority;
  Receive(Written(answer));
  answer.records[0].section = Section::kAnswer;
  answer.records[0].record_class = 3;
  Receive(Written(answer));
  Receive(Written(Answer({AddressRecord("other.local", Ip("192.0.2.7"))})));
  Receive(Written(answer).substr(0, 20));
  Receive("");
  RunUntil(now_ + seconds(5));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_FALSE(events_[0].addresses.ok());
}

TEST_F(ResolverTest, GivesNoAddressThatIsOfNoUseFromAfar) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  std::vector<Record> records;
  for (const char* ip : {"0.0.0.0", "127.0.0.1", "127.9.9.9", "224.0.0.251", "255.255.255.255",
                         "::", "::1", "ff02::fb", "fe80::1", "::ffff:127.0.0.1"}) {
    records.push_back(AddressRecord("camera.local", Ip(ip)));
  }
  // As a responder would write it who wants it to be taken for another.
  Record mapped = AddressRecord("camera.local", Ip("::1"));
  mapped.data = std::string(10, '\0') + "\xFF\xFF\x7F" + std::string(2, '\0') + "\1";
  records.push_back(mapped);
  Receive(Written(Answer(records)));
  RunUntil(now_ + seconds(5));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_EQ(events_[0].addresses.status().code(), StatusCode::kNotFound);
}

TEST_F(ResolverTest, KeepsEachAddressOnceAndNoMoreThanItsLimit) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  std::vector<Record> records;
  for (int i = 0; i < 40; ++i) {
    const std::string ip = "192.0.2." + std::to_string(i / 2 + 1);
    records.push_back(AddressRecord("camera.local", Ip(ip.c_str())));
  }
  Receive(Written(Answer(records)));
  RunUntil(now_ + seconds(1));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_THAT(*events_[0].addresses, SizeIs(kMaxMdnsAddresses));
  const std::vector<IpAddress>& addresses = *events_[0].addresses;
  EXPECT_EQ(addresses[1], Ip("192.0.2.2"));
}

// RFC 6762 section 10.1.
TEST_F(ResolverTest, TakesAGoodbyeAtItsWord) {
  ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  Record address = AddressRecord("camera.local", Ip("192.0.2.7"));
  Receive(Written(Answer({address, AddressRecord("camera.local", Ip("192.0.2.8"))})));
  address.ttl_seconds = 0;
  Receive(Written(Answer({address})));
  RunUntil(now_ + seconds(1));
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_THAT(*events_[0].addresses, ElementsAre(Ip("192.0.2.8")));
}

TEST_F(ResolverTest, AsksOnceForANameThatSeveralWant) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(resolver_.Resolve(now_, "camera.local").ok());
  RunUntil(now_ + milliseconds(1));
  EXPECT_THAT(sent_, SizeIs(2));
  Receive(Written(Answer({AddressRecord("camera.local", Ip("192.0.2.7"))})));
  RunUntil(now_ + seconds(1));
  EXPECT_THAT(events_, SizeIs(1));
}

TEST_F(ResolverTest, RefusesNamesOfAnotherForm) {
  for (const char* name : {"", ".local", "local", "camera", "camera.example", "a.b.local",
                           "camera.local.", "cam era.local", "cam\xC3\xA9ra.local", "a/b.local"}) {
    EXPECT_EQ(resolver_.Resolve(now_, name).code(), StatusCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(resolver_.Resolve(now_, std::string(64, 'a') + ".local").code(),
            StatusCode::kInvalidArgument);
  EXPECT_TRUE(resolver_.Resolve(now_, std::string(63, 'a') + ".local").ok());
  EXPECT_TRUE(resolver_.Resolve(now_, "Camera_2.LOCAL").ok());
}

// Checklist 9.
TEST_F(ResolverTest, BoundsTheNamesUnderWay) {
  for (size_t i = 0; i < kMaxMdnsNames; ++i) {
    ASSERT_TRUE(resolver_.Resolve(now_, "n" + std::to_string(i) + ".local").ok());
  }
  EXPECT_EQ(resolver_.Resolve(now_, "more.local").code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(resolver_.Resolve(now_, "n7.local").ok());  // Under way already.
  RunUntil(now_ + seconds(5));
  EXPECT_THAT(events_, SizeIs(kMaxMdnsNames));
  EXPECT_TRUE(resolver_.Resolve(now_, "more.local").ok());
}

// Whoever may signal candidates can make the camera multicast no more than this.
TEST_F(ResolverTest, AsksNoMoreThanItsRateHoweverManyNamesThereAre) {
  for (int second = 0; second < 30; ++second) {
    for (int i = 0; i < 100; ++i) {
      static_cast<void>(resolver_.Resolve(now_, "n" + std::to_string(second * 100 + i) + ".local"));
    }
    RunUntil(now_ + seconds(1));
  }
  RunUntil(now_ + seconds(10));
  for (size_t first = 0; first < sent_.size(); ++first) {
    size_t last = first;
    while (last < sent_.size() && sent_[last].after < sent_[first].after + seconds(1)) ++last;
    // A full bucket, and what comes in meanwhile.
    EXPECT_LE(last - first, 2 * kMaxMdnsQuestionsPerSecond);
  }
  EXPECT_LE(sent_.size(), kMaxMdnsQuestionsPerSecond * (30 + 4 + 1));
}

TEST_F(ResolverTest, AsksForNewNamesBeforeItAsksAgain) {
  for (size_t i = 0; i < kMaxMdnsNames; ++i) {
    ASSERT_TRUE(resolver_.Resolve(now_, "n" + std::to_string(i) + ".local").ok());
  }
  RunUntil(now_ + seconds(4));
  std::set<std::string> asked;
  for (const Sent& sent : sent_) asked.insert(sent.labels);
  EXPECT_THAT(asked, SizeIs(kMaxMdnsNames));
  EXPECT_THAT(events_, SizeIs(kMaxMdnsNames));  // All within 4 s.
}

}  // namespace
}  // namespace ocellus::mdns
