// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/dtls/stun_piggyback.h"

#include <algorithm>

#include "firmware/base/byte_reader.h"
#include "firmware/base/byte_writer.h"
#include "firmware/rtc/stun/crc32.h"

namespace ocellus::dtls {
namespace {

// RFC 9443 section 3: the first byte of DTLS among the protocols of one port.
bool LooksLikeDtls(Bytes datagram) {
  return !datagram.empty() && datagram[0] >= 20 && datagram[0] <= 63;
}

}  // namespace

void StunPiggyback::Offer() {
  CHECK(state_ == State::kOff, "offered in state %s", ToString(state_));
  state_ = State::kOffered;
}

void StunPiggyback::Agree() {
  CHECK(state_ <= State::kAgreed, "agreed in state %s", ToString(state_));
  state_ = State::kAgreed;
}

void StunPiggyback::BeginFlight() {
  flight_.Clear();
  flight_bytes_.clear();
  next_ = 0;
}

void StunPiggyback::AddToFlight(Bytes datagram) {
  if (!is_active()) return;
  if (flight_bytes_.size() + datagram.size() > kMaxDtlsOutgoing) return;
  const Outgoing outgoing{flight_bytes_.size(), datagram.size(), Checksum(datagram), false, false};
  if (!flight_.Push(outgoing)) return;
  flight_bytes_.insert(flight_bytes_.end(), datagram.begin(), datagram.end());
}

std::optional<size_t> StunPiggyback::PollDirect(MutableBytes out) {
  for (size_t i = 0; i < flight_.size(); ++i) {
    Outgoing& outgoing = flight_[i];
    if (outgoing.acknowledged || outgoing.sent_directly) continue;
    CHECK(outgoing.size <= out.size(), "datagram of %zu for a buffer of %zu", outgoing.size,
          out.size());
    const Bytes datagram = BytesOf(outgoing);
    std::copy(datagram.begin(), datagram.end(), out.begin());
    outgoing.sent_directly = true;
    return outgoing.size;
  }
  return std::nullopt;
}

bool StunPiggyback::IsAcknowledged() const {
  for (size_t i = 0; i < flight_.size(); ++i) {
    if (!flight_[i].acknowledged) return false;
  }
  return true;
}

stun::DtlsInStun StunPiggyback::Next() {
  if (!is_active()) return {};  // Invariant 1.
  ByteWriter writer(acknowledgements_);
  for (size_t i = 0; i < received_.size(); ++i) writer.WriteU32(received_[i]);
  stun::DtlsInStun carried;
  carried.acknowledgements = writer.written();
  const Outgoing* outgoing = NextOutgoing();
  if (outgoing != nullptr && outgoing->size <= budget_) carried.datagram = BytesOf(*outgoing);
  return carried;
}

void StunPiggyback::NoteSent(const stun::DtlsInStun& written) {
  if (flight_.empty()) return;
  next_ = (next_ + 1) % flight_.size();
  if (!written.datagram) return;
  ++stats_.carried;
  budget_ -= std::min(budget_, written.datagram->size());
}

std::optional<Bytes> StunPiggyback::HandleMessage(const stun::DtlsInStun& carried) {
  if (state_ == State::kOffered && !carried.empty()) state_ = State::kAgreed;
  if (!is_active()) return std::nullopt;  // Invariant 1.
  if (carried.acknowledgements) HandleAcknowledgements(*carried.acknowledgements);
  if (carried.datagram && LooksLikeDtls(*carried.datagram)) {
    if (!Remember(*carried.datagram)) return std::nullopt;
    ++stats_.received;
    return carried.datagram;
  }
  // A peer that has got all that we sent, or that has ended this itself.
  const bool is_done = carried.empty() || IsAcknowledged();
  if (state_ == State::kPending && is_done) Complete();
  return std::nullopt;
}

void StunPiggyback::HandleDirect(Bytes datagram) {
  if (is_active()) Remember(datagram);
}

void StunPiggyback::HandleConnected(Role role) {
  if (!is_active()) return;
  state_ = State::kPending;
  // In DTLS 1.2 the server speaks last (RFC 6347 section 4.2.4): it has all of the client's.
  if (role == Role::kClient) BeginFlight();
}

void StunPiggyback::HandleSecured() {
  if (state_ == State::kPending) Complete();
}

uint32_t StunPiggyback::Checksum(Bytes datagram) { return stun::Crc32(datagram); }

Bytes StunPiggyback::BytesOf(const Outgoing& outgoing) const {
  return Bytes(flight_bytes_).subspan(outgoing.offset, outgoing.size);
}

const StunPiggyback::Outgoing* StunPiggyback::NextOutgoing() {
  for (size_t tried = 0; tried < flight_.size(); ++tried) {
    if (!flight_[next_].acknowledged) return &flight_[next_];
    next_ = (next_ + 1) % flight_.size();
  }
  return nullptr;
}

// A list of CRC-32s, in network byte order.
void StunPiggyback::HandleAcknowledgements(Bytes checksums) {
  ByteReader reader(checksums);
  while (reader.remaining() >= 4) {
    const uint32_t checksum = reader.ReadU32();
    for (size_t i = 0; i < flight_.size(); ++i) {
      if (flight_[i].checksum == checksum) flight_[i].acknowledged = true;
    }
  }
}

bool StunPiggyback::Remember(Bytes datagram) {
  const uint32_t checksum = Checksum(datagram);
  for (size_t i = 0; i < received_.size(); ++i) {
    if (received_[i] == checksum) return false;
  }
  received_.PushDroppingOldest(checksum);
  return true;
}

void StunPiggyback::Complete() {
  state_ = State::kComplete;
  flight_.Clear();
  flight_bytes_ = {};
}

const char* ToString(StunPiggyback::State state) {
  switch (state) {
    case StunPiggyback::State::kOff:
      return "off";
    case StunPiggyback::State::kOffered:
      return "offered";
    case StunPiggyback::State::kAgreed:
      return "agreed";
    case StunPiggyback::State::kPending:
      return "pending";
    case StunPiggyback::State::kComplete:
      return "complete";
  }
  return "unknown";
}

}  // namespace ocellus::dtls
