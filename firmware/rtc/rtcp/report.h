// SPDX-License-Identifier: Apache-2.0
// The RTCP packets of RFC 3550: sender and receiver reports, source description, goodbye.
// Parsed packets borrow; Parse gets the body and count of a RawPacket. Errors of every Parse:
// kTruncated (the packet ends before what its count or its items announce).
#pragma once

#include <optional>
#include <string_view>

#include "firmware/base/serial_number.h"
#include "firmware/base/units.h"
#include "firmware/rtc/rtcp/header.h"

namespace ocellus::rtcp {

// What a receiver saw of one source. RFC 3550 section 6.4.1:
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                 SSRC_1 (SSRC of first source)                 |
//  | fraction lost |       cumulative number of packets lost       |
//  |           extended highest sequence number received           |
//  |                      interarrival jitter                      |
//  |                         last SR (LSR)                         |
//  |                   delay since last SR (DLSR)                  |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
struct ReportBlock {
  static constexpr size_t kSize = 24;

  Ssrc source;
  uint8_t fraction_lost = 0;        // Of 256, since the last report.
  int32_t cumulative_lost = 0;      // 24 bits; negative when there were duplicates.
  uint32_t highest_sequence = 0;    // With the count of its wraps in the upper half.
  uint32_t jitter = 0;              // In units of the RTP timestamp.
  uint32_t last_sender_report = 0;  // NtpTime::middle() of the last SR; 0 when there was none.
  uint32_t delay_since_last = 0;    // Since that SR came, in 1/65536 s.

  static ReportBlock Read(ByteReader& reader);
  void Write(ByteWriter& out) const;
};

// RFC 3550: 5 bits of count.
constexpr size_t kMaxReportBlocks = 31;

struct SenderReport {
  Ssrc sender;
  NtpTime ntp;             // When it was sent, wall-clock time,
  RtpTimestamp timestamp;  // and the same moment as a timestamp of the media.
  uint32_t packet_count = 0;
  uint32_t octet_count = 0;  // Of payloads.
  RecordList<ReportBlock> blocks;

  static Result<SenderReport> Parse(uint8_t count, Bytes body);
  void Write(ByteWriter& out) const;
};

struct ReceiverReport {
  Ssrc sender;
  RecordList<ReportBlock> blocks;

  static Result<ReceiverReport> Parse(uint8_t count, Bytes body);
  void Write(ByteWriter& out) const;
};

// Names the person or device behind an SSRC. Only CNAME is read and written (RFC 3550 6.5.1: the
// one item that is mandatory).
struct SourceDescription {
  uint8_t chunk_count = 0;
  Bytes chunks;

  static Result<SourceDescription> Parse(uint8_t count, Bytes body);
  // Borrowed; nullopt when there is none for `ssrc`.
  std::optional<std::string_view> FindCname(Ssrc ssrc) const;
  // Writes one chunk with a CNAME of at most 255 bytes.
  static void Write(Ssrc ssrc, std::string_view cname, ByteWriter& out);
};

// Sources that leave. A reason is skipped.
struct Bye {
  RecordList<Source> sources;

  bool Names(Ssrc ssrc) const;

  static Result<Bye> Parse(uint8_t count, Bytes body);
  void Write(ByteWriter& out) const;
};

}  // namespace ocellus::rtcp
