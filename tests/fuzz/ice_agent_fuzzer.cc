// SPDX-License-Identifier: Apache-2.0
// A whole ICE agent under any sequence of datagrams, candidates, restarts and time. Half of the
// messages are authenticated, so that the fuzzer gets behind the HMAC.
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
    switch (script_.ReadU8() % 10) {
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
    }
  }

  void HandleRaw(Bytes bytes) {
    std::array<uint8_t, 256> copy{};
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    agent_.HandleDatagram(now_,
                          {MakeAddress(0), MakeAddress(9), MutableBytes(copy).first(bytes.size())});
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
    agent_.HandleDatagram(now_, {local, remote, MutableBytes(bytes).first(*writer.Finish())});
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
        now_, {asked_path_.local, asked_path_.remote, MutableBytes(bytes).first(*writer.Finish())});
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
      asked_path_ = {transmit->local, transmit->remote};
    }
    while (agent_.PollEvent()) {
    }
    static_cast<void>(agent_.path());
  }

  ByteReader script_;
  sim::SeededRandom random_;
  Time now_{std::chrono::hours(1)};
  Agent agent_;
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
