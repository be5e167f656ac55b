// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_transfers.h"

#include <algorithm>
#include <utility>

#include "firmware/control/file_download.h"
#include "firmware/control/file_upload.h"

namespace ocellus::control {

TransferId FileTransfers::Open(Time now, auth::Role role, size_t max_message_size) {
  const TransferId id(next_id_++);
  Transfer& transfer = transfers_[id];
  transfer.role = role;
  transfer.max_message_size = std::min(max_message_size, kFileMessageSize);
  transfer.last_sign = now;
  return id;
}

void FileTransfers::HandleText(Time now, TransferId id, std::string_view text) {
  Transfer* transfer = Find(id);
  if (transfer == nullptr) return;
  transfer->last_sign = now;
  const Result<FileClientMessage> message = ParseFileMessage(text);
  if (!message.ok()) {
    Stop(*transfer, message.status());
  } else if (transfer->work) {
    transfer->work->HandleText(*message);
  } else {
    Begin(*transfer, *message);
  }
}

void FileTransfers::HandleBinary(Time now, TransferId id, Bytes payload) {
  Transfer* transfer = Find(id);
  if (transfer == nullptr) return;
  transfer->last_sign = now;
  if (transfer->work) {
    transfer->work->HandleBinary(payload);
  } else {
    transfer->conversation.Fail(
        Status(StatusCode::kFailedPrecondition, "say \"get\" or \"put\" first"));
  }
}

void FileTransfers::HandleClosed(TransferId id) { transfers_.erase(id); }

void FileTransfers::HandleStore(Time now) {
  size_t taken = 0;
  while (taken < kMaxFileCompletionsPerTurn) {
    std::optional<hal::FileCompletion> completion = library_.PollCompletion();
    if (!completion) break;
    ++taken;
    for (auto& [id, transfer] : transfers_) {
      if (!transfer.work || transfer.conversation.ended()) continue;
      if (transfer.work->awaited() != completion->id) continue;
      transfer.last_sign = now;
      transfer.work->HandleCompletion(std::move(*completion));
      break;
    }
  }
  store_has_more_ = taken == kMaxFileCompletionsPerTurn;
}

std::optional<FileMessage> FileTransfers::PollMessage(Time now, TransferId id, size_t room) {
  const auto found = transfers_.find(id);
  if (found == transfers_.end()) return std::nullopt;
  Transfer& transfer = found->second;
  auto kind = FileMessage::Kind::kText;
  std::optional<Bytes> payload = transfer.conversation.Poll(room);
  if (!payload && !transfer.conversation.has_text() && !transfer.conversation.ended() &&
      transfer.work) {
    kind = FileMessage::Kind::kBinary;
    payload = transfer.work->PollBytes(room);
  }
  if (!payload) return std::nullopt;
  transfer.last_sign = now;
  return FileMessage{kind, *payload};
}

std::optional<TransferId> FileTransfers::PollFinished() {
  for (auto transfer = transfers_.begin(); transfer != transfers_.end(); ++transfer) {
    if (!transfer->second.conversation.is_over()) continue;
    const TransferId id = transfer->first;
    transfers_.erase(transfer);
    return id;
  }
  return std::nullopt;
}

void FileTransfers::HandleTimeout(Time now) {
  for (auto& [id, transfer] : transfers_) {
    if (DeadlineOf(transfer) > now) continue;
    transfer.last_sign = now;
    // What it has not read, it will not read.
    transfer.conversation.Hush();
    Stop(transfer, Status(StatusCode::kTimeout, "nothing has come for too long"));
  }
}

Time FileTransfers::next_deadline() const {
  if (store_has_more_ || library_.has_work()) return Time{};
  Time deadline = kNever;
  for (const auto& [id, transfer] : transfers_) {
    deadline = std::min(deadline, DeadlineOf(transfer));
  }
  return deadline;
}

FileTransfers::Transfer* FileTransfers::Find(TransferId id) {
  const auto found = transfers_.find(id);
  const bool goes_on = found != transfers_.end() && !found->second.conversation.ended();
  return goes_on ? &found->second : nullptr;
}

void FileTransfers::Begin(Transfer& transfer, const FileClientMessage& request) {
  if (const auto* get = std::get_if<FileGet>(&request)) {
    const Status allowed = CheckRequest(transfer, get->area, FileAccess::kRead);
    if (!allowed.ok()) return transfer.conversation.Fail(allowed);
    transfer.work = std::make_unique<FileDownload>(library_, transfer.conversation, *get,
                                                   transfer.max_message_size);
  } else if (const auto* put = std::get_if<FilePut>(&request)) {
    const Status allowed = CheckRequest(transfer, put->area, FileAccess::kWrite);
    if (!allowed.ok()) return transfer.conversation.Fail(allowed);
    BeginUpload(transfer, *put);
  } else if (std::holds_alternative<FileCancel>(request)) {
    transfer.conversation.End();
  } else {
    transfer.conversation.Fail(
        Status(StatusCode::kFailedPrecondition, "say \"get\" or \"put\" first"));
  }
}

Status FileTransfers::CheckRequest(const Transfer& transfer, FileArea area,
                                   FileAccess access) const {
  RETURN_IF_ERROR(CheckFileAccess(area, access, transfer.role));
  const bool is_viewer = transfer.role == auth::Role::kViewer;
  const auto counts = [&](const auto& entry) {
    const Transfer& other = entry.second;
    if (!other.work || other.conversation.ended()) return false;
    return (!is_viewer || other.role == auth::Role::kViewer);
  };
  const auto count =
      static_cast<size_t>(std::count_if(transfers_.begin(), transfers_.end(), counts));
  if (count >= (is_viewer ? kMaxViewerFileTransfers : kMaxFileTransfers)) {
    return Status(StatusCode::kResourceExhausted, "too many files are being transferred");
  }
  return {};
}

void FileTransfers::BeginUpload(Transfer& transfer, const FilePut& put) {
  for (auto& [id, other] : transfers_) {
    if (other.upload == nullptr || other.upload->is_committing()) continue;
    if (other.upload->put().area != put.area || other.upload->put().name != put.name) continue;
    Stop(other, Status(StatusCode::kFailedPrecondition, "a newer upload has taken its place"));
  }
  auto upload = std::make_unique<FileUpload>(library_, transfer.conversation, put);
  transfer.upload = upload.get();
  transfer.work = std::move(upload);
}

void FileTransfers::Stop(Transfer& transfer, const Status& why) {
  transfer.upload = nullptr;
  transfer.work.reset();
  if (!transfer.conversation.ended()) transfer.conversation.Fail(why);
}

Time FileTransfers::DeadlineOf(const Transfer& transfer) const {
  const bool waits_for_client =
      transfer.conversation.has_text() || !transfer.work || transfer.work->waits_for_client();
  return waits_for_client ? transfer.last_sign + kIdleTimeout : kNever;
}

}  // namespace ocellus::control
