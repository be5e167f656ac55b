// SPDX-License-Identifier: Apache-2.0
// One file on its way, once the client has said which: a download or an upload. It answers through
// its FileConversation and asks the disk through the FileLibrary, one request at a time. io thread
// only. Owned by FileTransfers, which hands it nothing more once the conversation has ended, and
// destroys it to stop it.
#pragma once

#include <optional>

#include "firmware/base/bytes.h"
#include "firmware/control/file_messages.h"
#include "hal/file_store.h"

namespace ocellus::control {

class FileWork {
 public:
  virtual ~FileWork() = default;

  // The request whose answer it waits for.
  virtual std::optional<hal::FileRequestId> awaited() const = 0;
  // The answer to that.
  virtual void HandleCompletion(hal::FileCompletion completion) = 0;

  // What the client says after its request; another request is an error.
  virtual void HandleText(const FileClientMessage& message) = 0;
  virtual void HandleBinary(Bytes payload) = 0;
  // The next bytes for the client, at most `room`; borrowed until the next call.
  virtual std::optional<Bytes> PollBytes(size_t room) = 0;

  // Whether it is the client's turn: to send, or to take what there is. Else the disk is at work,
  // for as long as that takes.
  virtual bool waits_for_client() const = 0;
};

}  // namespace ocellus::control
