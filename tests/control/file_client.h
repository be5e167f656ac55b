// SPDX-License-Identifier: Apache-2.0
// A camera with files and without a network: the clients of its file transfers are function calls.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "firmware/base/limits.h"
#include "firmware/control/file_transfers.h"
#include "firmware/json/json.h"
#include "tests/hal/fake_file_store.h"

namespace ocellus::control {

using FileContent = std::vector<uint8_t>;

// Bytes that differ from block to block.
inline FileContent MakeContent(size_t size, unsigned seed = 1) {
  FileContent content(size);
  uint32_t state = seed;
  for (uint8_t& byte : content) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>(state >> 24);
  }
  return content;
}

inline std::string HashOf(const FileContent& content) {
  return crypto::ToHex(crypto::Sha256(content));
}

class FileTransferTest : public testing::Test {
 protected:
  TransferId OpenAs(auth::Role role) { return transfers.Open(now, role); }

  // The client says something; double quotes are written as single ones.
  void Say(TransferId id, std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    transfers.HandleText(now, id, text);
  }
  void SayPut(TransferId id, const std::string& name, const FileContent& content) {
    Say(id, Format("{'type':'put','area':'firmware','name':'%s','size':%zu,'sha256':'%s'}",
                   name.c_str(), content.size(), HashOf(content).c_str()));
  }
  void SayGet(TransferId id, const std::string& area, const std::string& name, size_t offset = 0) {
    Say(id, Format("{'type':'get','area':'%s','name':'%s','offset':%zu}", area.c_str(),
                   name.c_str(), offset));
  }
  // The client sends content[begin, end) in messages as large as they may be.
  void Send(TransferId id, const FileContent& content, size_t begin, size_t end) {
    for (size_t at = begin; at < end;) {
      const size_t size = std::min(kFileMessageSize, end - at);
      transfers.HandleBinary(now, id, Bytes(content).subspan(at, size));
      at += size;
    }
  }

  // What the camera has for the client: texts, and the number of bytes after them.
  struct Reply {
    std::vector<std::string> texts;
    FileContent bytes;
  };
  // All of it, while the channel has `room` for each message; the disk works meanwhile.
  Reply Poll(TransferId id, size_t room = kFileTransferWindow) {
    Reply reply;
    for (bool more = true; more;) {
      transfers.HandleStore(now);
      more = transfers.next_deadline() <= now;
      while (const auto message = transfers.PollMessage(now, id, room)) {
        more = true;
        if (message->kind == FileMessage::Kind::kText) {
          reply.texts.emplace_back(AsText(message->payload));
        } else {
          EXPECT_LE(message->payload.size(), kFileMessageSize);
          reply.bytes.insert(reply.bytes.end(), message->payload.begin(), message->payload.end());
        }
      }
    }
    return reply;
  }
  // Its only text.
  std::string PollText(TransferId id) {
    const Reply reply = Poll(id);
    EXPECT_EQ(reply.texts.size(), 1u);
    EXPECT_TRUE(reply.bytes.empty());
    return reply.texts.empty() ? "" : reply.texts.front();
  }
  // Sends all of `content` from `begin` on, as fast as the camera's progress allows.
  std::string Upload(TransferId id, const FileContent& content, size_t begin = 0) {
    size_t told = begin;
    size_t sent = begin;
    while (true) {
      const size_t end = std::min(content.size(), told + kFileUploadWindow);
      Send(id, content, sent, end);
      sent = end;
      const Reply reply = Poll(id);
      if (reply.texts.empty()) return "";
      const auto parsed = json::Value::Parse(reply.texts.back());
      if (parsed->view()["type"].AsString() != "progress") return reply.texts.back();
      told = static_cast<size_t>(*parsed->view()["offset"].AsNumber());
    }
  }

  // Whether `id` is over, and nobody else.
  bool IsOver(TransferId id) {
    const auto finished = transfers.PollFinished();
    return finished == id && !transfers.PollFinished();
  }

  static int CodeOf(const std::string& text) {
    const auto parsed = json::Value::Parse(text);
    EXPECT_TRUE(parsed.ok() && parsed->view()["type"].AsString() == "error") << text;
    return static_cast<int>(parsed->view()["code"].AsNumber().value_or(0));
  }

  Time now{};
  hal::FakeFileStore store;
  FileLibrary library{&store};
  FileTransfers transfers{library};
};

}  // namespace ocellus::control
