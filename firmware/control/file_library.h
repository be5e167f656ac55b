// SPDX-License-Identifier: Apache-2.0
// The files of the camera: snapshots in memory, recordings and firmware images in the store. Lists
// and deletes them for control::Server, and gives file transfers their bytes.
// Does not know channels: see file_transfers.h. io thread only. Owned by the app.
//
// Invariants:
//   1. Every call that was Pending finishes once.
//   2. A snapshot that somebody reads stays in memory until he has done so, listed or not.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/auth/role.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/control/file_area.h"
#include "firmware/control/file_snapshots.h"
#include "firmware/control/services.h"
#include "hal/file_store.h"

namespace ocellus::control {

// What came of a call that was Pending: for Server::Finish.
struct FinishedCall {
  Ticket ticket;
  Result<json::Value> result;
};

class FileLibrary {
 public:
  // `store` must outlive this; nullptr: there are snapshots only.
  explicit FileLibrary(hal::FileStore* store) : store_(store) {}

  // files.list: {"area", "total", "files": [{"name", "size", "modified_unix_ms", "sha256"?}, ...]},
  // the newest kMaxListedFiles first. Errors: kNotFound (no such area), kPermissionDenied,
  // kResourceExhausted (too many calls wait for the disk), kUnavailable (no store).
  Outcome List(Ticket ticket, auth::Role role, std::string_view area);
  // files.delete: {}. Errors: as List, and kNotFound (no such file), kInvalidArgument (no name).
  Outcome Delete(Ticket ticket, auth::Role role, std::string_view area, std::string_view name);

  // A picture that was taken. It is called `stem`.jpg, or `stem`-2.jpg where that exists, and the
  // oldest makes room. Finishes with {"area", "name", "size", "sha256"}, once it is hashed.
  // Errors: kInvalidArgument (not a name), kResourceExhausted (larger than kMaxSnapshotSize, or
  // kMaxSnapshots are being hashed).
  Status AddSnapshot(Ticket ticket, std::string_view stem, std::vector<uint8_t> jpeg,
                     int64_t unix_ms);

  // Calls that have finished, for Server::Finish. To be polled after FileTransfers::HandleStore.
  std::optional<FinishedCall> PollFinished();
  // An area whose files have changed, for Server::NotifyFilesChanged.
  std::optional<FileArea> PollChanged();

  // For FileTransfers: the next four only while has_store().
  bool has_store() const { return store_ != nullptr; }
  hal::FileHandle NewHandle() { return hal::FileHandle(next_handle_++); }
  hal::FileRequestId Start(hal::FileRequest request);
  // Start(CommitFile), which is told by PollChanged also when nobody asks for its answer any more.
  hal::FileRequestId Commit(FileArea area, hal::FileHandle file);
  // Closes a file in any state.
  void Close(hal::FileHandle file, hal::Unfinished unfinished);
  FileSnapshots& snapshots() { return snapshots_; }

  // Does a step of the library's own work, and takes what the store has done. The next answer to a
  // Start or Commit, or nullopt.
  std::optional<hal::FileCompletion> PollCompletion();
  // Whether PollCompletion has own work left: a snapshot to hash.
  bool has_work() const { return snapshots_.is_hashing(); }

 private:
  // A call that waits for the store.
  struct Call {
    Ticket ticket;
    FileArea area = FileArea::kSnapshots;
    FileAccess access = FileAccess::kRead;  // kRead: it lists.
  };

  Outcome ListSnapshots() const;
  Outcome StartCall(const Call& call, hal::FileRequest request);
  void FinishCall(const Call& call, const hal::FileCompletion& completion);
  void HashSnapshot();
  void SetChanged(FileArea area);

  hal::FileStore* const store_;
  uint64_t next_request_ = 1;
  uint64_t next_handle_ = 1;
  FileSnapshots snapshots_;
  std::deque<Ticket> snapshot_tickets_;             // Of those that are hashed, in their order.
  std::map<hal::FileRequestId, Call> calls_;        // At most kMaxFileCalls. Full: refused.
  std::map<hal::FileRequestId, FileArea> commits_;  // At most one for each transfer.
  std::deque<FinishedCall> finished_;
  std::deque<FileArea> changed_;  // Each at most once.
};

}  // namespace ocellus::control
