// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_snapshots.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/control/file_area.h"

namespace ocellus::control {

Status FileSnapshots::Add(std::string_view stem, std::vector<uint8_t> jpeg, int64_t unix_ms) {
  if (jpeg.size() > kMaxSnapshotSize) {
    return Status(StatusCode::kResourceExhausted, Format("the picture has %u bytes, more than %u",
                                                         static_cast<unsigned>(jpeg.size()),
                                                         static_cast<unsigned>(kMaxSnapshotSize)));
  }
  if (waiting_.size() == kMaxSnapshots) {
    return Status(StatusCode::kResourceExhausted, "too many pictures are being taken");
  }
  std::string name = FreeName(stem);
  RETURN_IF_ERROR(CheckFileName(name));
  Waiting added;
  added.snapshot.name = std::move(name);
  added.snapshot.jpeg = std::move(jpeg);
  added.snapshot.unix_ms = unix_ms;
  waiting_.push_back(std::move(added));
  return {};
}

const Snapshot* FileSnapshots::HashStep() {
  if (waiting_.empty()) return nullptr;
  Waiting& first = waiting_.front();
  const Bytes rest = Bytes(first.snapshot.jpeg).subspan(first.hashed);
  const Bytes step = rest.first(std::min(rest.size(), kFileBlockSize));
  first.hasher.Update(step);
  first.hashed += step.size();
  if (first.hashed < first.snapshot.jpeg.size()) return nullptr;
  first.snapshot.digest = first.hasher.Finish();
  ListNewest(std::move(first.snapshot));
  waiting_.pop_front();
  return &snapshots_.back();
}

std::vector<const Snapshot*> FileSnapshots::List() const {
  std::vector<const Snapshot*> listed;
  for (auto snapshot = snapshots_.rbegin(); snapshot != snapshots_.rend(); ++snapshot) {
    if (snapshot->listed) listed.push_back(&*snapshot);
  }
  return listed;
}

Status FileSnapshots::Delete(std::string_view name) {
  for (Snapshot& snapshot : snapshots_) {
    if (!snapshot.listed || snapshot.name != name) continue;
    snapshot.listed = false;
    DropUnused();
    return {};
  }
  return Status(StatusCode::kNotFound, "snapshots has no such file");
}

const Snapshot* FileSnapshots::Acquire(std::string_view name) {
  for (Snapshot& snapshot : snapshots_) {
    if (!snapshot.listed || snapshot.name != name) continue;
    ++snapshot.readers;
    return &snapshot;
  }
  return nullptr;
}

void FileSnapshots::Release(const Snapshot& released) {
  for (Snapshot& snapshot : snapshots_) {
    if (&snapshot == &released) --snapshot.readers;
  }
  DropUnused();
}

bool FileSnapshots::HasName(std::string_view name) const {
  return std::any_of(
             snapshots_.begin(), snapshots_.end(),
             [&](const Snapshot& snapshot) { return snapshot.listed && snapshot.name == name; }) ||
         std::any_of(waiting_.begin(), waiting_.end(),
                     [&](const Waiting& waiting) { return waiting.snapshot.name == name; });
}

std::string FileSnapshots::FreeName(std::string_view stem) const {
  std::string name = std::string(stem) + ".jpg";
  for (unsigned number = 2; HasName(name); ++number) {
    name = std::string(stem) + Format("-%u.jpg", number);
  }
  return name;
}

void FileSnapshots::ListNewest(Snapshot snapshot) {
  const auto is_listed = [](const Snapshot& each) { return each.listed; };
  if (static_cast<size_t>(std::count_if(snapshots_.begin(), snapshots_.end(), is_listed)) ==
      kMaxSnapshots) {
    std::find_if(snapshots_.begin(), snapshots_.end(), is_listed)->listed = false;
    DropUnused();
  }
  snapshot.listed = true;
  snapshots_.push_back(std::move(snapshot));
}

void FileSnapshots::DropUnused() {
  snapshots_.remove_if(
      [](const Snapshot& snapshot) { return !snapshot.listed && snapshot.readers == 0; });
}

}  // namespace ocellus::control
