// SPDX-License-Identifier: Apache-2.0
// Finds the NAL units in an H.264 byte stream (ITU-T H.264 Annex B): the form in which encoders,
// cameras and .h264 files deliver it. It lives in base because drivers and media both need it.
//
// The search for start codes runs at memchr speed, not byte by byte. Any thread.
#pragma once

#include <optional>
#include <vector>

#include "firmware/base/bytes.h"

namespace ocellus {

// Bytes of a start code, 00 00 01, without the zeros that may stand in front of it.
constexpr size_t kStartCodeSize = 3;

// Where the next start code at or behind `from` begins, or stream.size().
size_t FindStartCode(Bytes stream, size_t from);

// Walks over the NAL units of `annexb`, which is borrowed for the scanner's life.
class NalScanner {
 public:
  explicit NalScanner(Bytes annexb);

  // The next NAL unit, header byte first, without its start code and without the zeros behind it
  // (trailing_zero_8bits). Never empty; nullopt at the end. What stands before the first start
  // code is no NAL unit and is skipped.
  std::optional<Bytes> Next();

 private:
  Bytes stream_;
  size_t next_;  // Behind the start code of the next NAL unit, or the end.
};

// Replaces `nals` with the NAL units of `annexb`, as places in it. `Nal` is any struct that begins
// with offset and size, such as hal::EncodedFrame::Nal.
template <typename Nal>
void FindNals(Bytes annexb, std::vector<Nal>& nals) {
  nals.clear();
  NalScanner scanner(annexb);
  while (const std::optional<Bytes> nal = scanner.Next()) {
    nals.push_back(Nal{static_cast<size_t>(nal->data() - annexb.data()), nal->size()});
  }
}

}  // namespace ocellus
