// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/sctp/channel_end.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ocellus::sctp {

std::vector<std::string> ChannelEnd::Texts(ChannelId id) const {
  std::vector<std::string> texts;
  for (const Message& message : messages_) {
    if (message.id == id) texts.push_back(message.text());
  }
  return texts;
}

void ChannelEnd::HandlePacket(Time now, Bytes packet) {
  channels_.HandlePacket(now, packet);
  Poll();
}

void ChannelEnd::HandleTimeout(Time now) {
  channels_.HandleTimeout(now);
  Poll();
}

std::optional<size_t> ChannelEnd::PollTransmit(Time now, MutableBytes out) {
  Poll();
  return channels_.PollTransmit(now, out);
}

void ChannelEnd::Poll() {
  if (!polling_) return;
  while (auto event = channels_.PollEvent()) {
    Check(*event);
    if (auto* opened = std::get_if<ChannelOpened>(&*event)) opened_.push_back(std::move(*opened));
    if (auto* message = std::get_if<ChannelMessage>(&*event)) {
      messages_.push_back({message->id, message->kind, std::move(message->payload)});
    }
    if (const auto* closed = std::get_if<ChannelClosed>(&*event)) closed_.push_back(closed->id);
    if (const auto* low = std::get_if<BufferedAmountLow>(&*event)) low_.push_back(low->id);
    if (auto* failed = std::get_if<ChannelsFailed>(&*event)) failed_ = std::move(failed->why);
  }
}

// The invariants that data_channels.h promises.
void ChannelEnd::Check(const ChannelEvent& event) {
  EXPECT_FALSE(failed_) << "an event after ChannelsFailed";
  if (const auto* opened = std::get_if<ChannelOpened>(&event)) {
    EXPECT_FALSE(is_open_[opened->id.value()]) << "opened twice: " << opened->id.value();
    is_open_[opened->id.value()] = true;
  }
  if (const auto* message = std::get_if<ChannelMessage>(&event)) {
    EXPECT_TRUE(is_open_[message->id.value()]) << "a message on " << message->id.value();
  }
  if (const auto* closed = std::get_if<ChannelClosed>(&event)) {
    is_open_[closed->id.value()] = false;
  }
}

ChannelPair::ChannelPair(const sim::LinkConditions& conditions, uint64_t seed,
                         const Config& config_a, const Config& config_b)
    : a(seed * 2 + 1000, config_a), b(seed * 2 + 1001, config_b), path(a, b, conditions, seed) {}

void ChannelPair::Start() {
  a.channels().Start(now(), true);
  b.channels().Start(now(), false);
}

bool ChannelPair::Connect(Duration most) {
  Start();
  return RunUntil([this] { return a.channels().is_connected() && b.channels().is_connected(); },
                  most);
}

ChannelId ChannelPair::OpenFromA(const ChannelOptions& options) {
  const size_t opened_by_a = a.opened().size();
  const size_t opened_by_b = b.opened().size();
  const Result<ChannelId> id = a.channels().Open(now(), options);
  CHECK(id.ok(), "%s", id.status().ToString().c_str());
  EXPECT_TRUE(RunUntil([&] {
    return a.opened().size() > opened_by_a && b.opened().size() > opened_by_b;
  })) << "channel "
      << id->value();
  return *id;
}

sim::LinkConditions GoodPath() {
  sim::LinkConditions conditions;
  conditions.delay = std::chrono::milliseconds(25);
  return conditions;
}

sim::LinkConditions BadPath() {
  sim::LinkConditions conditions = GoodPath();
  conditions.loss = 0.1;
  conditions.reorder = 0.1;
  conditions.reorder_delay = std::chrono::milliseconds(15);
  conditions.duplicate = 0.1;
  return conditions;
}

std::vector<uint8_t> RandomPayload(size_t size, uint64_t seed) {
  std::vector<uint8_t> payload(size);
  sim::SeededRandom(seed).Fill(payload);
  return payload;
}

}  // namespace ocellus::sctp
