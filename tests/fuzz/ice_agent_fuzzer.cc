// SPDX-License-Identifier: Apache-2.0
// A whole ICE agent under any sequence of datagrams, candidates of every kind on both sides, names,
// restarts and time, over UDP and TCP. Half of the messages are authenticated, so that the fuzzer
// gets behind the HMAC.
#include <array>

#include "firmware/base/byte_reader.h"
#include "firmware/base/limits.h"
#include "firmware/rtc/ice/agent.h"
#include "firmware/rtc/stun/message_writer.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::ice {
namespace {

class Driver {
 public:
  explicit Driver(Bytes script)
      : script_(script),
        random_(1),
        agent_(script_.ReadU8() % 2 ? Role::kControlling : Role::kControlled, random_) {
    SetHosts(MakeAddress(0), MakeAddress(1));
  }

  void Run() {
    while (script_.ok() && script_.remaining() > 0) {
      Step();
      Drain();
    }
    // Left alone, it must come to rest or go on at its own pace, but never spin.
    for (int i = 0; i < 100 && agent_.next_deadline() != kNever; ++i) {
      now_ = std::max(now_, agent_.next_deadline());
      agent_.HandleTimeout(now_);
      Drain();
      CHECK(agent_.next_deadline() > now_, "the deadline stays due in state %d",
            static_cast<int>(agent_.state()));
    }
  }

 private:
  static SocketAddress MakeAddress(uint8_t host) {
    const uint8_t bytes[] = {192, 0, 2, host};
    return {*IpAddress::FromBytes(bytes), static_cast<uint16_t>(1000 + host % 3)};
  }

  void SetHosts(const SocketAddress& first, const SocketAddress& second) {
    const SocketAddress hosts[] = {first, second};
    agent_.SetLocalCandidates(now_, HostCandidates(hosts));
  }

  void Step() {
    switch (script_.ReadU8() % 14) {
      case 0:
        now_ += std::chrono::milliseconds(script_.ReadU16());
        agent_.HandleTimeout(now_);
        break;
      case 1:
        agent_.SetRemoteCredentials(now_, remote_);
        break;
      case 2: {
        Candidate candidate;
        candidate.foundation = Foundation(script_.ReadU8() % 2 ? "1" : "2");
        candidate.priority = script_.ReadU32() & 0x7FFFFFFF;
        candidate.address = MakeAddress(script_.ReadU8());
        agent_.AddRemoteCandidate(now_, candidate);
        break;
      }
      case 3:
        agent_.Restart(now_);
        break;
      case 4:
        SetHosts(MakeAddress(script_.ReadU8() % 4), MakeAddress(1));
        break;
      case 5:
        agent_.EndOfRemoteCandidates(now_);
        break;
      case 6:
        HandleRaw(script_.ReadBytes(std::min<size_t>(script_.ReadU8(), script_.remaining())));
        break;
      case 7:
      case 8:
        HandleCheck();
        break;
      case 9:
        AnswerLast();
        break;
      case 10:
        SetLocals();
        break;
      case 11:
        AddNamed();
        break;
      case 12: {
        const std::array<IpAddress, 2> addresses = {MakeAddress(script_.ReadU8()).ip,
                                                    MakeAddress(script_.ReadU8()).ip};
        agent_.HandleResolvedName(now_, MakeName(script_.ReadU8()),
                                  Span<const IpAddress>(addresses).first(script_.ReadU8() % 3u));
        break;
      }
      case 13:
        protocol_ = script_.ReadU8() % 2 ? TransportProtocol::kTcp : TransportProtocol::kUdp;
        break;
    }
  }

  // Up to 15 of every kind.
  void SetLocals() {
    std::vector<LocalCandidate> candidates(script_.ReadU8() % 16);
    for (LocalCandidate& candidate : candidates) {
      const uint8_t kind = script_.ReadU8();
      candidate.base = MakeAddress(script_.ReadU8() % 8);
      candidate.address = candidate.base;
      candidate.server = kind >> 6;
      if (kind % 4 == 1) candidate.protocol = TransportProtocol::kTcp;
      if (kind % 4 == 2) {
        candidate.type = CandidateType::kServerReflexive;
        candidate.address = MakeAddress(kind);
        candidate.related = candidate.base;
      }
      if (kind % 4 == 3) candidate.type = CandidateType::kRelayed;
    }
    agent_.SetLocalCandidates(now_, candidates);
    CHECK(agent_.local_candidates().size() <= kMaxLocalCandidates, "%zu candidates",
          agent_.local_candidates().size());
  }

  static std::string MakeName(uint8_t number) {
    return std::string(1, static_cast<char>('a' + number % 16)) + ".local";
  }

  void AddNamed() {
    const uint8_t number = script_.ReadU8();
    Candidate candidate;
    candidate.foundation = Foundation("n");
    candidate.priority = script_.ReadU32() & 0x7FFFFFFF;
    candidate.host_name = number >= 0xF0 ? "example.com" : MakeName(number);
    candidate.address.port = 1000;
    if (number >= 0xE0) {
      candidate.transport = TransportProtocol::kTcp;
      candidate.tcp_type = TcpType::kActive;
    }
    agent_.AddRemoteCandidate(now_, candidate);
  }

  void HandleRaw(Bytes bytes) {
    std::array<uint8_t, 256> copy{};
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    agent_.HandleDatagram(
        now_, {MakeAddress(0), MakeAddress(9), MutableBytes(copy).first(bytes.size()), protocol_});
  }

  void HandleCheck() {
    std::array<uint8_t, 512> bytes;
    const uint8_t flags = script_.ReadU8();
    stun::MessageWriter writer(bytes, {});
    writer.AddJoinedText(stun::AttributeType::kUsername, agent_.local_credentials().ufrag, ':',
                         remote_.ufrag);
    if (flags & 1) writer.AddFlag(stun::AttributeType::kUseCandidate);
    if (flags & 2) writer.AddU32(stun::AttributeType::kPriority, script_.ReadU32());
    writer.AddU64(
        flags & 4 ? stun::AttributeType::kIceControlling : stun::AttributeType::kIceControlled,
        script_.ReadU64());
    if (flags & 8) writer.AddU32(static_cast<stun::AttributeType>(script_.ReadU16()), 0);
    writer.AddIntegrity(AsBytes(agent_.local_credentials().pwd));
    writer.AddFingerprint();
    const SocketAddress local = MakeAddress(script_.ReadU8() % 4);
    const SocketAddress remote = MakeAddress(script_.ReadU8());
    agent_.HandleDatagram(now_,
                          {local, remote, MutableBytes(bytes).first(*writer.Finish()), protocol_});
  }

  void AnswerLast() {
    std::array<uint8_t, 256> bytes;
    const uint8_t flags = script_.ReadU8();
    stun::Header header;
    header.message_class = flags & 1 ? stun::MessageClass::kError : stun::MessageClass::kSuccess;
    header.transaction_id = asked_;
    stun::MessageWriter writer(bytes, header);
    if (flags & 1)
      writer.AddErrorCode(flags & 2 ? stun::ErrorCode::kRoleConflict
                                    : stun::ErrorCode::kServerError);
    writer.AddXorAddress(stun::AttributeType::kXorMappedAddress, MakeAddress(script_.ReadU8()));
    writer.AddIntegrity(AsBytes(remote_.pwd));
    writer.AddFingerprint();
    agent_.HandleDatagram(
        now_, {asked_path_.local, asked_path_.remote, MutableBytes(bytes).first(*writer.Finish()),
               asked_path_.protocol});
  }

  void Drain() {
    std::array<uint8_t, kMaxDatagramSize> out;
    int sent = 0;
    while (const auto transmit = agent_.PollTransmit(now_, out)) {
      CHECK(++sent < 1000, "%d datagrams at once", sent);
      const auto message = stun::Message::Parse(Bytes(out).first(transmit->size));
      CHECK(message.ok(), "%zu bytes that are no message", transmit->size);
      if (message->message_class() != stun::MessageClass::kRequest) continue;
      asked_ = message->transaction_id();
      asked_path_ = {transmit->local, transmit->remote, transmit->protocol};
    }
    while (agent_.PollEvent()) {
    }
    while (const auto name = agent_.PollNameToResolve()) {
      CHECK(RemoteNames::IsResolvable(*name), "a look-up of %s", name->c_str());
    }
    const std::vector<PairStatus> pairs = agent_.pairs();
    CHECK(pairs.size() <= 1 + kMaxCandidatePairs + kMaxDroppedPairs, "%zu pairs", pairs.size());
    for (const PairStatus& pair : pairs) static_cast<void>(Describe(pair));
    static_cast<void>(agent_.path());
  }

  ByteReader script_;
  sim::SeededRandom random_;
  Time now_{std::chrono::hours(1)};
  Agent agent_;
  TransportProtocol protocol_ = TransportProtocol::kUdp;  // That brings what comes.
  Credentials remote_ = {"peer", "passwordpasswordpassword"};
  stun::TransactionId asked_{};
  Path asked_path_;
};

}  // namespace
}  // namespace ocellus::ice

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::ice::Driver({data, size}).Run();
  return 0;
}
