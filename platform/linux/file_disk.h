// SPDX-License-Identifier: Apache-2.0
// Carries out the requests of hal::FileStore, and blocks while the disk works: one thread, that of
// LinuxFileStore.
//
//   <directory>/<area>/<name>                        a file
//   <directory>/<area>/.<name>.<SHA-256>.part        what has come of an upload
//
// A file is written under its second name, put on the disk (fsync), renamed, and the folder put on
// the disk: a power cut leaves the old file or the new one. Everything is for our user only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hal/file_store.h"
#include "platform/linux/file_descriptor.h"

namespace ocellus::linux_platform {

class FileDisk {
 public:
  explicit FileDisk(std::string directory) : directory_(std::move(directory)) {}

  // nullopt for CloseFile, which has no answer.
  std::optional<hal::FileCompletion> Do(hal::FileRequestId id, const hal::FileRequest& request);

 private:
  struct OpenedFile {
    FileDescriptor file;
    std::string label;      // "firmware/a.img": for messages.
    std::string folder;     // Path of its area.
    std::string part;       // Its name there while it is unfinished; empty: it is only read.
    std::string name;       // And when it is finished.
    uint64_t size = 0;      // Bytes that it will have.
    uint64_t unsynced = 0;  // Bytes that may not be on the disk yet.
  };
  // What is in an area.
  struct Entry {
    std::string name;
    uint64_t size = 0;
    int64_t modified_unix_ms = 0;
    bool is_part = false;
  };

  Status List(const hal::ListFiles& request, hal::FileCompletion& completion) const;
  Status Delete(const hal::DeleteFile& request) const;
  Status Open(const hal::OpenFile& request, hal::FileCompletion& completion);
  Status Create(const hal::CreateFile& request, hal::FileCompletion& completion);
  Status Read(const hal::ReadFile& request, hal::FileCompletion& completion) const;
  Status Append(const hal::AppendFile& request);
  Status Commit(const hal::CommitFile& request);
  void Close(const hal::CloseFile& request);

  std::string FolderOf(const std::string& area) const { return directory_ + "/" + area; }
  // Regular files only; with names as they may be, or parts.
  Result<std::vector<Entry>> ReadFolder(const std::string& folder) const;
  // Whether `part` of `folder` is being written.
  const OpenedFile* FindOpenPart(const std::string& folder, const std::string& part) const;
  // Deletes parts until `request` fits into its area and onto the disk, where `part` has `there`
  // bytes already.
  Status MakeRoom(const hal::CreateFile& request, const std::string& part, uint64_t there) const;
  // Whether its area may have so many bytes and files with it, and the disk has room for `more`.
  Status CheckRoom(const hal::CreateFile& request, uint64_t bytes, size_t files,
                   uint64_t more) const;

  const std::string directory_;
  std::map<hal::FileHandle, OpenedFile> open_;
};

}  // namespace ocellus::linux_platform
