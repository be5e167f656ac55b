// SPDX-License-Identifier: Apache-2.0
// One agent, and a peer whose every message is written by the test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/rtc/ice/agent.h"
#include "tests/rtc/ice/agent_node.h"
#include "tests/rtc/ice/forged_check.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::ice {

// A binding request that the agent sent.
struct SentCheck {
  Time at;
  Path path;
  stun::TransactionId id{};
  std::vector<uint8_t> bytes;
  bool use_candidate = false;
  Role role = Role::kControlling;
  uint64_t tie_breaker = 0;
};

class ScriptedPeer {
 public:
  explicit ScriptedPeer(Role agent_role) : random_(42), agent(agent_role, random_) {
    agent.SetLocalCandidates(now, HostCandidates(Span<const SocketAddress>(&local, 1)));
  }

  void Start(std::initializer_list<const char*> candidates = {"198.51.100.1:40000"}) {
    agent.SetRemoteCredentials(now, credentials);
    uint16_t preference = 60000;
    for (const char* candidate : candidates) {
      agent.AddRemoteCandidate(now, HostCandidate(candidate, preference--));
    }
  }

  // Everything that the agent sends by `end`, requests and responses apart.
  void RunFor(Duration duration) {
    const Time end = now + duration;
    Poll();
    while (agent.next_deadline() <= end) {
      now = std::max(now, agent.next_deadline());
      agent.HandleTimeout(now);
      Poll();
    }
    now = end;
  }
  void Poll() {
    uint8_t out[kMaxDatagramSize];
    while (const auto transmit = agent.PollTransmit(now, out)) {
      const Bytes bytes = Bytes(out).first(transmit->size);
      const auto message = stun::Message::Parse(bytes);
      CHECK(message.ok() && message->FingerprintMatches(), "%zu bytes", bytes.size());
      if (message->message_class() != stun::MessageClass::kRequest) {
        answers.push_back(message->FindErrorCode());
        continue;
      }
      SentCheck check;
      check.at = now;
      check.path = {transmit->local, transmit->remote, transmit->protocol};
      check.id = message->transaction_id();
      check.bytes.assign(bytes.begin(), bytes.end());
      check.use_candidate = message->Has(stun::AttributeType::kUseCandidate);
      const auto controlling = message->FindU64(stun::AttributeType::kIceControlling);
      check.role = controlling ? Role::kControlling : Role::kControlled;
      check.tie_breaker = controlling
                              ? *controlling
                              : message->FindU64(stun::AttributeType::kIceControlled).value();
      CHECK(message->IntegrityMatches(AsBytes(credentials.pwd)), "%zu bytes", bytes.size());
      checks.push_back(check);
    }
  }

  // A check of the peer. Its role is the agent's opposite unless told otherwise.
  struct CheckOptions {
    bool use_candidate = false;
    std::optional<Role> role = std::nullopt;
    uint64_t tie_breaker = 1;
  };
  void Check(const char* from, const CheckOptions& options) {
    ForgedCheck check;
    check.recipient = agent.local_credentials();
    check.sender_ufrag = credentials.ufrag;
    check.use_candidate = options.use_candidate;
    check.role = options.role.value_or(agent.role() == Role::kControlling ? Role::kControlled
                                                                          : Role::kControlling);
    check.tie_breaker = options.tie_breaker;
    random_.Fill(check.id);
    std::vector<uint8_t> bytes = check.Write();
    agent.HandleDatagram(now, {local, Address(from), bytes, protocol});
    Poll();
  }
  void Check(const char* from) { Check(from, CheckOptions()); }

  struct AnswerOptions {
    std::optional<stun::ErrorCode> error = std::nullopt;
    std::optional<SocketAddress> from = std::nullopt;    // Instead of the address that was asked.
    std::optional<SocketAddress> mapped = std::nullopt;  // Instead of the agent's own.
    std::optional<std::string> pwd = std::nullopt;
    bool has_mapped = true;
  };
  void Answer(const SentCheck& check, const AnswerOptions& options) {
    std::vector<uint8_t> bytes(256);
    stun::Header header;
    header.message_class =
        options.error ? stun::MessageClass::kError : stun::MessageClass::kSuccess;
    header.transaction_id = check.id;
    stun::MessageWriter writer(bytes, header);
    if (options.error) {
      writer.AddErrorCode(*options.error);
    } else if (options.has_mapped) {
      writer.AddXorAddress(stun::AttributeType::kXorMappedAddress,
                           options.mapped.value_or(check.path.local));
    }
    writer.AddIntegrity(AsBytes(options.pwd.value_or(credentials.pwd)));
    writer.AddFingerprint();
    bytes.resize(writer.Finish().value());
    agent.HandleDatagram(now, {check.path.local, options.from.value_or(check.path.remote), bytes,
                               check.path.protocol});
    Poll();
  }
  void Answer(const SentCheck& check) { Answer(check, AnswerOptions()); }

  std::vector<SentCheck> TakeChecks() { return std::exchange(checks, {}); }

 private:
  sim::SeededRandom random_;

 public:
  Time now{std::chrono::hours(1)};
  // Where the peer's checks arrive.
  SocketAddress local = Address("192.0.2.1:8555");
  TransportProtocol protocol = TransportProtocol::kUdp;
  Credentials credentials = {"peer+/pe", "peer+/password+/peer+/pass"};
  Agent agent;
  std::vector<SentCheck> checks;
  std::vector<std::optional<stun::ErrorCode>> answers;  // Nullopt: success.
};

}  // namespace ocellus::ice
