// SPDX-License-Identifier: Apache-2.0
// Looks host names up with the system's resolver (getaddrinfo(3)), which blocks: on threads that
// exist while there is something to look up, at most kMaxNameLookups of them. Any one thread.
//
// A look-up can hang for a minute when the name servers are away, and nothing cuts it short. So the
// threads are detached, and what they share with this object outlives it: whoever destroys this
// waits for nobody, a late answer is thrown away, and the end of the process takes the thread with
// it. That is why there is a lock and shared ownership here, as nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "firmware/base/limits.h"
#include "hal/name_resolver.h"

namespace ocellus::linux_platform {

// Asks the system; blocks. At most kMaxResolvedAddresses, in the order of RFC 6724 section 6.
// Errors name the host: kNotFound, kUnavailable, kResourceExhausted, kInternal.
Result<std::vector<IpAddress>> LookUpHost(const std::string& name);

class BackgroundLookup {
 public:
  // Called on several threads at once; owns what it uses.
  using LookUp = std::function<Result<std::vector<IpAddress>>(const std::string& name)>;

  // Errors: kResourceExhausted, kInternal.
  static Result<std::unique_ptr<BackgroundLookup>> Open(LookUp look_up = LookUpHost);
  ~BackgroundLookup();

  // One answer follows.
  void Start(const std::string& name);
  // Has Poll return `answer`, too, which was found in another way.
  void Add(hal::ResolvedName answer);
  std::optional<hal::ResolvedName> Poll();

  // Readable, as poll(2) sees it, while there is an answer.
  int descriptor() const;

 private:
  struct Shared;
  explicit BackgroundLookup(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  const std::shared_ptr<Shared> shared_;
};

}  // namespace ocellus::linux_platform
