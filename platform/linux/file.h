// SPDX-License-Identifier: Apache-2.0
// Small files as a whole: configuration and secrets. Any thread; blocks on the disk, so never
// while viewers wait.
#pragma once

#include <string>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"

namespace ocellus::linux_platform {

enum class FileAccess {
  kPublic,  // 0644: everybody may read it.
  kSecret,  // 0600: only our user.
};

// The bytes of `path`. Errors name the path: kNotFound, kPermissionDenied (also when a secret
// belongs to another user or others have rights to it), kResourceExhausted (larger than
// `max_size`), kUnsupported (not a regular file), kInternal.
Result<std::string> ReadFile(const std::string& path, size_t max_size, FileAccess access);

// Replaces `path` by `content` so that a power cut leaves the old file or the new one, never
// none and never half of it. Errors name the path.
Status WriteFileAtomically(const std::string& path, Bytes content, FileAccess access);

// Deletes `path`, so that a power cut does not bring it back. Errors name the path: kNotFound,
// kPermissionDenied, kInternal.
Status RemoveFile(const std::string& path);

// Makes what happened to the names in `directory` last through a power cut, where its file system
// can do that.
void SyncDirectory(const std::string& directory);

// Makes `path` and what is missing above it, for our user only (0700). Errors name the path.
Status CreateDirectories(const std::string& path);

}  // namespace ocellus::linux_platform
