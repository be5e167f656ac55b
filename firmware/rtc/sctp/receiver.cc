// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/receiver.h"

namespace ocellus::sctp {
namespace {

// RFC 9260 section 6.2: "within 200 ms of the arrival of any unacknowledged DATA chunk". Sooner,
// for the peer measures round trips with it.
constexpr Duration kSackDelay = std::chrono::milliseconds(20);

}  // namespace

Receiver::Receiver(Tsn peer_initial_tsn, const ReceiverOptions& options)
    : options_(options),
      tsns_(peer_initial_tsn - 1),
      reassembly_(options.max_message_size, options.interleaving),
      advertised_window_(window()) {}

void Receiver::HandleData(Time now, const DataChunk& data) {
  if (!IsExpectedKind(data.interleaved)) return;
  if (data.payload.empty()) {
    violation_ = CauseCode::kNoUserData;
    return;
  }
  packet_had_data_ = true;
  if (acknowledgement_ == Acknowledgement::kNone) {
    acknowledgement_ = Acknowledgement::kDelayed;
    deadline_ = now + kSackDelay;
  }
  // RFC 9260 section 6.7: at once for a gap, and when one is filled; section 6.2: for duplicates
  // and where the I bit asks for it.
  if (data.immediate || tsns_.has_gaps()) acknowledgement_ = Acknowledgement::kDue;
  if (!Admits(data)) {
    acknowledgement_ = Acknowledgement::kDue;
    return;
  }
  ++stats_.chunks;
  tsns_.Add(data.tsn);
  if (tsns_.has_gaps()) acknowledgement_ = Acknowledgement::kDue;
  reassembly_.Add(data);
}

bool Receiver::Admits(const DataChunk& data) {
  switch (tsns_.Classify(data.tsn)) {
    case ReceivedTsns::Arrival::kNew:
      break;
    case ReceivedTsns::Arrival::kDuplicate:
      ++stats_.duplicate_chunks;
      static_cast<void>(duplicates_.Add({data.tsn}));  // Full: not reported.
      return false;
    case ReceivedTsns::Arrival::kTooFar:
      ++stats_.refused_chunks;
      return false;
  }
  // The first missing chunk has a reserve: what waits for it would stay for ever otherwise.
  const bool first_missing = data.tsn == tsns_.cumulative() + 1;
  const size_t reserve = first_missing ? 2 * options_.max_message_size : 0;
  const size_t size = data.payload.size() + Reassembly::kFragmentOverhead;
  if (reassembly_.held_bytes() + size <= options_.buffer_size + reserve) return true;
  ++stats_.refused_chunks;
  // All that is held are parts of messages, more of them than our window ever had room for.
  if (first_missing && !reassembly_.has_messages()) violation_ = CauseCode::kOutOfResource;
  return false;
}

void Receiver::HandleForwardTsn(Time, const ForwardTsnChunk& forward) {
  if (!IsExpectedKind(false)) return;
  // RFC 3758 section 3.6: an old one is answered, for our SACK may be lost.
  acknowledgement_ = Acknowledgement::kDue;
  if (!forward.new_cumulative_tsn.IsNewerThan(tsns_.cumulative())) return;
  tsns_.AdvanceTo(forward.new_cumulative_tsn);
  reassembly_.Skip(forward.new_cumulative_tsn, forward.skipped);
}

void Receiver::HandleForwardTsn(Time, const IForwardTsnChunk& forward) {
  if (!IsExpectedKind(true)) return;
  acknowledgement_ = Acknowledgement::kDue;
  if (!forward.new_cumulative_tsn.IsNewerThan(tsns_.cumulative())) return;
  tsns_.AdvanceTo(forward.new_cumulative_tsn);
  reassembly_.Skip(forward.skipped);
}

bool Receiver::IsExpectedKind(bool interleaved) {
  if (interleaved != options_.interleaving) violation_ = CauseCode::kProtocolViolation;
  return interleaved == options_.interleaving;
}

void Receiver::EndPacket(Time) {
  if (!packet_had_data_) return;
  packet_had_data_ = false;
  if (packets_until_sack_ > 0) --packets_until_sack_;
  if (packets_until_sack_ == 0) acknowledgement_ = Acknowledgement::kDue;
}

void Receiver::ResetStreams(RecordList<StreamNumber> streams) { reassembly_.ResetStreams(streams); }

std::optional<ReceivedMessage> Receiver::PollMessage() {
  std::optional<ReceivedMessage> message = reassembly_.PollMessage();
  // RFC 9260 section 6.2 asks for a SACK when a window that was nearly closed has opened well.
  if (advertised_window_ < options_.buffer_size / 4 && window() >= options_.buffer_size / 2) {
    acknowledgement_ = Acknowledgement::kDue;
  }
  return message;
}

std::optional<StreamId> Receiver::PollOversized() { return reassembly_.PollOversized(); }

bool Receiver::SackDue(Time now) const {
  return acknowledgement_ == Acknowledgement::kDue ||
         (acknowledgement_ == Acknowledgement::kDelayed && now >= deadline_);
}

bool Receiver::WriteSack(Time, PacketWriter& packet) {
  SackChunk sack;
  const size_t fixed_size = SackChunk::kFixedSize + duplicates_.list().bytes().size();
  if (packet.room() < fixed_size) return false;
  ReceivedTsns::GapBuffer gaps;
  if (tsns_.has_gaps()) tsns_.ListGaps((packet.room() - fixed_size) / GapBlock::kSize, gaps);
  sack.cumulative_tsn = tsns_.cumulative();
  sack.window = window();
  sack.gaps = gaps.list();
  sack.duplicates = duplicates_.list();
  CHECK(packet.Append(sack), "no room for %zu gaps in %zu bytes", gaps.size(), packet.room());
  duplicates_.Clear();
  advertised_window_ = sack.window;
  acknowledgement_ = Acknowledgement::kNone;
  packets_until_sack_ = kPacketsPerSack;
  return true;
}

Time Receiver::next_deadline() const {
  return acknowledgement_ == Acknowledgement::kDelayed ? deadline_ : kNever;
}

uint32_t Receiver::window() const {
  const size_t held = reassembly_.held_bytes();
  return held < options_.buffer_size ? static_cast<uint32_t>(options_.buffer_size - held) : 0;
}

ReceiverStats Receiver::stats() const {
  ReceiverStats stats = stats_;
  stats.messages = reassembly_.stats().messages;
  stats.message_bytes = reassembly_.stats().message_bytes;
  stats.oversized_messages = reassembly_.stats().oversized_messages;
  stats.skipped_messages = reassembly_.stats().skipped_runs;
  stats.held_bytes = reassembly_.held_bytes();
  return stats;
}

}  // namespace ocellus::sctp
