// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_upload.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"

namespace ocellus::control {

FileUpload::FileUpload(FileLibrary& library, FileConversation& conversation, FilePut put)
    : library_(library), conversation_(conversation), put_(std::move(put)) {
  if (!library_.has_store()) {
    conversation_.Fail(Status(StatusCode::kUnavailable, "this camera keeps no files"));
    return;
  }
  file_ = library_.NewHandle();
  awaited_ = library_.Start(hal::CreateFile{*file_, ToString(put_.area), put_.name, put_.size,
                                            put_.digest, FileAreaQuota(put_.area).value_or(0)});
}

FileUpload::~FileUpload() {
  if (!file_) return;
  if (!pending_.empty()) library_.Start(hal::AppendFile{*file_, std::move(pending_)});
  library_.Close(*file_, hal::Unfinished::kKeep);
}

void FileUpload::HandleCompletion(hal::FileCompletion completion) {
  awaited_.reset();
  if (!completion.status.ok()) {
    Fail(completion.status);
    return;
  }
  switch (state_) {
    case State::kOpening:
      HandleOpened(completion);
      break;
    case State::kHashing:
      HandleBlock(completion);
      break;
    case State::kReceiving:
      HandleWritten();
      break;
    case State::kCommitting:
      file_.reset();
      conversation_.Say(WriteFileDone(put_.digest));
      conversation_.End();
      break;
  }
}

void FileUpload::HandleOpened(const hal::FileCompletion& completion) {
  there_ = completion.size;
  if (there_ > put_.size) {
    Fail(Status(StatusCode::kInvalidArgument, "an earlier attempt had more bytes than \"size\""));
    return;
  }
  state_ = State::kHashing;
  HashOn();
}

void FileUpload::HashOn() {
  if (received_ == there_) {
    Accept();
    return;
  }
  const auto size = static_cast<size_t>(std::min<uint64_t>(there_ - received_, kFileBlockSize));
  awaited_ = library_.Start(hal::ReadFile{*file_, received_, size});
}

void FileUpload::HandleBlock(const hal::FileCompletion& completion) {
  if (completion.content.empty() || completion.content.size() > there_ - received_) {
    Fail(Status(StatusCode::kInternal, "the earlier attempt cannot be read"));
    return;
  }
  hasher_.Update(completion.content);
  received_ += completion.content.size();
  HashOn();
}

void FileUpload::Accept() {
  written_ = received_;
  told_ = received_;
  state_ = State::kReceiving;
  conversation_.Say(WriteFileAccept(received_));
  if (written_ == put_.size) Verify();
}

void FileUpload::HandleBinary(Bytes payload) {
  if (is_committing()) return;  // Too late.
  const Status status = CheckBytes(payload);
  if (!status.ok()) {
    Fail(status);
    return;
  }
  hasher_.Update(payload);
  pending_.insert(pending_.end(), payload.begin(), payload.end());
  received_ += payload.size();
  WriteOn();
}

Status FileUpload::CheckBytes(Bytes payload) const {
  if (state_ != State::kReceiving) {
    return Status(StatusCode::kFailedPrecondition, "no bytes are awaited now");
  }
  if (payload.size() > kFileMessageSize) {
    return Status(StatusCode::kInvalidArgument, Format("a binary message has at most %u bytes",
                                                       static_cast<unsigned>(kFileMessageSize)));
  }
  if (payload.size() > put_.size - received_) {
    return Status(StatusCode::kInvalidArgument, "there are more bytes than \"size\" has said");
  }
  if (received_ + payload.size() > told_ + kFileUploadWindow) {
    return Status(StatusCode::kResourceExhausted,
                  Format("there are more than %u bytes beyond the progress that was told",
                         static_cast<unsigned>(kFileUploadWindow)));
  }
  return {};
}

void FileUpload::WriteOn() {
  if (awaited_ || pending_.empty()) return;
  if (pending_.size() < kFileBlockSize && received_ < put_.size) return;
  writing_ = pending_.size();
  awaited_ = library_.Start(hal::AppendFile{*file_, std::exchange(pending_, {})});
}

void FileUpload::HandleWritten() {
  written_ += std::exchange(writing_, 0);
  if (written_ == put_.size) {
    Verify();
    return;
  }
  if (written_ >= told_ + kFileProgressStep) {
    told_ = written_;
    conversation_.SayProgress(told_);
  }
  WriteOn();
}

void FileUpload::Verify() {
  const crypto::Sha256Digest digest = hasher_.Finish();
  if (digest != put_.digest) {
    Fail(Status(StatusCode::kInvalidArgument,
                "what came has another SHA-256 and was discarded: " + crypto::ToHex(digest)));
    return;
  }
  state_ = State::kCommitting;
  awaited_ = library_.Commit(put_.area, *file_);
}

void FileUpload::HandleText(const FileClientMessage& message) {
  if (is_committing()) return;  // Too late.
  if (std::holds_alternative<FileCancel>(message)) {
    Discard();
    conversation_.Hush();
    conversation_.End();
  } else {
    Fail(Status(StatusCode::kFailedPrecondition, "an upload is under way in this channel"));
  }
}

void FileUpload::Fail(const Status& status) {
  Discard();
  conversation_.Fail(status);
}

void FileUpload::Discard() {
  pending_.clear();
  if (!file_) return;
  library_.Close(*file_, hal::Unfinished::kDiscard);
  file_.reset();
}

}  // namespace ocellus::control
