// SPDX-License-Identifier: Apache-2.0
// The graceful end of an association (RFC 9260 section 9.2): both sides deliver what they have,
// then SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE. io thread only. Owned by Association.
//
// State: kNone -Begin-> kPending -all delivered-> kSent -SHUTDOWN ACK-> kDone (we complete it).
// kNone -SHUTDOWN-> kReceived -all delivered-> kAckSent -SHUTDOWN COMPLETE-> kDone.
#pragma once

#include "firmware/base/time.h"
#include "firmware/rtc/sctp/packet.h"
#include "firmware/rtc/sctp/retry_timer.h"

namespace ocellus::sctp {

class ShutdownSequence {
 public:
  enum class State : uint8_t { kNone, kPending, kSent, kReceived, kAckSent, kDone };

  // RFC 9260 section 9.2: "an overall guard timer [...] 5 times 'RTO.Max'", which is 60 s.
  static constexpr Duration kGuard = std::chrono::minutes(5);

  void Begin(Time now);
  void HandleShutdown(Time now);
  void HandleShutdownAck();
  void HandleShutdownComplete();
  // Data has come: a peer that has not got our SHUTDOWN is told again.
  void HandleData();
  // What we had to say has arrived. To be called whenever that is so.
  void HandleDelivered(Time now);

  // False: the peer does not answer, or it has taken too long.
  [[nodiscard]] bool HandleTimeout(Time now);
  Time next_deadline() const { return std::min(timer_.expires_at(), guard_); }

  void WriteChunk(Tsn cumulative_tsn, PacketWriter& packet);

  State state() const { return state_; }
  // The last thing that is sent: when kDone was reached by the peer's SHUTDOWN ACK.
  bool complete_due() const { return complete_due_; }
  void WriteComplete(PacketWriter& packet);

 private:
  void SendAck(Time now);

  State state_ = State::kNone;
  RetryTimer timer_;  // T2-shutdown.
  Time guard_ = kNever;
  bool chunk_due_ = false;
  bool completed_ = false;  // By us.
  bool complete_due_ = false;
};

}  // namespace ocellus::sctp
