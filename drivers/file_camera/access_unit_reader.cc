// SPDX-License-Identifier: Apache-2.0
#include "drivers/file_camera/access_unit_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "firmware/base/annexb.h"
#include "firmware/base/limits.h"
#include "firmware/base/rbsp_reader.h"

namespace ocellus::drivers {
namespace {

constexpr size_t kReadSize = 64 * 1024;

// What is looked at of a NAL unit: its header byte and, of a slice, first_mb_in_slice and
// slice_type (two codes of at most 31 bits, and emulation prevention).
constexpr size_t kHeaderSize = 12;

// ITU-T H.264 table 7-1.
constexpr unsigned kSlice = 1;
constexpr unsigned kIdrSlice = 5;
constexpr unsigned kSei = 6;
constexpr unsigned kAccessUnitDelimiter = 9;
constexpr unsigned kPrefix = 14;
constexpr unsigned kLastReserved = 18;

StatusCode CodeOf(int error) {
  return error == EACCES || error == EPERM ? StatusCode::kPermissionDenied
                                           : StatusCode::kUnavailable;
}

}  // namespace

Result<AccessUnitReader> AccessUnitReader::Open(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    const int error = errno;
    return Status(CodeOf(error), path + ": " + std::strerror(error));
  }
  AccessUnitReader reader(path, file);
  struct stat info {};
  if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
    return Status(StatusCode::kUnsupported, path + ": not a regular file");
  }
  return reader;
}

Result<std::optional<AccessUnit>> AccessUnitReader::Next() {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(consumed_));
  scanned_ -= std::min(scanned_, consumed_);
  consumed_ = 0;
  while (true) {
    const size_t start_code = FindStartCode(buffer_, scanned_);
    const bool found = start_code < buffer_.size();
    const size_t header = start_code + kStartCodeSize;
    if (found && (header + kHeaderSize <= buffer_.size() || end_of_file_)) {
      if (HandleNal(Bytes(buffer_).subspan(header))) return {Finish(start_code)};
      scanned_ = header;
      continue;
    }
    if (end_of_file_) {
      if (!has_slice_) return {std::nullopt};
      return {Finish(buffer_.size())};
    }
    // A start code may lie across two pieces.
    scanned_ = found ? start_code
                     : std::max(scanned_, buffer_.size() -
                                              std::min<size_t>(buffer_.size(), kStartCodeSize - 1));
    if (buffer_.size() > kMaxEncodedFrameBytes + kReadSize) {
      StartAnew();
      return Status(StatusCode::kMalformed,
                    Format("%s: an access unit of more than %u bytes", path_.c_str(),
                           static_cast<unsigned>(kMaxEncodedFrameBytes)));
    }
    const Result<bool> more = ReadMore();
    if (!more.ok()) return more.status();
    end_of_file_ = !*more;
  }
}

void AccessUnitReader::Rewind() {
  std::rewind(file_.get());
  end_of_file_ = false;
  StartAnew();
}

Result<bool> AccessUnitReader::ReadMore() {
  const size_t size = buffer_.size();
  buffer_.resize(size + kReadSize);
  const size_t read = std::fread(buffer_.data() + size, 1, kReadSize, file_.get());
  buffer_.resize(size + read);
  if (std::ferror(file_.get()) != 0) {
    const int error = errno;
    std::clearerr(file_.get());
    return Status(StatusCode::kUnavailable, path_ + ": " + std::strerror(error));
  }
  return read > 0;
}

// ITU-T H.264 section 7.4.1.2.3: behind the slices of a picture, these NAL units or the first
// slice of the next picture begin a new access unit. The first slice is told by
// first_mb_in_slice == 0, as in all streams without arbitrary slice order.
bool AccessUnitReader::HandleNal(Bytes header) {
  if (header.empty()) return false;
  const unsigned type = header[0] & 0x1fu;
  const bool slice = type >= kSlice && type <= kIdrSlice;
  uint32_t first_macroblock = 0;
  uint32_t slice_type = 0;
  if (slice) {
    RbspReader reader(header.subspan(1));
    first_macroblock = reader.ReadUnsigned();
    slice_type = reader.ReadUnsigned();
    if (!reader.ok()) return has_slice_;  // The file ends within it: it is left out.
  }
  const bool data_partition = type > kSlice + 1 && type < kIdrSlice;
  const bool begins = (type >= kSei && type <= kAccessUnitDelimiter) ||
                      (type >= kPrefix && type <= kLastReserved) ||
                      (slice && !data_partition && first_macroblock == 0);
  if (begins && has_slice_) return true;
  if (!slice) return false;
  has_slice_ = true;
  if (type == kIdrSlice) unit_.keyframe = true;
  if (!data_partition && slice_type % 5 == 1) unit_.b_slices = true;
  return false;
}

AccessUnit AccessUnitReader::Finish(size_t end) {
  // Zeros here belong to the start code that follows.
  while (end > 0 && buffer_[end - 1] == 0) --end;
  AccessUnit unit = std::exchange(unit_, {});
  unit.data = Bytes(buffer_).first(end);
  consumed_ = end;
  has_slice_ = false;
  return unit;
}

void AccessUnitReader::StartAnew() {
  buffer_.clear();
  consumed_ = 0;
  scanned_ = 0;
  has_slice_ = false;
  unit_ = {};
}

}  // namespace ocellus::drivers
