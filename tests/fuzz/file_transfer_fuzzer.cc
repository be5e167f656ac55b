// SPDX-License-Identifier: Apache-2.0
// File transfers under any sequence of texts, bytes, answers of the disk, room and time, by clients
// of each role. No file gets its name without the hash that was announced, and nothing stays open.
#include <cstring>
#include <string>
#include <vector>

#include "firmware/base/byte_reader.h"
#include "firmware/base/limits.h"
#include "firmware/control/file_transfers.h"
#include "tests/hal/fake_file_store.h"

namespace ocellus::control {
namespace {

constexpr size_t kChannels = 4;
constexpr auth::Role kRoles[] = {auth::Role::kAdmin, auth::Role::kAdmin, auth::Role::kOperator,
                                 auth::Role::kViewer};

// What all files are made of: "abc", `count` times.
std::vector<uint8_t> Content(size_t count) {
  static const std::vector<uint8_t> all = [] {
    std::vector<uint8_t> bytes(3 * 50'000);
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>('a' + i % 3);
    return bytes;
  }();
  CHECK(3 * count <= all.size(), "%zu times abc", count);
  return {all.data(), all.data() + 3 * count};
}

class World {
 public:
  World() {
    store_.Put("recordings", "r.mp4", Content(50'000));
    CHECK(library_.AddSnapshot(Ticket(1), "s", Content(1'000), 1).ok(), "no snapshot%s", "");
    for (size_t i = 0; i < kChannels; ++i) ids_.push_back(transfers_.Open(now_, kRoles[i]));
  }

  void Run(ByteReader script) {
    while (script.ok() && script.remaining() > 0) {
      const uint8_t step = script.ReadU8();
      Step(step & 15, ids_[(step >> 4) % kChannels], script);
      transfers_.HandleStore(now_);
      while (const auto finished = transfers_.PollFinished()) Reopen(*finished);
    }
    for (const TransferId id : ids_) transfers_.HandleClosed(id);
    store_.Work();
    while (store_.PollCompletion()) {
    }
    CHECK(transfers_.count() == 0, "%zu transfers are left", transfers_.count());
    CHECK(store_.open_files() == 0, "%zu files are open", store_.open_files());
  }

 private:
  void Step(unsigned kind, TransferId id, ByteReader& script) {
    switch (kind) {
      case 0:  // A text as it comes.
        transfers_.HandleText(now_, id, AsText(ReadSome(script)));
        break;
      case 1:  // Bytes as they come.
        transfers_.HandleBinary(now_, id, ReadSome(script));
        break;
      case 2:
        SayPut(id, script.ReadU8(), script.ReadU8());
        break;
      case 3:
        SayGet(id, script.ReadU8(), script.ReadU16());
        break;
      case 4: {  // Many bytes, of an upload that was announced.
        const std::vector<uint8_t> content = Content(kFileMessageSize / 3);
        for (unsigned count = script.ReadU8(); count > 0; --count) {
          transfers_.HandleBinary(now_, id, content);
        }
        break;
      }
      case 5:
        PollAll(id, size_t{script.ReadU8()} * 256);
        break;
      case 6:
        store_.Work(script.ReadU8());
        break;
      case 7:
        store_.is_slow = !store_.is_slow;
        break;
      case 8:
        now_ += std::chrono::seconds(script.ReadU8());
        if (transfers_.next_deadline() <= now_) transfers_.HandleTimeout(now_);
        break;
      case 9:
        transfers_.HandleClosed(id);
        Reopen(id);
        break;
      case 10:
        store_.free_bytes = size_t{script.ReadU16()} * 16;
        break;
      case 11:
        store_.commit_status =
            script.ReadU8() & 1 ? Status(StatusCode::kInternal, "broken") : Status();
        break;
      default:
        transfers_.HandleText(now_, id,
                              kind & 1 ? R"({"type":"cancel"})" : R"({"type":"received"})");
    }
  }

  static Bytes ReadSome(ByteReader& script) {
    const size_t size = script.ReadU8();
    return script.ReadBytes(std::min(size, script.remaining()));
  }

  // An upload of "abc" so many times, with the right hash or without.
  void SayPut(TransferId id, uint8_t count, uint8_t flags) {
    const std::vector<uint8_t> content = Content(size_t{count} << (flags & 7));
    crypto::Sha256Digest digest = crypto::Sha256(content);
    if (flags & 0x80) digest[0] ^= 1;
    transfers_.HandleText(
        now_, id,
        Format(R"({"type":"put","area":"firmware","name":"%c","size":%zu,"sha256":"%s"})",
               'a' + (flags >> 3 & 1), content.size(), crypto::ToHex(digest).c_str()));
  }
  void SayGet(TransferId id, uint8_t which, uint16_t offset) {
    static constexpr const char* kPlaces[] = {
        R"("area":"recordings","name":"r.mp4")", R"("area":"snapshots","name":"s.jpg")",
        R"("area":"firmware","name":"a")", R"("area":"firmware","name":"missing")"};
    transfers_.HandleText(now_, id,
                          Format(R"({"type":"get",%s,"offset":%u})", kPlaces[which % 4], offset));
  }

  void PollAll(TransferId id, size_t room) {
    while (const auto message = transfers_.PollMessage(now_, id, room)) {
      CHECK(message->payload.size() <= room, "%zu bytes for a room of %zu", message->payload.size(),
            room);
      room -= message->payload.size();
    }
  }

  void Reopen(TransferId closed) {
    for (size_t i = 0; i < kChannels; ++i) {
      if (ids_[i] == closed) ids_[i] = transfers_.Open(now_, kRoles[i]);
    }
    for (const char* name : {"a", "b"}) {
      const std::vector<uint8_t>* stored = store_.Find("firmware", name);
      if (stored == nullptr) continue;
      CHECK(*stored == Content(stored->size() / 3), "%s is not what was announced", name);
    }
  }

  Time now_{};
  hal::FakeFileStore store_;
  FileLibrary library_{&store_};
  FileTransfers transfers_{library_};
  std::vector<TransferId> ids_;
};

}  // namespace
}  // namespace ocellus::control

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::control::World().Run(ocellus::ByteReader({data, size}));
  return 0;
}
