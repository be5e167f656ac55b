// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/sctp/raw_peer.h"

#include <algorithm>

namespace ocellus::sctp {

InitChunk RawPeer::MakeInit(VerificationTag tag) const {
  InitChunk init;
  init.tag = tag;
  init.window = 1'000'000;
  init.outbound_streams = outbound_streams;
  init.inbound_streams = inbound_streams;
  init.initial_tsn = kInitialTsn;
  init.extensions = extensions;
  return init;
}

void RawPeer::Connect() {
  end_.channels().Start(now, true);
  SendWithTag(VerificationTag(), MakeInit());
  const auto answers = Take<InitAckChunk>();
  CHECK(answers.size() == 1, "%zu answers to INIT", answers.size());
  local_tag_ = answers[0].init.tag;
  local_initial_tsn_ = answers[0].init.initial_tsn;
  Send(CookieEchoChunk{answers[0].cookie});
  CHECK(Take<CookieAckChunk>().size() == 1 && end_.channels().is_connected(), "not connected");
}

void RawPeer::SendPacket(Bytes packet) {
  end_.HandlePacket(now, packet);
  Collect();
}

void RawPeer::SendMessage(StreamId stream, Ppid ppid, Bytes payload) {
  constexpr size_t kFragment = 1000;
  DataChunk data;
  data.stream = stream;
  data.sequence = StreamSequence(0);
  data.ppid = ppid;
  data.unordered = true;  // So that each stream's sequence need not be kept.
  for (size_t offset = 0; offset < payload.size(); offset += kFragment) {
    data.tsn = next_tsn_;
    ++next_tsn_;
    data.beginning = offset == 0;
    data.end = offset + kFragment >= payload.size();
    data.payload = payload.subspan(offset, std::min(kFragment, payload.size() - offset));
    Send(data);
  }
}

void RawPeer::SendReset(ReconfigSequence request, Tsn last_tsn,
                        const std::vector<StreamId>& streams) {
  RecordBuffer<StreamNumber, 64> numbers;
  for (const StreamId stream : streams) CHECK(numbers.Add({stream}), "%zu streams", streams.size());
  OutgoingResetRequest reset;
  reset.request = request;
  reset.last_tsn = last_tsn;
  reset.streams = numbers.list();
  Send(ReconfigChunk{reset, std::nullopt});
}

void RawPeer::Wait(Duration duration) {
  const Time end = now + duration;
  while (end_.next_deadline() <= end) {
    now = std::max(now, end_.next_deadline());
    end_.HandleTimeout(now);
    Collect();
  }
  now = end;
}

std::vector<std::vector<uint8_t>> RawPeer::TakePackets() {
  Collect();
  return std::exchange(packets_, {});
}

void RawPeer::Collect() {
  uint8_t buffer[kMaxReceivedDatagramSize];
  while (const auto size = end_.PollTransmit(now, buffer)) {
    packets_.emplace_back(buffer, buffer + *size);
  }
}

}  // namespace ocellus::sctp
