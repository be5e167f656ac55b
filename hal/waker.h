// SPDX-License-Identifier: Apache-2.0
// Wakes the io thread from another one: Linux an eventfd, ESP32 a task notification.
#pragma once

namespace ocellus::hal {

class Waker {
 public:
  virtual ~Waker() = default;

  // Any thread, never blocks. Wakes that come before the io thread runs become one.
  virtual void Wake() = 0;
};

}  // namespace ocellus::hal
