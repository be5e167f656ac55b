// SPDX-License-Identifier: Apache-2.0
// Files of the camera through a whole call: FileTransfers at one end, a client as the page is at
// the other, and a bad network between them.
#include <gtest/gtest.h>

#include <algorithm>

#include "firmware/base/limits.h"
#include "firmware/control/file_transfers.h"
#include "firmware/json/json.h"
#include "tests/hal/fake_file_store.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMiB = 1024 * 1024;

// The app's part: hands channels to FileTransfers, and what those have to say to the channels.
class FileServer : public ChannelUser {
 public:
  void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) override {
    if (const auto* opened = std::get_if<sctp::ChannelOpened>(&event)) {
      if (opened->options.label != control::FileTransfers::kChannelLabel) return;
      ids_[opened->id] = transfers_.Open(now, auth::Role::kAdmin);
      peer.channels()->SetBufferedAmountLowThreshold(opened->id, kFileTransferWindow / 2);
    } else if (const auto* message = std::get_if<sctp::ChannelMessage>(&event)) {
      if (ids_.count(message->id) == 0) return;
      if (message->kind == sctp::MessageKind::kString) {
        transfers_.HandleText(now, ids_[message->id], AsText(Bytes(message->payload)));
      } else {
        transfers_.HandleBinary(now, ids_[message->id], message->payload);
      }
    } else if (const auto* closed = std::get_if<sctp::ChannelClosed>(&event)) {
      if (ids_.count(closed->id) == 0) return;
      transfers_.HandleClosed(ids_[closed->id]);
      ids_.erase(closed->id);
    }
    Pump(now, peer);
  }

  hal::FakeFileStore store;

 private:
  void Pump(Time now, peer::Peer& peer) {
    for (bool more = true; more;) {
      transfers_.HandleStore(now);
      more = transfers_.next_deadline() <= now;
      for (const auto& [channel, id] : ids_) more = Send(now, peer, channel, id) || more;
    }
    while (const auto finished = transfers_.PollFinished()) {
      for (const auto& [channel, id] : ids_) {
        if (id == *finished) peer.channels()->Close(now, channel);
      }
    }
  }

  // Whether there was something.
  bool Send(Time now, peer::Peer& peer, sctp::ChannelId channel, control::TransferId id) {
    const size_t buffered = peer.channels()->buffered_amount(channel);
    const size_t room = kFileTransferWindow - std::min(buffered, kFileTransferWindow);
    const auto message = transfers_.PollMessage(now, id, room);
    if (!message) return false;
    const auto kind = message->kind == control::FileMessage::Kind::kText
                          ? sctp::MessageKind::kString
                          : sctp::MessageKind::kBinary;
    const Status sent = peer.channels()->Send(now, channel, kind, message->payload);
    CHECK(sent.ok(), "file: %s", sent.ToString().c_str());
    return true;
  }

  control::FileLibrary library_{&store};
  control::FileTransfers transfers_{library_};
  std::map<sctp::ChannelId, control::TransferId> ids_;
};

// A client of one file, which it fetches or sends.
class FileClient : public ChannelUser {
 public:
  void Open(Time now, peer::Peer& peer, std::string request) {
    request_ = std::move(request);
    sctp::ChannelOptions options;
    options.label = control::FileTransfers::kChannelLabel;
    options.protocol = control::FileTransfers::kChannelProtocol;
    const auto id = peer.channels()->Open(now, options);
    CHECK(id.ok(), "channel: %s", id.status().ToString().c_str());
    id_ = *id;
    peer.channels()->SetBufferedAmountLowThreshold(*id_, kFileTransferWindow / 2);
  }

  void HandleChannelEvent(Time now, peer::Peer& peer, const peer::Event& event) override {
    const auto* opened = std::get_if<sctp::ChannelOpened>(&event);
    const auto* message = std::get_if<sctp::ChannelMessage>(&event);
    if (opened != nullptr && opened->id == id_) Say(now, peer, request_);
    if (message != nullptr && message->id == id_) HandleMessage(now, peer, *message);
    if (offset) SendOn(now, peer);
  }

  const std::vector<uint8_t>* upload = nullptr;
  std::vector<uint8_t> received;
  std::optional<size_t> offset;  // Of an upload: what the camera has told.
  std::string last_text;
  std::string hash;  // Once the camera has said the end.

 private:
  void Say(Time now, peer::Peer& peer, const std::string& text) {
    CHECK(peer.channels()->Send(now, *id_, sctp::MessageKind::kString, AsBytes(text)).ok(),
          "cannot say %s", text.c_str());
  }

  void HandleMessage(Time now, peer::Peer& peer, const sctp::ChannelMessage& message) {
    if (message.kind == sctp::MessageKind::kBinary) {
      received.insert(received.end(), message.payload.begin(), message.payload.end());
      return;
    }
    last_text = std::string(AsText(Bytes(message.payload)));
    const auto parsed = json::Value::Parse(last_text);
    const std::string_view type = parsed->view()["type"].AsString().value_or("");
    if (type == "accept" || type == "progress") {
      offset = static_cast<size_t>(*parsed->view()["offset"].AsNumber());
      sent_ = std::max(sent_, *offset);
    } else if (type == "end" || type == "done") {
      hash = *parsed->view()["sha256"].AsString();
    }
    if (type == "end") Say(now, peer, R"({"type":"received"})");
  }

  void SendOn(Time now, peer::Peer& peer) {
    const size_t end = std::min(upload->size(), *offset + kFileUploadWindow);
    while (sent_ < end && peer.channels()->buffered_amount(*id_) < kFileTransferWindow) {
      const Bytes message = Bytes(*upload).subspan(sent_, std::min(kFileMessageSize, end - sent_));
      CHECK(peer.channels()->Send(now, *id_, sctp::MessageKind::kBinary, message).ok(),
            "cannot send byte %zu", sent_);
      sent_ += message.size();
    }
  }

  std::optional<sctp::ChannelId> id_;
  std::string request_;
  size_t sent_ = 0;
};

std::vector<uint8_t> MakeContent(size_t size) {
  std::vector<uint8_t> content(size);
  uint32_t state = 1;
  for (uint8_t& byte : content) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return content;
}

std::string HashOf(const std::vector<uint8_t>& content) {
  return crypto::ToHex(crypto::Sha256(content));
}

class FileTransfer : public testing::Test {
 protected:
  void Connect(const PeerPairOptions& options) {
    pair_.emplace(options);
    pair_->camera().AddChannelUser(server_);
    pair_->viewer().AddChannelUser(client_);
    pair_->Negotiate();
    ASSERT_TRUE(pair_->RunUntilFirstPicture());
    pair_->network().RunFor(seconds(1));
  }
  bool RunUntilHash(Duration limit) {
    return pair_->network().RunUntilTrue([this] { return !client_.hash.empty(); }, limit);
  }
  // Pictures a second since `first`, and the longest time between two of them.
  void ExpectFullFrameRate(size_t first, Time start) {
    const auto& pictures = pair_->viewer().pictures();
    const double elapsed = ToSeconds(pair_->network().now() - start);
    Duration longest{};
    for (size_t i = first + 1; i < pictures.size(); ++i) {
      longest = std::max(longest, pictures[i].at - pictures[i - 1].at);
    }
    const size_t with_the_one_under_way = pictures.size() - first + 1;
    EXPECT_GE(static_cast<double>(with_the_one_under_way), 29.5 * elapsed);
    EXPECT_LE(longest, milliseconds(300));
  }

  FileServer server_;
  FileClient client_;
  std::optional<PeerPair> pair_;
};

PeerPairOptions LossyNetwork() {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(10);
  options.conditions.rate = DataRate::FromKilobitsPerSecond(100'000);
  options.conditions.loss = 0.05;  // Each way.
  return options;
}

TEST_F(FileTransfer, DownloadsAHundredMegabytesAtFivePercentLossWhileTheVideoKeepsItsRate) {
  const std::vector<uint8_t> content = MakeContent(100 * kMiB);
  server_.store.Put("recordings", "a.mp4", content);
  Connect(LossyNetwork());
  const Time start = pair_->network().now();
  const size_t first = pair_->viewer().pictures().size();
  client_.Open(start, pair_->viewer().peer(),
               R"({"type":"get","area":"recordings","name":"a.mp4","offset":0})");
  ASSERT_TRUE(RunUntilHash(seconds(120))) << client_.received.size() << " bytes";
  EXPECT_EQ(client_.hash, HashOf(content));
  EXPECT_TRUE(client_.received == content);
  ExpectFullFrameRate(first, start);
  RecordProperty("seconds", std::to_string(ToSeconds(pair_->network().now() - start)));
}

TEST_F(FileTransfer, UploadsAFileAtFivePercentLossWhileTheVideoKeepsItsRate) {
  const std::vector<uint8_t> content = MakeContent(20 * kMiB);
  client_.upload = &content;
  Connect(LossyNetwork());
  const Time start = pair_->network().now();
  const size_t first = pair_->viewer().pictures().size();
  client_.Open(start, pair_->viewer().peer(),
               Format(R"({"type":"put","area":"firmware","name":"a","size":%zu,"sha256":"%s"})",
                      content.size(), HashOf(content).c_str()));
  ASSERT_TRUE(RunUntilHash(seconds(60))) << client_.last_text;
  ASSERT_NE(server_.store.Find("firmware", "a"), nullptr);
  EXPECT_TRUE(*server_.store.Find("firmware", "a") == content);
  ExpectFullFrameRate(first, start);
}

}  // namespace
}  // namespace ocellus::sim
