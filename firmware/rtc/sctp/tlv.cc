// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/tlv.h"

#include <algorithm>

namespace ocellus::sctp {

std::optional<Tlv> TlvReader::Next() {
  if (rest_.empty()) return std::nullopt;
  ByteReader reader(rest_);
  Tlv tlv;
  tlv.type = reader.ReadU16();
  const size_t length = reader.ReadU16();
  if (!reader.ok() || length < kTlvHeaderSize || length > rest_.size()) {
    malformed_ = true;
    rest_ = {};
    return std::nullopt;
  }
  tlv.whole = rest_.first(length);
  tlv.value = tlv.whole.subspan(kTlvHeaderSize);
  rest_ = rest_.subspan(std::min(PaddedTo4(length), rest_.size()));
  return tlv;
}

TlvFrame::TlvFrame(ByteWriter& out, uint16_t type) : out_(out), begin_(out.size()) {
  out.WriteU16(type);
  out.WriteU16(0);
}

TlvFrame::~TlvFrame() {
  if (out_.ok()) out_.PatchU16(begin_ + 2, static_cast<uint16_t>(out_.size() - begin_));
}

void PadTo4(ByteWriter& out) { out.WriteZeros(PaddedTo4(out.size()) - out.size()); }

void WriteTlv(ByteWriter& out, uint16_t type, Bytes value) {
  PadTo4(out);
  const TlvFrame frame(out, type);
  out.WriteBytes(value);
}

}  // namespace ocellus::sctp
