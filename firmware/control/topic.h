// SPDX-License-Identifier: Apache-2.0
// What clients can subscribe to. Declared once, in the table of topic.cc, which the documentation
// and events.subscribe come from. Any thread.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "firmware/auth/role.h"
#include "firmware/base/bytes.h"

namespace ocellus::control {

enum class Topic : uint8_t { kSettings, kImage, kPtz, kStream, kOutputs, kStats, kLog, kFiles };

constexpr size_t kTopics = 8;

class TopicSet {
 public:
  bool has(Topic topic) const { return bits_.test(static_cast<size_t>(topic)); }
  bool empty() const { return bits_.none(); }
  void Add(Topic topic) { bits_.set(static_cast<size_t>(topic)); }
  void Remove(Topic topic) { bits_.reset(static_cast<size_t>(topic)); }
  void Add(const TopicSet& other) { bits_ |= other.bits_; }

  friend bool operator==(const TopicSet& a, const TopicSet& b) { return a.bits_ == b.bits_; }
  friend bool operator!=(const TopicSet& a, const TopicSet& b) { return a.bits_ != b.bits_; }

 private:
  std::bitset<kTopics> bits_;
};

struct TopicInfo {
  Topic topic;
  const char* name;          // "ptz".
  auth::Role role;           // The least role that may have it.
  const char* notification;  // The method of its notifications: "ptz.changed".
  const char* description;   // When it comes and what it says.
  const char* example;       // Its params.
};

// All of them, in the order of the enumeration.
Span<const TopicInfo> Topics();

const TopicInfo& Info(Topic topic);
const TopicInfo* FindTopic(std::string_view name);

}  // namespace ocellus::control
