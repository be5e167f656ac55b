// SPDX-License-Identifier: Apache-2.0
// Where a viewer's packets leave, whatever carries them. io thread only.
#pragma once

#include "firmware/base/datagram.h"
#include "firmware/base/time.h"

namespace ocellus::app {

class PacketSender {
 public:
  virtual ~PacketSender() = default;

  // Room for the next packet: kMaxDatagramSize. Valid until the next call of anything.
  virtual MutableBytes SendBuffer() = 0;
  // Sends the first `transmit.size` bytes of what SendBuffer() returned, or drops them, as a
  // network would.
  virtual void Send(Time now, const Transmit& transmit) = 0;
};

}  // namespace ocellus::app
