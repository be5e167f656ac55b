// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/thread.h"

#include <signal.h>

namespace ocellus::linux_platform {

Result<std::unique_ptr<Thread>> Thread::Start(const std::string& name, std::function<void()> body) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<Thread> thread(new Thread(name.substr(0, 15), std::move(body)));
  sigset_t stopping;
  sigset_t before;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stopping, &before);
  const int error = pthread_create(&thread->handle_, nullptr, &Main, thread.get());
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) {
    return Status(StatusCode::kResourceExhausted,
                  Format("cannot start the %s thread: errno %d", name.c_str(), error));
  }
  thread->started_ = true;
  return thread;
}

Thread::~Thread() {
  if (started_) pthread_join(handle_, nullptr);
}

void* Thread::Main(void* thread) {
  const auto* self = static_cast<const Thread*>(thread);
  pthread_setname_np(pthread_self(), self->name_.c_str());
  self->body_();
  return nullptr;
}

}  // namespace ocellus::linux_platform
