// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/wire.h"

#include <utility>

#include "firmware/base/limits.h"

namespace ocellus::benchmarks {
namespace {

// Of the shortest datagrams.
constexpr size_t kBytesOfALetter = 60;

// Room for two keyframes to one viewer, or the reports of 100.
constexpr size_t kInboxBytes = 100'000;
constexpr size_t kInboxLetters = 1'000;

}  // namespace

std::unique_ptr<WireSocket> Wire::Open(const SocketAddress& address, size_t outbox_bytes) {
  auto socket = std::make_unique<WireSocket>(*this, address, outbox_bytes);
  sockets_[address] = socket.get();
  return socket;
}

WireSocket::WireSocket(Wire& wire, const SocketAddress& address, size_t outbox_bytes)
    : wire_(wire), address_(address) {
  outbox_.bytes.resize(outbox_bytes);
  outbox_.letters.reserve(outbox_bytes / kBytesOfALetter);
  for (Mail* mail : {&inbox_, &opened_}) {
    mail->bytes.reserve(kInboxBytes);
    mail->letters.reserve(kInboxLetters);
  }
  received_.reserve(kInboxLetters);
}

WireSocket::~WireSocket() { wire_.sockets_.erase(address_); }

Span<Datagram> WireSocket::Receive() {
  std::swap(inbox_, opened_);
  inbox_.bytes.clear();
  inbox_.letters.clear();
  received_.clear();
  for (const Letter& letter : opened_.letters) {
    received_.push_back(
        {letter.to, letter.from, {opened_.bytes.data() + letter.offset, letter.size}});
  }
  return received_;
}

MutableBytes WireSocket::SendBuffer() {
  if (outbox_.bytes.size() - used_ < kMaxTransmitSize) Flush();
  return {outbox_.bytes.data() + used_, kMaxTransmitSize};
}

void WireSocket::Send(const Transmit& transmit) {
  outbox_.letters.push_back({transmit.local, transmit.remote, used_, transmit.size});
  used_ += transmit.size;
}

void WireSocket::Flush() {
  for (const Letter& letter : outbox_.letters) {
    const auto to = wire_.sockets_.find(letter.to);
    if (to == wire_.sockets_.end()) continue;
    to->second->Deliver(letter, Bytes(outbox_.bytes.data() + letter.offset, letter.size));
  }
  outbox_.letters.clear();
  used_ = 0;
}

void WireSocket::Deliver(const Letter& letter, Bytes payload) {
  inbox_.letters.push_back({letter.from, letter.to, inbox_.bytes.size(), payload.size()});
  inbox_.bytes.insert(inbox_.bytes.end(), payload.begin(), payload.end());
}

}  // namespace ocellus::benchmarks
