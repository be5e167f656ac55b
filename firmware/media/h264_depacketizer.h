// SPDX-License-Identifier: Apache-2.0
// Puts H.264 access units together from RTP payloads (RFC 6184: single NAL units, STAP-A, FU-A).
// Does not put packets into order: a jitter buffer or a loss-free path does. One thread.
//
//   depacketizer.HandlePacket(packet);
//   while (const AccessUnit* unit = depacketizer.PollAccessUnit()) ...
#pragma once

#include <array>
#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/base/serial_number.h"
#include "hal/video_encoder.h"

namespace ocellus::media {

struct AccessUnit {
  hal::EncodedFrame frame;  // Annex B with its NAL table; captured_at is not known.
  RtpTimestamp timestamp;
  // Packets of it are missing, or may be. `frame` has the NAL units that came whole.
  bool damaged = false;
};

class H264Depacketizer {
 public:
  struct Packet {
    SequenceNumber sequence_number;
    RtpTimestamp timestamp;
    bool marker = false;
    Bytes payload;  // Borrowed for the call.
  };

  // Takes the packets of one stream in the order of their numbers; those that come late are
  // dropped. Forgets what was not polled.
  void HandlePacket(const Packet& packet);

  // The next access unit that the last packet completed or cut off; nullptr when there is none.
  // Borrowed until the next HandlePacket.
  const AccessUnit* PollAccessUnit();

 private:
  void Open(RtpTimestamp timestamp);
  void Close();

  void HandlePayload(Bytes payload);
  void HandleStapA(Bytes payload);
  void HandleFuA(Bytes payload);
  void AppendNal(Bytes nal);

  // A NAL unit is written in pieces: begun, extended, and then kept or dropped.
  void BeginNal(uint8_t header);
  void ExtendNal(Bytes bytes);
  void KeepNal();
  void DropNal();

  std::optional<SequenceNumber> expected_;
  bool open_ = false;
  AccessUnit building_;
  // Where the NAL unit that is being written begins, behind its start code.
  std::optional<size_t> nal_begin_;

  std::array<AccessUnit, 2> ready_;  // One packet ends two at most: the one before it and its own.
  size_t ready_count_ = 0;
  size_t ready_polled_ = 0;
};

}  // namespace ocellus::media
