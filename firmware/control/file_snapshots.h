// SPDX-License-Identifier: Apache-2.0
// The newest snapshots, in memory: at most kMaxSnapshots are listed, and those that somebody reads
// stay until he has done so. A new one is hashed step by step, so that no turn of the io thread is
// long, and listed then. io thread only. Owned by FileLibrary.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"
#include "firmware/rtc/crypto/digest.h"

namespace ocellus::control {

struct Snapshot {
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
  // Hashes kFileBlockSize bytes more. The snapshot that is listed by that; borrowed for the moment.
  const Snapshot* HashStep();

  // The newest first.
  std::vector<const Snapshot*> List() const;
  // Errors: kNotFound.
  Status Delete(std::string_view name);

  // The snapshot, where it stays until Release. nullptr: there is none of that name.
  const Snapshot* Acquire(std::string_view name);
  void Release(const Snapshot& snapshot);

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

  std::deque<Waiting> waiting_;    // At most kMaxSnapshots. Full: refused.
  std::list<Snapshot> snapshots_;  // The oldest first.
};

}  // namespace ocellus::control
