// SPDX-License-Identifier: Apache-2.0
// A peer with data channels that does as it is told, one JSON object a line: the other side of
// browsers in tests/interop, and both sides in tools/bench.
//
//   bench_talk ADDRESS
//
// Commands on standard input, until its end:
//   {"do":"offer","as":"viewer"}       prints {"event":"offer","sdp":...}; or as a "camera", with a
//                                      video of which no picture comes
//   {"do":"answer","sdp":OFFER}        prints {"event":"answer","sdp":...}
//   {"do":"accept","sdp":ANSWER}
//   {"do":"lose","percent":N,"seed":N} of the datagrams, in each direction, from now on
//   {"do":"open","label":...,"protocol":...,"ordered":...,"max_retransmits":...,
//    "max_lifetime_ms":...,"priority":...,"negotiated":ID,"role":...}   see channel_roles.h; prints
//                                      {"event":"opening","label":...,"id":...}. Waits until there
//                                      is a connection.
//   {"do":"send","id":ID,"text":...}   or "bytes":N for a binary message of 0, 1, 2, ... 255, 0 ...
//   {"do":"close","id":ID}
//   {"do":"stats"}                     prints {"event":"stats",...}
// What cannot be done prints {"event":"refused","do":...,"why":...}. What happens prints an event
// connected, ended, opened, message, closed, failed or delivered.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "firmware/base/text.h"
#include "firmware/json/json.h"
#include "platform/linux/clock.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/random.h"
#include "platform/linux/udp_socket.h"
#include "tools/benchmarks/channel_peer.h"
#include "tools/benchmarks/channel_roles.h"

namespace ocellus::benchmarks {
namespace {

json::Value MakeEvent(const char* name) {
  json::Value event = json::Value::Object();
  event.Set("event", name);
  return event;
}

void Print(const json::Value& event) {
  std::printf("%s\n", event.Write().c_str());
  std::fflush(stdout);
}

bool IsPattern(Bytes payload) {
  for (size_t i = 0; i < payload.size(); ++i) {
    if (payload[i] != static_cast<uint8_t>(i)) return false;
  }
  return true;
}

Duration CpuTimeOfProcess() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto all = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return all(usage.ru_utime) + all(usage.ru_stime);
}

sctp::ChannelOptions ReadOptions(json::View command) {
  sctp::ChannelOptions options;
  options.label = std::string(command["label"].AsString().value_or(""));
  options.protocol = std::string(command["protocol"].AsString().value_or(""));
  options.ordered = command["ordered"].AsBool().value_or(true);
  if (const auto most = command["max_retransmits"].AsInteger()) {
    options.max_retransmits = static_cast<uint16_t>(*most);
  }
  if (const auto most = command["max_lifetime_ms"].AsInteger()) {
    options.max_lifetime = std::chrono::milliseconds(*most);
  }
  options.priority =
      static_cast<uint16_t>(command["priority"].AsInteger().value_or(sctp::kNormalPriority));
  if (const auto id = command["negotiated"].AsInteger()) {
    options.negotiated = sctp::ChannelId(static_cast<uint16_t>(*id));
  }
  return options;
}

json::Value Describe(const sctp::ChannelOpened& opened) {
  json::Value event = MakeEvent("opened");
  const sctp::ChannelOptions& options = opened.options;
  event.Set("id", opened.id.value())
      .Set("label", options.label)
      .Set("protocol", options.protocol)
      .Set("ordered", options.ordered)
      .Set("priority", options.priority)
      .Set("by_peer", opened.by_peer);
  if (options.max_retransmits) event.Set("max_retransmits", *options.max_retransmits);
  if (options.max_lifetime) event.Set("max_lifetime_ms", options.max_lifetime->count() / 1000);
  return event;
}

json::Value Describe(const sctp::ChannelMessage& message) {
  json::Value event = MakeEvent("message");
  event.Set("id", message.id.value()).Set("size", message.payload.size());
  if (message.kind == sctp::MessageKind::kString) {
    event.Set("text", AsText(message.payload));
  } else {
    event.Set("is_pattern", IsPattern(message.payload));
  }
  return event;
}

// Turns for datagrams before commands are looked at.
constexpr int kMaxTurns = 8;

class Talk : public ChannelRoles::Listener {
 public:
  explicit Talk(const IpAddress& ip)
      : certificate_(crypto::Certificate::Generate(random_, /*unix_seconds=*/1'795'176'000)),
        roles_(*this) {
    auto loop = linux_platform::EventLoop::Open();
    auto socket = linux_platform::UdpSocket::Open({0, ip});
    CHECK(certificate_.ok() && loop.ok() && socket.ok(), "cannot open a socket");
    loop_ = std::move(*loop);
    socket_ = std::move(*socket);
    for (const linux_platform::Watch& watch : socket_->watches()) {
      CHECK(loop_->Add(watch).ok(), "cannot watch port %u", socket_->port());
    }
    CHECK(loop_->Add({STDIN_FILENO, &readable_}).ok(), "cannot watch fd %d", STDIN_FILENO);
    peer_ = std::make_unique<ChannelPeer>(
        clock_.Now(), *certificate_, SocketAddress{ip, socket_->port()}, *socket_, random_, roles_);
  }

  void Run() {
    Time wake_at;
    do {
      if (readable_ && !ReadCommands()) return;
      Time now = clock_.Now();
      // What an acknowledgement has made room for leaves before the next datagrams are looked at.
      bool busy = true;
      for (int turn = 0; busy && turn < kMaxTurns; ++turn) {
        busy = peer_->Pump(now) | roles_.Continue(now, peer_->peer());
        now = clock_.Now();
      }
      wake_at = busy ? now : peer_->next_deadline();
    } while (loop_->Wait(wake_at) != linux_platform::EventLoop::Wakeup::kStop);
  }

  void HandleEvent(const peer::Event& event) override {
    if (std::holds_alternative<peer::Connected>(event)) {
      Print(MakeEvent("connected"));
      for (const json::Value& command : std::exchange(waiting_, {})) Open(command.view());
    } else if (const auto* ended = std::get_if<peer::Closed>(&event)) {
      Print(MakeEvent("ended").Set("why", peer::ToString(ended->reason)));
    } else if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
      Print(Describe(*opened));
    } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
      Print(Describe(*message));
    } else if (const auto* closed = std::get_if<sctp::ChannelClosed>(&event)) {
      Print(MakeEvent("closed").Set("id", closed->id.value()));
    } else if (const auto* failed = std::get_if<sctp::ChannelsFailed>(&event)) {
      Print(MakeEvent("failed").Set("why", failed->why.ToString()));
    }
  }

  void HandleDelivered(sctp::ChannelId id, uint64_t bytes, Duration took) override {
    Print(MakeEvent("delivered")
              .Set("id", id.value())
              .Set("bytes", bytes)
              .Set("microseconds", took.count()));
  }

 private:
  // False at the end of the input.
  bool ReadCommands() {
    readable_ = false;
    char piece[65536];
    const ssize_t size = read(STDIN_FILENO, piece, sizeof(piece));
    if (size <= 0) return false;
    input_.append(piece, static_cast<size_t>(size));
    for (size_t end = 0; (end = input_.find('\n')) != std::string::npos;) {
      auto command = json::Value::Parse(std::string_view(input_).substr(0, end));
      CHECK(command.ok(), "%s", command.status().ToString().c_str());
      input_.erase(0, end + 1);
      Do(std::move(*command));
    }
    return true;
  }

  void Do(json::Value command) {
    const json::View what = command.view();
    const std::string_view name = what["do"].AsString().value_or("");
    const std::string_view sdp = what["sdp"].AsString().value_or("");
    peer::Peer& peer = peer_->peer();
    const Time now = clock_.Now();
    if (name == "offer") {
      const bool films = what["as"].AsString() == "camera";
      PrintDescription("offer", films ? peer.Offer(now) : peer.OfferToSteer(now));
    } else if (name == "answer") {
      PrintDescription("answer", peer.Answer(now, sdp));
    } else if (name == "accept") {
      Require(name, peer.HandleAnswer(now, sdp));
    } else if (name == "lose") {
      peer_->SetLoss({what["percent"].AsNumber().value_or(0) / 100,
                      static_cast<uint64_t>(what["seed"].AsInteger().value_or(1))});
    } else if (name == "stats") {
      PrintStats();
    } else if (peer.channels() != nullptr) {
      DoOnChannels(now, name, what);
    } else if (name == "open") {
      waiting_.push_back(std::move(command));
    } else {
      Require(name, Status(StatusCode::kFailedPrecondition, "there is no connection"));
    }
  }

  void DoOnChannels(Time now, std::string_view name, json::View what) {
    sctp::DataChannels& channels = *peer_->peer().channels();
    const sctp::ChannelId id(static_cast<uint16_t>(what["id"].AsInteger().value_or(0)));
    if (name == "open") {
      Open(what);
    } else if (name == "close") {
      channels.Close(now, id);
    } else if (const auto text = what["text"].AsString(); name == "send" && text) {
      Require(name, channels.Send(now, id, sctp::MessageKind::kString, AsBytes(*text)));
    } else if (name == "send") {
      std::vector<uint8_t> pattern(static_cast<size_t>(what["bytes"].AsInteger().value_or(0)));
      for (size_t i = 0; i < pattern.size(); ++i) pattern[i] = static_cast<uint8_t>(i);
      Require(name, channels.Send(now, id, sctp::MessageKind::kBinary, pattern));
    } else {
      Require(name, Status(StatusCode::kInvalidArgument, "nobody knows this command"));
    }
  }

  void Open(json::View what) {
    const sctp::ChannelOptions options = ReadOptions(what);
    const auto id = peer_->peer().channels()->Open(clock_.Now(), options);
    if (!id.ok()) {
      Require("open", id.status());
      return;
    }
    if (const auto role = what["role"].AsString()) roles_.Assign(*id, *role);
    Print(MakeEvent("opening").Set("label", options.label).Set("id", id->value()));
  }

  static void PrintDescription(const char* name, const Result<std::string>& sdp) {
    if (!sdp.ok()) {
      Require(name, sdp.status());
      return;
    }
    Print(MakeEvent(name).Set("sdp", *sdp));
  }

  static void Require(std::string_view name, const Status& done) {
    if (!done.ok()) Print(MakeEvent("refused").Set("do", name).Set("why", done.ToString()));
  }

  void PrintStats() {
    json::Value event = MakeEvent("stats");
    event.Set("cpu_microseconds", CpuTimeOfProcess().count());
    const linux_platform::UdpSocket::Stats& udp = socket_->stats();
    event.Set("sent_datagrams", udp.sent_datagrams)
        .Set("sent_messages", udp.sent_messages)
        .Set("received_datagrams", udp.received_datagrams)
        .Set("full_datagrams", udp.full_datagrams);
    if (const auto stats = peer_->peer().stats().channels) {
      event.Set("round_trip_microseconds", stats->round_trip.count())
          .Set("bytes_sent", stats->bytes_sent)
          .Set("bytes_received", stats->bytes_received)
          .Set("chunks_retransmitted", stats->chunks_retransmitted)
          .Set("packets_sent", stats->packets_sent)
          .Set("packets_received", stats->packets_received)
          .Set("messages_ignored", stats->messages_ignored)
          .Set("channels", stats->channels)
          .Set("bytes_buffered", stats->bytes_buffered)
          .Set("interleaving", stats->interleaving);
    }
    Print(event);
  }

  const linux_platform::LinuxClock clock_;
  linux_platform::LinuxRandom random_;
  const Result<crypto::Certificate> certificate_;
  std::unique_ptr<linux_platform::EventLoop> loop_;
  std::unique_ptr<linux_platform::UdpSocket> socket_;
  bool readable_ = false;
  std::string input_;
  std::vector<json::Value> waiting_;  // Channels to be opened.
  ChannelRoles roles_;
  std::unique_ptr<ChannelPeer> peer_;
};

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) {
  const auto ip = argc == 2 ? ocellus::IpAddress::Parse(argv[1]) : std::nullopt;
  if (!ip) {
    std::fputs("usage: bench_talk ADDRESS <commands >events\n", stderr);
    return 2;
  }
  ocellus::benchmarks::Talk(*ip).Run();
  return 0;
}
