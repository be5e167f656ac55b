// SPDX-License-Identifier: Apache-2.0
// A descriptor that becomes readable at a deadline of LinuxClock: timerfd(2), set only when the
// deadline is another one than before. io thread only.
#pragma once

#include "firmware/base/time.h"
#include "platform/linux/file_descriptor.h"

namespace ocellus::linux_platform {

class DeadlineTimer {
 public:
  // Not valid where there are no descriptors left: errno says so.
  DeadlineTimer();

  bool valid() const { return timer_.valid(); }
  int get() const { return timer_.get(); }

  // Readable from `deadline` on, until the next Set with another one; kNever: not at all.
  void Set(Time deadline);
  // The deadline has passed, and the next Set counts even if it is the same.
  void HandleExpired() { deadline_ = Time::min(); }
  Time deadline() const { return deadline_; }

 private:
  FileDescriptor timer_;
  Time deadline_ = kNever;
};

}  // namespace ocellus::linux_platform
