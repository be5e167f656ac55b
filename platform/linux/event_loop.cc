// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/event_loop.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "platform/linux/system_error.h"

namespace ocellus::linux_platform {
namespace {

// Descriptors that one system call reports; the rest comes with the next.
constexpr int kMaxEvents = 16;

sigset_t StoppingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::Open() {
  const sigset_t signals = StoppingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // Not make_unique: the constructor is private.
  std::unique_ptr<EventLoop> loop(new EventLoop());
  loop->epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  loop->wake_ = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  loop->signals_ = FileDescriptor(signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!loop->epoll_.valid() || !loop->wake_.valid() || !loop->timer_.valid() ||
      !loop->signals_.valid()) {
    return SystemError(errno, "cannot open the event loop");
  }
  RETURN_IF_ERROR(loop->Add({loop->wake_.get(), &loop->woken_}));
  RETURN_IF_ERROR(loop->Add({loop->timer_.get(), &loop->timer_expired_}));
  RETURN_IF_ERROR(loop->Add({loop->signals_.get(), &loop->signalled_}));
  return loop;
}

EventLoop::~EventLoop() { ReleaseSignals(); }

Status EventLoop::Add(const Watch& watch) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = watch.readable;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, watch.fd, &event) != 0) {
    return SystemError(errno, "cannot watch a file descriptor");
  }
  return {};
}

EventLoop::Wakeup EventLoop::Wait(Time deadline) {
  timer_.Set(deadline);
  epoll_event events[kMaxEvents];
  const int count = epoll_wait(epoll_.get(), events, kMaxEvents, /*timeout=*/-1);
  CHECK(count >= 0 || errno == EINTR, "epoll_wait fails with errno %d", errno);
  for (int i = 0; i < count; ++i) *static_cast<bool*>(events[i].data.ptr) = true;

  if (std::exchange(woken_, false)) ResetWake();
  // The expired timer stays readable until it is set again, which forgets the expiry.
  if (std::exchange(timer_expired_, false)) timer_.HandleExpired();
  if (std::exchange(signalled_, false)) {
    ReleaseSignals();
    return Wakeup::kStop;
  }
  return Wakeup::kWork;
}

void EventLoop::Wake() {
  if (wake_pending_.exchange(true)) return;
  const uint64_t one = 1;
  CHECK(write(wake_.get(), &one, sizeof(one)) == sizeof(one), "eventfd: errno %d", errno);
}

void EventLoop::ResetWake() {
  uint64_t count = 0;
  CHECK(read(wake_.get(), &count, sizeof(count)) == sizeof(count), "eventfd: errno %d", errno);
  // Cleared before the caller looks at its mailboxes, so that no Wake is lost.
  wake_pending_ = false;
}

void EventLoop::ReleaseSignals() {
  signalfd_siginfo info;
  while (read(signals_.get(), &info, sizeof(info)) > 0) {
  }
  const sigset_t signals = StoppingSignals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace ocellus::linux_platform
