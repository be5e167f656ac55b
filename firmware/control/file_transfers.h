// SPDX-License-Identifier: Apache-2.0
// File transfers, ocellus.file.v1: each has a data channel of its own, reliable and ordered, with
// JSON in text messages and the bytes of the file in binary ones (docs/control.md).
//
//   download  > {"type":"get","area","name","offset"}   < {"type":"offer","name","size","offset"}
//             < bytes ...                               < {"type":"end","sha256"}
//             > {"type":"received"}
//   upload    > {"type":"put","area","name","size","sha256"}   < {"type":"accept","offset"}
//             > bytes ...  < {"type":"progress","offset"} ...   < {"type":"done","sha256"}
//   both      > {"type":"cancel"}   < {"type":"error","code","message"}
//
// Does not know channels: the app hands messages in, and takes as many out as the channel has room
// for. Nothing calls back. io thread only. Owned by the app.
//
//   TransferId id = transfers.Open(now, role);               // a channel "file" has opened
//   transfers.HandleText(now, id, text);  HandleBinary(...)   // its messages
//   transfers.HandleStore(now);                               // each turn
//   while (auto message = transfers.PollMessage(now, id, room)) channels.Send(...);
//   while (auto over = transfers.PollFinished()) channels.Close(...);
//
// Invariants:
//   1. A transfer that is over is named by PollFinished once, when its last message was taken or
//      kIdleTimeout was too short for that, and is unknown from then on; never after HandleClosed.
//   2. A file gets its name only when its size and its SHA-256 are what was announced.
//   3. An upload has at most kFileUploadWindow bytes in memory, a download two blocks.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "firmware/auth/role.h"
#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"
#include "firmware/base/strong_id.h"
#include "firmware/base/time.h"
#include "firmware/control/file_conversation.h"
#include "firmware/control/file_library.h"
#include "firmware/control/file_work.h"

namespace ocellus::control {

using TransferId = StrongId<struct TransferIdTag, uint64_t>;

struct FileMessage {
  enum class Kind : uint8_t { kText, kBinary };

  Kind kind = Kind::kText;
  Bytes payload;  // Borrowed until the next call of FileTransfers.
};

class FileUpload;

class FileTransfers {
 public:
  // Label and protocol of the data channel; it must be reliable and ordered.
  static constexpr std::string_view kChannelLabel = "file";
  static constexpr std::string_view kChannelProtocol = "ocellus.file.v1";

  // How long we wait for the client: its request, its next bytes, that it takes ours.
  static constexpr Duration kIdleTimeout = std::chrono::seconds(30);

  // `library` must outlive this.
  explicit FileTransfers(FileLibrary& library) : library_(library) {}

  // A channel for files has opened. The owner bounds their number. Of those that have asked for a
  // file, at most kMaxFileTransfers go on; more are told so and over. `max_message_size`, in bytes,
  // is what the client takes: of a file it gets no more in one message.
  TransferId Open(Time now, auth::Role role, size_t max_message_size = kFileMessageSize);
  // One message of its client; borrowed. Unknown transfers (those that are over) are ignored.
  void HandleText(Time now, TransferId id, std::string_view text);
  void HandleBinary(Time now, TransferId id, Bytes payload);
  // The channel has gone, by whomever. What came of an upload is kept, for the client to go on.
  void HandleClosed(TransferId id);

  // Takes what the disk has done, and does a bounded step of other work. Each turn of the io
  // thread, before PollMessage.
  void HandleStore(Time now);

  // The next message of the transfer, if it has at most `room` bytes. The room is what the channel
  // buffers less than kFileTransferWindow, and what Send surely takes: with more, other channels
  // would wait longer.
  std::optional<FileMessage> PollMessage(Time now, TransferId id, size_t room);
  // A transfer that is over: close its channel, which delivers what is buffered.
  std::optional<TransferId> PollFinished();

  void HandleTimeout(Time now);
  // Also the time for HandleStore, when there is work left of the turn before.
  Time next_deadline() const;

  size_t count() const { return transfers_.size(); }

 private:
  struct Transfer {
    auth::Role role = auth::Role::kViewer;
    size_t max_message_size = kFileMessageSize;
    FileConversation conversation;
    std::unique_ptr<FileWork> work;      // Once the client has said what it wants.
    const FileUpload* upload = nullptr;  // That, where it is one.
    Time last_sign{};                    // When the client or the disk last did something.
  };

  Transfer* Find(TransferId id);
  void Begin(Transfer& transfer, const FileClientMessage& request);
  // Errors: kPermissionDenied, kUnsupported, kResourceExhausted (too many transfers).
  Status CheckRequest(const Transfer& transfer, FileArea area, FileAccess access) const;
  // Starts an upload, in place of one of the same name that is under way: mostly that is the same
  // client's, whose connection has broken and who goes on.
  void BeginUpload(Transfer& transfer, const FilePut& put);
  // Closes its file, and says why if nothing has been said.
  static void Stop(Transfer& transfer, const Status& why);
  // When the transfer has waited for the client for too long; kNever while it waits for the disk.
  Time DeadlineOf(const Transfer& transfer) const;

  FileLibrary& library_;
  uint64_t next_id_ = 1;
  std::map<TransferId, Transfer> transfers_;  // As many as there are channels for files.
  bool store_has_more_ = false;               // The last HandleStore has left answers.
};

}  // namespace ocellus::control
