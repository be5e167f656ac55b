// SPDX-License-Identifier: Apache-2.0
// What every hal::TcpTransport must do. A rig holds the transport and is its network: it makes the
// other ends, and waits where there is something to wait for.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "firmware/base/limits.h"
#include "hal/tcp_transport.h"

namespace ocellus::hal {

// The other end of one connection.
class TcpOtherEnd {
 public:
  virtual ~TcpOtherEnd() = default;
  virtual void Send(const std::string& bytes) = 0;
  // The next bytes, at most `size`; fewer when no more come for now.
  virtual std::string Receive(size_t size) = 0;
  virtual void Close() = 0;
};

class TcpRig {
 public:
  virtual ~TcpRig() = default;
  virtual TcpTransport& transport() = 0;
  // A stranger connects to the transport's port.
  virtual std::unique_ptr<TcpOtherEnd> Dial() = 0;
  // Where somebody listens, and where nobody does.
  virtual SocketAddress server() = 0;
  virtual SocketAddress nobody() = 0;
  // Takes the connection that was made to server().
  virtual std::unique_ptr<TcpOtherEnd> TakeAtServer() = 0;
  // Lets the network and its waiting do their work, until PollEvent may have something.
  virtual void Wait() = 0;
};

using MakeTcpRig = std::function<std::unique_ptr<TcpRig>()>;

class TcpConformance : public testing::TestWithParam<MakeTcpRig> {
 protected:
  TcpConformance() : rig_(GetParam()()), tcp_(rig_->transport()) {}

  // The next event, which must be a T.
  template <typename T>
  T Next() {
    for (int attempt = 0; attempt < 100; ++attempt) {
      if (std::optional<TcpEvent> event = tcp_.PollEvent()) {
        if (T* expected = std::get_if<T>(&*event)) return std::move(*expected);
        ADD_FAILURE() << "an event of kind " << event->index() << " instead";
        return {};
      }
      rig_->Wait();
    }
    ADD_FAILURE() << "no event";
    return {};
  }
  std::string Read(TcpConnectionId id, size_t size) {
    std::string bytes;
    while (bytes.size() < size && !HasFailure()) {
      const TcpData data = Next<TcpData>();
      EXPECT_EQ(data.id, id);
      EXPECT_FALSE(data.bytes.empty());
      bytes += AsText(data.bytes);
    }
    return bytes;
  }
  bool Send(TcpConnectionId id, const std::string& text) {
    return tcp_.Send(id, AsBytes(text), TcpRoom::kAll);
  }

  const std::unique_ptr<TcpRig> rig_;
  TcpTransport& tcp_;
};

TEST_P(TcpConformance, AcceptsAndCarriesBytesBothWays) {
  const auto viewer = rig_->Dial();
  const auto accepted = Next<TcpAccepted>();
  EXPECT_NE(accepted.id, 0u);
  EXPECT_EQ(accepted.local.port, tcp_.port());
  EXPECT_NE(accepted.remote.port, 0);
  viewer->Send("check");
  EXPECT_EQ(Read(accepted.id, 5), "check");
  EXPECT_TRUE(Send(accepted.id, "answer"));
  EXPECT_EQ(viewer->Receive(6), "answer");
}

TEST_P(TcpConformance, ConnectsAndCarriesBytesBothWays) {
  const TcpConnectionId id = tcp_.Connect(rig_->server());
  const auto connected = Next<TcpConnected>();
  EXPECT_EQ(connected.id, id);
  EXPECT_NE(connected.local.port, 0);
  const auto server = rig_->TakeAtServer();
  EXPECT_TRUE(Send(id, "Allocate"));
  EXPECT_EQ(server->Receive(8), "Allocate");
  server->Send("success");
  EXPECT_EQ(Read(id, 7), "success");
}

TEST_P(TcpConformance, TakesNothingBeforeItIsConnected) {
  const TcpConnectionId id = tcp_.Connect(rig_->server());
  EXPECT_FALSE(Send(id, "too early"));
  Next<TcpConnected>();
}

TEST_P(TcpConformance, SaysWhyAConnectionDidNotComeToBe) {
  const TcpConnectionId id = tcp_.Connect(rig_->nobody());
  const auto closed = Next<TcpClosed>();
  EXPECT_EQ(closed.id, id);
  EXPECT_EQ(closed.why.code(), StatusCode::kUnavailable);
  EXPECT_FALSE(closed.why.message().empty());
  EXPECT_FALSE(Send(id, "nobody there"));
}

TEST_P(TcpConformance, WhatCameBeforeTheEndComesBeforeTheEvent) {
  const auto viewer = rig_->Dial();
  const auto accepted = Next<TcpAccepted>();
  viewer->Send("last words");
  viewer->Close();
  EXPECT_EQ(Read(accepted.id, 10), "last words");
  const auto closed = Next<TcpClosed>();
  EXPECT_EQ(closed.id, accepted.id);
  EXPECT_FALSE(closed.why.ok());
  EXPECT_FALSE(Send(accepted.id, "nobody there"));
}

TEST_P(TcpConformance, OfWhatWasClosedHereNothingIsHeardAnyMore) {
  const auto viewer = rig_->Dial();
  const auto accepted = Next<TcpAccepted>();
  viewer->Send("too late");
  tcp_.Close(accepted.id);
  tcp_.Close(accepted.id);
  EXPECT_FALSE(Send(accepted.id, "too late"));
  rig_->Wait();
  EXPECT_FALSE(tcp_.PollEvent());
}

TEST_P(TcpConformance, IdsAreNotUsedAgain) {
  const auto first_viewer = rig_->Dial();
  const auto first = Next<TcpAccepted>();
  tcp_.Close(first.id);
  const auto second_viewer = rig_->Dial();
  const auto second = Next<TcpAccepted>();
  EXPECT_NE(first.id, second.id);
  EXPECT_FALSE(Send(first.id, "to the first"));
}

TEST_P(TcpConformance, ASendBufferIsBoundedAndTakesAllOrNothing) {
  const auto viewer = rig_->Dial();
  const auto accepted = Next<TcpAccepted>();
  const std::string packet(1000, 'v');
  size_t sent = 0;
  while (sent < 64 * 1024 * 1024 && Send(accepted.id, packet)) sent += packet.size();
  EXPECT_GE(sent, 50'000u) << "no room for a keyframe";
  EXPECT_LT(sent, 64u * 1024 * 1024);
  // What was taken arrives, and then there is room again.
  size_t received = 0;
  for (int attempt = 0; attempt < 1000 && received < sent; ++attempt) {
    received += viewer->Receive(sent - received).size();
    EXPECT_FALSE(tcp_.PollEvent());
    if (received < sent) rig_->Wait();
  }
  EXPECT_EQ(received, sent);
  EXPECT_TRUE(Send(accepted.id, "again"));
  EXPECT_EQ(viewer->Receive(5), "again");
}

TEST_P(TcpConformance, MediaLeavesRoomForWhatKeepsTheConnectionAlive) {
  const auto viewer = rig_->Dial();
  const auto accepted = Next<TcpAccepted>();
  const std::string packet(1000, 'v');
  size_t sent = 0;
  while (sent < 64 * 1024 * 1024 && tcp_.Send(accepted.id, AsBytes(packet), TcpRoom::kMedia)) {
    sent += packet.size();
  }
  EXPECT_FALSE(tcp_.Send(accepted.id, AsBytes(packet), TcpRoom::kMedia));
  EXPECT_TRUE(tcp_.Send(accepted.id, AsBytes(packet), TcpRoom::kAll));
}

TEST_P(TcpConformance, ANetworkChangeLeavesGoodConnectionsAlone) {
  const auto viewer = rig_->Dial();
  const auto accepted = Next<TcpAccepted>();
  tcp_.HandleNetworkChange();
  EXPECT_FALSE(tcp_.PollEvent());
  EXPECT_TRUE(Send(accepted.id, "still here"));
  EXPECT_EQ(viewer->Receive(10), "still here");
}

}  // namespace ocellus::hal
