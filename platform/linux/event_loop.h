// SPDX-License-Identifier: Apache-2.0
// What the io thread sleeps in: epoll over sockets, a timer for the next deadline, an eventfd for
// other threads, and the signals that end the program. It calls nobody:
//
//   while (!stopping) {
//     app.Pump(clock.Now());
//     stopping = loop.Wait(app.next_deadline()) == EventLoop::Wakeup::kStop;
//   }
//
// io thread only, but for Wake. It never wakes without a reason.
#pragma once

#include <atomic>
#include <memory>

#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "hal/waker.h"
#include "platform/linux/deadline_timer.h"
#include "platform/linux/file_descriptor.h"

namespace ocellus::linux_platform {

// A file descriptor to wait for, and the flag that says that there is something to read from it.
// Its owner clears the flag when it has read everything; so a turn costs no fruitless reads.
struct Watch {
  int fd = -1;
  bool* readable = nullptr;
};

class EventLoop final : public hal::Waker {
 public:
  enum class Wakeup {
    kWork,  // A watch became readable, a deadline passed, or another thread called Wake.
    kStop,  // SIGTERM or SIGINT came. The next one ends the process at once.
  };

  // Takes over SIGTERM and SIGINT from now on. Errors: kResourceExhausted, kInternal.
  static Result<std::unique_ptr<EventLoop>> Open();
  ~EventLoop() override;

  // `watch` must stay as it is for as long as the loop lives. Errors: kInternal.
  Status Add(const Watch& watch);

  // Sleeps until there is work, at the latest until `deadline`. Readable watches are flagged.
  Wakeup Wait(Time deadline);

  void Wake() override;

 private:
  EventLoop() = default;
  void ResetWake();
  void ReleaseSignals();

  FileDescriptor epoll_;
  FileDescriptor wake_;
  DeadlineTimer timer_;
  FileDescriptor signals_;
  // What each descriptor of our own puts into its epoll event.
  bool woken_ = false;
  bool timer_expired_ = false;
  bool signalled_ = false;
  // True from a Wake until the io thread has noticed it: further ones need no system call.
  std::atomic<bool> wake_pending_{false};
};

}  // namespace ocellus::linux_platform
