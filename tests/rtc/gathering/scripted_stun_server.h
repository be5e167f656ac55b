// SPDX-License-Identifier: Apache-2.0
// Answers of a STUN server, written by the test.
#pragma once

#include <optional>
#include <vector>

#include "firmware/base/datagram.h"
#include "firmware/base/limits.h"
#include "firmware/rtc/stun/message.h"
#include "firmware/rtc/stun/message_writer.h"

namespace ocellus::gathering {

inline SocketAddress At(const char* text) {
  const auto address = SocketAddress::Parse(text);
  CHECK(address, "%s is no address", text);
  return *address;
}

// A datagram that owns its bytes.
struct Packet {
  SocketAddress from;
  SocketAddress to;
  std::vector<uint8_t> bytes;
  Time at{};

  Datagram AsDatagram() { return {to, from, bytes}; }
  stun::Message message() const {
    const auto parsed = stun::Message::Parse(bytes);
    CHECK(parsed.ok(), "%zu bytes are no message", bytes.size());
    return *parsed;
  }
};

// Everything that `sender` has to send now.
template <typename Sender>
std::vector<Packet> PollAll(Sender& sender, Time now) {
  std::vector<Packet> packets;
  uint8_t out[kMaxDatagramSize];
  while (const auto transmit = sender.PollTransmit(now, out)) {
    CHECK(packets.size() < 1000, "%zu datagrams at once", packets.size());
    packets.push_back({transmit->local, transmit->remote, {out, out + transmit->size}, now});
  }
  return packets;
}

// Advances to `end`, and returns what was sent meanwhile.
template <typename Sender>
std::vector<Packet> RunUntil(Sender& sender, Time& now, Time end) {
  std::vector<Packet> all = PollAll(sender, now);
  while (sender.next_deadline() <= end) {
    now = std::max(now, sender.next_deadline());
    sender.HandleTimeout(now);
    const auto packets = PollAll(sender, now);
    all.insert(all.end(), packets.begin(), packets.end());
    CHECK(sender.next_deadline() > now, "the deadline stays due");
  }
  now = end;
  return all;
}

struct Answer {
  std::optional<SocketAddress> mapped;
  std::optional<SocketAddress> other;
  std::optional<stun::ErrorCode> error;
  std::optional<uint16_t> extra;      // An attribute of four bytes.
  std::optional<SocketAddress> from;  // Elsewhere than the request went to.
};

inline Packet AnswerTo(const Packet& request, const Answer& answer) {
  uint8_t out[kMaxDatagramSize];
  stun::Header header{answer.error ? stun::MessageClass::kError : stun::MessageClass::kSuccess,
                      stun::Method::kBinding, request.message().transaction_id()};
  stun::MessageWriter writer(out, header);
  if (answer.error) writer.AddErrorCode(*answer.error);
  if (answer.mapped) writer.AddXorAddress(stun::AttributeType::kXorMappedAddress, *answer.mapped);
  if (answer.other) writer.AddAddress(stun::AttributeType::kOtherAddress, *answer.other);
  if (answer.extra) writer.AddU32(static_cast<stun::AttributeType>(*answer.extra), 0);
  writer.AddFingerprint();
  const size_t size = writer.Finish().value();
  return {answer.from.value_or(request.to), request.from, {out, out + size}, request.at};
}

}  // namespace ocellus::gathering
