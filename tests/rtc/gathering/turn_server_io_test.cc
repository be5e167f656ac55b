// SPDX-License-Identifier: Apache-2.0
// What goes between a TurnServer and the server: streams, and packets through the relay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/rtc/gathering/turn_server.h"
#include "tests/rtc/gathering/allocation_counter.h"
#include "tests/rtc/gathering/turn_network.h"

namespace ocellus::gathering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// --- Over streams --------------------------------------------------------------------------------

// A connection to the simulated server: each message of the stream is a datagram to it.
class StreamTest : public TurnNetwork {
 protected:
  explicit StreamTest(const char* url = "turn:192.0.2.1?transport=tcp")
      : camera_(network_, With({url}), {kInside}, &nat_) {}

  // The last command, if it was to open a stream.
  std::optional<StreamOpen> LastOpen() const {
    if (camera_.commands.empty()) return std::nullopt;
    const auto* open = std::get_if<StreamOpen>(&camera_.commands.back());
    if (open == nullptr) return std::nullopt;
    return *open;
  }
  void Open() {
    network_.RunFor(Duration(0));
    ASSERT_TRUE(LastOpen());
    stream_ = LastOpen()->id;
    camera_.gatherer.HandleStreamOpened(network_.now(), stream_);
  }
  // Carries what was written, and the answers in pieces of `cut` bytes.
  void Carry(size_t cut = 1500) {
    for (int i = 0; i < 20; ++i) {
      network_.RunFor(Duration(0));
      const auto written = std::exchange(camera_.written[stream_], {});
      for (const std::vector<uint8_t>& message : written)
        Serve(client_, server_.address(), message);
      const std::vector<uint8_t> stream = std::exchange(to_camera_, {});
      if (written.empty() && stream.empty()) return;
      for (size_t at = 0; at < stream.size(); at += cut) {
        Receive(Bytes(stream).subspan(at, std::min(cut, stream.size() - at)));
      }
    }
  }
  // The server gets a datagram, and what it sends to the camera joins the stream.
  void Serve(const SocketAddress& from, const SocketAddress& to, std::vector<uint8_t> datagram) {
    server_.HandleDatagram(network_.now(), {to, from, datagram});
    uint8_t out[kMaxReceivedDatagramSize];
    while (const auto transmit = server_.PollTransmit(network_.now(), out)) {
      if (transmit->remote != client_) continue;
      to_camera_.insert(to_camera_.end(), out, out + transmit->size);
      to_camera_.resize((to_camera_.size() + 3) / 4 * 4);  // RFC 8656 section 12.5.
    }
  }
  void Receive(Bytes bytes) {
    const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
    camera_.gatherer.HandleStreamData(network_.now(), stream_, copy);
    while (const auto in = camera_.gatherer.PollStreamDatagram()) {
      EXPECT_EQ(in->local, camera_.relayed());
      heard_.push_back(std::string(AsText(in->payload)));
    }
  }
  // A packet of a viewer to our relayed address.
  void ViewerSays(const std::string& text) {
    Serve(viewer_.address(), camera_.relayed().value(), {text.begin(), text.end()});
  }

  GathererNode camera_;
  StreamId stream_;
  SocketAddress client_ = At("203.0.113.5:33000");  // Where the server sees the connection from.
  std::vector<uint8_t> to_camera_;
  std::vector<std::string> heard_;
};

TEST_F(StreamTest, OpensAStreamAndAllocatesThroughIt) {
  Open();
  EXPECT_EQ(LastOpen()->server, At("192.0.2.1:3478"));
  EXPECT_EQ(LastOpen()->tls_name, "");
  EXPECT_FALSE(camera_.relayed());
  Carry();
  ASSERT_TRUE(camera_.relayed());
  // How the server sees the connection says nothing about the media port.
  EXPECT_FALSE(camera_.mapped());
  EXPECT_EQ(camera_.gatherer.candidates().size(), 3u);  // It relays for both families.
}

TEST_F(StreamTest, TakesTheStreamInAnyCut) {
  for (const size_t cut : {1u, 3u, 7u, 1500u}) {
    GathererNode& camera = camera_;
    if (!camera.relayed()) {
      Open();
      Carry(cut);
      ASSERT_TRUE(camera.relayed());
    }
    ASSERT_TRUE(camera.Say(*camera.relayed(), viewer_.address(), "hello"));
    Carry(cut);
    for (const char* text : {"one", "and two"}) ViewerSays(text);
    Carry(cut);
  }
  EXPECT_EQ(heard_.size(), 8u);
  EXPECT_EQ(heard_[0], "one");
  EXPECT_EQ(heard_[7], "and two");
}

// As TLS delivers them: several records of one segment.
TEST_F(StreamTest, TakesSeveralPiecesBeforeItIsPolled) {
  Open();
  Carry();
  ASSERT_TRUE(camera_.Say(camera_.relayed().value(), viewer_.address(), "hello"));
  Carry();
  for (const char* text : {"one", "two", "three"}) ViewerSays(text);
  const std::vector<uint8_t> stream = std::exchange(to_camera_, {});
  for (const uint8_t byte : stream) {
    camera_.gatherer.HandleStreamData(network_.now(), stream_, Bytes(&byte, 1));
  }
  Receive({});
  EXPECT_THAT(heard_, ElementsAre("one", "two", "three"));
}

TEST_F(StreamTest, BoundsWhatIsNotPolled) {
  Open();
  Carry();
  const std::vector<uint8_t> data(kMaxTurnStreamData / 2);
  for (int i = 0; i < 2; ++i) {
    camera_.gatherer.HandleStreamData(network_.now(), stream_, data);
    EXPECT_TRUE(camera_.relayed());
  }
  camera_.gatherer.HandleStreamData(network_.now(), stream_, data);
  EXPECT_FALSE(camera_.relayed());
}

TEST_F(StreamTest, AClosedStreamIsAnotherOneASecondLater) {
  Open();
  Carry();
  ASSERT_TRUE(camera_.relayed());
  camera_.gatherer.TakeChanged();
  camera_.gatherer.HandleStreamClosed(network_.now(), stream_,
                                      Status(StatusCode::kUnavailable, "reset by peer"));
  EXPECT_FALSE(camera_.relayed());
  EXPECT_TRUE(camera_.gatherer.TakeChanged());
  EXPECT_EQ(camera_.gatherer.servers()[0].error, "the connection is closed: reset by peer");
  const StreamId before = stream_;
  network_.RunFor(seconds(1));
  client_.port++;
  Open();
  EXPECT_NE(stream_, before);
  Carry();
  EXPECT_TRUE(camera_.relayed());
  // Nobody closes what is closed.
  EXPECT_EQ(camera_.commands.size(), 2u);
}

TEST_F(StreamTest, AConnectionThatDoesNotComeAboutIsGivenUp) {
  network_.RunFor(seconds(12));
  ASSERT_GE(camera_.commands.size(), 3u);
  const auto first = std::get<StreamOpen>(camera_.commands[0]).id;
  EXPECT_EQ(std::get<StreamClose>(camera_.commands[1]).id, first);
  EXPECT_NE(std::get<StreamOpen>(camera_.commands[2]).id, first);
  EXPECT_THAT(camera_.gatherer.servers()[0].error, HasSubstr("no connection"));
}

TEST_F(StreamTest, AServerThatSpeaksAnotherProtocolIsClosed) {
  Open();
  network_.RunFor(milliseconds(50));
  Receive(AsBytes("\xFFHTTP/1.1 400 Bad Request\r\n\r\n"));
  network_.RunFor(Duration(0));
  ASSERT_TRUE(std::get_if<StreamClose>(&camera_.commands.back()));
  EXPECT_THAT(camera_.gatherer.servers()[0].error, HasSubstr("not TURN"));
}

TEST_F(StreamTest, AServerThatSpeaksAnotherProtocolAtTheEndIsNotHeard) {
  Open();
  Carry();
  ASSERT_TRUE(camera_.relayed());
  camera_.gatherer.Close(network_.now());
  for (int i = 0; i < 3; ++i) Receive(AsBytes("\xFFHTTP/1.1 400 Bad Request\r\n\r\n"));
  network_.RunFor(seconds(3));
  ASSERT_TRUE(std::get_if<StreamClose>(&camera_.commands.back()));
  EXPECT_EQ(camera_.gatherer.next_deadline(), kNever);
}

TEST_F(StreamTest, NewsOfOtherStreamsAreIgnored) {
  Open();
  Carry();
  const StreamId other(stream_.value() + 100);
  camera_.gatherer.HandleStreamOpened(network_.now(), other);
  camera_.gatherer.HandleStreamData(network_.now(), other, AsBytes("x"));
  camera_.gatherer.HandleStreamClosed(network_.now(), other, StatusCode::kUnavailable);
  EXPECT_TRUE(camera_.relayed());
}

// Checklist 11.
TEST_F(StreamTest, CloseGivesTheAllocationBackAndClosesTheStream) {
  Open();
  Carry();
  ASSERT_TRUE(camera_.relayed());
  camera_.gatherer.Close(network_.now());
  Carry();
  EXPECT_EQ(server_.stats().deletions, 1u);
  network_.RunFor(seconds(3));
  ASSERT_TRUE(std::get_if<StreamClose>(&camera_.commands.back()));
  EXPECT_EQ(camera_.gatherer.next_deadline(), kNever);
}

class TlsStreamTest : public StreamTest {
 protected:
  TlsStreamTest() : StreamTest("turns:turn.example.org:443") {}
};

TEST_F(TlsStreamTest, NamesWhomTheCertificateMustBeFor) {
  camera_.names["turn.example.org"] = {At("192.0.2.1:0").ip};
  network_.RunFor(seconds(2));
  ASSERT_TRUE(LastOpen());
  EXPECT_EQ(LastOpen()->tls_name, "turn.example.org");
  EXPECT_EQ(LastOpen()->server, At("192.0.2.1:443"));
}

// --- The packet path -----------------------------------------------------------------------------

using PacketPathTest = TurnNetwork;

TEST_F(PacketPathTest, AllocatesNothing) {
  GathererNode camera(network_, With({"turn:192.0.2.1"}), {kInside}, &nat_);
  Stream(camera, seconds(10));  // Permission and channel are there by then.
  const Transmit inner{camera.relayed().value(), viewer_.address(), 1000};
  std::vector<uint8_t> packet(kMaxTransmitSize);
  const Time now = network_.now();
  const size_t before = AllocationsSoFar();
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(camera.gatherer.PrepareRelay(now, inner));
    const auto outgoing = camera.gatherer.Relay(now, inner, packet);
    ASSERT_TRUE(outgoing);
    // ChannelData looks the same in both directions.
    Datagram in{kInside, server_.address(), MutableBytes(packet).first(outgoing->transmit.size)};
    ASSERT_EQ(camera.gatherer.HandleDatagram(now, in), Gatherer::Verdict::kRelayed);
    ASSERT_EQ(in.payload.size(), 1000u);
    Datagram media{kInside, viewer_.address(), packet};
    ASSERT_EQ(camera.gatherer.HandleDatagram(now, media), Gatherer::Verdict::kNotOurs);
    static_cast<void>(camera.gatherer.next_deadline());
  }
  EXPECT_EQ(AllocationsSoFar(), before);
}

}  // namespace
}  // namespace ocellus::gathering
