// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/thread.h"

#include <signal.h>

namespace ocellus::linux_platform {
namespace {

Status CannotStart(const std::string& name, int error) {
  return Status(StatusCode::kResourceExhausted,
                Format("cannot start the %s thread: errno %d", name.c_str(), error));
}

}  // namespace

Result<std::unique_ptr<Thread>> Thread::Start(const std::string& name, std::function<void()> body) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<Thread> thread(new Thread(name, std::move(body)));
  const int error = thread->Create(
      [](void* self) -> void* {
        static_cast<const Thread*>(self)->Run();
        return nullptr;
      },
      thread->handle_);
  if (error != 0) return CannotStart(name, error);
  thread->started_ = true;
  return thread;
}

Status Thread::StartDetached(const std::string& name, std::function<void()> body) {
  std::unique_ptr<Thread> thread(new Thread(name, std::move(body)));
  pthread_t handle;
  const int error = thread->Create(
      [](void* self) -> void* {
        pthread_detach(pthread_self());
        const std::unique_ptr<Thread> owned(static_cast<Thread*>(self));
        owned->Run();
        return nullptr;
      },
      handle);
  if (error != 0) return CannotStart(name, error);
  static_cast<void>(thread.release());  // The new thread owns it.
  return {};
}

Thread::~Thread() {
  if (started_) pthread_join(handle_, nullptr);
}

int Thread::Create(void* (*main)(void*), pthread_t& handle) {
  sigset_t stopping;
  sigset_t before;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGTERM);
  sigaddset(&stopping, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stopping, &before);
  const int error = pthread_create(&handle, nullptr, main, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return error;
}

void Thread::Run() const {
  pthread_setname_np(pthread_self(), name_.c_str());
  body_();
}

}  // namespace ocellus::linux_platform
