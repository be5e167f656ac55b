// SPDX-License-Identifier: Apache-2.0
// hal::NameResolver on Linux: host names by the system's resolver on other threads, and
// "<label>.local" by multicast DNS, whose sockets are open only while such names are under way.
// io thread only.
//
// A name of several labels that ends in ".local" goes to the system's resolver: company networks
// have such names in their own DNS, and multicast DNS has one label (RFC 6762 section 3).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "firmware/rtc/mdns/resolver.h"
#include "hal/clock.h"
#include "hal/name_resolver.h"
#include "platform/linux/background_lookup.h"
#include "platform/linux/deadline_timer.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/mdns_socket.h"

namespace ocellus::linux_platform {

class NameResolver final : public hal::NameResolver {
 public:
  // `clock` must outlive it. Errors: kResourceExhausted, kInternal.
  static Result<std::unique_ptr<NameResolver>> Open(const hal::Clock& clock,
                                                    BackgroundLookup::LookUp look_up = LookUpHost);

  void Resolve(const std::string& name) override;
  std::optional<hal::ResolvedName> Poll() override;

  // For the event loop.
  std::vector<Watch> watches() { return {{epoll_.get(), &ready_}}; }

 private:
  // A name that multicast DNS is asked for: as it was given, and as it asks.
  struct LocalName {
    std::string given;
    std::string asked;
  };

  NameResolver(const hal::Clock& clock, std::unique_ptr<BackgroundLookup> lookups)
      : clock_(clock), lookups_(std::move(lookups)) {}
  Status OpenDescriptors();
  bool AddWatch(int fd);

  Status AskLocally(const LocalName& name);
  void ReceiveLocally();
  // Sends, answers and waits as mdns_ wants it.
  void ServeMdns();

  const hal::Clock& clock_;
  const std::unique_ptr<BackgroundLookup> lookups_;  // Holds the answers of both ways.

  mdns::Resolver mdns_;
  std::vector<LocalName> local_names_;  // Under way.
  std::unique_ptr<MdnsSocket> socket_;  // While there are any.

  // Over the answers, the timer and the socket: the event loop watches this alone.
  FileDescriptor epoll_;
  DeadlineTimer timer_;
  bool ready_ = false;
};

}  // namespace ocellus::linux_platform
