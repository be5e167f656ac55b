// SPDX-License-Identifier: Apache-2.0
// The addresses of this host, and the news that they changed. io thread only.
#pragma once

#include <vector>

#include "firmware/base/socket_address.h"

namespace ocellus::hal {

class Network {
 public:
  virtual ~Network() = default;

  // The usable unicast addresses of all interfaces that are up: no link-local ones, no temporary
  // duplicates, loopback only when there is nothing else or the platform is told so.
  virtual std::vector<IpAddress> Addresses() const = 0;

  // True once after each change of Addresses().
  virtual bool TakeChanged() = 0;
};

}  // namespace ocellus::hal
