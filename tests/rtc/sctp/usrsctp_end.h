// SPDX-License-Identifier: Apache-2.0
// The other end of a path, played by usrsctp: an SCTP of other hands, the one in Firefox. It runs
// without threads, and what it takes for the clock is the test's time. Only its tags, first TSNs
// and the jitter of its heartbeats are the system's randomness. One per process at a time.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "firmware/rtc/sctp/types.h"
#include "tests/rtc/sctp/packet_path.h"

struct socket;
union sctp_sockstore;
struct sctp_rcvinfo;

namespace ocellus::sctp {

class UsrsctpEnd : public PathEnd {
 public:
  struct Message {
    StreamId stream;
    Ppid ppid;
    std::vector<uint8_t> payload;
  };
  struct SendMode {
    bool ordered = true;
    std::optional<uint32_t> max_retransmits;
    std::optional<uint32_t> lifetime_ms;
  };
  enum class Interleaving { kOff, kOn };

  explicit UsrsctpEnd(Interleaving interleaving = Interleaving::kOff);
  ~UsrsctpEnd() override;

  // Waits for the peer's INIT; or sends its own, as Firefox does.
  void Listen();
  void Connect();
  // False: it is not connected, or its buffer is full.
  bool Send(StreamId stream, Ppid ppid, Bytes payload, const SendMode& mode);
  bool Send(StreamId stream, Ppid ppid, Bytes payload) { return Send(stream, ppid, payload, {}); }
  // Resets its outgoing stream. False: not now.
  bool ResetStream(StreamId stream);
  void Shutdown();
  // Sends an ABORT.
  void Abort();

  bool connected() const { return connected_; }
  bool ended() const { return ended_; }
  const std::vector<Message>& messages() const { return messages_; }
  std::vector<Message> MessagesOf(Ppid ppid) const;
  // Streams that we have reset, as it was told.
  const std::vector<StreamId>& incoming_resets() const { return incoming_resets_; }
  // Its own, that we have answered.
  const std::vector<StreamId>& outgoing_resets() const { return outgoing_resets_; }

  void HandlePacket(Time now, Bytes packet) override;
  void HandleTimeout(Time now) override;
  std::optional<size_t> PollTransmit(Time now, MutableBytes out) override;
  Time next_deadline() const override { return next_tick_; }

 private:
  static int HandleOutput(void* address, void* packet, size_t size, uint8_t tos, uint8_t set_df);
  static int HandleReceived(struct socket* from, union sctp_sockstore address, void* data,
                            size_t size, struct sctp_rcvinfo info, int flags, void* self);
  void HandleNotification(Bytes notification);
  void Configure(struct socket* socket, Interleaving interleaving);
  void SetOption(struct socket* socket, int option, const void* value, size_t size);
  void Accept();

  struct socket* socket_ = nullptr;
  struct socket* listener_ = nullptr;
  bool connected_ = false;
  bool ended_ = false;
  Time next_tick_ = PacketPath::kStart;
  std::deque<std::vector<uint8_t>> outgoing_;
  std::vector<Message> parts_;  // Of messages that are not whole yet, one for each stream.
  std::vector<Message> messages_;
  std::vector<StreamId> incoming_resets_;
  std::vector<StreamId> outgoing_resets_;
};

}  // namespace ocellus::sctp
