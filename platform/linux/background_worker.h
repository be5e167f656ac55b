// SPDX-License-Identifier: Apache-2.0
// Requests that block (on a disk), carried out one after the other on a thread of their own; their
// answers are polled by the io thread, which is woken for them.
//
// A disk can hang for minutes, and nothing cuts it short. So the thread is detached, and what it
// shares with this object outlives it: the destructor waits for what was posted, so that nothing is
// lost when the program ends, but not for longer than its patience. See also background_lookup.h.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "firmware/base/status.h"
#include "hal/waker.h"
#include "platform/linux/thread.h"

namespace ocellus::linux_platform {

// systemd kills what has not ended 90 s after SIGTERM (TimeoutStopSec); people, after some seconds.
constexpr std::chrono::seconds kWorkerPatience{5};

template <typename Request, typename Answer>
class BackgroundWorker {
 public:
  // Called on the thread, for each request in turn; owns what it uses. nullopt: no answer.
  using Work = std::function<std::optional<Answer>(Request)>;

  // Starts the thread, which sleeps. `waker` must outlive this. Errors: kResourceExhausted.
  static Result<std::unique_ptr<BackgroundWorker>> Start(
      const std::string& name, Work work, hal::Waker& waker,
      std::chrono::milliseconds patience = kWorkerPatience) {
    auto shared = std::make_shared<Shared>();
    shared->waker = &waker;
    // The thread's own reference keeps the shared part alive.
    RETURN_IF_ERROR(
        Thread::StartDetached(name, [shared, work = std::move(work)] { Run(*shared, work); }));
    // Not make_unique: the constructor is private.
    return std::unique_ptr<BackgroundWorker>(new BackgroundWorker(std::move(shared), patience));
  }

  // Nobody is woken any more.
  ~BackgroundWorker() {
    std::unique_lock<std::mutex> lock(shared_->mutex);
    shared_->waker = nullptr;
    shared_->stopping = true;
    shared_->changed.notify_all();
    shared_->changed.wait_for(lock, patience_, [&] { return shared_->ended; });
  }
  BackgroundWorker(const BackgroundWorker&) = delete;
  BackgroundWorker& operator=(const BackgroundWorker&) = delete;

  void Post(Request request) {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->requests.push_back(std::move(request));
    shared_->changed.notify_all();
  }

  std::optional<Answer> Poll() {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    if (shared_->answers.empty()) return std::nullopt;
    std::optional<Answer> answer(std::move(shared_->answers.front()));
    shared_->answers.pop_front();
    return answer;
  }

 private:
  struct Shared {
    std::mutex mutex;                 // Guards what follows.
    std::condition_variable changed;  // A request, stopping or ended.
    hal::Waker* waker = nullptr;      // Until it stops.
    bool stopping = false;
    bool ended = false;
    std::deque<Request> requests;  // Bounded by whoever posts.
    std::deque<Answer> answers;    // No more than there were requests.
  };

  BackgroundWorker(std::shared_ptr<Shared> shared, std::chrono::milliseconds patience)
      : shared_(std::move(shared)), patience_(patience) {}

  // The body of the thread.
  static void Run(Shared& shared, const Work& work) {
    std::unique_lock<std::mutex> lock(shared.mutex);
    while (true) {
      shared.changed.wait(lock, [&] { return shared.stopping || !shared.requests.empty(); });
      if (shared.requests.empty()) break;
      Request request = std::move(shared.requests.front());
      shared.requests.pop_front();
      lock.unlock();
      std::optional<Answer> answer = work(std::move(request));
      lock.lock();
      if (!answer) continue;
      shared.answers.push_back(std::move(*answer));
      if (shared.waker != nullptr) shared.waker->Wake();
    }
    shared.ended = true;
    shared.changed.notify_all();
  }

  const std::shared_ptr<Shared> shared_;
  const std::chrono::milliseconds patience_;
};

}  // namespace ocellus::linux_platform
