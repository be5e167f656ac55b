// SPDX-License-Identifier: Apache-2.0
// Lets a receiver have any chunks of data in any order: it must hold no more than it says, and
// acknowledge no TSN that it has not had.
//
// The first byte chooses interleaving. Then each chunk is: flags (bits 0 to 3: E, B, U, I; 4:
// FORWARD-TSN instead; 5: reset the stream instead; 6: end the packet; 7: poll a message), distance
// of its TSN from the cumulative one, stream, message, fragment, size of the payload in 16 bytes.
#include <algorithm>
#include <array>
#include <vector>

#include "firmware/rtc/sctp/receiver.h"

namespace ocellus::sctp {
namespace {

constexpr size_t kMaxMessage = 2000;
constexpr size_t kBuffer = 8000;
constexpr std::array<uint8_t, 255 * 16> kPayload{};

void CheckSack(Time now, Receiver& receiver) {
  std::array<uint8_t, 1200> out;
  PacketWriter writer(out, {});
  CHECK(receiver.WriteSack(now, writer), "no room in %zu bytes", out.size());
  auto reader = PacketReader::Parse(Bytes(out).first(writer.Finish(Checksum::kZero)),
                                    ZeroChecksum::kAccepted);
  CHECK(reader.ok(), "unreadable: %s", reader.status().ToString().c_str());
  const auto chunk = reader->Next();
  const auto& sack = std::get<SackChunk>(*chunk);
  CHECK(sack.window <= kBuffer, "window %u", static_cast<unsigned>(sack.window));
  uint32_t end = 0;
  for (size_t i = 0; i < sack.gaps.size(); ++i) {
    const GapBlock gap = sack.gaps[i];
    CHECK(gap.first > end + 1 && gap.last >= gap.first, "gap %u-%u behind %u",
          static_cast<unsigned>(gap.first), static_cast<unsigned>(gap.last),
          static_cast<unsigned>(end));
    end = gap.last;
  }
  CHECK(!receiver.SackDue(now) && receiver.next_deadline() == kNever, "a SACK after the SACK");
}

void HandleForward(Time now, bool interleaving, Tsn tsn, const DataChunk& last,
                   Receiver& receiver) {
  RecordBuffer<SkippedSequence, 1> sequences;
  RecordBuffer<SkippedMessage, 1> messages;
  CHECK(sequences.Add({last.stream, last.sequence}), "no room for one");
  CHECK(messages.Add({last.stream, last.unordered, last.message_id}), "no room for one");
  if (interleaving) {
    receiver.HandleForwardTsn(now, IForwardTsnChunk{tsn, messages.list()});
  } else {
    receiver.HandleForwardTsn(now, ForwardTsnChunk{tsn, sequences.list()});
  }
}

void Run(Bytes script) {
  ByteReader reader(script);
  const bool interleaving = reader.ReadU8() & 1;
  Receiver receiver(Tsn(0xFFFFFF00), {kMaxMessage, kBuffer, interleaving});
  Time now(std::chrono::seconds(1));
  while (reader.remaining() >= 6) {
    const uint8_t flags = reader.ReadU8();
    DataChunk data;
    data.interleaved = interleaving;
    data.end = flags & 1;
    data.beginning = flags & 2;
    data.unordered = flags & 4;
    data.immediate = flags & 8;
    // The largest distances are too far ahead.
    const uint8_t distance = reader.ReadU8();
    data.tsn = receiver.cumulative_tsn() + (distance < 250 ? distance : uint32_t{distance} << 8);
    data.stream = StreamId(reader.ReadU8());
    const auto message = static_cast<uint16_t>(static_cast<int8_t>(reader.ReadU8()));
    data.sequence = StreamSequence(message);
    data.message_id = MessageId(static_cast<uint32_t>(static_cast<int16_t>(message)));
    data.fragment = reader.ReadU8();
    if (data.beginning) data.fragment = 0;
    data.payload = Bytes(kPayload).first(std::max<size_t>(reader.ReadU8() * size_t{16}, 1));
    if (flags & 16) {
      HandleForward(now, interleaving, data.tsn, data, receiver);
    } else if (flags & 32) {
      RecordBuffer<StreamNumber, 1> streams;
      if (data.immediate) CHECK(streams.Add({data.stream}), "no room for one");
      receiver.ResetStreams(streams.list());
    } else {
      receiver.HandleData(now, data);
    }
    if (flags & 64) receiver.EndPacket(now);
    if (receiver.SackDue(now)) CheckSack(now, receiver);
    if (flags & 128) {
      const auto received = receiver.PollMessage();
      CHECK(!received || received->payload.size() <= kMaxMessage, "a message of %zu bytes",
            received->payload.size());
    }
    now += std::chrono::milliseconds(1);
  }
  while (receiver.PollMessage()) {
  }
  receiver.ResetStreams({});
  CHECK(receiver.window() == kBuffer, "%u bytes lost",
        static_cast<unsigned>(kBuffer - receiver.window()));
}

}  // namespace
}  // namespace ocellus::sctp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) ocellus::sctp::Run({data, size});
  return 0;
}
