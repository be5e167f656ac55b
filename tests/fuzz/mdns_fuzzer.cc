// SPDX-License-Identifier: Apache-2.0
// A resolver of .local names under any sequence of names, datagrams and time. Datagrams are taken
// as they are, and what can be read must read the same once written.
#include <array>

#include "firmware/base/byte_reader.h"
#include "firmware/rtc/mdns/resolver.h"

namespace ocellus::mdns {
namespace {

void CheckCopy(const Message& message) {
  // Compressed names grow: to 255 bytes for each of 256 records.
  static std::array<uint8_t, kMaxMdnsRecords * 300 + kMaxMdnsMessageSize> out;
  const Result<size_t> size = message.Write(out);
  CHECK(size.ok(), "%zu records do not fit", message.records.size());
  const Result<Message> copy = Message::Parse(Bytes(out).first(*size));
  CHECK(copy.ok(), "the copy cannot be read: %s", copy.status().ToString().c_str());
  CHECK(copy->questions.size() == message.questions.size() &&
            copy->records.size() == message.records.size(),
        "%zu records became %zu", message.records.size(), copy->records.size());
  for (size_t i = 0; i < message.records.size(); ++i) {
    const Record& a = message.records[i];
    const Record& b = copy->records[i];
    CHECK(a.name == b.name && a.type == b.type && a.data == b.data && a.address() == b.address(),
          "record %zu is another", i);
  }
}

class Driver {
 public:
  explicit Driver(Bytes script) : script_(script) {}

  void Run() {
    while (script_.ok() && script_.remaining() > 0) {
      Step();
      Drain();
    }
    // Left alone, it ends every name by itself and then rests.
    for (int i = 0; i < 10'000 && resolver_.next_deadline() != kNever; ++i) {
      now_ = std::max(now_, resolver_.next_deadline());
      resolver_.HandleTimeout(now_);
      Drain();
    }
    CHECK(resolver_.next_deadline() == kNever, "names are left");
  }

 private:
  void Step() {
    switch (script_.ReadU8() % 4) {
      case 0:
        now_ += std::chrono::milliseconds(script_.ReadU16());
        resolver_.HandleTimeout(now_);
        break;
      case 1: {
        const std::string label(1 + script_.ReadU8() % 70, static_cast<char>(script_.ReadU8()));
        static_cast<void>(resolver_.Resolve(now_, label + ".local"));
        break;
      }
      case 2:
        static_cast<void>(resolver_.Resolve(now_, "8f223c83-ed3e-4f6c-a4fb-bca342f6f5bd.local"));
        break;
      case 3:
        Receive(script_.ReadBytes(std::min<size_t>(script_.ReadU16(), script_.remaining())));
        break;
    }
  }

  void Receive(Bytes bytes) {
    std::vector<uint8_t> copy(bytes.begin(), bytes.end());
    resolver_.HandleDatagram(now_, {GroupV6(), {{}, kPort}, copy});
    const Result<Message> message = Message::Parse(bytes);
    if (message.ok()) CheckCopy(*message);
  }

  void Drain() {
    std::array<uint8_t, kMaxDatagramSize> out;
    size_t sent = 0;
    while (resolver_.PollTransmit(now_, out)) {
      CHECK(++sent <= kMaxMdnsQuestionsPerSecond, "%zu questions at once", sent);
    }
    while (const auto event = resolver_.PollEvent()) {
      CHECK(!event->addresses.ok() || !event->addresses->empty(), "%s", event->name.c_str());
    }
    CHECK(resolver_.next_deadline() > now_, "the deadline stays due");
  }

  ByteReader script_;
  Time now_{std::chrono::hours(1)};
  Resolver resolver_;
};

}  // namespace
}  // namespace ocellus::mdns

// The same bytes once as a datagram, as the corpus has them, and once as a script.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ocellus::mdns::Message;
  const ocellus::Bytes input(data, size);
  const auto message = Message::Parse(input);
  if (message.ok()) ocellus::mdns::CheckCopy(*message);
  ocellus::mdns::Driver(input).Run();
  return 0;
}
