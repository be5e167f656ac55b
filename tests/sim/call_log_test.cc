// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/call_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::sim {
namespace {

using Kind = CallLog::Kind;
using ::testing::HasSubstr;

// Sends what it is told to, once each.
class Sender : public Node {
 public:
  explicit Sender(std::vector<std::vector<uint8_t>> payloads) : payloads_(std::move(payloads)) {}
  void HandleDatagram(Time, const Datagram&) override {}
  void HandleTimeout(Time) override {}
  Time next_deadline() const override { return kNever; }
  std::optional<Transmit> PollTransmit(Time, MutableBytes out) override {
    if (next_ == payloads_.size()) return std::nullopt;
    const std::vector<uint8_t>& payload = payloads_[next_++];
    std::copy(payload.begin(), payload.end(), out.begin());
    return Transmit{*SocketAddress::Parse("192.0.2.1:1"), *SocketAddress::Parse("192.0.2.2:2"),
                    payload.size()};
  }

 private:
  const std::vector<std::vector<uint8_t>> payloads_;
  size_t next_ = 0;
};

TEST(CallLog, NamesWhatIsSentAndJoinsMedia) {
  const std::vector<uint8_t> client_hello = {22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  const std::vector<uint8_t> finished = {22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 99};
  const std::vector<uint8_t> media(20, 128);
  const std::vector<uint8_t> report = {128, 200, 0, 6};
  Network network(1);
  Sender sender({client_hello, finished, report, media, media, {77}});
  network.Attach(sender, {SocketAddress::Parse("192.0.2.1:1")->ip});
  CallLog log(network);
  const Time begin = network.now();
  network.RunFor(std::chrono::milliseconds(1));
  ASSERT_EQ(log.lines().size(), 5u);
  EXPECT_EQ(log.lines()[0].what, "DTLS ClientHello");
  EXPECT_EQ(log.lines()[1].what, "DTLS Finished");
  EXPECT_EQ(log.lines()[2].kind, Kind::kReport);
  EXPECT_EQ(log.lines()[3].datagrams, 2u);
  EXPECT_EQ(log.lines()[3].bytes, 40u);
  EXPECT_EQ(log.First(Kind::kMedia), begin);
  EXPECT_EQ(log.First(Kind::kCheck), std::nullopt);
  EXPECT_THAT(log.Print(begin), HasSubstr("0.0 ms  192.0.2.1:1           DTLS ClientHello"));
}

}  // namespace
}  // namespace ocellus::sim
