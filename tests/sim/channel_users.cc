// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/channel_users.h"

#include <algorithm>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"

namespace ocellus::sim {
namespace {

constexpr const char* kFileLabel = "file";

}  // namespace

// --- ChannelLog ----------------------------------------------------------------------------------

void ChannelLog::HandleChannelEvent(Time now, peer::Peer&, const peer::Event& event) {
  if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    opened_.push_back(*opened);
  } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    messages_.push_back({message->id, message->kind, std::string(AsText(message->payload)), now});
  } else if (const auto* closed = std::get_if<sctp::ChannelClosed>(&event)) {
    closed_.push_back(closed->id);
  } else if (const auto* failed = std::get_if<sctp::ChannelsFailed>(&event)) {
    failed_ = failed->why;
  } else if (std::holds_alternative<sctp::BufferedAmountLow>(event)) {
    ++amounts_low_;
  }
}

std::vector<std::string> ChannelLog::Payloads(sctp::ChannelId id) const {
  std::vector<std::string> payloads;
  for (const Message& message : messages_) {
    if (message.id == id) payloads.push_back(message.payload);
  }
  return payloads;
}

std::optional<sctp::ChannelId> ChannelLog::Find(std::string_view label) const {
  for (const sctp::ChannelOpened& opened : opened_) {
    if (opened.options.label == label) return opened.id;
  }
  return std::nullopt;
}

// --- Echo ----------------------------------------------------------------------------------------

void Echo::HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) {
  if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    if (opened->by_peer && opened->options.label == label_) ids_.insert(opened->id);
  } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    if (ids_.count(message->id) == 0) return;
    const Status sent = peer.channels()->Send(now, message->id, message->kind, message->payload);
    CHECK(sent.ok(), "answer: %s", sent.ToString().c_str());
  }
}

// --- Asker ---------------------------------------------------------------------------------------

void Asker::Open(Time now, peer::Peer& peer) {
  sctp::ChannelOptions options;
  options.label = label_;
  const auto id = peer.channels()->Open(now, options);
  CHECK(id.ok(), "channel: %s", id.status().ToString().c_str());
  id_ = *id;
}

void Asker::Ask(Time now, peer::Peer& peer, size_t size) {
  std::vector<uint8_t> question(size, 'x');
  ByteWriter(question).WriteU64(asked_at_.size());
  asked_at_.push_back(now);
  const Status sent = peer.channels()->Send(now, *id_, sctp::MessageKind::kBinary, question);
  CHECK(sent.ok(), "question: %s", sent.ToString().c_str());
}

void Asker::HandleChannelEvent(Time now, peer::Peer&, const peer::Event& event) {
  if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    if (id_ == opened->id) is_open_ = true;
  } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    if (id_ != message->id) return;
    ByteReader reader(message->payload);
    round_trips_.push_back(now - asked_at_.at(static_cast<size_t>(reader.ReadU64())));
  }
}

Duration Asker::Percentile(double part) const {
  CHECK(!round_trips_.empty(), "no answers to %zu questions", asked_at_.size());
  std::vector<Duration> sorted = round_trips_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<size_t>(part * static_cast<double>(sorted.size() - 1))];
}

// --- Files ---------------------------------------------------------------------------------------

uint8_t FileSender::ByteAt(size_t offset) {
  return static_cast<uint8_t>(offset ^ (offset >> 8) ^ (offset >> 16));
}

void FileSender::Open(Time now, peer::Peer& peer) {
  sctp::ChannelOptions options;
  options.label = kFileLabel;
  const auto id = peer.channels()->Open(now, options);
  CHECK(id.ok(), "channel: %s", id.status().ToString().c_str());
  id_ = *id;
  peer.channels()->SetBufferedAmountLowThreshold(*id_, kFileWindow / 2);
}

void FileSender::HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) {
  const auto* opened = std::get_if<sctp::ChannelOpened>(&event);
  const auto* low = std::get_if<sctp::BufferedAmountLow>(&event);
  if ((opened != nullptr && id_ == opened->id) || (low != nullptr && id_ == low->id)) {
    Fill(now, peer);
  }
}

void FileSender::Fill(Time now, peer::Peer& peer) {
  while (sent_ < size_ && peer.channels()->buffered_amount(*id_) < kFileWindow) {
    std::vector<uint8_t> message(std::min(kFileMessage, size_ - sent_));
    for (size_t i = 0; i < message.size(); ++i) message[i] = ByteAt(sent_ + i);
    const Status sent = peer.channels()->Send(now, *id_, sctp::MessageKind::kBinary, message);
    if (sent.code() == StatusCode::kResourceExhausted) return;  // BufferedAmountLow comes later.
    CHECK(sent.ok(), "byte %zu: %s", sent_, sent.ToString().c_str());
    sent_ += message.size();
  }
}

void FileReceiver::HandleChannelEvent(Time, peer::Peer&, const peer::Event& event) {
  if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
    if (opened->options.label == kFileLabel) id_ = opened->id;
  } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
    if (id_ != message->id) return;
    for (const uint8_t byte : message->payload) {
      is_intact_ = is_intact_ && byte == FileSender::ByteAt(received_);
      ++received_;
    }
  }
}

}  // namespace ocellus::sim
