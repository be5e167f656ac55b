// SPDX-License-Identifier: Apache-2.0
// The newest snapshots, in memory: at most kMaxSnapshots are listed, and those that somebody reads
// stay until he has done so. A new one is hashed step by step, so that no turn of the io thread is
// long, and listed then. io thread only. Owned by FileLibrary.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"
#include "firmware/base/strong_id.h"
#include "firmware/rtc/crypto/digest.h"

namespace ocellus::control {

using SnapshotId = StrongId<struct SnapshotIdTag, uint64_t>;

struct Snapshot {
  SnapshotId id;
  std::string name;
  std::vector<uint8_t> jpeg;
  int64_t unix_ms = 0;
  crypto::Sha256Digest digest{};
  unsigned readers = 0;
  bool listed = false;
};

class FileSnapshots {
 public:
  // See FileLibrary::AddSnapshot.
  Status Add(std::string_view stem, std::vector<uint8_t> jpeg, int64_t unix_ms);

  bool is_hashing() const { return !waiting_.empty(); }
  // Hashes kFileHashStep bytes more. The snapshot that is listed by that; borrowed for the moment.
  const Snapshot* HashStep();

  // The newest first.
  std::vector<const Snapshot*> List() const;
  // Errors: kNotFound.
  Status Delete(std::string_view name);

  // Keeps the snapshot in memory until Release. nullptr: there is none of that name.
  const Snapshot* Acquire(std::string_view name);
  // Good between Acquire and Release.
  const Snapshot& Get(SnapshotId id) const;
  void Release(SnapshotId id);

 private:
  struct Waiting {
    Snapshot snapshot;
    crypto::Sha256Hasher hasher;
    size_t hashed = 0;
  };

  bool HasName(std::string_view name) const;
  std::string FreeName(std::string_view stem) const;
  void ListNewest(Snapshot snapshot);
  void DropUnused();

  uint64_t next_id_ = 1;
  std::deque<Waiting> waiting_;    // At most kMaxSnapshots. Full: refused.
  std::list<Snapshot> snapshots_;  // The oldest first.
};

}  // namespace ocellus::control
