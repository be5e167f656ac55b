// SPDX-License-Identifier: Apache-2.0
// What a receiver asks of a sender: NACK and PLI (RFC 4585), FIR (RFC 5104), and REMB's estimate
// of the bandwidth (draft-alvestrand-rmcat-remb). Transport-wide feedback has its own file.
//
// Parsed packets borrow; Parse gets the body of a RawPacket:
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                  SSRC of packet sender                        |
//  |                  SSRC of media source                         |
//  :            Feedback Control Information (FCI)                 :
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// Errors of every Parse: kTruncated, kMalformed (FCI is not whole records, or has none).
#pragma once

#include "firmware/base/serial_number.h"
#include "firmware/base/units.h"
#include "firmware/rtc/rtcp/header.h"

namespace ocellus::rtcp {

// RFC 4585 section 6.2.1: one lost packet, and a bit for each of the 16 behind it.
struct NackItem {
  static constexpr size_t kSize = 4;

  SequenceNumber first;
  uint16_t following = 0;  // Bit i: first + 1 + i is lost too.

  static NackItem Read(ByteReader& reader);
  void Write(ByteWriter& out) const;
};

struct Nack {
  static constexpr uint8_t kFormat = 1;  // Of RTPFB.

  Ssrc sender;
  Ssrc source;
  RecordList<NackItem> items;

  static Result<Nack> Parse(Bytes body);
  void Write(ByteWriter& out) const;

  // Calls `visit(SequenceNumber)` for each lost packet, in the order of the items.
  template <typename Visit>
  void ForEachLost(Visit&& visit) const {
    for (size_t i = 0; i < items.size(); ++i) {
      const NackItem item = items[i];
      visit(item.first);
      for (unsigned bit = 0; bit < 16; ++bit) {
        if (item.following >> bit & 1) visit(item.first + static_cast<uint16_t>(bit + 1));
      }
    }
  }
};

// "I cannot decode; send a picture that needs no other." RFC 4585 section 6.3.1.
struct PictureLossIndication {
  static constexpr uint8_t kFormat = 1;  // Of PSFB.

  Ssrc sender;
  Ssrc source;

  static Result<PictureLossIndication> Parse(Bytes body);
  void Write(ByteWriter& out) const;
};

// RFC 5104 section 4.3.1: the same wish as a command. A repeated sequence number is the same
// command again.
struct FullIntraRequest {
  static constexpr uint8_t kFormat = 4;  // Of PSFB.

  struct Entry {
    static constexpr size_t kSize = 8;

    Ssrc source;
    uint8_t sequence_number = 0;

    static Entry Read(ByteReader& reader);
    void Write(ByteWriter& out) const;
  };

  Ssrc sender;
  RecordList<Entry> entries;

  static Result<FullIntraRequest> Parse(Bytes body);
  void Write(ByteWriter& out) const;
};

// The most that the receiver thinks all `sources` together can get through.
struct Remb {
  static constexpr uint8_t kFormat = 15;  // Of PSFB, with "REMB" in front of the FCI.

  Ssrc sender;
  DataRate bitrate;  // Saturates at the largest that DataRate can express.
  RecordList<Source> sources;

  static Result<Remb> Parse(Bytes body);
};

}  // namespace ocellus::rtcp
