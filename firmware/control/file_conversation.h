// SPDX-License-Identifier: Apache-2.0
// What we have to say in one file transfer, until the channel has room for it: text messages in
// their order, and whether they are the last. io thread only.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"

namespace ocellus::control {

class FileConversation {
 public:
  void Say(std::string text) { texts_.push_back({std::move(text), false}); }
  // In place of the progress that nobody has taken yet: a client that does not read costs nothing.
  void SayProgress(uint64_t offset);
  // Says what went wrong, and ends.
  void Fail(const Status& status);
  // Nothing more will be said.
  void End() { ended_ = true; }
  // Takes back what has not been taken.
  void Hush() { texts_.clear(); }

  // The next text, if it has at most `room` bytes. Borrowed until the next call.
  std::optional<Bytes> Poll(size_t room);

  bool has_text() const { return !texts_.empty(); }
  bool ended() const { return ended_; }
  // There is nothing more to come, and nothing left.
  bool is_over() const { return ended_ && texts_.empty(); }

 private:
  struct Text {
    std::string text;
    bool is_progress = false;
  };

  std::deque<Text> texts_;  // At most an offer or accept, a progress, and what ends it.
  std::string taken_;       // Lent to whoever polled last.
  bool ended_ = false;
};

}  // namespace ocellus::control
