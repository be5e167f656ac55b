// SPDX-License-Identifier: Apache-2.0
// The fakes of TCP and of name resolution keep the contracts of the real ones.
#include <gtest/gtest.h>

#include "tests/hal/fake_name_resolver.h"
#include "tests/hal/fake_tcp_transport.h"
#include "tests/hal/tcp_conformance.h"

namespace ocellus::hal {
namespace {

const SocketAddress kCamera = *SocketAddress::Parse("192.0.2.1:8555");
const SocketAddress kViewer = *SocketAddress::Parse("198.51.100.1:40000");
const SocketAddress kServer = *SocketAddress::Parse("203.0.113.1:3478");
const SocketAddress kNobody = *SocketAddress::Parse("203.0.113.2:3478");

class FakeOtherEnd final : public TcpOtherEnd {
 public:
  FakeOtherEnd(FakeTcpTransport& tcp, TcpConnectionId id) : tcp_(tcp), id_(id) {}

  void Send(const std::string& bytes) override { tcp_.Deliver(id_, bytes); }
  std::string Receive(size_t size) override {
    const std::string sent = tcp_.TakeSent(id_);
    EXPECT_LE(sent.size(), size);
    return sent;
  }
  void Close() override { tcp_.Break(id_); }

 private:
  FakeTcpTransport& tcp_;
  const TcpConnectionId id_;
};

class FakeTcpRig final : public TcpRig {
 public:
  TcpTransport& transport() override { return tcp_; }
  std::unique_ptr<TcpOtherEnd> Dial() override {
    return std::make_unique<FakeOtherEnd>(tcp_, tcp_.Accept(kCamera, kViewer));
  }
  SocketAddress server() override { return kServer; }
  SocketAddress nobody() override { return kNobody; }
  std::unique_ptr<TcpOtherEnd> TakeAtServer() override {
    return std::make_unique<FakeOtherEnd>(tcp_, tcp_.connects().back().id);
  }
  void Wait() override {
    for (; answered_ < tcp_.connects().size(); ++answered_) {
      const FakeTcpTransport::ConnectCall& call = tcp_.connects()[answered_];
      if (call.remote == kServer) {
        tcp_.FinishConnect(call.id, {kCamera.ip, 50000});
      } else {
        tcp_.Break(call.id, Status(StatusCode::kUnavailable, "nobody listens"));
      }
    }
  }

 private:
  FakeTcpTransport tcp_;
  size_t answered_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Fake, TcpConformance,
                         testing::Values([] { return std::make_unique<FakeTcpRig>(); }));

Result<std::vector<IpAddress>> Addresses(const char* text) {
  return std::vector<IpAddress>{*IpAddress::Parse(text)};
}

TEST(FakeNameResolver, AnswersEachCallOnce) {
  FakeNameResolver resolver;
  resolver.Resolve("turn.example.net");
  resolver.Resolve("turn.example.net");
  EXPECT_FALSE(resolver.Poll());
  resolver.Set("turn.example.net", Addresses("192.0.2.7"));
  resolver.Resolve("turn.example.net");
  for (int i = 0; i < 3; ++i) {
    const std::optional<ResolvedName> answer = resolver.Poll();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->name, "turn.example.net");
    EXPECT_EQ(answer->addresses->front(), *IpAddress::Parse("192.0.2.7"));
  }
  EXPECT_FALSE(resolver.Poll());
}

TEST(FakeNameResolver, AnswersOnceWithoutRemembering) {
  FakeNameResolver resolver;
  resolver.Resolve("viewer.local");
  resolver.Answer("viewer.local", Status(StatusCode::kNotFound, "nobody"));
  EXPECT_FALSE(resolver.Poll()->addresses.ok());
  resolver.Resolve("viewer.local");
  EXPECT_FALSE(resolver.Poll());
  EXPECT_EQ(resolver.asked().size(), 2u);
}

}  // namespace
}  // namespace ocellus::hal
