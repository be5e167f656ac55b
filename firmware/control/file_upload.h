// SPDX-License-Identifier: Apache-2.0
// A file on its way from a client to the disk. It goes on where an earlier attempt has ended, and
// gets its name when all of it is there with the SHA-256 that was announced. io thread only. Owned
// by FileTransfers. Its destructor keeps what has come, for the next attempt.
//
//   kOpening -> kHashing what is there -> kReceiving -> kCommitting
//
// Invariants:
//   1. written_ + writing_ + pending_.size() == received_ <= size, while kReceiving.
//   2. received_ <= told_ + kFileUploadWindow.
//   3. Whatever ends it but a commit or its destruction has discarded the file.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "firmware/control/file_conversation.h"
#include "firmware/control/file_library.h"
#include "firmware/control/file_work.h"

namespace ocellus::control {

class FileUpload final : public FileWork {
 public:
  // Both must outlive this. Whether the client may write there is checked already.
  FileUpload(FileLibrary& library, FileConversation& conversation, FilePut put);
  ~FileUpload() override;
  FileUpload(const FileUpload&) = delete;
  FileUpload& operator=(const FileUpload&) = delete;

  const FilePut& put() const { return put_; }
  // Its file has all of its bytes and is getting its name: it cannot be stopped any more.
  bool is_committing() const { return state_ == State::kCommitting; }

  std::optional<hal::FileRequestId> awaited() const override { return awaited_; }
  void HandleCompletion(hal::FileCompletion completion) override;
  void HandleText(const FileClientMessage& message) override;
  void HandleBinary(Bytes payload) override;
  std::optional<Bytes> PollBytes(size_t) override { return std::nullopt; }
  bool waits_for_client() const override { return state_ == State::kReceiving && !awaited_; }

 private:
  enum class State : uint8_t { kOpening, kHashing, kReceiving, kCommitting };

  void HandleOpened(const hal::FileCompletion& completion);
  void HandleBlock(const hal::FileCompletion& completion);
  void HandleWritten();
  void HashOn();
  void Accept();
  void WriteOn();
  void Verify();
  // Why this message cannot be taken.
  Status CheckBytes(Bytes payload) const;
  // Discards the file and says why.
  void Fail(const Status& status);
  void Discard();

  FileLibrary& library_;
  FileConversation& conversation_;
  const FilePut put_;
  State state_ = State::kOpening;
  std::optional<hal::FileHandle> file_;
  std::optional<hal::FileRequestId> awaited_;
  uint64_t there_ = 0;            // Bytes of an earlier attempt.
  uint64_t received_ = 0;         // Bytes that are hashed.
  uint64_t written_ = 0;          // Bytes on the disk.
  uint64_t told_ = 0;             // And those of them that the client knows about.
  size_t writing_ = 0;            // Bytes that the disk has been given.
  std::vector<uint8_t> pending_;  // Bytes that it gets next.
  crypto::Sha256Hasher hasher_;
};

}  // namespace ocellus::control
