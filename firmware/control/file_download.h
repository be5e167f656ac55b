// SPDX-License-Identifier: Apache-2.0
// A file on its way to a client: from memory (snapshots) or block by block from the disk, with the
// SHA-256 of all of it at the end, also when the client begins in its middle. io thread only. Owned
// by FileTransfers. Its destructor closes the file.
//
//   kOpening -> kSending -> kSent, after which the client says that it has everything
//
// Invariants:
//   1. offset <= sent_ <= size_ once it is open. The bytes from sent_ to read_, if that is more,
//      are in block_ and next_.
//   2. At most one request is awaited, and none once read_ is size_.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "firmware/control/file_conversation.h"
#include "firmware/control/file_library.h"
#include "firmware/control/file_work.h"

namespace ocellus::control {

class FileDownload final : public FileWork {
 public:
  // Both must outlive this. Whether the client may read there is checked already. It gets at most
  // `max_message_size` bytes in one message.
  FileDownload(FileLibrary& library, FileConversation& conversation, FileGet get,
               size_t max_message_size);
  ~FileDownload() override;
  FileDownload(const FileDownload&) = delete;
  FileDownload& operator=(const FileDownload&) = delete;

  std::optional<hal::FileRequestId> awaited() const override { return awaited_; }
  void HandleCompletion(hal::FileCompletion completion) override;
  void HandleText(const FileClientMessage& message) override;
  void HandleBinary(Bytes payload) override;
  std::optional<Bytes> PollBytes(size_t room) override;
  bool waits_for_client() const override;

 private:
  enum class State : uint8_t { kOpening, kSending, kSent };

  void OpenSnapshot();
  void OpenStored();
  void HandleOpened(const hal::FileCompletion& completion);
  void HandleBlock(hal::FileCompletion completion);
  // The client learns what it gets. False when it cannot have it.
  bool Offer(const std::optional<crypto::Sha256Digest>& digest);
  // Reads ahead, and says the end when everything is sent.
  void GoOn();
  // How many bytes the next block has.
  size_t BytesToRead() const;
  // What can be sent now.
  Bytes Ready() const;

  FileLibrary& library_;
  FileConversation& conversation_;
  const FileGet get_;
  const size_t max_message_size_;
  State state_ = State::kOpening;
  uint64_t size_ = 0;  // Of the file, as it was opened.
  uint64_t sent_ = 0;  // Bytes from its beginning that the client has or was sent.
  uint64_t read_ = 0;  // Bytes from its beginning that are hashed.

  const Snapshot* snapshot_ = nullptr;  // Where the file is one; read_ is size_ then.
  std::optional<hal::FileHandle> file_;
  std::optional<hal::FileRequestId> awaited_;
  std::vector<uint8_t> block_;  // What is being sent, from block_sent_ on.
  size_t block_sent_ = 0;
  std::vector<uint8_t> next_;  // What comes after it; empty where it is not read yet.
  crypto::Sha256Hasher hasher_;
  crypto::Sha256Digest digest_{};  // Once read_ is size_.
};

}  // namespace ocellus::control
