// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_library.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"

namespace ocellus::control {
namespace {

json::Value Describe(const hal::FileEntry& file) {
  json::Value entry = json::Value::Object();
  entry.Set("name", file.name)
      .Set("size", file.size)
      .Set("modified_unix_ms", file.modified_unix_ms);
  return entry;
}

json::Value Describe(const Snapshot& snapshot) {
  json::Value entry = Describe(
      hal::FileEntry{snapshot.name, static_cast<uint64_t>(snapshot.jpeg.size()), snapshot.unix_ms});
  entry.Set("sha256", crypto::ToHex(snapshot.digest));
  return entry;
}

json::Value ListOf(FileArea area, size_t total, json::Value files) {
  json::Value list = json::Value::Object();
  list.Set("area", ToString(area)).Set("total", total).Set("files", std::move(files));
  return list;
}

}  // namespace

Outcome FileLibrary::List(Ticket ticket, auth::Role role, std::string_view area) {
  const Result<FileArea> parsed = ParseFileArea(area);
  if (!parsed.ok()) return parsed.status();
  const Status allowed = CheckFileAccess(*parsed, FileAccess::kRead, role);
  if (!allowed.ok()) return allowed;
  if (*parsed == FileArea::kSnapshots) return ListSnapshots();
  return StartCall({ticket, *parsed, FileAccess::kRead},
                   hal::ListFiles{ToString(*parsed), kMaxListedFiles});
}

Outcome FileLibrary::Delete(Ticket ticket, auth::Role role, std::string_view area,
                            std::string_view name) {
  const Result<FileArea> parsed = ParseFileArea(area);
  if (!parsed.ok()) return parsed.status();
  const Status allowed = CheckFileAccess(*parsed, FileAccess::kDelete, role);
  if (!allowed.ok()) return allowed;
  const Status named = CheckFileName(name);
  if (!named.ok()) return named;
  if (*parsed == FileArea::kSnapshots) {
    const Status deleted = snapshots_.Delete(name);
    if (!deleted.ok()) return deleted;
    SetChanged(*parsed);
    return json::Value::Object();
  }
  return StartCall({ticket, *parsed, FileAccess::kDelete},
                   hal::DeleteFile{ToString(*parsed), std::string(name)});
}

Status FileLibrary::AddSnapshot(Ticket ticket, std::string_view stem, std::vector<uint8_t> jpeg,
                                int64_t unix_ms) {
  RETURN_IF_ERROR(snapshots_.Add(stem, std::move(jpeg), unix_ms));
  snapshot_tickets_.push_back(ticket);
  return {};
}

std::optional<FinishedCall> FileLibrary::PollFinished() {
  if (finished_.empty()) return std::nullopt;
  FinishedCall finished = std::move(finished_.front());
  finished_.pop_front();
  return finished;
}

std::optional<FileArea> FileLibrary::PollChanged() {
  if (changed_.empty()) return std::nullopt;
  const FileArea area = changed_.front();
  changed_.pop_front();
  return area;
}

hal::FileRequestId FileLibrary::Start(hal::FileRequest request) {
  CHECK(has_store(), "a request without a store: kind %u", static_cast<unsigned>(request.index()));
  const hal::FileRequestId id(next_request_++);
  store_->Start(id, std::move(request));
  return id;
}

hal::FileRequestId FileLibrary::Commit(FileArea area, hal::FileHandle file) {
  const hal::FileRequestId id = Start(hal::CommitFile{file});
  commits_.emplace(id, area);
  return id;
}

void FileLibrary::Close(hal::FileHandle file, hal::Unfinished unfinished) {
  Start(hal::CloseFile{file, unfinished});
}

std::optional<hal::FileCompletion> FileLibrary::PollCompletion() {
  HashSnapshot();
  if (!has_store()) return std::nullopt;
  while (std::optional<hal::FileCompletion> completion = store_->PollCompletion()) {
    const auto call = calls_.find(completion->id);
    if (call != calls_.end()) {
      FinishCall(call->second, *completion);
      calls_.erase(call);
      continue;
    }
    const auto commit = commits_.find(completion->id);
    if (commit != commits_.end()) {
      if (completion->status.ok()) SetChanged(commit->second);
      commits_.erase(commit);
    }
    return completion;
  }
  return std::nullopt;
}

Outcome FileLibrary::ListSnapshots() const {
  json::Value files = json::Value::Array();
  const std::vector<const Snapshot*> snapshots = snapshots_.List();
  for (const Snapshot* snapshot : snapshots) files.Append(Describe(*snapshot));
  return ListOf(FileArea::kSnapshots, snapshots.size(), std::move(files));
}

Outcome FileLibrary::StartCall(const Call& call, hal::FileRequest request) {
  if (!has_store()) return Status(StatusCode::kUnavailable, "this camera keeps no files");
  if (calls_.size() == kMaxFileCalls) {
    return Status(StatusCode::kResourceExhausted, "too many calls wait for the disk");
  }
  calls_.emplace(Start(std::move(request)), call);
  return Pending{};
}

void FileLibrary::FinishCall(const Call& call, const hal::FileCompletion& completion) {
  if (!completion.status.ok()) {
    finished_.push_back({call.ticket, completion.status});
    return;
  }
  if (call.access == FileAccess::kDelete) {
    SetChanged(call.area);
    finished_.push_back({call.ticket, json::Value::Object()});
    return;
  }
  json::Value files = json::Value::Array();
  for (const hal::FileEntry& file : completion.files) files.Append(Describe(file));
  finished_.push_back({call.ticket, ListOf(call.area, completion.total, std::move(files))});
}

void FileLibrary::HashSnapshot() {
  const Snapshot* listed = snapshots_.HashStep();
  if (listed == nullptr) return;
  json::Value result = Describe(*listed);
  result.Set("area", ToString(FileArea::kSnapshots));
  finished_.push_back({snapshot_tickets_.front(), std::move(result)});
  snapshot_tickets_.pop_front();
  SetChanged(FileArea::kSnapshots);
}

void FileLibrary::SetChanged(FileArea area) {
  if (std::find(changed_.begin(), changed_.end(), area) == changed_.end()) changed_.push_back(area);
}

}  // namespace ocellus::control
