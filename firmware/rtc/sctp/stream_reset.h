// SPDX-License-Identifier: Apache-2.0
// Stream resets (RFC 6525): how both sides agree that a stream begins again at 0, which is how data
// channels are closed (RFC 8831 section 6.7). Each side asks for its own outgoing streams only;
// what else RE-CONFIG can do is refused, but for additional streams of the peer's, which cost
// nothing. io thread only. Owned by Association.
//
// Outgoing: Request -> the stream is paused, and its data arrives -> asked, again and again until
// it is answered, one request at a time -> PollOutgoing. Incoming: asked -> "in progress" until
// everything before it has come -> Perform -> answered.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/base/ring.h"
#include "firmware/base/time.h"
#include "firmware/rtc/sctp/packet.h"
#include "firmware/rtc/sctp/retry_timer.h"
#include "firmware/rtc/sctp/sender.h"

namespace ocellus::sctp {

struct OutgoingReset {
  StreamId stream;
  // False: the peer has refused, or cannot reset streams. The stream goes on where it was.
  bool performed = false;
};

class StreamReset {
 public:
  // RFC 6525 section 4.1: the first request has the number of the initial TSN.
  StreamReset(Tsn local_initial_tsn, Sender& sender);

  // The association is up, and `peer_streams` come from the peer.
  void Start(Tsn peer_initial_tsn, uint16_t peer_streams, bool supported);

  // Asks for the reset of an outgoing stream once what is on its way has arrived; what is queued
  // stays until the stream has begun again. One that was asked for already stays so. False:
  // kMaxStreamResets are waiting, and nothing happens.
  bool Request(StreamId stream);
  // Whether a reset of the stream was asked for and has no outcome yet.
  bool IsPending(StreamId stream) const;
  std::optional<OutgoingReset> PollOutgoing();

  void HandleReconfig(Time now, const ReconfigChunk& reconfig);

  // The peer's request, once all that was sent before has come.
  bool IncomingDue(Tsn cumulative_tsn) const {
    return incoming_ && !incoming_->last_tsn.IsNewerThan(cumulative_tsn);
  }
  // The streams of that request (none: all of them), which are being reset now: answers it. Good
  // until the next call.
  RecordList<StreamNumber> Perform();

  // Sees whether streams that wait can be reset now. To be called when something has arrived.
  void Update();

  // False: the peer does not answer.
  [[nodiscard]] bool HandleTimeout(Time now);
  Time next_deadline() const { return timer_.expires_at(); }

  // Answers, and a request of ours.
  void WriteChunks(Time now, PacketWriter& packet);

 private:
  // As many streams as fit into a small packet; the rest waits for the next request.
  using StreamBuffer = RecordBuffer<StreamNumber, 32>;

  struct Outgoing {
    ReconfigSequence request;
    Tsn last_tsn;
    StreamBuffer streams;
  };
  struct Incoming {
    ReconfigSequence request;
    Tsn last_tsn;
    std::vector<uint8_t> streams;
  };

  void Handle(Time now, const OutgoingResetRequest& request);
  void Handle(Time now, const IncomingResetRequest& request);
  void Handle(Time now, const SsnTsnResetRequest& request);
  void Handle(Time now, const AddOutgoingStreamsRequest& request);
  void Handle(Time now, const AddIncomingStreamsRequest& request);
  void Handle(Time now, const ReconfigResponse& response);
  // Whether the request is the next one of the peer. An earlier one is answered as it was.
  bool IsNext(ReconfigSequence request);
  void Answer(ReconfigSequence request, ReconfigResult result);
  void FinishRequest(bool performed);
  bool WriteRequest(PacketWriter& packet) const;

  Sender& sender_;
  bool supported_ = false;

  std::vector<StreamId> waiting_;  // In the order of their requests.
  std::optional<Outgoing> outgoing_;
  bool request_due_ = false;
  ReconfigSequence next_request_;
  RetryTimer timer_;
  std::vector<OutgoingReset> finished_;

  ReconfigSequence next_peer_request_;
  uint32_t peer_streams_ = 0;
  std::optional<Incoming> incoming_;
  std::vector<uint8_t> performed_;  // What Perform has returned.
  // The results of the peer's last two requests, in case our answer is lost: a RE-CONFIG holds two.
  Ring<ReconfigResponse, 2> answered_;
  // Not sent yet. Full: the oldest is dropped, and the peer asks again.
  Ring<ReconfigResponse, 4> answers_;
};

}  // namespace ocellus::sctp
