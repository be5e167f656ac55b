// SPDX-License-Identifier: Apache-2.0
// Datagrams from anybody for a DTLS client and a DTLS server that have just started: the input as
// one datagram, then again in records. mbedTLS itself is not instrumented; what is around it is.
// And the same bytes as what happens to a handshake in STUN.
#include <algorithm>

#include "firmware/base/byte_reader.h"
#include "firmware/rtc/dtls/stun_piggyback.h"
#include "firmware/rtc/dtls/transport.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::dtls {
namespace {

constexpr Time kStart(std::chrono::hours(1));
constexpr size_t kRecordHeaderSize = 13;

const crypto::Certificate& TestCertificate() {
  static sim::SeededRandom random(1);
  static const crypto::Certificate certificate =
      *crypto::Certificate::Generate(random, 1'800'000'000);
  return certificate;
}

void Drain(Transport& transport, Time now) {
  uint8_t buffer[kMaxReceivedDatagramSize];
  while (transport.PollTransmit(now, buffer)) {
  }
  while (transport.PollReceived(buffer)) {
  }
  while (const auto event = transport.PollEvent()) {
    CHECK(!std::holds_alternative<Connected>(*event), "connected with %zu bytes", sizeof(buffer));
  }
}

void Feed(Role role, Bytes input) {
  sim::SeededRandom random(2);
  const Config config{TestCertificate(),
                      role,
                      {srtp::Profile::kAeadAes128Gcm, srtp::Profile::kAes128CmHmacSha1_80}};
  const std::unique_ptr<Transport> transport = std::move(*Transport::Open(config, random));
  transport->SetRemoteFingerprints({TestCertificate().fingerprint()});
  Time now = kStart;
  transport->Start(now);
  Drain(*transport, now);
  transport->HandleDatagram(now, input);
  Drain(*transport, now);
  while (input.size() >= kRecordHeaderSize) {
    const size_t size = kRecordHeaderSize + static_cast<size_t>(input[11] << 8 | input[12]);
    const Bytes record = input.first(std::min(size, input.size()));
    input = input.subspan(record.size());
    now += std::chrono::milliseconds(20);
    if (now >= transport->next_deadline()) transport->HandleTimeout(now);
    transport->HandleDatagram(now, record);
    transport->HandlePathAlive(now);
    Drain(*transport, now);
  }
}

void FeedPiggyback(Bytes input) {
  StunPiggyback piggyback;
  piggyback.Agree();
  size_t carried_bytes = 0;
  uint8_t out[kMaxDtlsOutgoing];
  ByteReader reader(input);
  while (reader.remaining() >= 2) {
    const uint8_t what = reader.ReadU8();
    const size_t size = reader.ReadU8();
    const Bytes bytes = reader.ReadBytes(std::min(size, reader.remaining()));
    if (what % 8 == 0) piggyback.BeginFlight();
    if (what % 8 <= 1) piggyback.AddToFlight(bytes);
    if (what % 8 == 2) piggyback.HandleMessage({bytes, std::nullopt});
    if (what % 8 == 3) piggyback.HandleMessage({std::nullopt, bytes});
    if (what % 8 == 4) piggyback.HandleDirect(bytes);
    if (what % 8 == 5) piggyback.HandleConnected(size % 2 == 0 ? Role::kClient : Role::kServer);
    if (what % 8 == 6) piggyback.HandleMessage({});
    while (piggyback.PollDirect(out)) {
    }
    const stun::DtlsInStun carried = piggyback.Next();
    CHECK(carried.empty() || piggyback.is_active(), "speaks when %s", ToString(piggyback.state()));
    if (carried.datagram) carried_bytes += carried.datagram->size();
    piggyback.NoteSent(carried);
  }
  CHECK(carried_bytes <= kMaxDtlsInStunBytes, "%zu bytes carried", carried_bytes);
}

}  // namespace
}  // namespace ocellus::dtls

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::dtls::FeedPiggyback(ocellus::Bytes(data, size));
  ocellus::dtls::Feed(ocellus::dtls::Role::kClient, ocellus::Bytes(data, size));
  ocellus::dtls::Feed(ocellus::dtls::Role::kServer, ocellus::Bytes(data, size));
  return 0;
}
