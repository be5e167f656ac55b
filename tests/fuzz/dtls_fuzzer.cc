// SPDX-License-Identifier: Apache-2.0
// Datagrams from anybody for a DTLS client and a DTLS server that have just started: the input as
// one datagram, then again in records. mbedTLS itself is not instrumented; what is around it is.
#include <algorithm>

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
    Drain(*transport, now);
  }
}

}  // namespace
}  // namespace ocellus::dtls

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::dtls::Feed(ocellus::dtls::Role::kClient, ocellus::Bytes(data, size));
  ocellus::dtls::Feed(ocellus::dtls::Role::kServer, ocellus::Bytes(data, size));
  return 0;
}
