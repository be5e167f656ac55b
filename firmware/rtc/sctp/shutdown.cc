// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/shutdown.h"

namespace ocellus::sctp {

void ShutdownSequence::Begin(Time now) {
  if (state_ != State::kNone) return;
  state_ = State::kPending;
  guard_ = now + kGuard;
}

void ShutdownSequence::HandleShutdown(Time now) {
  switch (state_) {
    case State::kNone:
      guard_ = now + kGuard;
      state_ = State::kReceived;
      return;
    case State::kPending:
      state_ = State::kReceived;
      return;
    case State::kSent:  // Both at once: "send a SHUTDOWN ACK chunk and start its own timer".
      SendAck(now);
      return;
    case State::kAckSent:
      chunk_due_ = true;
      return;
    case State::kReceived:
    case State::kDone:
      return;
  }
}

void ShutdownSequence::HandleShutdownAck() {
  // Once more when it is done: our SHUTDOWN COMPLETE was lost.
  if (state_ != State::kSent && state_ != State::kAckSent && !completed_) return;
  state_ = State::kDone;
  timer_.Stop();
  completed_ = true;
  complete_due_ = true;
}

void ShutdownSequence::HandleShutdownComplete() {
  if (state_ != State::kAckSent) return;
  state_ = State::kDone;
  timer_.Stop();
}

void ShutdownSequence::HandleData() {
  if (state_ == State::kSent) chunk_due_ = true;
}

void ShutdownSequence::HandleDelivered(Time now) {
  if (state_ == State::kPending) {
    state_ = State::kSent;
    chunk_due_ = true;
    timer_.Start(now);
  } else if (state_ == State::kReceived) {
    SendAck(now);
  }
}

void ShutdownSequence::SendAck(Time now) {
  state_ = State::kAckSent;
  chunk_due_ = true;
  timer_.Start(now);
}

bool ShutdownSequence::HandleTimeout(Time now) {
  if (now >= guard_) return false;
  if (!timer_.Expired(now)) return true;
  if (!timer_.Retry(now)) return false;
  chunk_due_ = true;
  return true;
}

void ShutdownSequence::WriteChunk(Tsn cumulative_tsn, PacketWriter& packet) {
  if (!chunk_due_) return;
  const bool written = state_ == State::kSent ? packet.Append(ShutdownChunk{cumulative_tsn})
                                              : packet.Append(ShutdownAckChunk{});
  if (written) chunk_due_ = false;
}

void ShutdownSequence::WriteComplete(PacketWriter& packet) {
  if (packet.Append(ShutdownCompleteChunk{})) complete_due_ = false;
}

}  // namespace ocellus::sctp
