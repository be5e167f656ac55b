// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/annexb.h"

namespace ocellus {
namespace {

size_t SkipStartCode(Bytes stream, size_t start_code) {
  return start_code == stream.size() ? start_code : start_code + kStartCodeSize;
}

}  // namespace

// The 01 is what is searched for: it is rare in coded video, while zeros come in runs.
size_t FindStartCode(Bytes stream, size_t from) {
  for (size_t one = from + 2; one < stream.size(); ++one) {
    const void* found = std::memchr(stream.data() + one, 1, stream.size() - one);
    if (found == nullptr) break;
    one = static_cast<size_t>(static_cast<const uint8_t*>(found) - stream.data());
    if (stream[one - 1] == 0 && stream[one - 2] == 0) return one - 2;
  }
  return stream.size();
}

NalScanner::NalScanner(Bytes annexb)
    : stream_(annexb), next_(SkipStartCode(annexb, FindStartCode(annexb, 0))) {}

std::optional<Bytes> NalScanner::Next() {
  while (next_ < stream_.size()) {
    const size_t begin = next_;
    const size_t start_code = FindStartCode(stream_, begin);
    next_ = SkipStartCode(stream_, start_code);
    // A NAL unit ends with a stop bit, so zeros at its end are not its own.
    size_t end = start_code;
    while (end > begin && stream_[end - 1] == 0) --end;
    if (end > begin) return stream_.subspan(begin, end - begin);
  }
  return std::nullopt;
}

}  // namespace ocellus
