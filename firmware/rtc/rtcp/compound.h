// SPDX-License-Identifier: Apache-2.0
// Walks over the packets of an RTCP datagram (RFC 3550 section 6.1; alone ones too, RFC 5506).
// Types that we do not use (XR, APP, ...) are skipped, and so are packets that break their own
// format; a datagram whose lengths lie is refused as a whole.
#pragma once

#include <optional>
#include <variant>

#include "firmware/rtc/rtcp/feedback.h"
#include "firmware/rtc/rtcp/report.h"
#include "firmware/rtc/rtcp/transport_feedback.h"

namespace ocellus::rtcp {

using Packet = std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, Nack,
                            PictureLossIndication, FullIntraRequest, Remb, TransportFeedback>;

// RFC 5761 section 4: tells RTCP from RTP on one port, by the packet type. For a datagram whose
// first byte is 128 to 191 (RFC 7983).
inline bool IsRtcp(Bytes datagram) {
  return datagram.size() >= 2 && datagram[1] >= 192 && datagram[1] <= 223;
}

class CompoundReader {
 public:
  // `datagram` (decrypted) is borrowed, by the packets too. Errors: kTruncated (empty, or a length
  // past the end), kMalformed (not version 2, bad padding).
  static Result<CompoundReader> Parse(Bytes datagram);

  // The next packet that we know; nullopt at the end.
  std::optional<Packet> Next();

  // Packets so far that were known but malformed.
  unsigned malformed() const { return malformed_; }

 private:
  explicit CompoundReader(Bytes datagram) : reader_(datagram) {}

  ByteReader reader_;
  unsigned malformed_ = 0;
};

}  // namespace ocellus::rtcp
