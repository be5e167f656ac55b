// SPDX-License-Identifier: Apache-2.0
// The sockets of multicast DNS (RFC 6762): one for each interface and family, on port 5353, beside
// those of avahi or systemd-resolved. Open only while names are under way, so that no port stays
// open that is not needed. Blocks nowhere. Any one thread.
//
// They are bound to the groups' addresses, not to any address: so they get nothing but what was
// sent to the group, which by RFC 6762 section 11 comes from the local link, and take no unicast
// query away from another program's socket.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/status.h"
#include "platform/linux/file_descriptor.h"

namespace ocellus::linux_platform {

class MdnsSocket {
 public:
  // Joins the groups on every interface that is up and can multicast, loopback and point-to-point
  // ones aside. Errors: kUnavailable (there is no such interface), or what the system says when
  // none of them can be joined.
  static Result<std::unique_ptr<MdnsSocket>> Open();

  // Readable, as poll(2) sees it, whenever Receive has something.
  int descriptor() const { return readable_.get(); }
  // The next datagram, of at most kMaxMdnsMessageSize bytes: `local` is the group's address. The
  // payload is borrowed until the next call. nullopt: nothing more has come.
  std::optional<Datagram> Receive();
  // Sends `message` to the groups on every interface. What cannot be sent is lost, as on a network.
  void Send(Bytes message);

 private:
  struct Channel {
    FileDescriptor socket;
    SocketAddress group;
    unsigned interface_index = 0;
  };

  MdnsSocket();
  Status OpenChannel(unsigned interface_index, const SocketAddress& group);

  std::vector<Channel> channels_;  // At most two for each of kMaxLocalAddresses interfaces.
  size_t next_ = 0;                // The channel that Receive looks at first.
  FileDescriptor readable_;        // An epoll of them all.
  std::vector<uint8_t> buffer_;
};

}  // namespace ocellus::linux_platform
