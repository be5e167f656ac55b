// SPDX-License-Identifier: Apache-2.0
// DataChannels at one end of a path, and what they have told.
#pragma once

#include <string>
#include <vector>

#include "firmware/rtc/sctp/data_channels.h"
#include "tests/rtc/sctp/packet_path.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::sctp {

class ChannelEnd : public PathEnd {
 public:
  struct Message {
    ChannelId id;
    MessageKind kind;
    std::vector<uint8_t> payload;
    std::string text() const { return std::string(AsText(payload)); }
  };

  explicit ChannelEnd(uint64_t seed, const Config& config = {})
      : random_(seed), channels_(PacketPath::kStart, config, random_) {}

  DataChannels& channels() { return channels_; }
  const DataChannels& channels() const { return channels_; }
  const std::vector<ChannelOpened>& opened() const { return opened_; }
  const std::vector<Message>& messages() const { return messages_; }
  const std::vector<ChannelId>& closed() const { return closed_; }
  const std::vector<ChannelId>& low() const { return low_; }
  const std::optional<Status>& failed() const { return failed_; }
  // Messages of one channel as text, in the order of their arrival.
  std::vector<std::string> Texts(ChannelId id) const;
  void ForgetMessages() { messages_.clear(); }

  // The application does not come to take events any more, or does again.
  void StopPolling() { polling_ = false; }
  void StartPolling() {
    polling_ = true;
    Poll();
  }
  void Poll();

  void HandlePacket(Time now, Bytes packet) override;
  void HandleTimeout(Time now) override;
  std::optional<size_t> PollTransmit(Time now, MutableBytes out) override;
  Time next_deadline() const override { return channels_.next_deadline(); }

 private:
  void Check(const ChannelEvent& event);

  sim::SeededRandom random_;
  DataChannels channels_;
  bool polling_ = true;
  std::vector<ChannelOpened> opened_;
  std::vector<Message> messages_;
  std::vector<ChannelId> closed_;
  std::vector<ChannelId> low_;
  std::optional<Status> failed_;
  std::vector<bool> is_open_ = std::vector<bool>(65536);
};

// Two of them, and the path.
struct ChannelPair {
  explicit ChannelPair(const sim::LinkConditions& conditions = {}, uint64_t seed = 1,
                       const Config& config_a = {}, const Config& config_b = {});

  // Both start at once, as they do over DTLS; a has the even ids.
  void Start();
  // Starts, and runs until both are connected. False: they did not.
  bool Connect(Duration most = std::chrono::seconds(30));
  // A channel that a has opened and b knows.
  ChannelId OpenFromA(const ChannelOptions& options = {});
  bool RunUntil(const std::function<bool()>& done, Duration most = std::chrono::seconds(30)) {
    return path.RunUntil(done, most);
  }
  void RunFor(Duration duration) { path.RunFor(duration); }
  Time now() const { return path.now(); }

  ChannelEnd a;
  ChannelEnd b;
  PacketPath path;
};

// A path with a delay of 25 ms each way, and loss, reordering and duplicates of 10 % each.
sim::LinkConditions BadPath();
// The delay alone.
sim::LinkConditions GoodPath();

std::vector<uint8_t> RandomPayload(size_t size, uint64_t seed);

}  // namespace ocellus::sctp
