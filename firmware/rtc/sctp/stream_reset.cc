// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/stream_reset.h"

#include <algorithm>

#include "firmware/rtc/sctp/handshake.h"

namespace ocellus::sctp {
namespace {

// RFC 8831 section 6.6: "65535 [...] is reserved" by SCTP's INIT, which can offer 65,535 streams.
bool AllAreStreams(RecordList<StreamNumber> streams) {
  for (size_t i = 0; i < streams.size(); ++i) {
    if (streams[i].stream.value() >= kStreams) return false;
  }
  return true;
}

// The result of a request replaces its "in progress".
template <size_t kCapacity>
void PutInPlaceOfEarlier(const ReconfigResponse& answer, Ring<ReconfigResponse, kCapacity>& ring) {
  for (size_t i = 0; i < ring.size(); ++i) {
    if (ring[i].request != answer.request) continue;
    ring[i] = answer;
    return;
  }
  ring.PushDroppingOldest(answer);
}

}  // namespace

StreamReset::StreamReset(Tsn local_initial_tsn, Sender& sender)
    : sender_(sender), next_request_(local_initial_tsn.value()) {}

void StreamReset::Start(Tsn peer_initial_tsn, uint16_t peer_streams, bool supported) {
  next_peer_request_ = ReconfigSequence(peer_initial_tsn.value());
  peer_streams_ = peer_streams;
  supported_ = supported;
}

bool StreamReset::Request(StreamId stream) {
  if (IsPending(stream)) return true;
  if (waiting_.size() == kMaxStreamResets) return false;
  sender_.Pause(stream);
  waiting_.push_back(stream);
  return true;
}

bool StreamReset::IsPending(StreamId stream) const {
  if (std::find(waiting_.begin(), waiting_.end(), stream) != waiting_.end()) return true;
  if (!outgoing_) return false;
  const RecordList<StreamNumber> streams = outgoing_->streams.list();
  for (size_t i = 0; i < streams.size(); ++i) {
    if (streams[i].stream == stream) return true;
  }
  return false;
}

std::optional<OutgoingReset> StreamReset::PollOutgoing() {
  if (finished_.empty()) return std::nullopt;
  const OutgoingReset reset = finished_.back();
  finished_.pop_back();
  return reset;
}

void StreamReset::HandleReconfig(Time now, const ReconfigChunk& reconfig) {
  const auto handle = [&](const auto& parameter) { Handle(now, parameter); };
  std::visit(handle, reconfig.first);
  if (reconfig.second) std::visit(handle, *reconfig.second);
}

// RFC 6525 section 5.2.2.
void StreamReset::Handle(Time, const OutgoingResetRequest& request) {
  if (!IsNext(request.request)) return;
  if (!AllAreStreams(request.streams)) {
    Answer(request.request, ReconfigResult::kWrongSsn);
    return;
  }
  // A request that is still being waited for is replaced: a peer has one at a time (section 5.1.1),
  // and some number it anew when they repeat it.
  const Bytes streams = request.streams.bytes();
  incoming_ = Incoming{request.request, request.last_tsn, {streams.begin(), streams.end()}};
  Answer(request.request, ReconfigResult::kInProgress);
}

// Section 5.2.3. RFC 8831 section 6.7 has no use for it: each side resets its own streams.
void StreamReset::Handle(Time, const IncomingResetRequest& request) {
  if (IsNext(request.request)) Answer(request.request, ReconfigResult::kDenied);
}

// Section 5.2.4.
void StreamReset::Handle(Time, const SsnTsnResetRequest& request) {
  if (IsNext(request.request)) Answer(request.request, ReconfigResult::kDenied);
}

// Section 5.2.5. Firefox begins with 256 streams and asks for more.
void StreamReset::Handle(Time, const AddOutgoingStreamsRequest& request) {
  if (!IsNext(request.request)) return;
  const bool fits = peer_streams_ + request.count <= kStreams;
  if (fits) peer_streams_ += request.count;
  Answer(request.request, fits ? ReconfigResult::kPerformed : ReconfigResult::kDenied);
}

// Section 5.2.6. We have asked for as many as there can be.
void StreamReset::Handle(Time, const AddIncomingStreamsRequest& request) {
  if (IsNext(request.request)) Answer(request.request, ReconfigResult::kDenied);
}

// Section 5.2.7.
void StreamReset::Handle(Time now, const ReconfigResponse& response) {
  if (!outgoing_ || response.request != outgoing_->request) return;
  switch (response.result) {
    case ReconfigResult::kInProgress:
    case ReconfigResult::kRequestInProgress:
      // "the timer [...] is started again. If the timer runs out, the RE-CONFIG chunk MUST be
      // retransmitted but the corresponding error counters MUST NOT be incremented."
      timer_.Start(now);
      return;
    case ReconfigResult::kNothingToDo:
    case ReconfigResult::kPerformed:
      FinishRequest(true);
      return;
    case ReconfigResult::kDenied:
    case ReconfigResult::kWrongSsn:
    case ReconfigResult::kBadSequenceNumber:
      FinishRequest(false);
      return;
  }
  FinishRequest(false);
}

void StreamReset::FinishRequest(bool performed) {
  const RecordList<StreamNumber> streams = outgoing_->streams.list();
  for (size_t i = 0; i < streams.size(); ++i) {
    const StreamId stream = streams[i].stream;
    if (performed) sender_.Renumber(stream);
    sender_.Resume(stream);
    finished_.push_back({stream, performed});
  }
  outgoing_.reset();
  request_due_ = false;
  timer_.Stop();
}

bool StreamReset::IsNext(ReconfigSequence request) {
  if (request == next_peer_request_) {
    ++next_peer_request_;
    return true;
  }
  for (size_t i = 0; i < answered_.size(); ++i) {
    if (answered_[i].request != request) continue;
    answers_.PushDroppingOldest(answered_[i]);
    return false;
  }
  answers_.PushDroppingOldest({request, ReconfigResult::kBadSequenceNumber, std::nullopt});
  return false;
}

void StreamReset::Answer(ReconfigSequence request, ReconfigResult result) {
  const ReconfigResponse answer{request, result, std::nullopt};
  PutInPlaceOfEarlier(answer, answered_);
  PutInPlaceOfEarlier(answer, answers_);
}

RecordList<StreamNumber> StreamReset::Perform() {
  CHECK(incoming_.has_value(), "nothing to perform before request %u",
        static_cast<unsigned>(next_peer_request_.value()));
  performed_ = std::move(incoming_->streams);
  Answer(incoming_->request, ReconfigResult::kPerformed);
  incoming_.reset();
  return RecordList<StreamNumber>(performed_);
}

bool StreamReset::HandleTimeout(Time now) {
  if (!timer_.Expired(now)) return true;
  if (!timer_.Retry(now)) return false;
  request_due_ = true;
  return true;
}

void StreamReset::Update() {
  if (outgoing_ || waiting_.empty()) return;
  Outgoing outgoing{next_request_, sender_.next_tsn() - 1, {}};
  const auto take = [&](StreamId stream) {
    return sender_.IsDrained(stream) && outgoing.streams.Add({stream});
  };
  waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), take), waiting_.end());
  if (outgoing.streams.size() == 0) return;
  outgoing_ = outgoing;
  if (!supported_) {
    FinishRequest(false);
    return;
  }
  ++next_request_;
  request_due_ = true;
}

bool StreamReset::WriteRequest(PacketWriter& packet) const {
  OutgoingResetRequest request;
  request.request = outgoing_->request;
  request.response = next_peer_request_ - 1;
  request.last_tsn = outgoing_->last_tsn;
  request.streams = outgoing_->streams.list();
  return packet.Append(ReconfigChunk{request, std::nullopt});
}

void StreamReset::WriteChunks(Time now, PacketWriter& packet) {
  while (!answers_.empty() && packet.Append(ReconfigChunk{answers_.front(), std::nullopt})) {
    answers_.Pop();
  }
  Update();
  if (!request_due_ || !WriteRequest(packet)) return;
  request_due_ = false;
  if (!timer_.running()) timer_.Start(now);
}

}  // namespace ocellus::sctp
