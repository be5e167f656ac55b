// SPDX-License-Identifier: Apache-2.0
// The RTP header extensions that we know: the codecs of their values. Their URIs are SDP's.
// A value is written into a small array for ExtensionWriter::Add, and parsed from what
// HeaderExtensions::Find returned. Errors of every Parse: nullopt, when the size is wrong.
#pragma once

#include <array>
#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/base/time.h"
#include "firmware/base/units.h"
#include "firmware/rtc/rtcp/transport_feedback.h"

namespace ocellus::rtp {

// RFC 9143 section 15: the value of the mid extension is the mid itself. A one-byte element holds
// no more; a longer mid is not sent.
constexpr size_t kMaxMidSize = 16;

// One more for each packet of a transport; the receiver reports on it (rtcp::TransportFeedback).
std::array<uint8_t, 2> WriteTransportCc(TransportSequenceNumber number);
std::optional<TransportSequenceNumber> ParseTransportCc(Bytes data);

// How long a receiver may hold pictures back before it shows them. {0, 0}: show at once.
struct PlayoutDelay {
  Duration min{};  // 0 to 40.95 s, in steps of 10 ms.
  Duration max{};

  static std::optional<PlayoutDelay> Parse(Bytes data);
  std::array<uint8_t, 3> Write() const;
};

// When a picture was captured, on a wall clock.
struct AbsCaptureTime {
  NtpTime captured;
  // How far the capturer's clock is ahead of the sender's, 32.32 seconds; a relay adds it.
  std::optional<int64_t> clock_offset;

  static std::optional<AbsCaptureTime> Parse(Bytes data);
  // Writes the short form, without the offset.
  std::array<uint8_t, 8> Write() const;
};

}  // namespace ocellus::rtp
