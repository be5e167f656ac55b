// SPDX-License-Identifier: Apache-2.0
// Stream resets, with a peer that answers as it is told to.
#include "firmware/rtc/sctp/stream_reset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/rtc/sctp/dcep.h"
#include "tests/rtc/sctp/raw_peer.h"

namespace ocellus::sctp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// RFC 6525 section 4.1: the first request of the peer has its initial TSN.
constexpr ReconfigSequence kFirst(RawPeer::kInitialTsn.value());

class StreamResetTest : public ::testing::Test {
 protected:
  void OpenChannel(StreamId stream) {
    peer.SendMessage(stream, kPpidDcep, DcepOpen().Write());
    AcknowledgeAll();
  }
  // What the end has sent has arrived.
  void AcknowledgeAll() {
    for (const DataChunk& data : peer.Take<DataChunk>()) {
      acknowledged_ = data.tsn;
      SackChunk sack;
      sack.cumulative_tsn = data.tsn;
      sack.window = 1'000'000;
      peer.Send(sack);
    }
  }
  std::vector<ReconfigResponse> Answers() {
    std::vector<ReconfigResponse> answers;
    for (const ReconfigChunk& chunk : peer.Take<ReconfigChunk>()) {
      if (const auto* answer = std::get_if<ReconfigResponse>(&chunk.first)) {
        answers.push_back(*answer);
      }
    }
    return answers;
  }
  std::optional<ReconfigResult> Answer() {
    const auto answers = Answers();
    if (answers.size() != 1) return std::nullopt;
    return answers[0].result;
  }
  std::vector<OutgoingResetRequest> Requests() {
    std::vector<OutgoingResetRequest> requests;
    for (const ReconfigChunk& chunk : peer.Take<ReconfigChunk>()) {
      if (const auto* request = std::get_if<OutgoingResetRequest>(&chunk.first)) {
        requests.push_back(*request);
      }
    }
    return requests;
  }
  void Respond(ReconfigSequence request, ReconfigResult result) {
    peer.Send(ReconfigChunk{ReconfigResponse{request, result, std::nullopt}, std::nullopt});
  }

  ChannelEnd end{5};
  RawPeer peer{end};
  Tsn acknowledged_;
};

TEST_F(StreamResetTest, AnswersAndResetsItsOwnHalf) {
  peer.Connect();
  OpenChannel(StreamId(1));
  peer.SendReset(kFirst, peer.last_tsn(), {StreamId(1)});
  std::vector<ReconfigResponse> answers;
  std::vector<OutgoingResetRequest> requests;
  for (const ReconfigChunk& chunk : peer.Take<ReconfigChunk>()) {
    if (const auto* answer = std::get_if<ReconfigResponse>(&chunk.first)) {
      answers.push_back(*answer);
    }
    if (const auto* request = std::get_if<OutgoingResetRequest>(&chunk.first)) {
      requests.push_back(*request);
    }
  }
  ASSERT_FALSE(answers.empty());
  EXPECT_EQ(answers.back().result, ReconfigResult::kPerformed);
  EXPECT_EQ(answers.back().request, kFirst);
  if (requests.empty()) requests = Requests();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].request.value(), peer.local_initial_tsn().value());
  EXPECT_EQ(requests[0].last_tsn, acknowledged_);
  ASSERT_THAT(requests[0].streams, SizeIs(1));
  EXPECT_EQ(requests[0].streams[0].stream, StreamId(1));
  EXPECT_THAT(end.closed(), IsEmpty());
  Respond(requests[0].request, ReconfigResult::kPerformed);
  EXPECT_THAT(end.closed(), ElementsAre(StreamId(1)));
}

// RFC 6525 section 5.2.2.
TEST_F(StreamResetTest, WaitsForWhatWasSentBefore) {
  peer.Connect();
  OpenChannel(StreamId(1));
  const Tsn missing = peer.next_tsn();
  peer.SkipTsn();
  peer.SendReset(kFirst, missing, {StreamId(1)});
  EXPECT_EQ(Answer(), ReconfigResult::kInProgress);
  peer.SendReset(kFirst, missing, {StreamId(1)});
  EXPECT_EQ(Answer(), ReconfigResult::kInProgress);
  DataChunk data;
  data.tsn = missing;
  data.stream = StreamId(1);
  data.unordered = data.beginning = data.end = true;
  data.ppid = kPpidString;
  data.payload = AsBytes("the last");
  peer.Send(data);
  EXPECT_EQ(Answer(), ReconfigResult::kPerformed) << "without being asked again";
  EXPECT_THAT(end.Texts(StreamId(1)), ElementsAre("the last"));
  // Our answer was lost.
  peer.SendReset(kFirst, missing, {StreamId(1)});
  EXPECT_EQ(Answer(), ReconfigResult::kPerformed);
}

// Some peers number a request anew when they repeat it after "in progress".
TEST_F(StreamResetTest, ANewRequestReplacesTheOneThatWaits) {
  peer.Connect();
  OpenChannel(StreamId(1));
  peer.SkipTsn();
  peer.SendReset(kFirst, peer.last_tsn(), {StreamId(1)});
  peer.SendReset(kFirst + 1, peer.last_tsn(), {StreamId(1)});
  peer.TakePackets();
  DataChunk data;
  data.tsn = peer.last_tsn();
  data.stream = StreamId(1);
  data.unordered = data.beginning = data.end = true;
  data.payload = AsBytes("x");
  peer.Send(data);
  const auto answers = Answers();
  ASSERT_FALSE(answers.empty());
  EXPECT_EQ(answers.back().request, kFirst + 1);
  EXPECT_EQ(answers.back().result, ReconfigResult::kPerformed);
}

TEST_F(StreamResetTest, WaitsForTheApplicationToTakeItsMessages) {
  peer.Connect();
  OpenChannel(StreamId(1));
  end.StopPolling();
  peer.SendMessage(StreamId(1), kPpidString, AsBytes("unread"));
  peer.SendReset(kFirst, peer.last_tsn(), {StreamId(1)});
  EXPECT_EQ(Answer(), ReconfigResult::kInProgress);
  end.StartPolling();
  EXPECT_EQ(Answer(), ReconfigResult::kPerformed);
  EXPECT_THAT(end.Texts(StreamId(1)), ElementsAre("unread"));
}

TEST_F(StreamResetTest, RefusesNumbersOutOfOrderAndStreamsThatDoNotExist) {
  peer.Connect();
  peer.SendReset(kFirst + 5, peer.last_tsn(), {StreamId(1)});
  EXPECT_EQ(Answer(), ReconfigResult::kBadSequenceNumber);
  peer.SendReset(kFirst - 1, peer.last_tsn(), {StreamId(1)});
  EXPECT_EQ(Answer(), ReconfigResult::kBadSequenceNumber);
  peer.SendReset(kFirst, peer.last_tsn(), {StreamId(65'535)});
  EXPECT_EQ(Answer(), ReconfigResult::kWrongSsn);
}

TEST_F(StreamResetTest, ResetsAllStreamsAtOnce) {
  peer.Connect();
  OpenChannel(StreamId(1));
  OpenChannel(StreamId(77));
  peer.SendReset(kFirst, peer.last_tsn(), {});
  const auto requests = Requests();
  ASSERT_FALSE(requests.empty());
  EXPECT_THAT(requests[0].streams, SizeIs(2));
  Respond(requests[0].request, ReconfigResult::kPerformed);
  EXPECT_THAT(end.closed(), UnorderedElementsAre(StreamId(1), StreamId(77)));
}

TEST_F(StreamResetTest, DeniesWhatDataChannelsHaveNoUseFor) {
  peer.Connect();
  IncomingResetRequest incoming;
  incoming.request = kFirst;
  peer.Send(ReconfigChunk{incoming, std::nullopt});
  EXPECT_EQ(Answer(), ReconfigResult::kDenied);
  peer.Send(ReconfigChunk{SsnTsnResetRequest{kFirst + 1}, std::nullopt});
  EXPECT_EQ(Answer(), ReconfigResult::kDenied);
  peer.Send(ReconfigChunk{AddIncomingStreamsRequest{kFirst + 2, 10}, std::nullopt});
  EXPECT_EQ(Answer(), ReconfigResult::kDenied);
}

// Firefox begins with 256 streams and asks for more.
TEST_F(StreamResetTest, GrantsThePeerMoreStreams) {
  peer.outbound_streams = 256;
  peer.Connect();
  peer.Send(ReconfigChunk{AddOutgoingStreamsRequest{kFirst, 1000}, std::nullopt});
  EXPECT_EQ(Answer(), ReconfigResult::kPerformed);
  peer.Send(ReconfigChunk{AddOutgoingStreamsRequest{kFirst + 1, 65'000}, std::nullopt});
  EXPECT_EQ(Answer(), ReconfigResult::kDenied);
}

TEST_F(StreamResetTest, RepeatsItsRequestUntilItIsAnswered) {
  peer.Connect();
  OpenChannel(StreamId(1));
  end.channels().Close(peer.now, StreamId(1));
  const auto first = Requests();
  ASSERT_THAT(first, SizeIs(1));
  peer.Wait(seconds(2));
  const auto again = Requests();
  ASSERT_THAT(again, SizeIs(2)) << "after 0.5 and 1.5 s";
  EXPECT_EQ(again[0].request, first[0].request);
  // RFC 6525 section 5.2.7: "in progress" is asked for again, and for as long as it takes.
  for (int i = 0; i < 200; ++i) {
    Respond(first[0].request, ReconfigResult::kInProgress);
    peer.Wait(milliseconds(500));
    ASSERT_THAT(Requests(), SizeIs(1));
  }
  EXPECT_FALSE(end.failed());
  Respond(first[0].request + 1, ReconfigResult::kPerformed);
  EXPECT_THAT(end.closed(), IsEmpty()) << "another request";
  Respond(first[0].request, ReconfigResult::kPerformed);
  peer.SendReset(kFirst, peer.last_tsn(), {StreamId(1)});
  EXPECT_THAT(end.closed(), ElementsAre(StreamId(1)));
}

TEST_F(StreamResetTest, APeerThatNeverAnswersIsGone) {
  peer.Connect();
  OpenChannel(StreamId(1));
  end.channels().Close(peer.now, StreamId(1));
  peer.TakePackets();
  peer.Wait(seconds(60));
  ASSERT_TRUE(end.failed());
  EXPECT_EQ(end.failed()->code(), StatusCode::kTimeout);
}

TEST_F(StreamResetTest, AChannelClosesAlsoWhenThePeerRefuses) {
  for (const ReconfigResult result :
       {ReconfigResult::kDenied, ReconfigResult::kWrongSsn, ReconfigResult::kBadSequenceNumber,
        static_cast<ReconfigResult>(99)}) {
    ChannelEnd other(9);
    RawPeer stubborn(other);
    stubborn.Connect();
    ChannelOptions options;
    options.negotiated = ChannelId(1);
    ASSERT_TRUE(other.channels().Open(stubborn.now, options).ok());
    other.channels().Close(stubborn.now, ChannelId(1));
    stubborn.Take<ReconfigChunk>();
    stubborn.Send(
        ReconfigChunk{ReconfigResponse{ReconfigSequence(stubborn.local_initial_tsn().value()),
                                       result, std::nullopt},
                      std::nullopt});
    EXPECT_THAT(other.closed(), ElementsAre(ChannelId(1)));
    EXPECT_FALSE(other.failed());
  }
}

TEST_F(StreamResetTest, AChannelClosesAlsoWhenThePeerCannotReset) {
  peer.extensions.reconfig = false;
  peer.Connect();
  OpenChannel(StreamId(1));
  end.channels().Close(peer.now, StreamId(1));
  EXPECT_THAT(Requests(), IsEmpty());
  end.Poll();
  EXPECT_THAT(end.closed(), ElementsAre(StreamId(1)));
}

// One request at a time (RFC 6525 section 5.1.1), of many streams.
TEST_F(StreamResetTest, ResetsManyChannelsInFewRequests) {
  peer.Connect();
  ChannelOptions options;
  for (uint16_t id = 0; id < 60; ++id) {
    options.negotiated = ChannelId(id);
    ASSERT_TRUE(end.channels().Open(peer.now, options).ok());
  }
  for (uint16_t id = 0; id < 60; ++id) end.channels().Close(peer.now, ChannelId(id));
  size_t reset = 0;
  for (int round = 0; round < 2; ++round) {
    const auto requests = Requests();
    ASSERT_THAT(requests, SizeIs(1));
    reset += requests[0].streams.size();
    Respond(requests[0].request, ReconfigResult::kPerformed);
  }
  EXPECT_EQ(reset, 60u);
  EXPECT_THAT(Requests(), IsEmpty());
}

}  // namespace
}  // namespace ocellus::sctp
