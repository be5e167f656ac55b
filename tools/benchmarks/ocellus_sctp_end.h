// SPDX-License-Identifier: Apache-2.0
// An end of an SCTP association for benchmarks: ours, with its data channels.
#pragma once

#include <memory>
#include <optional>

#include "firmware/rtc/sctp/data_channels.h"
#include "tests/sim/seeded_random.h"
#include "tools/benchmarks/sctp_end.h"

namespace ocellus::benchmarks {

class OcellusSctpEnd final : public SctpEnd {
 public:
  OcellusSctpEnd(PacketSink& out, bool is_active);
  ~OcellusSctpEnd() override;

  void Start(Time now) override;
  bool connected() const override { return channels_->is_connected(); }
  bool Send(Time now, Bytes message) override;
  void Flush(Time now) override;
  void HandlePacket(Time now, Bytes packet) override;
  void HandleTimeout(Time now) override;
  Time next_deadline() const override { return channels_->next_deadline(); }
  uint64_t bytes_received() const override { return bytes_received_; }

  // One more channel, which the peer is told of.
  void OpenChannel(Time now);

 private:
  std::optional<sctp::ChannelEvent> PollEvent();
  std::optional<size_t> PollTransmit(Time now, MutableBytes out);

  PacketSink& out_;
  const bool is_active_;
  sctp::Config config_;
  sim::SeededRandom random_;
  std::unique_ptr<sctp::DataChannels> channels_;
  uint64_t bytes_received_ = 0;
};

}  // namespace ocellus::benchmarks
