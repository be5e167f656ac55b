// SPDX-License-Identifier: Apache-2.0
// A whole camera's Peer under any sequence of datagrams, signalling, frames and time. The input is
// a script for a viewer that knows the right credentials, so that the fuzzer gets behind the HMACs,
// through the handshake and into RTCP; strangers send what they like.
//
// Whatever happens:
//   1. No datagram is larger than kMaxDatagramSize, and no more than some come at once.
//   2. Addresses that have not proven themselves get no more bytes than came from them.
//   3. Media goes only to addresses that have answered a check, or read our side of the handshake,
//      within the last 30 s.
//   4. Time always gets on: a deadline that was served lies in the future.
//   5. Left alone, the peer gives its place back.
//   6. When only relayed candidates were announced, nothing leaves from another address.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "firmware/base/byte_reader.h"
#include "firmware/rtc/rtcp/compound.h"
#include "tests/sim/peer_pair.h"
#include "tests/sim/scripted_viewer.h"

namespace ocellus::peer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMaxDatagramsAtOnce = 1000;
constexpr size_t kMaxPending = 64;  // Of each kind, for the script to choose from.

SocketAddress MakeAddress(uint8_t host) {
  const uint8_t bytes[] = {198, 51, 100, static_cast<uint8_t>(host % 8)};
  return {*IpAddress::FromBytes(bytes), static_cast<uint16_t>(4000 + host / 8 % 2)};
}

const SocketAddress kViewer = MakeAddress(7);
const SocketAddress kRelay = *SocketAddress::Parse("203.0.113.50:5000");

class Driver {
 public:
  explicit Driver(Bytes script)
      : script_(script),
        camera_(now_, {sim::TestCertificate(0), profiles_, wall_clock_, &ring_},
                ice::HostCandidates(locals_), random_),
        viewer_(now_) {
    const auto answer = camera_.Answer(now_, viewer_.OfferWithData());
    CHECK(answer.ok(), "answer: %s", answer.status().ToString().c_str());
    viewer_.HandleAnswer(*answer);
  }

  void Run() {
    if (script_.ReadU8() % 2 != 0) Connect();
    while (script_.ok() && script_.remaining() > 0) {
      Step();
      Serve();
    }
    LeaveAlone();
  }

 private:
  // What most scripts want to begin with: ICE and DTLS done as they should be.
  void Connect() {
    Deliver(kViewer, viewer_.MakeCheck());
    Serve();
    for (int i = 0; i < 20 && camera_.state() == State::kConnecting; ++i) {
      now_ += milliseconds(1);
      while (!checks_.empty()) AnswerCheck(0, std::nullopt);
      while (!dtls_to_viewer_.empty()) TakeDtls();
      while (const auto datagram = viewer_.PollDtls(now_)) Deliver(kViewer, *datagram);
      Serve();
    }
    CHECK(camera_.state() == State::kConnected, "state %s", ToString(camera_.state()));
  }

  void Step() {
    switch (script_.ReadU8() % 24) {
      case 0:
        now_ += milliseconds(script_.ReadU16());
        break;
      case 1:
        Deliver(kViewer, ReadBytes());
        break;
      case 2:
        Deliver(MakeAddress(script_.ReadU8()), ReadBytes());
        break;
      case 3:
        Check();
        break;
      case 4:
        AnswerCheck(script_.ReadU8(), std::nullopt);
        break;
      case 5:
        AnswerCheck(script_.ReadU8(), stun::ErrorCode::kRoleConflict);
        break;
      case 6:
        TakeDtls();
        break;
      case 7:
        if (const auto datagram = viewer_.PollDtls(now_)) Deliver(kViewer, *datagram);
        break;
      case 8:
        if (auto datagram = viewer_.PollDtls(now_)) Deliver(kViewer, Mutate(*datagram));
        break;
      case 9:
        if (const auto packet = viewer_.ProtectRtcp(ReadBytes())) Deliver(kViewer, *packet);
        break;
      case 10:
        if (const auto packet = viewer_.ProtectRtp(ReadBytes())) Deliver(kViewer, *packet);
        break;
      case 11:
        Report();
        break;
      case 12:
        Film();
        break;
      case 13:
        static_cast<void>(camera_.AddRemoteCandidates(now_, AsText(ReadBytes())));
        break;
      case 14:
        RestartIce();
        break;
      case 15:
        SetLocals(
            ice::HostCandidates(Span<const SocketAddress>(locals_).first(script_.ReadU8() % 3u)));
        break;
      case 16:
        static_cast<void>(viewer_.dtls().Send(now_, ReadBytes()));
        break;
      case 17:
        // Rare, for not much comes after it.
        if (script_.ReadU8() == 0xc1) camera_.Close(now_);
        if (script_.ReadU8() == 0xc1) viewer_.dtls().Close(now_);
        break;
      case 18:
        SetLocalsOfEveryKind();
        break;
      case 19:
        // Where what comes next arrives.
        local_ = script_.ReadU8() % 3;
        break;
      case 20:
        protocol_ = script_.ReadU8() % 2 ? TransportProtocol::kTcp : TransportProtocol::kUdp;
        break;
      case 21:
        Name();
        break;
      case 22:
        RestartByTheCamera();
        break;
      case 23:
        AnswerRestart();
        break;
    }
  }

  void SetLocals(const std::vector<ice::LocalCandidate>& candidates) {
    if (!candidates.empty()) {
      hides_hosts_ = std::all_of(candidates.begin(), candidates.end(), [](const auto& candidate) {
        return candidate.type == ice::CandidateType::kRelayed;
      });
    }
    camera_.SetLocalCandidates(now_, candidates);
  }

  // A bit for each candidate.
  void SetLocalsOfEveryKind() {
    const uint8_t chosen = script_.ReadU8();
    std::vector<ice::LocalCandidate> candidates;
    for (unsigned i = 0; i < 6; ++i) {
      if ((chosen >> i) % 2 == 0) continue;
      ice::LocalCandidate candidate;
      candidate.base = locals_[i % 2];
      candidate.address = candidate.base;
      if (i / 2 == 1) candidate.protocol = TransportProtocol::kTcp;
      if (i == 4) {
        candidate.type = ice::CandidateType::kServerReflexive;
        candidate.address = MakeAddress(script_.ReadU8());
        candidate.related = candidate.base;
      } else if (i == 5) {
        candidate.type = ice::CandidateType::kRelayed;
        candidate.address = kRelay;
        candidate.base = kRelay;
      }
      candidates.push_back(candidate);
    }
    SetLocals(candidates);
  }

  // A candidate with a name, and sometimes what it stands for.
  void Name() {
    const uint8_t flags = script_.ReadU8();
    const std::string name = std::string(1, static_cast<char>('a' + flags % 16)) + ".local";
    static_cast<void>(camera_.AddRemoteCandidates(
        now_, "m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 2122260223 " + name +
                  " 4000 typ host\r\n"));
    Drain();
    if ((flags & 0x20) == 0) return;
    const IpAddress ip = MakeAddress(flags).ip;
    camera_.HandleResolvedName(now_, name, Span<const IpAddress>(&ip, flags >> 7));
  }

  void RestartByTheCamera() {
    const auto request = camera_.RestartIce(now_);
    if (request.ok()) viewer_.HandleFragment(*request);
  }
  void AnswerRestart() {
    // Most often nobody has asked.
    const bool sends_garbage = script_.ReadU8() % 4 == 0;
    const std::string answer =
        sends_garbage ? std::string(AsText(ReadBytes())) : viewer_.RestartIce();
    static_cast<void>(camera_.HandleRestartAnswer(now_, answer));
  }

  Bytes ReadBytes() {
    const size_t size = script_.ReadU8() * 6u;
    return script_.ReadBytes(std::min(size, script_.remaining()));
  }

  void Deliver(const SocketAddress& from, Bytes bytes) {
    Deliver(ice::Path{local_ == 2 ? kRelay : locals_[local_], from, protocol_}, bytes);
  }
  void Deliver(const ice::Path& path, Bytes bytes) {
    const SocketAddress& from = path.remote;
    // In memory of exactly its size, so that reading past the end shows.
    std::vector<uint8_t> payload(bytes.begin(), bytes.end());
    payload.resize(std::min(payload.size(), kMaxReceivedDatagramSize));
    bytes_from_[from.ToString()] += payload.size();
    const bool was_connecting = camera_.state() == State::kConnecting;
    camera_.HandleDatagram(now_, {path.local, from, payload, path.protocol});
    if (was_connecting && camera_.state() == State::kConnected) {
      for (const std::string& reader : read_handshake_) asked_for_media_[reader] = now_;
    }
    while (const auto event = camera_.PollEvent()) {
      CHECK(!std::holds_alternative<MediaReceived>(*event), "media for a camera at %lld us",
            static_cast<long long>(now_.time_since_epoch().count()));
    }
  }

  void Check() {
    const uint8_t flags = script_.ReadU8();
    sim::ScriptedViewer::CheckOptions options;
    options.use_candidate = flags & 1;
    options.controlling = flags & 2;
    options.tie_breaker = flags & 4 ? 0 : ~uint64_t{0};
    const SocketAddress from = MakeAddress(static_cast<uint8_t>(flags >> 4));
    proven_.insert(from.ToString());
    Deliver(from, viewer_.MakeCheck(options));
  }

  // Answers the check before the last `age` ones, if it is still known.
  void AnswerCheck(uint8_t age, std::optional<stun::ErrorCode> error) {
    if (checks_.empty()) return;
    const size_t index = checks_.size() - 1 - age % checks_.size();
    const CameraCheck check = checks_[index];
    checks_.erase(checks_.begin() + static_cast<std::ptrdiff_t>(index));
    const std::string to = check.path.remote.ToString();
    proven_.insert(to);
    if (!error) asked_for_media_[to] = now_;
    Deliver(check.path, viewer_.MakeAnswer(check.id, check.path.local, error));
  }

  void TakeDtls() {
    if (dtls_to_viewer_.empty()) return;
    const auto [to, datagram] = std::move(dtls_to_viewer_.front());
    dtls_to_viewer_.erase(dtls_to_viewer_.begin());
    viewer_.HandleDtls(now_, datagram);
    read_handshake_.insert(to);
  }

  Bytes Mutate(std::vector<uint8_t>& datagram) {
    const size_t at = script_.ReadU16() % datagram.size();
    datagram[at] = static_cast<uint8_t>(datagram[at] ^ script_.ReadU8());
    datagram.resize(1 + script_.ReadU16() % datagram.size());
    return datagram;
  }

  // Feedback that means this camera's stream, which bytes of chance seldom do.
  void Report() {
    std::array<uint8_t, 512> plain;
    ByteWriter writer(plain);
    const Ssrc camera = viewer_.camera_ssrc();
    rtcp::RecordBuffer<rtcp::NackItem, 32> items;
    rtcp::RecordBuffer<rtcp::ReportBlock, 2> blocks;
    rtcp::RecordBuffer<rtcp::FullIntraRequest::Entry, 2> entries;
    rtcp::RecordBuffer<rtcp::Source, 2> sources;
    switch (script_.ReadU8() % 5) {
      case 0:
        for (uint8_t i = script_.ReadU8() % 33; i > 0; --i) {
          static_cast<void>(items.Add({SequenceNumber(script_.ReadU16()), script_.ReadU16()}));
        }
        if (items.list().empty()) return;
        rtcp::Nack{viewer_.kSsrc, camera, items.list()}.Write(writer);
        break;
      case 1:
        rtcp::PictureLossIndication{viewer_.kSsrc, camera}.Write(writer);
        break;
      case 2:
        static_cast<void>(entries.Add({camera, script_.ReadU8()}));
        rtcp::FullIntraRequest{viewer_.kSsrc, entries.list()}.Write(writer);
        break;
      case 3: {
        ByteReader fields(script_.ReadBytes(std::min<size_t>(24, script_.remaining())));
        rtcp::ReportBlock block = rtcp::ReportBlock::Read(fields);
        block.source = camera;
        static_cast<void>(blocks.Add(block));
        rtcp::ReceiverReport{viewer_.kSsrc, blocks.list()}.Write(writer);
        break;
      }
      case 4:
        static_cast<void>(sources.Add({script_.ReadU8() % 2 ? viewer_.kSsrc : camera}));
        rtcp::Bye{sources.list()}.Write(writer);
        break;
    }
    if (const auto packet = viewer_.ProtectRtcp(writer.written())) Deliver(kViewer, *packet);
  }

  void Film() {
    const uint8_t kind = script_.ReadU8();
    const size_t payloads = 1 + kind % 16u;
    const size_t size = kind & 0x40 ? kMaxRtpPayloadSize : 40;
    if (!ring_.Begin({now_, media_time_ += 3000, (kind & 0x80) != 0}, payloads * size, payloads)
             .ok()) {
      return;
    }
    for (size_t i = 0; i < payloads; ++i) {
      for (uint8_t& byte : ring_.Append(size)) byte = kind;
    }
    camera_.EnqueueFrame(now_, ring_.Commit());
    static_cast<void>(camera_.TakeKeyframeRequest());
  }

  void RestartIce() {
    const auto ours = camera_.RestartIce(now_, viewer_.RestartIce());
    if (ours.ok()) viewer_.HandleFragment(*ours);
  }

  // What the loop of a host does between two events.
  void Serve() {
    for (int i = 0; camera_.next_deadline() <= now_; ++i) {
      CHECK(i < 10, "the deadline stays due in state %s", ToString(camera_.state()));
      camera_.HandleTimeout(now_);
      Drain();
    }
    Drain();
    static_cast<void>(camera_.stats());
    static_cast<void>(camera_.TakeKeyframeRequest());
  }

  void Drain() {
    std::array<uint8_t, kMaxReceivedDatagramSize> out;
    size_t count = 0;
    while (const auto transmit = camera_.PollTransmit(now_, out)) {
      CHECK(++count < kMaxDatagramsAtOnce, "%zu datagrams at once", count);
      CHECK(transmit->size > 0 && transmit->size <= kMaxDatagramSize, "%zu bytes", transmit->size);
      Look(*transmit, Bytes(out).first(transmit->size));
    }
    while (camera_.PollEvent()) {
    }
  }

  void Look(const Transmit& transmit, Bytes bytes) {
    const std::string to = transmit.remote.ToString();
    CHECK(!hides_hosts_ || transmit.local == kRelay || camera_.state() == State::kClosed,
          "%s is to stay hidden", transmit.local.ToString().c_str());
    if (bytes[0] <= 3) {
      const auto message = stun::Message::Parse(bytes);
      CHECK(message.ok(), "%zu bytes that are no STUN", bytes.size());
      if (message->message_class() == stun::MessageClass::kRequest) {
        // Its number is bounded by the pace of checks: see the agent's tests.
        if (checks_.size() == kMaxPending) checks_.erase(checks_.begin());
        checks_.push_back(
            {message->transaction_id(), {transmit.local, transmit.remote, transmit.protocol}});
        return;
      }
    } else if (bytes[0] < 128) {
      if (dtls_to_viewer_.size() < kMaxPending) {
        dtls_to_viewer_.emplace_back(to, std::vector<uint8_t>(bytes.begin(), bytes.end()));
      }
    } else {
      CHECK(viewer_.has_keys(), "media before the handshake, to %s", to.c_str());
      const auto asked = asked_for_media_.find(to);
      CHECK(asked != asked_for_media_.end() && now_ <= asked->second + seconds(30),
            "media without consent of %s", to.c_str());
    }
    bytes_to_[to] += bytes.size();
    CHECK(proven_.count(to) > 0 || bytes_to_[to] <= bytes_from_[to],
          "%zu bytes to %s, who sent %zu", bytes_to_[to], to.c_str(), bytes_from_[to]);
  }

  // Nobody answers any more.
  void LeaveAlone() {
    const Time end = now_ + std::chrono::minutes(15);
    for (size_t i = 0; camera_.next_deadline() < end; ++i) {
      CHECK(i < 20'000, "%zu deadlines in 15 minutes", i);
      now_ = std::max(now_, camera_.next_deadline());
      Serve();
    }
    CHECK(camera_.state() == State::kClosed, "alone in state %s", ToString(camera_.state()));
    now_ = end;
    Serve();
  }

  struct CameraCheck {
    stun::TransactionId id;
    ice::Path path;
  };

  ByteReader script_;
  sim::SeededRandom random_{1};
  Time now_{std::chrono::hours(1)};
  const std::vector<srtp::Profile> profiles_ = {srtp::Profile::kAeadAes128Gcm,
                                                srtp::Profile::kAes128CmHmacSha1_80};
  const WallClock wall_clock_{now_, NtpTime::FromUnix(sim::kWallTimeAtStart)};
  const std::vector<SocketAddress> locals_ = {*SocketAddress::Parse("192.0.2.1:8555"),
                                              *SocketAddress::Parse("192.0.2.2:8555")};
  bool hides_hosts_ = false;
  size_t local_ = 0;  // Of locals_, or 2: the relay.
  TransportProtocol protocol_ = TransportProtocol::kUdp;
  FrameRing ring_{FrameRing::Capacity{64 * 1024, 16, 128}};
  uint32_t media_time_ = 0;
  Peer camera_;
  sim::ScriptedViewer viewer_;

  std::vector<CameraCheck> checks_;  // That wait for an answer.
  std::vector<std::pair<std::string, std::vector<uint8_t>>> dtls_to_viewer_;
  std::map<std::string, size_t> bytes_from_, bytes_to_;
  std::set<std::string> proven_ = {kViewer.ToString()};
  std::set<std::string> read_handshake_;
  std::map<std::string, Time> asked_for_media_;
};

}  // namespace
}  // namespace ocellus::peer

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::peer::Driver({data, size}).Run();
  return 0;
}
