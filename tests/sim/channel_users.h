// SPDX-License-Identifier: Apache-2.0
// Who uses the data channels of simulated peers: one who keeps what comes, one who answers, one who
// asks and measures, and the two ends of a file's way. Each knows its channels by their label.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "firmware/rtc/peer/peer.h"

namespace ocellus::sim {

class ChannelUser {
 public:
  virtual ~ChannelUser() = default;
  // Any event but those of the connection. Channels of `peer` may be used at once.
  virtual void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) = 0;
};

// Keeps all that happens.
class ChannelLog : public ChannelUser {
 public:
  struct Message {
    sctp::ChannelId id;
    sctp::MessageKind kind;
    std::string payload;
    Time at;
  };

  void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) override;

  const std::vector<sctp::ChannelOpened>& opened() const { return opened_; }
  const std::vector<Message>& messages() const { return messages_; }
  const std::vector<sctp::ChannelId>& closed() const { return closed_; }
  size_t amounts_low() const { return amounts_low_; }
  const std::optional<Status>& failed() const { return failed_; }

  // The payloads of a channel, in the order in which they came.
  std::vector<std::string> Payloads(sctp::ChannelId id) const;
  // The channel of that label, once it is open.
  std::optional<sctp::ChannelId> Find(std::string_view label) const;

 private:
  std::vector<sctp::ChannelOpened> opened_;
  std::vector<Message> messages_;
  std::vector<sctp::ChannelId> closed_;
  size_t amounts_low_ = 0;
  std::optional<Status> failed_;
};

// Sends each message of the peer's channels with this label back.
class Echo : public ChannelUser {
 public:
  explicit Echo(std::string label) : label_(std::move(label)) {}

  void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) override;

 private:
  const std::string label_;
  std::set<sctp::ChannelId> ids_;
};

// Asks an Echo, and keeps how long each answer took.
class Asker : public ChannelUser {
 public:
  explicit Asker(std::string label) : label_(std::move(label)) {}

  void Open(Time now, peer::Peer& peer);
  // One question of `size` bytes, at least 8.
  void Ask(Time now, peer::Peer& peer, size_t size = 200);
  void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) override;

  bool is_open() const { return is_open_; }
  const std::vector<Duration>& round_trips() const { return round_trips_; }
  // The one that `part` of them are not longer than, from 0 to 1. There must be some.
  Duration Percentile(double part) const;

 private:
  const std::string label_;
  std::optional<sctp::ChannelId> id_;
  bool is_open_ = false;
  std::vector<Time> asked_at_;
  std::vector<Duration> round_trips_;
};

// Sends so many bytes in messages of kFileMessage, and never has more than kFileWindow waiting.
class FileSender : public ChannelUser {
 public:
  static constexpr size_t kFileMessage = 16 * 1024;
  static constexpr size_t kFileWindow = 256 * 1024;

  explicit FileSender(size_t size) : size_(size) {}

  void Open(Time now, peer::Peer& peer);
  void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) override;

  size_t sent() const { return sent_; }
  // Byte `offset` of every such file.
  static uint8_t ByteAt(size_t offset);

 private:
  void Fill(Time now, peer::Peer& peer);

  const size_t size_;
  std::optional<sctp::ChannelId> id_;
  size_t sent_ = 0;
};

// Takes it.
class FileReceiver : public ChannelUser {
 public:
  void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) override;

  size_t received() const { return received_; }
  // Whether every byte was what and where it should be.
  bool is_intact() const { return is_intact_; }

 private:
  std::optional<sctp::ChannelId> id_;
  size_t received_ = 0;
  bool is_intact_ = true;
};

}  // namespace ocellus::sim
