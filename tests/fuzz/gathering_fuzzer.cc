// SPDX-License-Identifier: Apache-2.0
// A whole gatherer under any sequence of server messages, stream data, names, hosts and time; a
// discovery of NAT behaviour under any answers; and server URLs. The servers ask for no password,
// so that whatever the fuzzer answers is believed.
#include <array>
#include <string>

#include "firmware/base/byte_reader.h"
#include "firmware/base/limits.h"
#include "firmware/rtc/gathering/behavior_discovery.h"
#include "firmware/rtc/gathering/gatherer.h"
#include "firmware/rtc/gathering/network_report.h"
#include "firmware/rtc/stun/message_writer.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::gathering {
namespace {

// A small world, so that addresses meet.
SocketAddress MakeAddress(uint8_t number) {
  const uint8_t bytes[] = {192, 0, 2, static_cast<uint8_t>(number % 8)};
  return {*IpAddress::FromBytes(bytes), static_cast<uint16_t>(number % 16 < 8 ? 3478 : 3479)};
}

// The last request that was sent, and an answer to it as the script wants it.
class Answers {
 public:
  void Remember(const Transmit& transmit, Bytes bytes) {
    const auto message = stun::Message::Parse(bytes);
    if (!message.ok() || message->message_class() != stun::MessageClass::kRequest) return;
    path_ = {transmit.local, transmit.remote, TransportProtocol::kUdp};
    header_ = {stun::MessageClass::kSuccess, message->method(), message->transaction_id()};
  }

  Bytes Write(ByteReader& script) {
    const uint8_t flags = script.ReadU8();
    stun::Header header = header_;
    if (flags & 1) header.message_class = stun::MessageClass::kError;
    stun::MessageWriter writer(bytes_, header);
    if (flags & 1) writer.AddErrorCode(static_cast<stun::ErrorCode>(300 + script.ReadU8() * 2));
    if (flags & 2) Add(stun::AttributeType::kXorMappedAddress, writer, script);
    if (flags & 4) Add(stun::AttributeType::kXorRelayedAddress, writer, script);
    if (flags & 8) writer.AddU32(stun::AttributeType::kLifetime, script.ReadU16());
    if (flags & 16) {
      writer.AddAddress(stun::AttributeType::kOtherAddress, MakeAddress(script.ReadU8()));
    }
    if (flags & 32) writer.AddU32(static_cast<stun::AttributeType>(script.ReadU16()), 0);
    if (flags & 64) writer.AddFingerprint();
    return Bytes(bytes_).first(writer.Finish().value());
  }
  const ice::Path& path() const { return path_; }

 private:
  static void Add(stun::AttributeType type, stun::MessageWriter& writer, ByteReader& script) {
    writer.AddXorAddress(type, MakeAddress(script.ReadU8()));
  }

  std::array<uint8_t, 256> bytes_{};
  ice::Path path_;
  stun::Header header_;
};

class GathererDriver {
 public:
  explicit GathererDriver(Bytes script)
      : script_(script), random_(1), gatherer_(MakeOptions(script_.ReadU8()), random_) {}

  void Run() {
    SetHosts(3);
    while (script_.ok() && script_.remaining() > 0) {
      Step();
      Drain();
    }
    for (int i = 0; i < 30 && gatherer_.next_deadline() != kNever; ++i) {
      now_ = std::max(now_, gatherer_.next_deadline());
      gatherer_.HandleTimeout(now_);
      Drain();
      CHECK(gatherer_.next_deadline() > now_, "the deadline stays due");
    }
    for (const ServerStatus& status : gatherer_.servers()) static_cast<void>(status.ToString());
  }

 private:
  static Options MakeOptions(uint8_t flags) {
    Options options;
    for (const char* url : {"stun:192.0.2.1", "stun:name", "turn:192.0.2.2", "turn:name",
                            "turn:192.0.2.3?transport=tcp", "turns:other"}) {
      options.servers.push_back(*ServerUrl::Parse(url));
    }
    if (flags & 1) options.policy = Policy::kRelay;
    if (flags & 2) options.tcp = true;
    if (flags & 4) options.public_addresses = {MakeAddress(7).ip};
    if (flags & 8) options.credentials = SharedSecret{"secret", "name", std::chrono::seconds(60)};
    return options;
  }

  void Step() {
    switch (script_.ReadU8() % 12) {
      case 0:
        now_ += std::chrono::milliseconds(script_.ReadU16());
        gatherer_.HandleTimeout(now_);
        break;
      case 1:
        SetHosts(script_.ReadU8() % 4);
        break;
      case 2:
        ResolveNames();
        break;
      case 3:
        gatherer_.HandleStreamOpened(now_, StreamId(script_.ReadU8()));
        break;
      case 4:
        gatherer_.HandleStreamClosed(now_, StreamId(script_.ReadU8()), StatusCode::kUnavailable);
        break;
      case 5: {
        const StreamId id(script_.ReadU8());
        HandleStream(id,
                     script_.ReadBytes(std::min<size_t>(script_.ReadU8(), script_.remaining())));
        break;
      }
      case 6:
        HandleStream(last_stream_, answers_.Write(script_));
        break;
      case 7: {
        const ice::Path path{MakeAddress(script_.ReadU8()), MakeAddress(script_.ReadU8())};
        HandleDatagram(path,
                       script_.ReadBytes(std::min<size_t>(script_.ReadU8(), script_.remaining())));
        break;
      }
      case 8:
      case 9:
        HandleDatagram(answers_.path(), answers_.Write(script_));
        break;
      case 10:
        Relay();
        break;
      case 11:
        if (script_.ReadU8() == 0) gatherer_.Close(now_);
        gatherer_.SetWallClock(now_,
                               {now_, NtpTime::FromUnix(std::chrono::seconds(script_.ReadU32()))});
        break;
    }
  }

  void SetHosts(size_t count) {
    std::vector<SocketAddress> hosts;
    for (size_t i = 0; i < count; ++i) hosts.push_back(MakeAddress(static_cast<uint8_t>(4 + i)));
    gatherer_.SetHosts(now_, hosts);
  }

  void ResolveNames() {
    while (const auto name = gatherer_.PollNameToResolve()) {
      std::vector<IpAddress> addresses;
      for (uint8_t count = script_.ReadU8() % 4; count > 0; --count) {
        addresses.push_back(MakeAddress(script_.ReadU8()).ip);
      }
      gatherer_.HandleResolvedName(now_, *name, addresses);
      if (!script_.ok()) return;
    }
  }

  void HandleDatagram(const ice::Path& path, Bytes bytes) {
    std::array<uint8_t, 256> copy{};
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    Datagram in{path.local, path.remote, MutableBytes(copy).first(bytes.size())};
    if (gatherer_.HandleDatagram(now_, in) != Gatherer::Verdict::kRelayed) return;
    CHECK(gatherer_.IsRelayed(in.local), "relayed to %s", in.local.ToString().c_str());
  }

  void HandleStream(StreamId id, Bytes bytes) {
    gatherer_.HandleStreamData(now_, id, bytes);
    while (const auto in = gatherer_.PollStreamDatagram()) {
      CHECK(gatherer_.IsRelayed(in->local), "relayed to %s", in->local.ToString().c_str());
    }
  }

  void Relay() {
    std::array<uint8_t, kMaxTransmitSize> packet{};
    for (const ice::LocalCandidate& candidate : gatherer_.candidates()) {
      const Transmit inner{candidate.address, MakeAddress(script_.ReadU8()), script_.ReadU8()};
      gatherer_.PrepareRelay(now_, inner);
      const auto outgoing = gatherer_.Relay(now_, inner, packet);
      CHECK(!outgoing || outgoing->transmit.size <= packet.size(), "too large");
    }
  }

  void Drain() {
    std::array<uint8_t, kMaxTransmitSize> out;
    for (int sent = 0; const auto outgoing = gatherer_.PollTransmit(now_, out); ++sent) {
      CHECK(sent < 1000, "%d datagrams at once", sent);
      answers_.Remember(outgoing->transmit, Bytes(out).first(outgoing->transmit.size));
      if (outgoing->stream) last_stream_ = *outgoing->stream;
    }
    while (gatherer_.PollStreamCommand()) {
    }
    const auto& candidates = gatherer_.candidates();
    CHECK(candidates.size() <= 40, "%zu candidates", candidates.size());
  }

  ByteReader script_;
  sim::SeededRandom random_;
  Time now_{std::chrono::hours(1)};
  Gatherer gatherer_;
  Answers answers_;
  StreamId last_stream_;
};

class DiscoveryDriver {
 public:
  explicit DiscoveryDriver(Bytes script) : script_(script), random_(1) {}

  void Run() {
    const std::array<SocketAddress, 2> servers = {MakeAddress(1), MakeAddress(2)};
    const uint8_t ports = script_.ReadU8();
    BehaviorDiscovery discovery(now_, {MakeAddress(4), MakeAddress(ports % 2 ? 4 : 12)}, servers,
                                random_);
    const Time end = now_ + kDiscoveryLimit;
    while (!discovery.done()) {
      std::array<uint8_t, kMaxDatagramSize> out;
      while (const auto transmit = discovery.PollTransmit(now_, out)) {
        answers_.Remember(*transmit, Bytes(out).first(transmit->size));
        if (script_.remaining() > 0 && script_.ReadU8() % 2) Answer(discovery);
      }
      if (discovery.done()) break;
      CHECK(discovery.next_deadline() != kNever, "it waits for nothing");
      now_ = std::max(now_, discovery.next_deadline());
      discovery.HandleTimeout(now_);
    }
    CHECK(now_ <= end, "it took too long");
    NetworkFindings findings;
    findings.hosts = {MakeAddress(4)};
    findings.behaviors = {discovery.report()};
    static_cast<void>(WriteNetworkReport(findings));
  }

 private:
  void Answer(BehaviorDiscovery& discovery) {
    const Bytes bytes = answers_.Write(script_);
    std::array<uint8_t, 256> copy{};
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    const uint8_t from = script_.ReadU8();
    const SocketAddress remote = from % 2 ? answers_.path().remote : MakeAddress(from);
    discovery.HandleDatagram(
        now_, {answers_.path().local, remote, MutableBytes(copy).first(bytes.size())});
  }

  ByteReader script_;
  sim::SeededRandom random_;
  Time now_{std::chrono::hours(1)};
  Answers answers_;
};

void ParseUrl(Bytes text) {
  const Result<ServerUrl> url = ServerUrl::Parse(AsText(text));
  if (!url.ok()) return;
  const Result<ServerUrl> again = ServerUrl::Parse(url->Write());
  CHECK(again.ok() && *again == *url, "%s is not read as written", url->Write().c_str());
}

}  // namespace
}  // namespace ocellus::gathering

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ocellus::Bytes rest(data + 1, size - 1);
  if (data[0] % 8 == 0) {
    ocellus::gathering::ParseUrl(rest);
  } else if (data[0] % 8 == 1) {
    ocellus::gathering::DiscoveryDriver(rest).Run();
  } else {
    ocellus::gathering::GathererDriver(rest).Run();
  }
  return 0;
}
