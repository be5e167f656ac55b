// SPDX-License-Identifier: Apache-2.0
// hal::UdpSocket on Linux: one port, a socket for each address family, recvmmsg and sendmmsg, and
// UDP GSO for runs of equal datagrams. io thread only.
//
// Sending: datagrams lie back to back in one buffer, written there by whoever made them. A run to
// one path becomes one message; the kernel cuts it (UDP_SEGMENT, Linux 4.18). Where a kernel or a
// path refuses that (no checksum offload, IPsec), the datagrams of the run go out one by one.
//
// Invariants:
//   1. The messages' datagrams fill buffer_[0, used_), in order of Send.
//   2. open_ is the message whose datagrams end at used_, or nullptr when the next starts a new
//   one.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/base/status.h"
#include "hal/udp_socket.h"
#include "platform/linux/event_loop.h"
#include "platform/linux/file_descriptor.h"

namespace ocellus::linux_platform {

class UdpSocket final : public hal::UdpSocket {
 public:
  struct Options {
    uint16_t port = 0;  // 0: any that is free in both families.
    // Only this address; 0.0.0.0 and :: stand for all of their family, nullopt for all of both.
    std::optional<IpAddress> listen;
  };
  struct Stats {
    uint64_t received_datagrams = 0;
    uint64_t oversized_datagrams = 0;  // Dropped: longer than kMaxReceivedDatagramSize.
    uint64_t sent_datagrams = 0;
    uint64_t sent_messages = 0;      // What the datagrams cost: one pass through the kernel each.
    uint64_t full_datagrams = 0;     // Dropped: the kernel's buffer was full.
    uint64_t refused_datagrams = 0;  // Dropped: no route, no such local address, too long.
    uint64_t refused_gso_messages = 0;  // Sent datagram by datagram instead.
  };

  // Errors: kAlreadyExists (names the port and its flag), kUnavailable (no such local address),
  // kPermissionDenied, kResourceExhausted, kInternal.
  static Result<std::unique_ptr<UdpSocket>> Open(const Options& options);

  uint16_t port() const override { return port_; }
  Span<Datagram> Receive() override;
  MutableBytes SendBuffer() override;
  void Send(const Transmit& transmit) override;
  void Flush() override;

  // For the event loop. Receive reads only families whose flag is set.
  std::vector<Watch> watches();
  const Stats& stats() const { return stats_; }

 private:
  // A run of datagrams to one path: all as long as the first, but for the last.
  struct Message {
    SocketAddress local;
    SocketAddress remote;
    size_t datagram_size = 0;
    size_t datagrams = 0;

    sockaddr_in6 to;  // Large enough for sockaddr_in.
    iovec bytes;
    alignas(
        cmsghdr) uint8_t control[CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))];
  };

  // Room for one datagram that comes in.
  struct Arrival {
    sockaddr_in6 from;  // Large enough for sockaddr_in.
    iovec bytes;
    alignas(cmsghdr) uint8_t control[CMSG_SPACE(sizeof(in6_pktinfo))];
  };

  // The socket of one address family with its messages. Left closed where the host does not have
  // the family or `listen` leaves it out.
  struct Channel {
    FileDescriptor socket;
    bool readable = true;
    bool gso = false;
    int gso_refusals_in_a_row = 0;
    std::vector<Message> messages;  // kSendBatchMessages. Full: SendBuffer flushes.
    std::vector<mmsghdr> headers;
    size_t queued = 0;
  };

  UdpSocket();
  Status BindChannels(const Options& options);
  void ReceiveFrom(Channel& channel);
  Channel& ChannelOf(IpAddress::Family family) {
    return channels_[family == IpAddress::Family::kV4 ? 0 : 1];
  }
  bool batch_is_full() const;
  bool ExtendMessage(const Transmit& transmit);
  void StartMessage(const Transmit& transmit);
  void FlushChannel(Channel& channel);
  void HandleSendError(Channel& channel, const Message& message, int error);
  void SendSingly(Channel& channel, const Message& message);

  uint16_t port_ = 0;
  std::array<Channel, 2> channels_;         // IPv4, IPv6.
  Channel* first_channel_ = &channels_[1];  // To be read from: they take turns.
  Channel* second_channel_ = &channels_[0];
  Stats stats_;

  std::vector<uint8_t> buffer_;  // kSendBatchBytes. Full: SendBuffer flushes.
  size_t used_ = 0;
  Message* open_ = nullptr;

  std::vector<uint8_t> arrived_bytes_;
  std::vector<Arrival> arrivals_;
  std::vector<mmsghdr> arrival_headers_;
  std::vector<Datagram> received_;
};

}  // namespace ocellus::linux_platform
