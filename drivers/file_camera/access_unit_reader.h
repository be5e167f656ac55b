// SPDX-License-Identifier: Apache-2.0
// Cuts an H.264 byte stream file (ITU-T H.264 Annex B) into access units, reading it piece by
// piece, so that its size does not matter. Video thread. Owned by FileCamera.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/status.h"

namespace ocellus::drivers {

struct AccessUnit {
  Bytes data;             // Annex B, borrowed from the reader until its next call.
  bool keyframe = false;  // An IDR picture.
  bool b_slices = false;  // Shown in another order than decoded.
};

class AccessUnitReader {
 public:
  // Errors: kUnavailable (missing), kPermissionDenied, kUnsupported (not a file); each names it.
  static Result<AccessUnitReader> Open(const std::string& path);

  // The next access unit that holds a picture, or nullopt at the end of the file.
  // Errors: kUnavailable (the file cannot be read), kMalformed (one access unit is larger than
  // kMaxEncodedFrameBytes: it is skipped, go on).
  Result<std::optional<AccessUnit>> Next();

  // Back to the beginning.
  void Rewind();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  AccessUnitReader(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}

  // Appends the next piece of the file to buffer_. False at its end.
  Result<bool> ReadMore();
  // Whether the NAL unit at `header` begins a new access unit; else counts it to this one.
  bool HandleNal(Bytes header);
  AccessUnit Finish(size_t end);
  void StartAnew();

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::vector<uint8_t> buffer_;  // From the beginning of the current access unit on.
  size_t consumed_ = 0;          // Bytes of buffer_ that the last access unit was.
  size_t scanned_ = 0;           // Bytes of buffer_ without an unseen start code.
  bool end_of_file_ = false;

  // The current access unit.
  bool has_slice_ = false;
  AccessUnit unit_;
};

}  // namespace ocellus::drivers
