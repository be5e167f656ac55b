// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/udp_socket.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>

#include "firmware/base/log.h"
#include "platform/linux/raw_address.h"
#include "platform/linux/system_error.h"

namespace ocellus::linux_platform {
namespace {

// Linux's UDP_MAX_SEGMENTS: 64 until 6.9, then 128.
constexpr size_t kMaxGsoDatagrams = 64;

// Bytes of one message: IPv4's limit of 65,535 less the headers, rounded down.
constexpr size_t kMaxGsoBytes = 65'000;

// After so many refusals without a success in between, GSO stays off for the family.
constexpr int kMaxGsoRefusals = 16;

// Batches of nothing but dropped datagrams that one Receive goes through; epoll tells that more
// wait.
constexpr int kMaxEmptyBatches = 8;

// Attempts at a port that is free in both families, when any will do.
constexpr int kMaxPortAttempts = 16;

template <typename T>
bool SetOption(int fd, int level, int name, const T& value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

// Root may go beyond net.core.{r,w}mem_max; everybody else gets what those allow.
void SetBuffers(int fd) {
  if (!SetOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, kUdpSocketBuffer)) {
    SetOption(fd, SOL_SOCKET, SO_SNDBUF, kUdpSocketBuffer);
  }
  if (!SetOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, kUdpSocketBuffer)) {
    SetOption(fd, SOL_SOCKET, SO_RCVBUF, kUdpSocketBuffer);
  }
}

// Nothing that we send is fragmented, and no forged ICMP message talks us into smaller packets:
// the protocols keep to kMaxDatagramSize by themselves.
bool SetFamilyOptions(int fd, IpAddress::Family family) {
  if (family == IpAddress::Family::kV4) {
    return SetOption(fd, IPPROTO_IP, IP_PKTINFO, 1) &&
           SetOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  }
  return SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
         SetOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
         SetOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE) &&
         SetOption(fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
}

bool KernelHasGso(int fd) {
  int segment_size = 0;
  socklen_t size = sizeof(segment_size);
  return getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment_size, &size) == 0;
}

Status BindError(int error, const SocketAddress& address) {
  if (error == EADDRINUSE) {
    return Status(StatusCode::kAlreadyExists,
                  Format("UDP port %u is taken by another program: choose another with --udp-port",
                         static_cast<unsigned>(address.port)));
  }
  return SystemError(error, "cannot open the UDP socket " + address.ToString());
}

// An unbound socket; one that is not valid where the host does not have the family at all.
Result<FileDescriptor> OpenSocket(IpAddress::Family family) {
  const int domain = family == IpAddress::Family::kV4 ? AF_INET : AF_INET6;
  FileDescriptor socket(::socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid() && errno == EAFNOSUPPORT) return socket;
  if (!socket.valid() || !SetFamilyOptions(socket.get(), family)) {
    return SystemError(errno, "cannot open a UDP socket");
  }
  SetBuffers(socket.get());
  return socket;
}

// Binds to `address`, and returns the port.
Result<uint16_t> Bind(int fd, const SocketAddress& address) {
  sockaddr_in6 raw;
  const socklen_t size = ToRaw(address, raw);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&raw), size) != 0) {
    return BindError(errno, address);
  }
  sockaddr_in6 bound;
  socklen_t bound_size = sizeof(bound);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &bound_size) != 0) {
    return SystemError(errno, "cannot open a UDP socket");
  }
  return FromRaw(bound).port;
}

// The address that a datagram came to. nullopt when the kernel does not say.
std::optional<IpAddress> LocalAddressOf(msghdr& header) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(item), sizeof(info));
      return FromRaw(info.ipi_addr);
    }
    if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(item), sizeof(info));
      return FromRaw(info.ipi6_addr);
    }
  }
  return std::nullopt;
}

// Appends one item of control data. The caller's buffer has room for everything that it adds.
template <typename T>
void AddControl(msghdr& header, int level, int type, const T& value) {
  auto* item =
      reinterpret_cast<cmsghdr*>(static_cast<uint8_t*>(header.msg_control) + header.msg_controllen);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof(T));
  std::memcpy(CMSG_DATA(item), &value, sizeof(T));
  header.msg_controllen += CMSG_SPACE(sizeof(T));
}

void AddSourceAddress(msghdr& header, const IpAddress& local) {
  if (local.is_unspecified()) return;
  if (local.is_v4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, local.bytes().data(), sizeof(info.ipi_spec_dst));
    AddControl(header, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, local.bytes().data(), sizeof(info.ipi6_addr));
    AddControl(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

}  // namespace

UdpSocket::UdpSocket()
    : buffer_(kSendBatchBytes),
      arrived_bytes_(kReceiveBatchDatagrams * kMaxReceivedDatagramSize),
      arrivals_(kReceiveBatchDatagrams),
      arrival_headers_(kReceiveBatchDatagrams) {
  received_.reserve(kReceiveBatchDatagrams);
  for (Channel& channel : channels_) {
    channel.messages.resize(kSendBatchMessages);
    channel.headers.resize(kSendBatchMessages);
  }
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::Open(const Options& options) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<UdpSocket> socket(new UdpSocket());
  Status status;
  for (int attempt = 0; attempt < kMaxPortAttempts; ++attempt) {
    status = socket->BindChannels(options);
    const bool port_was_chosen_badly =
        options.port == 0 && status.code() == StatusCode::kAlreadyExists;
    if (!port_was_chosen_badly) break;
  }
  if (!status.ok()) return status;
  return socket;
}

Status UdpSocket::BindChannels(const Options& options) {
  port_ = options.port;
  bool any_open = false;
  for (const auto family : {IpAddress::Family::kV4, IpAddress::Family::kV6}) {
    Channel& channel = ChannelOf(family);
    channel.socket = FileDescriptor();
    if (options.listen && options.listen->family() != family) continue;
    Result<FileDescriptor> socket = OpenSocket(family);
    if (!socket.ok()) return socket.status();
    if (!socket->valid()) continue;
    const IpAddress any =
        family == IpAddress::Family::kV4 ? FromRaw(in_addr{}) : FromRaw(in6_addr{});
    const Result<uint16_t> port = Bind(socket->get(), {options.listen.value_or(any), port_});
    if (!port.ok()) return port.status();
    port_ = *port;
    channel.gso = KernelHasGso(socket->get());
    channel.socket = std::move(*socket);
    any_open = true;
  }
  if (any_open) return {};
  return Status(StatusCode::kUnsupported, "cannot open a UDP socket: the address family is off");
}

std::vector<Watch> UdpSocket::watches() {
  std::vector<Watch> watches;
  for (Channel& channel : channels_) {
    if (channel.socket.valid()) watches.push_back({channel.socket.get(), &channel.readable});
  }
  return watches;
}

Span<Datagram> UdpSocket::Receive() {
  received_.clear();
  // The families take turns, so that a flood of one does not shut the other out. Dropped datagrams
  // can leave a batch empty while more are waiting.
  for (int i = 0; i < kMaxEmptyBatches && received_.empty(); ++i) {
    std::swap(first_channel_, second_channel_);
    for (Channel* channel : {first_channel_, second_channel_}) {
      const bool waits = channel->socket.valid() && channel->readable;
      if (received_.empty() && waits) ReceiveFrom(*channel);
    }
  }
  return received_;
}

void UdpSocket::ReceiveFrom(Channel& channel) {
  for (size_t i = 0; i < arrivals_.size(); ++i) {
    Arrival& arrival = arrivals_[i];
    arrival.bytes = {arrived_bytes_.data() + i * kMaxReceivedDatagramSize,
                     kMaxReceivedDatagramSize};
    msghdr& header = arrival_headers_[i].msg_hdr;
    header = {};
    header.msg_name = &arrival.from;
    header.msg_namelen = sizeof(arrival.from);
    header.msg_iov = &arrival.bytes;
    header.msg_iovlen = 1;
    header.msg_control = arrival.control;
    header.msg_controllen = sizeof(arrival.control);
  }
  const int count = recvmmsg(channel.socket.get(), arrival_headers_.data(),
                             static_cast<unsigned>(arrival_headers_.size()), 0, nullptr);
  // Fewer than there was room for: that was all. epoll sets the flag again for what comes later,
  // and after an error (EAGAIN, or that of an earlier datagram, which nobody can act upon).
  channel.readable = count == static_cast<int>(arrival_headers_.size());
  for (int i = 0; i < count; ++i) {
    mmsghdr& arrived = arrival_headers_[static_cast<size_t>(i)];
    const Arrival& arrival = arrivals_[static_cast<size_t>(i)];
    const std::optional<IpAddress> local = LocalAddressOf(arrived.msg_hdr);
    if ((arrived.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      ++stats_.oversized_datagrams;
    } else if (local) {
      ++stats_.received_datagrams;
      received_.push_back({{*local, port_},
                           FromRaw(arrival.from),
                           {static_cast<uint8_t*>(arrival.bytes.iov_base), arrived.msg_len}});
    }
  }
}

MutableBytes UdpSocket::SendBuffer() {
  if (batch_is_full()) Flush();
  return {buffer_.data() + used_, kMaxTransmitSize};
}

bool UdpSocket::batch_is_full() const {
  if (buffer_.size() - used_ < kMaxTransmitSize) return true;
  return std::any_of(channels_.begin(), channels_.end(),
                     [](const Channel& channel) { return channel.queued == kSendBatchMessages; });
}

void UdpSocket::Send(const Transmit& transmit) {
  CHECK(transmit.size <= kMaxTransmitSize && !batch_is_full(),
        "%zu bytes do not come from SendBuffer: %zu of %zu used", transmit.size, used_,
        buffer_.size());
  if (!ChannelOf(transmit.remote.ip.family()).socket.valid()) {
    ++stats_.refused_datagrams;
    return;
  }
  if (!ExtendMessage(transmit)) StartMessage(transmit);
  used_ += transmit.size;
  if (transmit.size < open_->datagram_size) open_ = nullptr;
}

bool UdpSocket::ExtendMessage(const Transmit& transmit) {
  if (open_ == nullptr || transmit.remote != open_->remote || transmit.local != open_->local) {
    return false;
  }
  Channel& channel = ChannelOf(transmit.remote.ip.family());
  if (!channel.gso || transmit.size > open_->datagram_size ||
      open_->datagrams == kMaxGsoDatagrams || open_->bytes.iov_len + transmit.size > kMaxGsoBytes) {
    return false;
  }
  if (open_->datagrams == 1) {
    AddControl(channel.headers[channel.queued - 1].msg_hdr, IPPROTO_UDP, UDP_SEGMENT,
               static_cast<uint16_t>(open_->datagram_size));
  }
  open_->bytes.iov_len += transmit.size;
  ++open_->datagrams;
  return true;
}

void UdpSocket::StartMessage(const Transmit& transmit) {
  Channel& channel = ChannelOf(transmit.remote.ip.family());
  Message& message = channel.messages[channel.queued];
  msghdr& header = channel.headers[channel.queued].msg_hdr;
  ++channel.queued;
  open_ = &message;

  message.local = transmit.local;
  message.remote = transmit.remote;
  message.datagram_size = transmit.size;
  message.datagrams = 1;
  message.bytes = {buffer_.data() + used_, transmit.size};

  header = {};
  header.msg_name = &message.to;
  header.msg_namelen = ToRaw(transmit.remote, message.to);
  header.msg_iov = &message.bytes;
  header.msg_iovlen = 1;
  header.msg_control = message.control;
  AddSourceAddress(header, transmit.local.ip);
}

void UdpSocket::Flush() {
  for (Channel& channel : channels_) FlushChannel(channel);
  used_ = 0;
  open_ = nullptr;
}

void UdpSocket::FlushChannel(Channel& channel) {
  size_t index = 0;
  while (index < channel.queued) {
    const int sent = sendmmsg(channel.socket.get(), &channel.headers[index],
                              static_cast<unsigned>(channel.queued - index), 0);
    if (sent < 0) {
      // The error is that of the first message; the others have not been tried.
      HandleSendError(channel, channel.messages[index], errno);
      ++index;
      continue;
    }
    for (const size_t end = index + static_cast<size_t>(sent); index < end; ++index) {
      const size_t datagrams = channel.messages[index].datagrams;
      ++stats_.sent_messages;
      stats_.sent_datagrams += datagrams;
      if (datagrams > 1) channel.gso_refusals_in_a_row = 0;
    }
  }
  channel.queued = 0;
}

void UdpSocket::HandleSendError(Channel& channel, const Message& message, int error) {
  switch (error) {
    case EAGAIN:
    case ENOBUFS:
      stats_.full_datagrams += message.datagrams;
      return;
    case EINVAL:
    case EIO:
    case EMSGSIZE:
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      if (message.datagrams > 1) return SendSingly(channel, message);
      break;
    default:
      break;
  }
  stats_.refused_datagrams += message.datagrams;
}

void UdpSocket::SendSingly(Channel& channel, const Message& message) {
  ++stats_.refused_gso_messages;
  msghdr header = channel.headers[static_cast<size_t>(&message - channel.messages.data())].msg_hdr;
  header.msg_controllen = 0;
  AddSourceAddress(header, message.local.ip);
  iovec bytes = message.bytes;
  header.msg_iov = &bytes;
  bool any_sent = false;
  for (size_t left = message.bytes.iov_len; left > 0; left -= bytes.iov_len) {
    bytes.iov_len = std::min(left, message.datagram_size);
    if (sendmsg(channel.socket.get(), &header, 0) < 0) {
      ++stats_.refused_datagrams;
    } else {
      ++stats_.sent_datagrams;
      ++stats_.sent_messages;
      any_sent = true;
    }
    bytes.iov_base = static_cast<uint8_t*>(bytes.iov_base) + bytes.iov_len;
  }
  // A path that takes nothing at all says nothing about GSO.
  if (!any_sent || ++channel.gso_refusals_in_a_row < kMaxGsoRefusals) return;
  channel.gso = false;
  LOG_WARN("UDP segmentation offload is refused here and stays off");
}

}  // namespace ocellus::linux_platform
