// SPDX-License-Identifier: Apache-2.0
// A gatherer as a host of the virtual network, with the owner that it expects: names are looked up
// in a table, packets of peers are kept, and a stream to a TURN server is a tunnel of messages.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/rtc/gathering/gatherer.h"
#include "tests/rtc/gathering/scripted_stun_server.h"
#include "tests/sim/network.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::gathering {

class GathererNode : public sim::Node {
 public:
  GathererNode(sim::Network& network, const Options& options,
               const std::vector<SocketAddress>& hosts, sim::Realm realm = nullptr,
               std::map<std::string, std::vector<IpAddress>> known_names = {})
      : random_(11),
        gatherer(options, random_),
        names(std::move(known_names)),
        network_(network),
        realm_(realm) {
    network.Attach(*this, {});
    SetHosts(hosts);
  }
  ~GathererNode() override { network_.Detach(*this); }

  void SetHosts(const std::vector<SocketAddress>& hosts) {
    std::vector<IpAddress> ips;
    for (const SocketAddress& host : hosts) ips.push_back(host.ip);
    network_.Attach(*this, ips, realm_);
    gatherer.SetHosts(network_.now(), hosts);
    Serve();
  }

  void HandleDatagram(Time now, const Datagram& in) override {
    Datagram datagram = in;
    verdict = gatherer.HandleDatagram(now, datagram);
    if (verdict == Gatherer::Verdict::kRelayed) Keep(datagram);
    Serve();
  }
  void HandleTimeout(Time now) override {
    gatherer.HandleTimeout(now);
    Serve();
  }
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override {
    Serve();
    if (!outbox_.empty()) {
      const Packet packet = outbox_.front();
      outbox_.erase(outbox_.begin());
      std::copy(packet.bytes.begin(), packet.bytes.end(), out.begin());
      return Transmit{packet.from, packet.to, packet.bytes.size()};
    }
    while (const auto outgoing = gatherer.PollTransmit(now, out)) {
      if (!outgoing->stream) return outgoing->transmit;
      written[*outgoing->stream].emplace_back(out.begin(), out.begin() + outgoing->transmit.size);
    }
    return std::nullopt;
  }
  Time next_deadline() const override { return gatherer.next_deadline(); }

  // Sends `text` to `peer` through the relay.
  bool Say(const SocketAddress& relayed, const SocketAddress& peer, const std::string& text) {
    std::vector<uint8_t> packet(kMaxTransmitSize);
    std::copy(text.begin(), text.end(), packet.begin());
    const Transmit inner{relayed, peer, text.size()};
    uint8_t out[kMaxDatagramSize];
    if (gatherer.PrepareRelay(network_.now(), inner)) {
      while (const auto outgoing = gatherer.PollTransmit(network_.now(), out)) {
        Send(*outgoing, Bytes(out).first(outgoing->transmit.size));
      }
    }
    const auto outgoing = gatherer.Relay(network_.now(), inner, packet);
    if (outgoing) Send(*outgoing, Bytes(packet).first(outgoing->transmit.size));
    return outgoing.has_value();
  }

  std::optional<ice::LocalCandidate> Find(ice::CandidateType type) const {
    for (const ice::LocalCandidate& candidate : gatherer.candidates()) {
      if (candidate.type == type) return candidate;
    }
    return std::nullopt;
  }
  std::optional<SocketAddress> relayed() const {
    const auto candidate = Find(ice::CandidateType::kRelayed);
    if (!candidate) return std::nullopt;
    return candidate->address;
  }
  std::optional<SocketAddress> mapped() const {
    const auto candidate = Find(ice::CandidateType::kServerReflexive);
    if (!candidate) return std::nullopt;
    return candidate->address;
  }

 private:
  sim::SeededRandom random_;

 public:
  Gatherer gatherer;
  Gatherer::Verdict verdict = Gatherer::Verdict::kNotOurs;
  std::map<std::string, std::vector<IpAddress>> names;  // What the resolver knows.
  std::vector<std::string> asked;                       // Of the resolver.
  std::vector<StreamCommand> commands;
  std::map<StreamId, std::vector<std::vector<uint8_t>>> written;  // To streams.
  std::vector<std::string> heard;                                 // Through relays.

 private:
  void Serve() {
    const Time now = network_.now();
    while (const auto name = gatherer.PollNameToResolve()) {
      asked.push_back(*name);
      CHECK(asked.size() < 10000, "%zu lookups", asked.size());
      const auto found = names.find(*name);
      if (found != names.end()) {
        gatherer.HandleResolvedName(now, *name, found->second);
      } else {
        gatherer.HandleResolvedName(now, *name, Status(StatusCode::kNotFound, "no such host"));
      }
    }
    while (const auto command = gatherer.PollStreamCommand()) commands.push_back(*command);
  }
  void Send(const Outgoing& outgoing, Bytes bytes) {
    std::vector<uint8_t> copy(bytes.begin(), bytes.end());
    if (outgoing.stream) {
      written[*outgoing.stream].push_back(copy);
    } else {
      outbox_.push_back({outgoing.transmit.local, outgoing.transmit.remote, copy});
    }
  }
  void Keep(const Datagram& in) {
    heard.push_back(in.remote.ToString() + " to " + in.local.ToString() + ": " +
                    std::string(AsText(in.payload)));
  }

  sim::Network& network_;
  sim::Realm realm_;
  std::vector<Packet> outbox_;
};

// A peer that answers each packet with "re: " and the same.
class EchoPeer : public sim::Node {
 public:
  EchoPeer(sim::Network& network, const SocketAddress& address)
      : network_(network), address_(address) {
    network.Attach(*this, {address.ip});
  }
  ~EchoPeer() override { network_.Detach(*this); }
  void HandleDatagram(Time, const Datagram& in) override {
    const std::string text = "re: " + std::string(AsText(in.payload));
    answers_.push_back({in.local, in.remote, {text.begin(), text.end()}});
    ++heard;
  }
  void HandleTimeout(Time) override {}
  std::optional<Transmit> PollTransmit(Time, MutableBytes out) override {
    if (answers_.empty()) return std::nullopt;
    const Packet packet = answers_.back();
    answers_.pop_back();
    std::copy(packet.bytes.begin(), packet.bytes.end(), out.begin());
    return Transmit{packet.from, packet.to, packet.bytes.size()};
  }
  Time next_deadline() const override { return kNever; }

  const SocketAddress& address() const { return address_; }
  unsigned heard = 0;

 private:
  sim::Network& network_;
  SocketAddress address_;
  std::vector<Packet> answers_;
};

}  // namespace ocellus::gathering
