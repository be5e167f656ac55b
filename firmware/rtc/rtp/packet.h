// SPDX-License-Identifier: Apache-2.0
// The RTP packet (RFC 3550 section 5.1) and its header extensions (RFC 8285): a codec over
// borrowed bytes. What the extensions mean stands in extensions.h.
#pragma once

#include <array>
#include <optional>

#include "firmware/base/byte_writer.h"
#include "firmware/base/serial_number.h"
#include "firmware/base/status.h"
#include "firmware/base/strong_id.h"

namespace ocellus::rtp {

constexpr size_t kHeaderSize = 12;

// The elements of a header extension, in the one-byte or the two-byte form. Borrowed.
struct HeaderExtensions {
  static constexpr uint16_t kOneByteProfile = 0xbede;
  static constexpr uint16_t kTwoByteProfile = 0x1000;  // The lower 4 bits are "appbits".

  uint16_t profile = 0;  // Others than these two have no elements.
  Bytes block;           // Whole 32-bit words. Empty: the packet has no extension.

  // The data of the element `id`; nullopt when there is none.
  std::optional<Bytes> Find(ExtensionId id) const;
};

struct Packet {
  bool marker = false;
  PayloadType payload_type;
  SequenceNumber sequence_number;
  RtpTimestamp timestamp;
  Ssrc ssrc;
  Bytes csrcs;  // 4 bytes each, at most 15.
  HeaderExtensions extensions;
  Bytes payload;
  uint8_t padding = 0;  // Bytes behind the payload, their count included.

  // `datagram` (decrypted) is borrowed. Errors: kTruncated (header, CSRCs or extension past the
  // end), kMalformed (not version 2, padding of 0 or more than there is, an extension element past
  // the end of its block).
  static Result<Packet> Parse(Bytes datagram);

  // The header with its extensions, for who writes the payload itself.
  void WriteHeader(ByteWriter& out) const;
  // All of it.
  void Write(ByteWriter& out) const;
};

// Where the elements of an extension are collected, in the one-byte form.
class ExtensionWriter {
 public:
  // The largest block: all that kMaxRtpPayloadSize leaves room for, with a mid of 16 characters.
  static constexpr size_t kMaxBlockSize = 36;

  // Adds an element; false, and nothing is added, when the block would become larger than `limit`
  // bytes (at most kMaxBlockSize). `id` is 1 to 14, `data` 1 to 16 bytes.
  bool Add(ExtensionId id, Bytes data, size_t limit = kMaxBlockSize);

  // Borrowed from this; good until the next Add.
  HeaderExtensions extensions() const;

 private:
  std::array<uint8_t, kMaxBlockSize> block_{};  // The zeros at the end are padding.
  size_t size_ = 0;
};

}  // namespace ocellus::rtp
