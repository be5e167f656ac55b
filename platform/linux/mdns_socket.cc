// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/mdns_socket.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"
#include "firmware/rtc/mdns/resolver.h"
#include "platform/linux/raw_address.h"
#include "platform/linux/system_error.h"

namespace ocellus::linux_platform {
namespace {

// RFC 6762 section 11: "All Multicast DNS responses ... SHOULD be sent with IP TTL set to 255", and
// queries alike: some responders pass over others.
constexpr int kTtl = 255;

template <typename T>
bool SetOption(int fd, int level, int name, const T& value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

// Where multicast leaves and comes in. Loopback is on: the browser may be on this very machine.
bool Join(int fd, const SocketAddress& group, unsigned interface_index) {
  const Bytes ip = group.ip.bytes();
  if (group.ip.is_v4()) {
    ip_mreqn membership{};
    std::memcpy(&membership.imr_multiaddr, ip.data(), ip.size());
    membership.imr_ifindex = static_cast<int>(interface_index);
    return SetOption(fd, IPPROTO_IP, IP_MULTICAST_TTL, kTtl) &&
           SetOption(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1) &&
           SetOption(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) &&
           SetOption(fd, IPPROTO_IP, IP_MULTICAST_IF, membership) &&
           SetOption(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership);
  }
  ipv6_mreq membership{};
  std::memcpy(&membership.ipv6mr_multiaddr, ip.data(), ip.size());
  membership.ipv6mr_interface = interface_index;
  return SetOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, kTtl) &&
         SetOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 1) &&
         SetOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, interface_index) &&
         SetOption(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, membership);
}

// The group's address, on one interface: IPv6 needs its number.
socklen_t ToRawOn(unsigned interface_index, const SocketAddress& group, sockaddr_in6& out) {
  const socklen_t size = ToRaw(group, out);
  if (!group.ip.is_v4()) out.sin6_scope_id = interface_index;
  return size;
}

struct InterfaceFamily {
  unsigned index = 0;
  IpAddress::Family family = IpAddress::Family::kV4;

  friend bool operator==(const InterfaceFamily& a, const InterfaceFamily& b) {
    return a.index == b.index && a.family == b.family;
  }
};

bool CanMulticast(unsigned flags) {
  constexpr unsigned kWanted = IFF_UP | IFF_RUNNING | IFF_MULTICAST;
  constexpr unsigned kUnwanted = IFF_LOOPBACK | IFF_POINTOPOINT;
  return (flags & kWanted) == kWanted && (flags & kUnwanted) == 0;
}

// Each interface that can multicast, with each family that it has an address of.
Result<std::vector<InterfaceFamily>> UsableInterfaces() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return SystemError(errno, "cannot list the network interfaces");
  std::vector<InterfaceFamily> usable;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || !CanMulticast(one->ifa_flags)) continue;
    const int domain = one->ifa_addr->sa_family;
    if (domain != AF_INET && domain != AF_INET6) continue;
    const auto family = domain == AF_INET ? IpAddress::Family::kV4 : IpAddress::Family::kV6;
    const InterfaceFamily found{if_nametoindex(one->ifa_name), family};
    if (found.index == 0 || std::count(usable.begin(), usable.end(), found) > 0) continue;
    if (usable.size() < 2 * kMaxLocalAddresses) usable.push_back(found);
  }
  freeifaddrs(all);
  return usable;
}

}  // namespace

MdnsSocket::MdnsSocket() : buffer_(kMaxMdnsMessageSize) {}

Result<std::unique_ptr<MdnsSocket>> MdnsSocket::Open() {
  const Result<std::vector<InterfaceFamily>> interfaces = UsableInterfaces();
  if (!interfaces.ok()) return interfaces.status();
  // Not make_unique: the constructor is private.
  std::unique_ptr<MdnsSocket> socket(new MdnsSocket());
  socket->readable_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  if (!socket->readable_.valid()) return SystemError(errno, "cannot open a multicast DNS socket");

  Status status(StatusCode::kUnavailable, "no network interface can multicast");
  for (const InterfaceFamily& interface : *interfaces) {
    const bool v4 = interface.family == IpAddress::Family::kV4;
    const Status opened =
        socket->OpenChannel(interface.index, v4 ? mdns::GroupV4() : mdns::GroupV6());
    if (opened.ok()) continue;
    LOG_DEBUG("%s", opened.message().c_str());
    status = opened;
  }
  if (socket->channels_.empty()) return status;
  return socket;
}

Status MdnsSocket::OpenChannel(unsigned interface_index, const SocketAddress& group) {
  const int domain = group.ip.is_v4() ? AF_INET : AF_INET6;
  Channel channel;
  channel.socket = FileDescriptor(socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  channel.group = group;
  channel.interface_index = interface_index;
  const int fd = channel.socket.get();
  sockaddr_in6 raw;
  const socklen_t size = ToRawOn(interface_index, group, raw);
  // Responders on this host have the port already; each socket of a group gets its own copy.
  const bool open = channel.socket.valid() && SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
                    SetOption(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
                    bind(fd, reinterpret_cast<const sockaddr*>(&raw), size) == 0 &&
                    Join(fd, group, interface_index);
  epoll_event event{};
  event.events = EPOLLIN;
  if (!open || epoll_ctl(readable_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return SystemError(errno, Format("cannot join %s on interface %u", group.ip.ToString().c_str(),
                                     interface_index));
  }
  channels_.push_back(std::move(channel));
  return {};
}

std::optional<Datagram> MdnsSocket::Receive() {
  for (size_t tried = 0; tried < channels_.size();) {
    const Channel& channel = channels_[next_];
    sockaddr_in6 from;
    socklen_t from_size = sizeof(from);
    const ssize_t size = recvfrom(channel.socket.get(), buffer_.data(), buffer_.size(), MSG_TRUNC,
                                  reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0 && errno == EINTR) continue;
    next_ = (next_ + 1) % channels_.size();
    // A longer one than is allowed is gone now.
    if (size >= 0 && static_cast<size_t>(size) <= buffer_.size()) {
      const MutableBytes payload(buffer_.data(), static_cast<size_t>(size));
      return Datagram{channel.group, FromRaw(from), payload};
    }
    ++tried;
  }
  return std::nullopt;
}

void MdnsSocket::Send(Bytes message) {
  for (const Channel& channel : channels_) {
    sockaddr_in6 raw;
    const socklen_t size = ToRawOn(channel.interface_index, channel.group, raw);
    if (sendto(channel.socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&raw), size) < 0) {
      LOG_DEBUG("cannot ask by multicast DNS on interface %u: errno %d", channel.interface_index,
                errno);
    }
  }
}

}  // namespace ocellus::linux_platform
