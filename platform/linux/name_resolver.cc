// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/name_resolver.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "firmware/base/text.h"
#include "platform/linux/system_error.h"

namespace ocellus::linux_platform {
namespace {

// RFC 1035 section 2.3.4, as text.
constexpr size_t kMaxHostName = 253;

// Datagrams of multicast DNS that one turn of the loop takes; the rest waits for the next.
constexpr int kMaxMdnsDatagrams = 64;

bool IsHostName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxHostName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           const char lower = ToLowerAscii(c);
           return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

// "<label>.local".
bool IsLocalName(std::string_view name) {
  constexpr std::string_view kDomain = ".local";
  if (name.size() <= kDomain.size()) return false;
  const std::string_view label = name.substr(0, name.size() - kDomain.size());
  return EqualsIgnoreCase(name.substr(label.size()), kDomain) &&
         label.find('.') == std::string_view::npos;
}

Status Named(const std::string& name, const Status& status) {
  return Status(status.code(), name + ": " + status.message());
}

}  // namespace

Result<std::unique_ptr<NameResolver>> NameResolver::Open(const hal::Clock& clock,
                                                         BackgroundLookup::LookUp look_up) {
  Result<std::unique_ptr<BackgroundLookup>> lookups = BackgroundLookup::Open(std::move(look_up));
  if (!lookups.ok()) return lookups.status();
  // Not make_unique: the constructor is private.
  std::unique_ptr<NameResolver> resolver(new NameResolver(clock, std::move(*lookups)));
  RETURN_IF_ERROR(resolver->OpenDescriptors());
  return resolver;
}

Status NameResolver::OpenDescriptors() {
  epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.valid() || !timer_.valid() || !AddWatch(timer_.get()) ||
      !AddWatch(lookups_->descriptor())) {
    return SystemError(errno, "cannot open the name resolver");
  }
  return {};
}

bool NameResolver::AddWatch(int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void NameResolver::Resolve(const std::string& name) {
  if (const std::optional<IpAddress> address = IpAddress::Parse(name)) {
    return lookups_->Add({name, std::vector<IpAddress>{*address}});
  }
  if (!IsHostName(name)) {
    return lookups_->Add({name, Status(StatusCode::kInvalidArgument, "that is no host name")});
  }
  const std::string relative = name.back() == '.' ? name.substr(0, name.size() - 1) : name;
  if (!IsLocalName(relative)) return lookups_->Start(name);
  const Status asked = AskLocally({name, relative});
  if (!asked.ok()) lookups_->Add({name, Named(name, asked)});
}

Status NameResolver::AskLocally(const LocalName& name) {
  if (socket_ == nullptr) {
    Result<std::unique_ptr<MdnsSocket>> socket = MdnsSocket::Open();
    if (!socket.ok()) return socket.status();
    if (!AddWatch((*socket)->descriptor())) {
      return SystemError(errno, "cannot watch for multicast DNS");
    }
    socket_ = std::move(*socket);
  }
  const Status status = mdns_.Resolve(clock_.Now(), name.asked);
  if (status.ok()) local_names_.push_back(name);
  ServeMdns();
  return status;
}

std::optional<hal::ResolvedName> NameResolver::Poll() {
  if (!ready_) return std::nullopt;
  std::optional<hal::ResolvedName> answer = lookups_->Poll();
  if (!answer) {
    ReceiveLocally();
    answer = lookups_->Poll();
  }
  ready_ = answer.has_value();
  return answer;
}

void NameResolver::ReceiveLocally() {
  if (socket_ == nullptr) return;
  for (int i = 0; i < kMaxMdnsDatagrams; ++i) {
    const std::optional<Datagram> datagram = socket_->Receive();
    if (!datagram) break;
    mdns_.HandleDatagram(clock_.Now(), *datagram);
  }
  ServeMdns();
}

void NameResolver::ServeMdns() {
  const Time now = clock_.Now();
  // The expired timer stays readable until it is set again.
  if (now >= timer_.deadline()) timer_.HandleExpired();
  if (now >= mdns_.next_deadline()) mdns_.HandleTimeout(now);
  uint8_t message[kMaxDatagramSize];
  while (const std::optional<size_t> size = mdns_.PollTransmit(now, message)) {
    socket_->Send(Bytes(message).first(*size));
  }
  while (const std::optional<mdns::Resolved> resolved = mdns_.PollEvent()) {
    const auto is_other = [&](const LocalName& name) { return name.asked != resolved->name; };
    const auto answered = std::stable_partition(local_names_.begin(), local_names_.end(), is_other);
    for (auto name = answered; name != local_names_.end(); ++name) {
      const auto& addresses = resolved->addresses;
      lookups_->Add(
          {name->given, addresses.ok() ? addresses : Named(name->given, addresses.status())});
    }
    local_names_.erase(answered, local_names_.end());
  }
  if (local_names_.empty()) socket_.reset();  // Which the epoll notices.
  timer_.Set(mdns_.next_deadline());
}

}  // namespace ocellus::linux_platform
