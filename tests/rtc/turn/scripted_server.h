// SPDX-License-Identifier: Apache-2.0
// A TURN client in virtual time, and a server that says what a test wants it to say: right answers
// by default, wrong ones where the test writes them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/rtc/crypto/digest.h"
#include "firmware/rtc/stun/message_writer.h"
#include "firmware/rtc/turn/client.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::turn {

using Buffer = std::vector<uint8_t>;

inline SocketAddress At(const char* text) { return SocketAddress::Parse(text).value(); }

inline stun::Message ParseOrDie(const Buffer& bytes) {
  auto message = stun::Message::Parse(bytes);
  EXPECT_TRUE(message.ok()) << message.status().ToString();
  return *message;
}
stun::Message ParseOrDie(Buffer&&) = delete;  // A Message borrows.

class ScriptedServer : public testing::Test {
 protected:
  using Fill = std::function<void(stun::MessageWriter&)>;
  enum class Signed { kNo, kYes, kWrongly };

  void MakeClient(ClientOptions options = {TransportProtocol::kUdp, "user", "pass"}) {
    options_ = options;
    client_.emplace(now_, std::move(options), random_);
  }

  Bytes key() const {
    key_ = crypto::Md5(AsBytes(options_.username + ":" + realm_ + ":" + options_.password));
    return key_;
  }

  // What the client sends next; empty when it sends nothing.
  Buffer Poll() {
    uint8_t out[kMaxDatagramSize];
    const auto size = client_->PollTransmit(now_, out);
    return size ? Buffer(out, out + *size) : Buffer();
  }

  std::optional<Relayed> Deliver(const Buffer& message) {
    delivered_ = message;
    return client_->HandleMessage(now_, delivered_);
  }

  // An answer to `request`.
  Buffer Write(const stun::Message& request, stun::MessageClass message_class, Signed sign,
               const Fill& fill) const {
    uint8_t out[2048];
    stun::MessageWriter writer(out, {message_class, request.method(), request.transaction_id()});
    if (fill) fill(writer);
    if (sign == Signed::kYes) writer.AddIntegrity(key());
    if (sign == Signed::kWrongly) writer.AddIntegrity(AsBytes("another key"));
    return Buffer(out, out + writer.Finish().value());
  }
  Buffer Error(const stun::Message& request, unsigned code, Signed sign = Signed::kYes,
               const Fill& fill = {}) const {
    return Write(request, stun::MessageClass::kError, sign, [&](stun::MessageWriter& writer) {
      writer.AddErrorCode(static_cast<stun::ErrorCode>(code));
      if (fill) fill(writer);
    });
  }
  Buffer Challenge(const stun::Message& request, unsigned code) const {
    return Error(request, code, Signed::kNo, [&](stun::MessageWriter& writer) {
      writer.AddText(stun::AttributeType::kRealm, realm_);
      writer.AddText(stun::AttributeType::kNonce, nonce_);
    });
  }
  Buffer Success(const stun::Message& request, Signed sign = Signed::kYes) const {
    return Write(request, stun::MessageClass::kSuccess, sign, [&](stun::MessageWriter& writer) {
      if (request.method() == stun::Method::kAllocate) {
        for (const SocketAddress& relayed : relayed_) {
          writer.AddXorAddress(stun::AttributeType::kXorRelayedAddress, relayed);
        }
        writer.AddXorAddress(stun::AttributeType::kXorMappedAddress, kMapped);
      }
      if (request.method() == stun::Method::kAllocate ||
          request.method() == stun::Method::kRefresh) {
        writer.AddU32(stun::AttributeType::kLifetime, lifetime_);
      }
    });
  }

  // What a server that works says; empty: nothing.
  Buffer Answer(const stun::Message& request) {
    if (request.message_class() != stun::MessageClass::kRequest) return {};
    if (!request.has_integrity()) return Challenge(request, 401);
    EXPECT_TRUE(request.IntegrityMatches(key()));
    EXPECT_EQ(AsText(request.Find(stun::AttributeType::kUsername).value()), options_.username);
    EXPECT_EQ(AsText(request.Find(stun::AttributeType::kRealm).value()), realm_);
    if (AsText(request.Find(stun::AttributeType::kNonce).value()) != nonce_) {
      return Challenge(request, 438);
    }
    return Success(request);
  }

  // Sends all there is to send and has it answered by `server`, until there is nothing.
  using Server = std::function<Buffer(const stun::Message&)>;
  void Exchange(const Server& server) {
    for (Buffer sent = Poll(); !sent.empty(); sent = Poll()) {
      sent_.push_back(sent);
      const Buffer answer = server(ParseOrDie(sent_.back()));
      if (!answer.empty()) Deliver(answer);
    }
  }
  void Exchange() {
    Exchange([this](const stun::Message& request) { return Answer(request); });
  }
  static Buffer Silence(const stun::Message&) { return {}; }

  // Lets `duration` pass, deadline by deadline.
  void Run(Duration duration, const Server& server) {
    const Time end = now_ + duration;
    for (int steps = 0; client_->next_deadline() <= end; ++steps) {
      ASSERT_LT(steps, 100000) << "the client spins";
      now_ = std::max(now_, client_->next_deadline());
      client_->HandleTimeout(now_);
      Exchange(server);
      ASSERT_GT(client_->next_deadline(), now_) << "a deadline stays due";
    }
    now_ = end;
  }
  void Run(Duration duration) {
    Run(duration, [this](const stun::Message& request) { return Answer(request); });
  }

  // A client that has an allocation.
  void Allocate(ClientOptions options = {TransportProtocol::kUdp, "user", "pass"}) {
    MakeClient(std::move(options));
    Exchange();
    ASSERT_EQ(client_->state(), Client::State::kAllocated);
    ASSERT_TRUE(std::holds_alternative<Allocated>(client_->PollEvent().value()));
    sent_.clear();
  }

  // Wraps one packet for `peer`, as an owner does; nullopt when that is not possible.
  std::optional<Buffer> Send(const SocketAddress& peer, std::string_view payload = "packet") {
    if (client_->Prepare(now_, peer)) Exchange();
    return Wrap(peer, payload);
  }
  std::optional<Buffer> Wrap(const SocketAddress& peer, std::string_view payload = "packet") {
    Buffer packet(payload.size() + kMaxRelayOverhead, 0xEE);
    std::copy(payload.begin(), payload.end(), packet.begin());
    const SocketAddress& relayed =
        peer.ip.is_v4() || relayed_.size() == 1 ? relayed_.front() : relayed_.back();
    const auto size = client_->Wrap(now_, relayed, peer, packet, payload.size());
    if (!size) return std::nullopt;
    packet.resize(*size);
    return packet;
  }
  // So many packets that a channel is worth it.
  void SendMedia(const SocketAddress& peer) {
    for (unsigned i = 0; i < kPacketsWorthAChannel; ++i) EXPECT_TRUE(Send(peer));
    Exchange();
  }

  unsigned SentOf(stun::Method method) const {
    unsigned count = 0;
    for (const Buffer& bytes : sent_) count += ParseOrDie(bytes).method() == method;
    return count;
  }
  std::optional<Failed> PollFailed() {
    const auto event = client_->PollEvent();
    if (!event || !std::holds_alternative<Failed>(*event)) return std::nullopt;
    return std::get<Failed>(*event);
  }

  const SocketAddress kMapped = At("203.0.113.7:40000");
  const SocketAddress kPeer = At("198.51.100.9:5000");

  Time now_{std::chrono::hours(1)};
  sim::SeededRandom random_{7};
  ClientOptions options_;
  std::string realm_ = "example.org";
  std::string nonce_ = "first nonce";
  uint32_t lifetime_ = 600;
  std::vector<SocketAddress> relayed_ = {At("192.0.2.50:50000")};
  std::optional<Client> client_;
  std::vector<Buffer> sent_;  // By Exchange.
  Buffer delivered_;

 private:
  mutable crypto::Md5Digest key_{};
};

}  // namespace ocellus::turn
