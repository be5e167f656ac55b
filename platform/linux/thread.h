// SPDX-License-Identifier: Apache-2.0
// A thread with a name, joined by its destructor: whoever starts one makes its body return first.
// Or detached, for the rare body that cannot be made to return.
#pragma once

#include <pthread.h>

#include <functional>
#include <memory>
#include <string>

#include "firmware/base/status.h"

namespace ocellus::linux_platform {

class Thread {
 public:
  // `name` is shown by top and gdb; the kernel keeps 15 characters of it. SIGTERM and SIGINT are
  // blocked in the new thread: they belong to the io thread. Errors: kResourceExhausted.
  static Result<std::unique_ptr<Thread>> Start(const std::string& name, std::function<void()> body);
  // A thread that nobody joins and that the end of the process does not wait for: for a call that
  // may hang and cannot be cut short. `body` owns everything that it uses.
  static Status StartDetached(const std::string& name, std::function<void()> body);
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  Thread(const std::string& name, std::function<void()> body)
      : name_(name.substr(0, 15)), body_(std::move(body)) {}
  // Runs `main` with this, which it may delete. What pthread_create returns.
  int Create(void* (*main)(void*), pthread_t& handle);
  void Run() const;

  const std::string name_;
  const std::function<void()> body_;
  pthread_t handle_{};
  bool started_ = false;
};

}  // namespace ocellus::linux_platform
