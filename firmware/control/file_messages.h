// SPDX-License-Identifier: Apache-2.0
// The text messages of ocellus.file.v1: what a client says, read and checked, and what we say.
// io thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "firmware/base/status.h"
#include "firmware/control/file_area.h"
#include "firmware/rtc/crypto/digest.h"

namespace ocellus::control {

// The client wants a file, from byte `offset` on.
struct FileGet {
  FileArea area = FileArea::kSnapshots;
  std::string name;
  uint64_t offset = 0;
};

// The client has a file for us.
struct FilePut {
  FileArea area = FileArea::kSnapshots;
  std::string name;
  uint64_t size = 0;  // Bytes, at most json::kMaxExactInteger, as all numbers here.
  crypto::Sha256Digest digest{};
};

// The client has the whole of its download.
struct FileReceived {};

// The client wants no more of it; also what its own errors come to.
struct FileCancel {};

using FileClientMessage = std::variant<FileGet, FilePut, FileReceived, FileCancel>;

// Unknown members are ignored, so that clients may say more one day. Names are checked.
// Errors, which say what is wrong: kMalformed, kInvalidArgument, kNotFound (the area),
// kResourceExhausted (longer than kMaxFileTextSize), kUnsupported (another type).
Result<FileClientMessage> ParseFileMessage(std::string_view text);

// `digest` where it is known beforehand.
std::string WriteFileOffer(const FileGet& get, uint64_t size,
                           const std::optional<crypto::Sha256Digest>& digest);
std::string WriteFileEnd(const crypto::Sha256Digest& digest);
std::string WriteFileAccept(uint64_t offset);
std::string WriteFileProgress(uint64_t offset);
std::string WriteFileDone(const crypto::Sha256Digest& digest);
// The code is that of JSON-RPC errors (error_code.h).
std::string WriteFileError(const Status& status);

}  // namespace ocellus::control
