// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_download.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"

namespace ocellus::control {

FileDownload::FileDownload(FileLibrary& library, FileConversation& conversation, FileGet get,
                           size_t max_message_size)
    : library_(library),
      conversation_(conversation),
      get_(std::move(get)),
      max_message_size_(max_message_size) {
  if (get_.area == FileArea::kSnapshots) {
    OpenSnapshot();
  } else {
    OpenStored();
  }
}

FileDownload::~FileDownload() {
  if (snapshot_ != nullptr) library_.snapshots().Release(*snapshot_);
  if (file_) library_.Close(*file_, hal::Unfinished::kKeep);
}

void FileDownload::OpenSnapshot() {
  snapshot_ = library_.snapshots().Acquire(get_.name);
  if (snapshot_ == nullptr) {
    conversation_.Fail(Status(StatusCode::kNotFound, "snapshots has no such file"));
    return;
  }
  size_ = snapshot_->jpeg.size();
  read_ = size_;
  digest_ = snapshot_->digest;
  if (Offer(digest_)) GoOn();
}

void FileDownload::OpenStored() {
  if (!library_.has_store()) {
    conversation_.Fail(Status(StatusCode::kUnavailable, "this camera keeps no files"));
    return;
  }
  file_ = library_.NewHandle();
  awaited_ = library_.Start(hal::OpenFile{*file_, ToString(get_.area), get_.name});
}

void FileDownload::HandleCompletion(hal::FileCompletion completion) {
  awaited_.reset();
  if (!completion.status.ok()) {
    conversation_.Fail(completion.status);
  } else if (state_ == State::kOpening) {
    HandleOpened(completion);
  } else {
    HandleBlock(std::move(completion));
  }
}

void FileDownload::HandleOpened(const hal::FileCompletion& completion) {
  size_ = completion.size;
  if (!Offer(std::nullopt)) return;
  if (size_ == 0) digest_ = hasher_.Finish();
  GoOn();
}

bool FileDownload::Offer(const std::optional<crypto::Sha256Digest>& digest) {
  if (get_.offset > size_) {
    conversation_.Fail(Status(StatusCode::kInvalidArgument, "\"offset\" is behind the file's end"));
    return false;
  }
  conversation_.Say(WriteFileOffer(get_, size_, digest));
  sent_ = get_.offset;
  state_ = State::kSending;
  return true;
}

void FileDownload::HandleBlock(hal::FileCompletion completion) {
  if (completion.content.size() != BytesToRead()) {
    conversation_.Fail(Status(StatusCode::kUnavailable, "the file became shorter meanwhile"));
    return;
  }
  hasher_.Update(completion.content);
  const bool is_wanted = read_ >= get_.offset;
  read_ += completion.content.size();
  if (is_wanted) next_ = std::move(completion.content);
  if (read_ == size_) {
    digest_ = hasher_.Finish();
    library_.Close(*file_, hal::Unfinished::kKeep);
    file_.reset();
  }
  GoOn();
}

// The blocks meet at the client's offset: what it has is only hashed.
size_t FileDownload::BytesToRead() const {
  const uint64_t end = read_ < get_.offset ? get_.offset : size_;
  return static_cast<size_t>(std::min<uint64_t>(end - read_, kFileBlockSize));
}

void FileDownload::GoOn() {
  if (block_sent_ == block_.size() && !next_.empty()) {
    block_ = std::exchange(next_, {});
    block_sent_ = 0;
  }
  if (!awaited_ && next_.empty() && read_ < size_) {
    awaited_ = library_.Start(hal::ReadFile{*file_, read_, BytesToRead()});
  }
  if (sent_ == size_ && read_ == size_) {
    conversation_.Say(WriteFileEnd(digest_));
    state_ = State::kSent;
  }
}

Bytes FileDownload::Ready() const {
  if (state_ != State::kSending) return {};
  if (snapshot_ != nullptr) return Bytes(snapshot_->jpeg).subspan(static_cast<size_t>(sent_));
  return Bytes(block_).subspan(block_sent_);
}

std::optional<Bytes> FileDownload::PollBytes(size_t room) {
  // Not before: the last bytes were lent from the block.
  if (state_ == State::kSending && Ready().empty()) GoOn();
  const Bytes bytes = Ready().first(std::min(Ready().size(), max_message_size_));
  if (bytes.empty() || bytes.size() > room) return std::nullopt;
  sent_ += bytes.size();
  if (snapshot_ == nullptr) block_sent_ += bytes.size();
  if (sent_ == size_) GoOn();
  return bytes;
}

void FileDownload::HandleText(const FileClientMessage& message) {
  if (std::holds_alternative<FileCancel>(message)) {
    conversation_.Hush();
    conversation_.End();
  } else if (std::holds_alternative<FileReceived>(message) && state_ == State::kSent) {
    conversation_.End();
  } else {
    conversation_.Fail(
        Status(StatusCode::kFailedPrecondition, "a download is under way in this channel"));
  }
}

void FileDownload::HandleBinary(Bytes) {
  conversation_.Fail(Status(StatusCode::kInvalidArgument, "a download takes no bytes"));
}

bool FileDownload::waits_for_client() const {
  return state_ == State::kSent || !Ready().empty() || !next_.empty();
}

}  // namespace ocellus::control
