// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/background_lookup.h"

#include <netdb.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <mutex>
#include <utility>

#include "platform/linux/file_descriptor.h"
#include "platform/linux/raw_address.h"
#include "platform/linux/system_error.h"
#include "platform/linux/thread.h"

namespace ocellus::linux_platform {
namespace {

// What getaddrinfo says, in the words of the C library: "Name or service not known".
Status LookUpError(int error, int system_error, const std::string& name) {
  if (error == EAI_SYSTEM && system_error != 0) return SystemError(system_error, name);
  const std::string text = name + ": " + gai_strerror(error);
  switch (error) {
    case EAI_AGAIN:
    case EAI_FAIL:
      return Status(StatusCode::kUnavailable, text);
    case EAI_MEMORY:
      return Status(StatusCode::kResourceExhausted, text);
    case EAI_SYSTEM:
      return Status(StatusCode::kInternal, text);
    default:  // EAI_NONAME, and the names that glibc has for "no address".
      return Status(StatusCode::kNotFound, text);
  }
}

}  // namespace

Result<std::vector<IpAddress>> LookUpHost(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;  // Otherwise each address comes once for each kind of socket.
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error != 0) return LookUpError(error, errno, name);
  std::vector<IpAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    sockaddr_in6 raw{};
    std::memcpy(&raw, entry->ai_addr, std::min<size_t>(entry->ai_addrlen, sizeof(raw)));
    const IpAddress ip = FromRaw(raw).ip;
    const bool known = std::find(addresses.begin(), addresses.end(), ip) != addresses.end();
    if (!known && addresses.size() < kMaxResolvedAddresses) addresses.push_back(ip);
  }
  freeaddrinfo(found);
  if (addresses.empty()) return Status(StatusCode::kNotFound, name + ": has no address");
  return addresses;
}

struct BackgroundLookup::Shared {
  explicit Shared(LookUp function) : look_up(std::move(function)) {}

  // The body of a thread: looks `name` up, then what waits.
  static void Work(const std::shared_ptr<Shared>& shared, std::string name);
  // With the lock held.
  void Finish(hal::ResolvedName answer);

  const LookUp look_up;
  FileDescriptor answered;  // An eventfd, readable while answers is not empty.

  std::mutex mutex;  // Guards what follows.
  bool abandoned = false;
  size_t threads = 0;               // At most kMaxNameLookups.
  std::deque<std::string> waiting;  // At most kMaxWaitingNames. Full: the next name fails.
  std::deque<hal::ResolvedName> answers;
};

void BackgroundLookup::Shared::Work(const std::shared_ptr<Shared>& shared, std::string name) {
  while (true) {
    Result<std::vector<IpAddress>> addresses = shared->look_up(name);
    const std::lock_guard<std::mutex> lock(shared->mutex);
    shared->Finish({std::move(name), std::move(addresses)});
    if (shared->waiting.empty()) {
      --shared->threads;
      return;
    }
    name = std::move(shared->waiting.front());
    shared->waiting.pop_front();
  }
}

void BackgroundLookup::Shared::Finish(hal::ResolvedName answer) {
  if (abandoned) return;
  const bool was_empty = answers.empty();
  answers.push_back(std::move(answer));
  const uint64_t one = 1;
  if (was_empty) {
    CHECK(write(answered.get(), &one, sizeof(one)) == sizeof(one), "eventfd: errno %d", errno);
  }
}

Result<std::unique_ptr<BackgroundLookup>> BackgroundLookup::Open(LookUp look_up) {
  auto shared = std::make_shared<Shared>(std::move(look_up));
  shared->answered = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!shared->answered.valid()) return SystemError(errno, "cannot open the name resolver");
  // Not make_unique: the constructor is private.
  return std::unique_ptr<BackgroundLookup>(new BackgroundLookup(std::move(shared)));
}

BackgroundLookup::~BackgroundLookup() {
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  shared_->abandoned = true;
  shared_->waiting.clear();
}

void BackgroundLookup::Start(const std::string& name) {
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  if (shared_->threads == kMaxNameLookups) {
    if (shared_->waiting.size() < kMaxWaitingNames) {
      shared_->waiting.push_back(name);
    } else {
      shared_->Finish({name, Status(StatusCode::kResourceExhausted,
                                    name + ": too many names are being looked up")});
    }
    return;
  }
  // The thread's own reference keeps the shared part alive.
  const Status started =
      Thread::StartDetached("look-up", [shared = shared_, name] { Shared::Work(shared, name); });
  if (started.ok()) {
    ++shared_->threads;
  } else {
    shared_->Finish({name, Status(started.code(), name + ": " + started.message())});
  }
}

void BackgroundLookup::Add(hal::ResolvedName answer) {
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  shared_->Finish(std::move(answer));
}

std::optional<hal::ResolvedName> BackgroundLookup::Poll() {
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  if (shared_->answers.empty()) return std::nullopt;
  hal::ResolvedName answer = std::move(shared_->answers.front());
  shared_->answers.pop_front();
  uint64_t count = 0;
  if (shared_->answers.empty()) {
    CHECK(read(shared_->answered.get(), &count, sizeof(count)) == sizeof(count),
          "eventfd: errno %d", errno);
  }
  return answer;
}

int BackgroundLookup::descriptor() const { return shared_->answered.get(); }

}  // namespace ocellus::linux_platform
