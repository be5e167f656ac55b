// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_conversation.h"

#include <utility>

#include "firmware/control/file_messages.h"

namespace ocellus::control {

void FileConversation::SayProgress(uint64_t offset) {
  if (!texts_.empty() && texts_.back().is_progress) texts_.pop_back();
  texts_.push_back({WriteFileProgress(offset), true});
}

void FileConversation::Fail(const Status& status) {
  Say(WriteFileError(status));
  End();
}

std::optional<Bytes> FileConversation::Poll(size_t room) {
  if (texts_.empty() || texts_.front().text.size() > room) return std::nullopt;
  taken_ = std::move(texts_.front().text);
  texts_.pop_front();
  return AsBytes(taken_);
}

}  // namespace ocellus::control
