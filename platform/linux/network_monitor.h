// SPDX-License-Identifier: Apache-2.0
// The addresses of this host, from the kernel's routing messages (rtnetlink(7)). io thread only.
//
// Changes come in bursts (link down, addresses gone, link up, address tentative, address ready), so
// they count once things have been quiet for a moment; what comes back within it was no change. The
// first address of a host that had none counts at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/status.h"
#include "hal/network.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/file_descriptor.h"

namespace ocellus::linux_platform {

// An address as the kernel reports it.
struct InterfaceAddress {
  IpAddress ip;
  int prefix_length = 0;
  int interface_index = 0;
  bool interface_up = false;  // And it has a carrier.
  bool usable = true;         // Not tentative, deprecated or a duplicate (RFC 4862).
  bool temporary = false;     // RFC 8981: changes within days, for the sake of privacy.
};

struct AddressPolicy {
  // Only this address; 0.0.0.0 and :: stand for all of their family, nullopt for all of both.
  std::optional<IpAddress> listen;
  bool loopback = false;  // Loopback addresses too, not only when there is nothing else.
};

// Applies the rules of hal::Network to what the kernel reports, in its order. Of a prefix's
// temporary addresses one stays, and only where the prefix has no lasting one.
std::vector<IpAddress> SelectAddresses(const std::vector<InterfaceAddress>& all,
                                       const AddressPolicy& policy);

class NetworkMonitor final : public hal::Network {
 public:
  // Errors: kInternal, kResourceExhausted.
  static Result<std::unique_ptr<NetworkMonitor>> Open(const AddressPolicy& policy);

  std::vector<IpAddress> Addresses() const override { return addresses_; }
  bool TakeChanged() override;

  // For the event loop.
  std::vector<Watch> watches();

 private:
  explicit NetworkMonitor(const AddressPolicy& policy) : policy_(policy) {}
  // Nobody else can reach this host.
  bool IsCutOff() const;
  void DrainNews();
  void StartQuietTimer();
  // Asks the kernel anew. True when addresses_ is another list than before.
  bool Update();

  const AddressPolicy policy_;
  FileDescriptor news_;
  FileDescriptor quiet_timer_;
  bool news_came_ = false;
  bool became_quiet_ = false;
  std::vector<IpAddress> addresses_;
};

}  // namespace ocellus::linux_platform
