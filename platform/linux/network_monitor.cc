// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/network_monitor.h"

#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "firmware/base/log.h"
#include "platform/linux/system_error.h"

namespace ocellus::linux_platform {
namespace {

// How long the network must be quiet before its addresses count: longer than the gaps within one
// DHCP or autoconfiguration burst, short beside the 3 s in which media must be back.
constexpr Duration kQuietTime = std::chrono::milliseconds(250);

// Bytes of one read: the kernel's own page-sized messages fit (NLMSG_GOODSIZE).
constexpr size_t kNetlinkBuffer = 32 * 1024;

Result<FileDescriptor> OpenNetlink(int flags, unsigned groups) {
  FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (!socket.valid() ||
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return SystemError(errno, "cannot watch the network");
  }
  return socket;
}

// A netlink message or attribute starts with its length, and the next one is 4-byte aligned.
template <typename Header>
class NetlinkItems {
 public:
  explicit NetlinkItems(Bytes bytes) : rest_(bytes) {}

  // The next item's header and what follows it; false at the end, and at one with a wrong length.
  bool Next(Header& header, Bytes& body) {
    if (rest_.size() < sizeof(Header)) return false;
    std::memcpy(&header, rest_.data(), sizeof(header));
    const size_t length = LengthOf(header);
    if (length < sizeof(header) || length > rest_.size()) return false;
    body = rest_.subspan(sizeof(header), length - sizeof(header));
    rest_ = rest_.subspan(std::min<size_t>((length + 3) & ~size_t{3}, rest_.size()));
    return true;
  }

 private:
  static size_t LengthOf(const nlmsghdr& header) { return header.nlmsg_len; }
  static size_t LengthOf(const rtattr& header) { return header.rta_len; }

  Bytes rest_;
};

// Takes a fixed-size structure off `body`. False when it is too short.
template <typename T>
bool TakeStruct(Bytes& body, T& out) {
  if (body.size() < sizeof(T)) return false;
  std::memcpy(&out, body.data(), sizeof(T));
  body = body.subspan(sizeof(T));
  return true;
}

std::optional<InterfaceAddress> ParseAddress(Bytes body) {
  ifaddrmsg message;
  if (!TakeStruct(body, message)) return std::nullopt;
  unsigned flags = message.ifa_flags;
  std::optional<IpAddress> address;
  std::optional<IpAddress> local;
  NetlinkItems<rtattr> attributes(body);
  rtattr attribute;
  Bytes value;
  while (attributes.Next(attribute, value)) {
    if (attribute.rta_type == IFA_ADDRESS) address = IpAddress::FromBytes(value);
    // On point-to-point links IFA_ADDRESS is the other end's, and this is ours.
    if (attribute.rta_type == IFA_LOCAL) local = IpAddress::FromBytes(value);
    if (attribute.rta_type == IFA_FLAGS && value.size() == sizeof(flags)) {
      std::memcpy(&flags, value.data(), sizeof(flags));
    }
  }
  if (local) address = local;
  if (!address) return std::nullopt;
  InterfaceAddress result;
  result.ip = *address;
  result.prefix_length = message.ifa_prefixlen;
  result.interface_index = static_cast<int>(message.ifa_index);
  result.usable = (flags & (IFA_F_TENTATIVE | IFA_F_DEPRECATED | IFA_F_DADFAILED)) == 0;
  // IPv4 uses the same bit for its secondary addresses, which last.
  result.temporary = !result.ip.is_v4() && (flags & IFA_F_TEMPORARY) != 0;
  return result;
}

// Sends a dump request and hands each message of the answer to `handle(type, body)`.
template <typename Handle>
Status Dump(int socket, uint16_t type, Handle handle) {
  struct {
    nlmsghdr header;
    rtgenmsg family;
  } request{};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.family.rtgen_family = AF_UNSPEC;
  if (send(socket, &request, sizeof(request), 0) < 0) {
    return SystemError(errno, "cannot ask for the network's addresses");
  }
  std::vector<uint8_t> buffer(kNetlinkBuffer);
  while (true) {
    const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return SystemError(errno, "cannot read the network's addresses");
    NetlinkItems<nlmsghdr> messages(Bytes(buffer.data(), static_cast<size_t>(size)));
    nlmsghdr header;
    Bytes body;
    while (messages.Next(header, body)) {
      if (header.nlmsg_type == NLMSG_DONE) return {};
      if (header.nlmsg_type == NLMSG_ERROR) {
        return Status(StatusCode::kInternal, "the kernel refuses to tell the network's addresses");
      }
      handle(header.nlmsg_type, body);
    }
  }
}

Result<std::vector<InterfaceAddress>> ReadAddresses() {
  const Result<FileDescriptor> socket = OpenNetlink(/*flags=*/0, /*groups=*/0);
  if (!socket.ok()) return socket.status();
  std::vector<int> up;
  RETURN_IF_ERROR(Dump(socket->get(), RTM_GETLINK, [&](int type, Bytes body) {
    ifinfomsg link;
    if (type != RTM_NEWLINK || !TakeStruct(body, link)) return;
    constexpr unsigned kUp = IFF_UP | IFF_RUNNING;
    if ((link.ifi_flags & kUp) == kUp) up.push_back(link.ifi_index);
  }));
  std::vector<InterfaceAddress> addresses;
  RETURN_IF_ERROR(Dump(socket->get(), RTM_GETADDR, [&](int type, Bytes body) {
    if (type != RTM_NEWADDR) return;
    std::optional<InterfaceAddress> address = ParseAddress(body);
    if (!address) return;
    address->interface_up = std::count(up.begin(), up.end(), address->interface_index) > 0;
    addresses.push_back(*address);
  }));
  return addresses;
}

bool SamePrefix(const InterfaceAddress& a, const InterfaceAddress& b) {
  if (a.interface_index != b.interface_index || a.prefix_length != b.prefix_length ||
      a.ip.family() != b.ip.family()) {
    return false;
  }
  // Prefixes of temporary addresses are /64; whole bytes are exact for them.
  const size_t size = std::min(static_cast<size_t>(a.prefix_length) / 8, a.ip.bytes().size());
  return a.ip.bytes().first(size) == b.ip.bytes().first(size);
}

// Whether `address` is a temporary one beside a lasting or an earlier temporary one.
bool IsTemporaryDuplicate(const InterfaceAddress& address,
                          const std::vector<InterfaceAddress>& all) {
  if (!address.temporary) return false;
  for (const InterfaceAddress& other : all) {
    if (&other == &address) continue;
    const bool earlier = &other < &address;
    if (other.usable && SamePrefix(other, address) && (!other.temporary || earlier)) return true;
  }
  return false;
}

bool Listens(const AddressPolicy& policy, const IpAddress& ip) {
  if (!policy.listen) return true;
  if (policy.listen->is_unspecified()) return policy.listen->family() == ip.family();
  return *policy.listen == ip;
}

}  // namespace

std::vector<IpAddress> SelectAddresses(const std::vector<InterfaceAddress>& all,
                                       const AddressPolicy& policy) {
  std::vector<IpAddress> addresses;
  std::vector<IpAddress> loopback;
  for (const InterfaceAddress& address : all) {
    if (!address.interface_up || !address.usable || !Listens(policy, address.ip)) continue;
    if (address.ip.is_link_local() || address.ip.is_multicast()) continue;
    if (IsTemporaryDuplicate(address, all)) continue;
    (address.ip.is_loopback() ? loopback : addresses).push_back(address.ip);
  }
  if (addresses.empty() || policy.loopback) {
    addresses.insert(addresses.end(), loopback.begin(), loopback.end());
  }
  return addresses;
}

Result<std::unique_ptr<NetworkMonitor>> NetworkMonitor::Open(const AddressPolicy& policy) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<NetworkMonitor> monitor(new NetworkMonitor(policy));
  Result<FileDescriptor> news =
      OpenNetlink(SOCK_NONBLOCK, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (!news.ok()) return news.status();
  monitor->news_ = std::move(*news);
  monitor->quiet_timer_ =
      FileDescriptor(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!monitor->quiet_timer_.valid()) return SystemError(errno, "cannot watch the network");
  monitor->Update();
  return monitor;
}

std::vector<Watch> NetworkMonitor::watches() {
  return {{news_.get(), &news_came_}, {quiet_timer_.get(), &became_quiet_}};
}

bool NetworkMonitor::TakeChanged() {
  if (std::exchange(news_came_, false)) {
    DrainNews();
    StartQuietTimer();
    became_quiet_ = false;
    // Whoever has nothing to lose does not wait: a viewer may be here as soon as the address is.
    if (IsCutOff() && Update()) return true;
  }
  if (!std::exchange(became_quiet_, false)) return false;
  uint64_t expirations = 0;
  if (read(quiet_timer_.get(), &expirations, sizeof(expirations)) < 0) return false;
  return Update();
}

bool NetworkMonitor::IsCutOff() const {
  return std::all_of(addresses_.begin(), addresses_.end(),
                     [](const IpAddress& ip) { return ip.is_loopback(); });
}

void NetworkMonitor::DrainNews() {
  uint8_t buffer[4096];
  // What the news says does not matter, nor that some was lost (ENOBUFS): all is read anew.
  while (recv(news_.get(), buffer, sizeof(buffer), 0) >= 0 || errno == ENOBUFS) {
  }
}

void NetworkMonitor::StartQuietTimer() {
  itimerspec timer{};
  timer.it_value.tv_nsec = static_cast<decltype(timer.it_value.tv_nsec)>(kQuietTime.count() * 1000);
  CHECK(timerfd_settime(quiet_timer_.get(), 0, &timer, nullptr) == 0,
        "timerfd_settime fails with errno %d", errno);
}

bool NetworkMonitor::Update() {
  const Result<std::vector<InterfaceAddress>> all = ReadAddresses();
  if (!all.ok()) {
    LOG_WARN("%s; keeping those known before", all.status().message().c_str());
    return false;
  }
  std::vector<IpAddress> addresses = SelectAddresses(*all, policy_);
  if (addresses == addresses_) return false;
  addresses_ = std::move(addresses);
  return true;
}

}  // namespace ocellus::linux_platform
