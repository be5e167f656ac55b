// SPDX-License-Identifier: Apache-2.0
// An end of an SCTP association for benchmarks: usrsctp, with the settings of a WebRTC stack that
// is built on it (libdatachannel's: buffers of 1 MiB, an initial window of ten packets, SACKs
// delayed by 20 ms, timeouts of 200 ms at least, no Nagle). Only its limit on bursts is left out:
// large messages are six times as fast without it where the round trip is 20 ms, and small ones
// slower; CPU time is the same. It runs without threads, in virtual time; what it draws by chance
// is not ours to seed.
#pragma once

#include <vector>

#include "tools/benchmarks/sctp_end.h"

struct socket;
union sctp_sockstore;
struct sctp_rcvinfo;

namespace ocellus::benchmarks {

// While one lives, usrsctp does: it is one for the process.
class UsrsctpLibrary {
 public:
  // Without checksums, it neither computes nor checks any.
  UsrsctpLibrary(Time now, bool checksums);
  ~UsrsctpLibrary();
  UsrsctpLibrary(const UsrsctpLibrary&) = delete;
  UsrsctpLibrary& operator=(const UsrsctpLibrary&) = delete;
};

class UsrsctpEnd final : public SctpEnd {
 public:
  // As libdatachannel asks for.
  static constexpr uint16_t kStreams = 1024;

  // `streams` each way. There must be a UsrsctpLibrary.
  explicit UsrsctpEnd(PacketSink& out, uint16_t streams = kStreams);
  ~UsrsctpEnd() override;

  void Start(Time now) override;
  bool connected() const override { return connected_; }
  bool Send(Time now, Bytes message) override;
  void Flush(Time) override {}  // It has none of its own: packets leave at once.
  void HandlePacket(Time now, Bytes packet) override;
  // Of the whole library. Its first end does it.
  void HandleTimeout(Time now) override;
  Time next_deadline() const override;
  uint64_t bytes_received() const override { return bytes_received_; }

 private:
  static int HandleOutput(void* end, void* packet, size_t size, uint8_t tos, uint8_t set_df);
  static int HandleReceived(struct socket* from, union sctp_sockstore address, void* data,
                            size_t size, struct sctp_rcvinfo info, int flags, void* end);
  friend class UsrsctpLibrary;

  void Configure(uint16_t streams);
  void SetOption(int option, const void* value, size_t size);
  void HandleNotification(Bytes notification);

  PacketSink& out_;
  struct socket* socket_ = nullptr;
  bool connected_ = false;
  std::vector<uint8_t> part_;  // Of a message that is not whole yet.
  uint64_t bytes_received_ = 0;
};

}  // namespace ocellus::benchmarks
