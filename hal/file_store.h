// SPDX-License-Identifier: Apache-2.0
// Large files that outlive the program: recordings, firmware images. They stand in areas (folders)
// by name, are read while others replace or delete them, and appear under their name only when they
// are whole: a power cut leaves the old file or the new one. io thread only; nothing here blocks.
//
// Requests are carried out in the order in which they were started, and each but CloseFile is
// answered by one completion. That is why whoever starts one need not wait for it: a file may be
// closed before its opening has been answered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "firmware/base/status.h"
#include "firmware/base/strong_id.h"

namespace ocellus::hal {

// Names an open file. Whoever opens it chooses one that is in use nowhere else.
using FileHandle = StrongId<struct FileHandleTag, uint64_t>;

// Names a request in its completion; chosen by whoever starts it.
using FileRequestId = StrongId<struct FileRequestIdTag, uint64_t>;

struct FileEntry {
  std::string name;
  uint64_t size = 0;  // Bytes.
  int64_t modified_unix_ms = 0;
};

// The newest `most` files of an area. An area that does not exist is empty.
struct ListFiles {
  std::string area;
  size_t most = 0;
};

// Errors: kNotFound. Those who are reading the file read on.
struct DeleteFile {
  std::string area, name;
};

// Opens a file as it is now: replacing or deleting it changes nothing for the reader.
// Errors: kNotFound, kUnsupported (not a regular file), kPermissionDenied.
struct OpenFile {
  FileHandle file;
  std::string area, name;
};

// Opens what will become `name`, at the end of what an earlier attempt has left: one with the same
// name and digest, which was closed with kKeep or ended by a power cut. `quota` is how many bytes
// the area may have with it; what other attempts have left makes room, the oldest first.
// Errors: kResourceExhausted (quota or disk; the message has the numbers), kPermissionDenied.
struct CreateFile {
  FileHandle file;
  std::string area, name;
  uint64_t size = 0;                 // Bytes that it will have.
  std::array<uint8_t, 32> digest{};  // The SHA-256 that it will have. Not checked here.
  uint64_t quota = 0;                // Bytes.
};

// Reads up to `size` bytes at `offset`, fewer only where the file ends.
struct ReadFile {
  FileHandle file;
  uint64_t offset = 0;
  size_t size = 0;
};

// Appends to a file from CreateFile. Errors: kResourceExhausted (disk full).
struct AppendFile {
  FileHandle file;
  std::vector<uint8_t> content;
};

// Gives a file from CreateFile its name, in place of what has it, and closes the handle: when this
// is answered, a power cut does not undo it. When it fails, the handle stays open.
struct CommitFile {
  FileHandle file;
};

enum class Unfinished : uint8_t {
  kKeep,     // For another attempt.
  kDiscard,  // To be deleted.
};

// Closes a file, if it is open. Not answered. `unfinished` is for those from CreateFile.
struct CloseFile {
  FileHandle file;
  Unfinished unfinished = Unfinished::kKeep;
};

using FileRequest = std::variant<ListFiles, DeleteFile, OpenFile, CreateFile, ReadFile, AppendFile,
                                 CommitFile, CloseFile>;

struct FileCompletion {
  FileRequestId id;
  // Beside the errors above: kFailedPrecondition (the handle is not open, for its opening failed),
  // kInternal. Messages name area and file, never the disk's paths.
  Status status;
  uint64_t size = 0;             // OpenFile: bytes of the file. CreateFile: bytes that are there.
  std::vector<uint8_t> content;  // ReadFile.
  std::vector<FileEntry> files;  // ListFiles: the newest first.
  size_t total = 0;              // ListFiles: how many the area has.
};

class FileStore {
 public:
  virtual ~FileStore() = default;

  // Areas are of a-z. Names are as control::CheckFileName has them; others are not listed.
  virtual void Start(FileRequestId id, FileRequest request) = 0;

  // The next answer, or nullopt. The platform wakes the io thread when there is one.
  virtual std::optional<FileCompletion> PollCompletion() = 0;
};

}  // namespace ocellus::hal
