// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/tcp_framing.h"

#include <algorithm>
#include <cstring>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"

namespace ocellus::ice {
namespace {

// Bytes of the whole frame that begins with `header`.
size_t FrameSize(Bytes header) { return kTcpFrameHeaderSize + ByteReader(header).ReadU16(); }

}  // namespace

MutableBytes FrameForTcp(MutableBytes frame, size_t datagram_size) {
  CHECK(datagram_size > 0 && datagram_size <= 0xffff, "a frame of %zu bytes", datagram_size);
  const MutableBytes whole = frame.first(kTcpFrameHeaderSize + datagram_size);
  ByteWriter(whole).WriteU16(static_cast<uint16_t>(datagram_size));
  return whole;
}

std::optional<MutableBytes> TcpDeframer::Next(MutableBytes& stream) {
  while (!broken_) {
    const MutableBytes frame = kept_ > 0 ? MutableBytes(kept_bytes_).first(kept_) : stream;
    const size_t wanted =
        frame.size() < kTcpFrameHeaderSize ? kTcpFrameHeaderSize : FrameSize(frame);
    broken_ = wanted > kept_bytes_.size();
    if (broken_) break;
    if (frame.size() < wanted) {
      if (!KeepUpTo(wanted, stream)) break;
      continue;
    }
    if (kept_ > 0) {
      kept_ = 0;
    } else {
      stream = stream.subspan(wanted);
    }
    if (wanted > kTcpFrameHeaderSize) {
      return frame.subspan(kTcpFrameHeaderSize, wanted - kTcpFrameHeaderSize);
    }
  }
  return std::nullopt;
}

bool TcpDeframer::KeepUpTo(size_t size, MutableBytes& stream) {
  const size_t more = std::min(size - kept_, stream.size());
  if (more > 0) std::memcpy(&kept_bytes_[kept_], stream.data(), more);
  kept_ += more;
  stream = stream.subspan(more);
  return kept_ == size;
}

}  // namespace ocellus::ice
