// SPDX-License-Identifier: Apache-2.0
// Where files stand, who may do what with them there, and which names they may have.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "firmware/auth/role.h"
#include "firmware/base/status.h"

namespace ocellus::control {

enum class FileArea : uint8_t {
  kSnapshots,   // The newest pictures, in memory.
  kRecordings,  // Written by the camera itself.
  kFirmware,    // Images for the next update.
};

enum class FileAccess : uint8_t { kRead, kWrite, kDelete };

// "snapshots", "recordings", "firmware".
const char* ToString(FileArea area);

// Errors: kNotFound (names the areas that there are).
Result<FileArea> ParseFileArea(std::string_view text);

// Errors: kPermissionDenied (says whose role would do), kUnsupported (nobody may: the camera alone
// writes there).
Status CheckFileAccess(FileArea area, FileAccess access, auth::Role role);

// Bytes that the area may hold; nullopt where nobody but the camera writes.
std::optional<uint64_t> FileAreaQuota(FileArea area);

// Whether files may be called so: 1 to kMaxFileNameSize printable ASCII characters, but none of
// / \ : * ? " < > |, which FAT and Windows refuse; no dot or blank at the beginning, and neither at
// the end. Errors: kInvalidArgument (says what is wrong).
Status CheckFileName(std::string_view name);

}  // namespace ocellus::control
