// SPDX-License-Identifier: Apache-2.0
// The RTP header extensions that we know: their URIs in SDP and the codecs of their values.
// A value is written into a small array for ExtensionWriter::Add, and parsed from what
// HeaderExtensions::Find returned. Errors of every Parse: nullopt, when the size is wrong.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "firmware/base/bytes.h"
#include "firmware/base/time.h"
#include "firmware/base/units.h"
#include "firmware/rtc/rtcp/transport_feedback.h"

namespace ocellus::rtp {

// RFC 9143 section 15: which m-line a packet belongs to. The value is the mid itself.
constexpr std::string_view kMidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";
// A one-byte element holds no more; a longer mid is not sent.
constexpr size_t kMaxMidSize = 16;

constexpr std::string_view kTransportCcUri =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
constexpr std::string_view kPlayoutDelayUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
constexpr std::string_view kAbsCaptureTimeUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
constexpr std::string_view kAbsSendTimeUri =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

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

// When a packet was sent: seconds in 6.18 fixed point, so it wraps after 64 s.
struct AbsSendTime {
  uint32_t value = 0;  // 24 bits.

  static AbsSendTime From(Time now);
  static std::optional<AbsSendTime> Parse(Bytes data);
  std::array<uint8_t, 3> Write() const;
};

}  // namespace ocellus::rtp
