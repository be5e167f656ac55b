// SPDX-License-Identifier: Apache-2.0
// What the server knows of one client, as far as methods may see and change it. io thread only.
#pragma once

#include "firmware/control/services.h"
#include "firmware/control/topic.h"

namespace ocellus::control {

struct Session {
  // Notifications need a channel; HTTP has none, and its role is its token's.
  enum class Transport : uint8_t { kChannel, kHttp };

  Caller caller;
  Transport transport = Transport::kChannel;
  TopicSet topics;  // That it has subscribed to.
};

}  // namespace ocellus::control
