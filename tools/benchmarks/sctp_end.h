// SPDX-License-Identifier: Apache-2.0
// One end of an SCTP association with one reliable, ordered channel, whoever made it: ours or
// usrsctp. Benchmarks put two of a kind together with SctpPair, without DTLS and without a network.
#pragma once

#include <cstddef>
#include <cstdint>

#include "firmware/base/bytes.h"
#include "firmware/base/time.h"
#include "firmware/rtc/sctp/config.h"

namespace ocellus::benchmarks {

// Bytes of the largest SCTP packet, header included, of both.
constexpr size_t kSctpMtu = sctp::kDefaultMtu;

// Where an end's packets go.
class PacketSink {
 public:
  virtual ~PacketSink() = default;
  // `packet` is borrowed for the call.
  virtual void Carry(Time now, Bytes packet) = 0;
};

class SctpEnd {
 public:
  virtual ~SctpEnd() = default;

  // Both ends do so at once, as WebRTC has it.
  virtual void Start(Time now) = 0;
  virtual bool connected() const = 0;
  // Queues a message. False: there is no room for it now.
  virtual bool Send(Time now, Bytes message) = 0;
  // After the others: what has to leave has left, if it had not before.
  virtual void Flush(Time now) = 0;
  virtual void HandlePacket(Time now, Bytes packet) = 0;
  virtual void HandleTimeout(Time now) = 0;
  virtual Time next_deadline() const = 0;

  // Of whole messages.
  virtual uint64_t bytes_received() const = 0;
};

}  // namespace ocellus::benchmarks
