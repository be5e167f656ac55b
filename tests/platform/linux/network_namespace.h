// SPDX-License-Identifier: Apache-2.0
// Runs a test in a network namespace of its own, where it may do to the network what it likes.
#pragma once

#include <sched.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

namespace ocellus::linux_platform {

// Runs `body` on a thread that has an empty namespace (lo, and that down). False, without running
// it, where this is not permitted.
inline bool RunInNetworkNamespace(const std::function<void()>& body) {
  bool permitted = false;
  std::thread([&] {
    permitted = unshare(CLONE_NEWNET) == 0;
    if (permitted) body();
  }).join();
  return permitted;
}

// "ip <arguments>" in the namespace of this thread. False when it fails.
inline bool Ip(const std::string& arguments) {
  return std::system(("ip " + arguments).c_str()) == 0;
}

}  // namespace ocellus::linux_platform

// The rest of a test in a namespace: SKIP where there is none to be had.
#define IN_NETWORK_NAMESPACE(...)                                                              \
  do {                                                                                         \
    if (!::ocellus::linux_platform::RunInNetworkNamespace(__VA_ARGS__)) {                      \
      GTEST_SKIP() << "network namespaces are not permitted here (run as root, outside of an " \
                      "unprivileged container)";                                               \
    }                                                                                          \
  } while (false)
