// SPDX-License-Identifier: Apache-2.0
// A thread with a name, joined by its destructor. Whoever starts one makes its body return first.
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
  ~Thread();
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  Thread(std::string name, std::function<void()> body)
      : name_(std::move(name)), body_(std::move(body)) {}
  static void* Main(void* thread);

  const std::string name_;
  const std::function<void()> body_;
  pthread_t handle_{};
  bool started_ = false;
};

}  // namespace ocellus::linux_platform
