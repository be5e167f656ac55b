// SPDX-License-Identifier: Apache-2.0
// What a peer for tests and benchmarks does with each of its channels. The other side says by the
// label of a channel what it wants:
//
//   echo...              each message comes back
//   source:BYTES[:SIZE]  so many bytes are sent in messages of SIZE (64 KiB), and then "end"
//   sink                 what comes is counted; to "end" the answer is the number of bytes
//
// Anything else, and what happens beside, is told to a Listener. Channels of our own have the role
// that the caller gives them, named in the same way.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/channel_users.h"

namespace ocellus::benchmarks {

class ChannelRoles : public sim::ChannelUser {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // All events but messages to a channel with a role.
    virtual void HandleEvent(const peer::Event& event) = 0;
    // What our source has sent, the other side's sink has counted: `bytes`, in `took` since the
    // first of them was sent.
    virtual void HandleDelivered(sctp::ChannelId id, uint64_t bytes, Duration took) = 0;
  };

  explicit ChannelRoles(Listener& listener) : listener_(listener) {}

  // Of a channel that we have just opened. False: there is no such role.
  bool Assign(sctp::ChannelId id, std::string_view role);

  void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) override;
  // Sends what had no room before. False: there was nothing, or there still is no room. To be
  // called after whatever may have made room.
  bool Continue(Time now, peer::Peer& peer);

 private:
  enum class Kind { kEcho, kSource, kSink };

  struct Waiting {
    sctp::MessageKind kind;
    std::vector<uint8_t> payload;
  };
  struct Role {
    Kind kind;
    uint64_t bytes = 0;       // That the source has still to send; that the sink has received.
    size_t message_size = 0;  // Of the source.
    std::optional<Time> began;
    bool ended = false;
    std::deque<Waiting> echoes;  // Without room so far.
  };

  static std::optional<Role> ParseRole(std::string_view text);
  void HandleMessage(Time now, peer::Peer& peer, Role& role, const sctp::ChannelMessage& message);
  bool Continue(Time now, peer::Peer& peer, sctp::ChannelId id, Role& role);
  bool FillSource(Time now, sctp::DataChannels& channels, sctp::ChannelId id, Role& role);

  Listener& listener_;
  std::map<sctp::ChannelId, Role> roles_;
  std::vector<uint8_t> source_message_;
};

}  // namespace ocellus::benchmarks
