// SPDX-License-Identifier: Apache-2.0
// A TLS server that sends anything. The input's first byte says from when on: from the beginning,
// in the middle of an honest server's flight, in its place with some bytes changed, or once the
// client is connected. mbedTLS itself is not instrumented; what is around it is.
#include <algorithm>
#include <string>

#include "firmware/base/byte_reader.h"
#include "firmware/rtc/crypto/tls_client.h"
#include "tests/rtc/crypto/tls_server.h"
#include "tests/sim/seeded_random.h"

namespace ocellus::crypto {
namespace {

enum Stage { kFromTheBeginning, kInTheFlight, kChangedFlight, kConnected, kStages };

CertificateRequest RequestFor(const char* name, bool is_authority) {
  CertificateRequest request;
  request.common_name = name;
  request.dns_names = {name};
  request.is_authority = is_authority;
  return request;
}

// Made once: what an input does must not depend on those before it.
struct Certificates {
  sim::SeededRandom random{1};
  const Identity root{random, RequestFor("root.example.net", true)};
  const Identity server{random, RequestFor("turn.example.net", false), &root};
  const TrustStore trust = *TrustStore::FromPem(root.ToPem());
};

std::string TakeFrom(TlsClient& client) {
  std::string ciphertext(AsText(client.ciphertext()));
  client.TakeCiphertext(ciphertext.size());
  return ciphertext;
}

void Deliver(TlsClient& client, Bytes bytes, size_t cut) {
  while (!bytes.empty()) {
    const Bytes piece = bytes.first(std::min(cut, bytes.size()));
    bytes = bytes.subspan(piece.size());
    client.HandleCiphertext(piece);
    while (const auto plaintext = client.Read()) {
      CHECK(!plaintext->empty(), "an empty plaintext of %zu", bytes.size());
    }
    CHECK((client.state() == TlsClient::State::kClosed) == !client.why_closed().ok(),
          "closed without a reason, or the opposite: %s", client.why_closed().message().c_str());
    client.Write(AsBytes("ping"));
    CHECK(client.ciphertext().size() <= kMaxTlsOutgoing + 1024, "%zu bytes wait",
          client.ciphertext().size());
  }
}

// Changes bytes of the flight: offset, in two bytes, and what is added to the byte there.
void Change(std::string& flight, ByteReader& input) {
  while (input.remaining() >= 3 && !flight.empty()) {
    char& byte = flight[input.ReadU16() % flight.size()];
    byte = static_cast<char>(byte + input.ReadU8());
  }
}

void Feed(ByteReader input) {
  static const Certificates certificates;
  const auto stage = static_cast<Stage>(input.ReadU8() % kStages);
  const size_t cut = size_t{1} + input.ReadU8() * size_t{8};
  sim::SeededRandom random(2);
  const auto client = std::move(*TlsClient::Open({"turn.example.net", certificates.trust, random}));
  if (stage != kFromTheBeginning) {
    TlsServer server(certificates.server, random);
    server.HandleCiphertext(AsBytes(TakeFrom(*client)));
    std::string flight = server.TakeCiphertext();
    if (stage == kInTheFlight) flight.resize(input.ReadU16() % flight.size());
    if (stage == kChangedFlight) Change(flight, input);
    Deliver(*client, AsBytes(flight), cut);
    server.HandleCiphertext(AsBytes(TakeFrom(*client)));
    Deliver(*client, AsBytes(server.TakeCiphertext()), cut);
    if (stage == kConnected) {
      CHECK(client->state() == TlsClient::State::kConnected, "%s",
            client->why_closed().message().c_str());
    }
  }
  Deliver(*client, input.ReadRest(), cut);
  client->Close();
}

}  // namespace
}  // namespace ocellus::crypto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::crypto::Feed(ocellus::ByteReader(ocellus::Bytes(data, size)));
  return 0;
}
