// SPDX-License-Identifier: Apache-2.0
// Two of our transports over a network in virtual time, and the flights that browsers sent.
#include "firmware/rtc/dtls/transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "firmware/rtc/dtls/mbedtls_version.h"
#include "tests/sim/network.h"

namespace ocellus::dtls {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Time kStart(std::chrono::hours(1));
constexpr milliseconds kDelay(10);

// One for all tests: making it costs more than a handshake.
const crypto::Certificate& TestCertificate() {
  static sim::SeededRandom random(1);
  static const crypto::Certificate certificate =
      *crypto::Certificate::Generate(random, 1'800'000'000);
  return certificate;
}

std::vector<uint8_t> ReadFlight(const std::string& name) {
  std::ifstream file("tests/data/dtls/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

// A transport and its address, and what it has told and sent.
class Endpoint : public sim::Node {
 public:
  Endpoint(Role role, const char* local, const char* remote, uint64_t seed, size_t mtu = 1200)
      : local_(*SocketAddress::Parse(local)),
        remote_(*SocketAddress::Parse(remote)),
        random_(seed) {
    const Config config{TestCertificate(), role, {srtp::Profile::kAes128CmHmacSha1_80}, mtu};
    auto opened = Transport::Open(config, random_);
    CHECK(opened.ok(), "%s", opened.status().ToString().c_str());
    transport_ = std::move(*opened);
    transport_->SetRemoteFingerprints({TestCertificate().fingerprint()});
  }

  Transport& transport() { return *transport_; }
  const SocketAddress& local() const { return local_; }
  const SocketAddress& remote() const { return remote_; }
  const std::optional<Connected>& connected() const { return connected_; }
  const std::optional<CloseReason>& closed() const { return closed_; }
  const std::vector<std::string>& messages() const { return messages_; }
  const std::vector<std::pair<Time, size_t>>& sent() const { return sent_; }

  void Start(Time now) {
    transport_->Start(now);
    Poll();
  }
  void HandleDatagram(Time now, const Datagram& in) override {
    transport_->HandleDatagram(now, in.payload);
    Poll();
  }
  void HandleTimeout(Time now) override {
    transport_->HandleTimeout(now);
    Poll();
  }
  std::optional<Transmit> PollTransmit(Time now, MutableBytes out) override {
    const auto size = transport_->PollTransmit(now, out);
    if (!size) return std::nullopt;
    sent_.emplace_back(now, *size);
    return Transmit{local_, remote_, *size};
  }
  Time next_deadline() const override { return transport_->next_deadline(); }

 private:
  void Poll() {
    uint8_t buffer[kMaxReceivedDatagramSize];
    while (const auto size = transport_->PollReceived(buffer)) {
      messages_.emplace_back(AsText(Bytes(buffer, *size)));
    }
    while (const auto event = transport_->PollEvent()) {
      if (const auto* connected = std::get_if<Connected>(&*event)) connected_ = *connected;
      if (const auto* closed = std::get_if<Closed>(&*event)) {
        EXPECT_FALSE(closed_) << "closed twice";
        closed_ = closed->reason;
      }
    }
  }

  SocketAddress local_;
  SocketAddress remote_;
  sim::SeededRandom random_;
  std::unique_ptr<Transport> transport_;
  std::optional<Connected> connected_;
  std::optional<CloseReason> closed_;
  std::vector<std::string> messages_;
  std::vector<std::pair<Time, size_t>> sent_;
};

struct Call {
  explicit Call(uint64_t seed = 1, size_t mtu = 1200)
      : network(seed, kStart),
        client(Role::kClient, "192.0.2.1:1000", "192.0.2.2:2000", seed * 2, mtu),
        server(Role::kServer, "192.0.2.2:2000", "192.0.2.1:1000", seed * 2 + 1, mtu) {
    sim::LinkConditions conditions;
    conditions.delay = kDelay;
    network.SetDefaultConditions(conditions);
    network.Attach(client, {client.local().ip});
    network.Attach(server, {server.local().ip});
  }

  sim::Link& to_server() { return network.link(client.local().ip, server.local().ip); }
  sim::Link& to_client() { return network.link(server.local().ip, client.local().ip); }

  void Start() {
    server.Start(network.now());
    client.Start(network.now());
  }
  bool Connect(Duration limit = seconds(30)) {
    Start();
    return network.RunUntilTrue([this] { return both_connected(); }, limit);
  }
  bool both_connected() const { return client.connected() && server.connected(); }

  // Both ways, over a connected call.
  void ExpectMessagesPass() {
    const size_t before = server.messages().size() + client.messages().size();
    ASSERT_TRUE(client.transport().Send(network.now(), AsBytes("up")).ok());
    ASSERT_TRUE(server.transport().Send(network.now(), AsBytes("down")).ok());
    network.RunFor(seconds(1));
    EXPECT_EQ(server.messages().size() + client.messages().size(), before + 2);
  }

  sim::Network network;
  Endpoint client;
  Endpoint server;
};

TEST(Transport, ConnectsInTwoRoundTripsWithTheSameKeys) {
  Call call;
  ASSERT_TRUE(call.Connect());
  EXPECT_LE(call.network.now() - kStart, 4 * kDelay);
  EXPECT_EQ(call.client.connected()->srtp->local.key, call.server.connected()->srtp->remote.key);
  EXPECT_EQ(call.client.connected()->srtp->local.salt, call.server.connected()->srtp->remote.salt);
  EXPECT_EQ(call.client.connected()->srtp->remote.key, call.server.connected()->srtp->local.key);
  EXPECT_EQ(call.client.connected()->srtp->remote.salt, call.server.connected()->srtp->local.salt);
  EXPECT_NE(call.client.connected()->srtp->local.key, call.client.connected()->srtp->remote.key);
}

TEST(Transport, PacksEachFlightIntoOneDatagram) {
  Call call;
  ASSERT_TRUE(call.Connect());
  EXPECT_EQ(call.client.sent().size(), 2u);
  EXPECT_EQ(call.server.sent().size(), 2u);
}

TEST(Transport, ExchangesMessagesUpToTheMtu) {
  Call call;
  ASSERT_TRUE(call.Connect());
  call.ExpectMessagesPass();
  Transport& client = call.client.transport();
  const std::string largest(client.max_message_size(), 'x');
  EXPECT_TRUE(client.Send(call.network.now(), AsBytes(largest)).ok());
  EXPECT_EQ(client.Send(call.network.now(), AsBytes(largest + "x")).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Send(call.network.now(), {}).code(), StatusCode::kInvalidArgument);
  call.network.RunFor(seconds(1));
  EXPECT_THAT(call.server.messages(), ElementsAre("up", largest));
  EXPECT_EQ(call.client.sent().back().second, 1200u);
}

// A handshake that STUN carries has less room than what follows by itself.
TEST(Transport, SendsLargerMessagesThanItsHandshakeHad) {
  Call call(1, 600);
  ASSERT_TRUE(call.Connect());
  for (const auto& datagram : call.client.sent()) EXPECT_LE(datagram.second, 600u);
  Transport& client = call.client.transport();
  const std::string largest(client.max_message_size(), 'x');
  EXPECT_TRUE(client.Send(call.network.now(), AsBytes(largest)).ok());
  call.network.RunFor(seconds(5));  // Longer than it keeps its buffers.
  EXPECT_TRUE(client.Send(call.network.now(), AsBytes(largest)).ok());
  call.network.RunFor(seconds(1));
  EXPECT_EQ(call.client.sent().back().second, kMaxDatagramSize);
  EXPECT_THAT(call.server.messages(), ElementsAre(largest, largest));
}

TEST(Transport, DropsMessagesThatNobodyPolls) {
  Call call;
  EXPECT_EQ(call.client.transport().Send(kStart, AsBytes("early")).code(),
            StatusCode::kFailedPrecondition);
  ASSERT_TRUE(call.Connect());
  const std::string message(1000, 'x');
  StatusCode code = StatusCode::kOk;
  for (int i = 0; i < 100 && code == StatusCode::kOk; ++i) {
    code = call.client.transport().Send(call.network.now(), AsBytes(message)).code();
  }
  EXPECT_EQ(code, StatusCode::kResourceExhausted);
  call.network.RunFor(seconds(1));
  call.ExpectMessagesPass();
}

TEST(Transport, IgnoresDatagramsBeforeStart) {
  Call call;
  call.client.Start(kStart);
  call.network.RunFor(milliseconds(40));
  EXPECT_THAT(call.server.sent(), IsEmpty());
  call.server.Start(call.network.now());
  EXPECT_TRUE(call.network.RunUntilTrue([&] { return call.both_connected(); }, seconds(1)));
}

// Checklist 23.
TEST(Transport, RepeatsALostFlightAfter50MillisecondsThenBacksOff) {
  Call call;
  call.to_server().conditions().down = true;
  call.Start();
  call.network.RunFor(seconds(14));
  std::vector<int64_t> gaps;
  for (size_t i = 1; i < call.client.sent().size(); ++i) {
    gaps.push_back(ToMilliseconds(call.client.sent()[i].first - call.client.sent()[i - 1].first));
  }
  EXPECT_THAT(gaps, ElementsAre(50, 100, 200, 400, 800, 1600, 3200, 6400));
}

// Checklist 23. Where the path comes and goes, the timer may have become patient when it comes
// back.
TEST(Transport, RepeatsAnOverdueFlightWhenThePathIsAlive) {
  Call call;
  call.to_server().conditions().down = true;
  call.Start();
  call.network.RunFor(milliseconds(400));  // The last one went after 350 ms, the next after 750.
  const size_t sent = call.client.sent().size();
  call.to_server().conditions().down = false;
  call.client.transport().HandlePathAlive(call.network.now());
  ASSERT_TRUE(call.network.RunUntilTrue([&] { return call.both_connected(); }, seconds(1)));
  EXPECT_LE(call.network.now(), kStart + milliseconds(400) + 4 * kDelay);
  EXPECT_EQ(call.client.sent().size(), sent + 2);
  call.client.transport().HandlePathAlive(call.network.now());  // Nothing waits any more.
  call.ExpectMessagesPass();
}

TEST(Transport, APathThatIsAliveAgainAndAgainIsSentABoundedNumberOfFlights) {
  Call call;
  call.to_server().conditions().down = true;
  call.client.transport().HandlePathAlive(kStart);  // Before the handshake: nothing.
  call.Start();
  call.client.transport().HandlePathAlive(kStart);  // Right after the flight: too early.
  EXPECT_EQ(call.client.sent().size(), 0u);
  for (int i = 0; i < 2000; ++i) {
    call.network.RunFor(milliseconds(5));
    call.client.transport().HandlePathAlive(call.network.now());
  }
  EXPECT_LE(call.client.sent().size(), 1 + 8 + 8u);  // By the timer in 10 s, and besides.
  EXPECT_FALSE(call.client.closed());
}

// RFC 6347 section 4.1.1.1: smaller datagrams when no answer comes; but not before one can.
TEST(Transport, TriesSmallDatagramsWhenLargeOnesDoNotPass) {
  Call call;
  sim::LinkConditions conditions;
  conditions.delay = milliseconds(100);
  call.to_server().conditions() = conditions;
  call.to_client().conditions() = conditions;
  ASSERT_TRUE(call.Connect());
  // The client repeats its first flight three times within the round trip, and begins the next one
  // with the whole MTU all the same.
  const auto is_small = [](const auto& datagram) { return datagram.second <= 508; };
  const auto& sent = call.client.sent();
  EXPECT_TRUE(std::any_of(sent.begin(), sent.end(), [&](const auto& d) { return !is_small(d); }));

  Call narrow;
  narrow.to_client().conditions().down = true;
  narrow.client.Start(kStart);
  narrow.server.Start(kStart);
  ASSERT_TRUE(
      narrow.network.RunUntilTrue([&] { return narrow.server.sent().size() == 1; }, seconds(1)));
  narrow.to_server().conditions().down = true;  // The client's repetitions would be answered too.
  narrow.network.RunFor(milliseconds(400));     // As large after 50 and 150 ms, small after 350 ms.
  const auto& answers = narrow.server.sent();
  ASSERT_EQ(answers.size(), 5u);
  for (size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(is_small(answers[i]), i > 2) << i;
}

// Checklist 23, for every flight.
TEST(Transport, RecoversWhenAnyOneDatagramIsLost) {
  for (const Role sender : {Role::kClient, Role::kServer}) {
    for (size_t index = 0; index < 2; ++index) {
      SCOPED_TRACE((sender == Role::kClient ? "client's " : "server's ") + std::to_string(index));
      Call call;
      const Endpoint& endpoint = sender == Role::kClient ? call.client : call.server;
      sim::Link& link = sender == Role::kClient ? call.to_server() : call.to_client();
      call.Start();
      call.network.RunUntilTrue([&] { return endpoint.sent().size() == index; }, seconds(1));
      link.conditions().down = true;
      call.network.RunUntilTrue([&] { return endpoint.sent().size() > index; }, seconds(1));
      link.conditions().down = false;
      ASSERT_TRUE(call.network.RunUntilTrue([&] { return call.both_connected(); }, seconds(2)));
      EXPECT_GT(call.network.now(), kStart + milliseconds(50));
      call.ExpectMessagesPass();
    }
  }
}

// The round trip is just as long as the first timeout.
TEST(Transport, ReadsAnAnswerThatComesWhenTheTimerIsDue) {
  Call call;
  sim::LinkConditions conditions;
  conditions.delay = milliseconds(25);
  call.network.SetDefaultConditions(conditions);
  call.to_server().conditions() = conditions;
  call.to_client().conditions() = conditions;
  ASSERT_TRUE(call.Connect());
  EXPECT_EQ(call.network.now(), kStart + milliseconds(100));
}

// The server is connected when its last flight is lost, and has to repeat it all the same.
TEST(Transport, RepeatsItsLastFlightForAPeerThatRepeatsItsOwn) {
  Call call;
  call.Start();
  ASSERT_TRUE(
      call.network.RunUntilTrue([&] { return call.server.sent().size() == 1; }, seconds(1)));
  ASSERT_TRUE(
      call.network.RunUntilTrue([&] { return call.client.sent().size() == 2; }, seconds(1)));
  call.to_client().conditions().down = true;
  ASSERT_TRUE(
      call.network.RunUntilTrue([&] { return call.server.connected().has_value(); }, seconds(1)));
  call.network.RunFor(milliseconds(120));
  EXPECT_FALSE(call.client.connected());
  call.to_client().conditions().down = false;
  EXPECT_TRUE(call.network.RunUntilTrue([&] { return call.both_connected(); }, seconds(1)));
  call.ExpectMessagesPass();
}

// Checklist 24.
TEST(Transport, KeepsEveryDatagramWithinTheMtu) {
  for (const size_t mtu : {508u, 576u, 1200u, 1400u}) {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      Call call(seed, mtu);
      call.to_client().conditions().loss = 0.3;
      call.to_server().conditions().loss = 0.3;
      EXPECT_TRUE(call.Connect()) << "mtu " << mtu << " seed " << seed;
      for (const Endpoint* endpoint : {&call.client, &call.server}) {
        for (const auto& datagram : endpoint->sent()) EXPECT_LE(datagram.second, mtu);
      }
    }
  }
}

// Checklist 21.
TEST(Transport, ConnectsThroughABadNetwork) {
  constexpr int kRuns = 1000;
  int within_ten_seconds = 0;
  std::vector<Duration> times;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    Call call(seed);
    for (sim::Link* link : {&call.to_server(), &call.to_client()}) {
      link->conditions().delay = milliseconds(30);
      link->conditions().jitter = milliseconds(20);
      link->conditions().loss = 0.2;
      link->conditions().duplicate = 0.1;
      link->conditions().reorder = 0.2;
      link->conditions().reorder_delay = milliseconds(60);
    }
    const bool connected = call.Connect();
    if (!connected) ADD_FAILURE_AT("seed", static_cast<int>(seed));
    times.push_back(call.network.now() - kStart);
    within_ten_seconds += connected && times.back() < seconds(10) ? 1 : 0;
  }
  std::sort(times.begin(), times.end());
  std::printf("  connected after (ms): p50 %d, p95 %d, p99 %d, worst %d\n",
              static_cast<int>(ToMilliseconds(times[kRuns / 2])),
              static_cast<int>(ToMilliseconds(times[kRuns * 95 / 100])),
              static_cast<int>(ToMilliseconds(times[kRuns * 99 / 100])),
              static_cast<int>(ToMilliseconds(times.back())));
  EXPECT_GE(within_ten_seconds, kRuns * 99 / 100);
}

// Checklist 18.
TEST(Transport, RefusesAPeerWithAnotherFingerprint) {
  for (const Role strict : {Role::kClient, Role::kServer}) {
    Call call;
    crypto::Fingerprint other = TestCertificate().fingerprint();
    other.bytes[31] ^= 1;
    Endpoint& endpoint = strict == Role::kClient ? call.client : call.server;
    Endpoint& refused = strict == Role::kClient ? call.server : call.client;
    endpoint.transport().SetRemoteFingerprints({other});
    call.Start();
    call.network.RunFor(seconds(60));
    EXPECT_FALSE(endpoint.connected());
    EXPECT_EQ(endpoint.closed(), CloseReason::kFingerprintMismatch);
    EXPECT_FALSE(refused.connected());
    EXPECT_EQ(refused.closed(), CloseReason::kFatalAlert);
  }
}

// Checklist 18: RFC 8122 section 5, any one of the strongest hash.
TEST(Transport, AcceptsAnyOneOfTheStrongestFingerprints) {
  crypto::Fingerprint other = TestCertificate().fingerprint();
  other.bytes[0] ^= 1;
  const auto sha512_of = [](Bytes der) {
    return crypto::Fingerprint::Of(der, crypto::HashAlgorithm::kSha512);
  };
  const crypto::Fingerprint sha512 = sha512_of(TestCertificate().der());
  const crypto::Fingerprint other_sha512 = sha512_of(AsBytes("other"));
  const struct {
    std::vector<crypto::Fingerprint> fingerprints;
    bool accepted;
  } kCases[] = {
      {{other, TestCertificate().fingerprint()}, true},
      {{TestCertificate().fingerprint(), other}, true},
      {{other, sha512}, true},
      {{TestCertificate().fingerprint(), other_sha512}, false},
      {{other, other}, false},
  };
  for (const auto& test_case : kCases) {
    Call call;
    call.client.transport().SetRemoteFingerprints(test_case.fingerprints);
    EXPECT_EQ(call.Connect(), test_case.accepted);
  }
}

// Checklist 18.
TEST(Transport, RefusesSignallingWithoutAStrongFingerprint) {
  crypto::Fingerprint sha1;
  sha1.algorithm = crypto::HashAlgorithm::kSha1;
  sha1.bytes.resize(20);
  for (const auto& fingerprints : {std::vector<crypto::Fingerprint>{}, {sha1}}) {
    Call call;
    call.client.transport().SetRemoteFingerprints(fingerprints);
    call.Start();
    EXPECT_EQ(call.client.closed(), CloseReason::kNoUsableFingerprint);
    EXPECT_FALSE(call.client.transport().PollTransmit(kStart, {}));
  }
}

TEST(Transport, GivesUpAfterThirtySeconds) {
  Call call;
  call.to_server().conditions().down = true;
  call.Start();
  call.network.RunFor(seconds(29));
  EXPECT_FALSE(call.client.closed());
  call.network.RunFor(seconds(1));
  EXPECT_EQ(call.client.closed(), CloseReason::kTimeout);
  EXPECT_EQ(call.server.closed(), CloseReason::kTimeout);
  EXPECT_EQ(call.client.transport().next_deadline(), kNever);
}

TEST(Transport, TellsThePeerWhenItCloses) {
  Call call;
  ASSERT_TRUE(call.Connect());
  call.server.transport().Close(call.network.now());
  call.network.RunFor(seconds(1));
  EXPECT_EQ(call.client.closed(), CloseReason::kClosedByPeer);
  EXPECT_FALSE(call.server.closed());
  EXPECT_FALSE(call.server.transport().is_connected());
}

TEST(Transport, DiscardsMessagesThatNobodyReads) {
  Call call;
  ASSERT_TRUE(call.Connect());
  std::vector<std::vector<uint8_t>> datagrams;
  for (const char* message : {"one", "two", "three"}) {
    ASSERT_TRUE(call.client.transport().Send(call.network.now(), AsBytes(message)).ok());
    std::vector<uint8_t> datagram(1200);
    datagram.resize(*call.client.transport().PollTransmit(call.network.now(), datagram));
    datagrams.push_back(datagram);
  }
  Transport& server = call.server.transport();
  server.HandleDatagram(call.network.now(), datagrams[0]);
  // Two records in one datagram.
  datagrams[1].insert(datagrams[1].end(), datagrams[2].begin(), datagrams[2].end());
  server.HandleDatagram(call.network.now(), datagrams[1]);
  uint8_t buffer[2];
  ASSERT_EQ(server.PollReceived(buffer), 2u);
  EXPECT_EQ(AsText(buffer), "tw");
  ASSERT_EQ(server.PollReceived(buffer), 2u);
  EXPECT_EQ(AsText(buffer), "th");
  EXPECT_FALSE(server.PollReceived(buffer));
}

// It gives its buffers back after a second, and takes them again for the next record.
TEST(Transport, SleepsBetweenMessages) {
  Call call;
  ASSERT_TRUE(call.Connect());
  for (int i = 0; i < 3; ++i) {
    call.network.RunFor(seconds(10));
    EXPECT_EQ(call.client.transport().next_deadline(), kNever);
    EXPECT_EQ(call.server.transport().next_deadline(), kNever);
    call.ExpectMessagesPass();
  }
  call.network.RunFor(seconds(10));
  call.server.transport().Close(call.network.now());
  call.network.RunFor(seconds(1));
  EXPECT_EQ(call.client.closed(), CloseReason::kClosedByPeer);
}

// RFC 6347 section 4.1.2.6.
TEST(Transport, RefusesAReplayAfterItsSleepToo) {
  Call call;
  ASSERT_TRUE(call.Connect());
  ASSERT_TRUE(call.client.transport().Send(call.network.now(), AsBytes("once")).ok());
  std::vector<uint8_t> datagram(1200);
  datagram.resize(*call.client.transport().PollTransmit(call.network.now(), datagram));
  for (int i = 0; i < 3; ++i) {
    call.network.Inject(call.client.local(), call.server.local(), datagram);
    call.network.RunFor(seconds(10));
  }
  EXPECT_THAT(call.server.messages(), ElementsAre("once"));
  call.ExpectMessagesPass();
}

// Checklist 22: what anybody could send while the call lives.
TEST(Transport, IgnoresWhatIsNotAuthenticWhileConnected) {
  Call call;
  ASSERT_TRUE(call.Connect());
  const std::vector<uint8_t> plain_alert = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};
  std::vector<uint8_t> encrypted_garbage = {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 99, 0, 40};
  encrypted_garbage.resize(13 + 40, 0x55);
  std::vector<uint8_t> alert_garbage = encrypted_garbage;
  alert_garbage[0] = 21;
  const std::vector<std::vector<uint8_t>> datagrams = {
      plain_alert, encrypted_garbage, alert_garbage, ReadFlight("firefox153-dtls12-00-client.bin"),
      ReadFlight("firefox153-dtls12-01-server.bin")};
  for (Endpoint* endpoint : {&call.client, &call.server}) {
    for (const auto& datagram : datagrams) {
      call.network.Inject(endpoint->remote(), endpoint->local(), datagram);
    }
  }
  call.network.RunFor(seconds(1));
  EXPECT_FALSE(call.client.closed());
  EXPECT_FALSE(call.server.closed());
  call.ExpectMessagesPass();
}

// Random bytes, and true datagrams with some of them changed, at every point of a call. Nobody
// crashes; no keys come out that differ.
TEST(Transport, SurvivesGarbage) {
  sim::SeededRandom random(22);
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Call call(seed);
    std::vector<std::vector<uint8_t>> seen;
    const auto observe = [](void* context, const sim::Network::Observation& observation) {
      static_cast<std::vector<std::vector<uint8_t>>*>(context)->emplace_back(
          observation.payload.begin(), observation.payload.end());
    };
    call.network.Observe(observe, &seen);
    call.Start();
    for (int i = 0; i < 40; ++i) {
      std::vector<uint8_t> datagram(random.Below(100));
      random.Fill(datagram);
      if (!seen.empty() && random.Below(4) != 0) {
        datagram = seen[random.Below(static_cast<uint32_t>(seen.size()))];
        const size_t changes = random.Below(4);
        for (size_t c = 0; c < changes; ++c) {
          datagram[random.Below(static_cast<uint32_t>(datagram.size()))] ^=
              static_cast<uint8_t>(1 + random.Below(255));
        }
        if (random.Below(4) == 0) {
          datagram.resize(random.Below(static_cast<uint32_t>(datagram.size())));
        }
      }
      Endpoint& endpoint = random.Below(2) == 0 ? call.client : call.server;
      call.network.Inject(endpoint.remote(), endpoint.local(), datagram);
      call.network.RunFor(milliseconds(3));
    }
    call.network.RunFor(seconds(60));
    EXPECT_EQ(call.client.connected().has_value() || call.client.closed().has_value(), true);
    if (call.both_connected()) {
      EXPECT_EQ(call.client.connected()->srtp->local.key, call.server.connected()->srtp->remote.key)
          << seed;
    }
  }
}

TEST(Transport, RefusesAnImpossibleConfiguration) {
  sim::SeededRandom random(1);
  const std::vector<srtp::Profile> profiles = {srtp::Profile::kAeadAes128Gcm};
  const auto code_of = [&](const Config& config) {
    return Transport::Open(config, random).status().code();
  };
  EXPECT_EQ(code_of({TestCertificate(), Role::kClient, {}}), StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of({TestCertificate(), Role::kClient, profiles, 507}),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of({TestCertificate(), Role::kClient, profiles, 1501}),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code_of({TestCertificate(), Role::kServer, profiles}), StatusCode::kUnsupported);
}

// What a browser's ClientHello does to our server: `order` names its datagrams.
struct Answer {
  size_t datagrams = 0;
  bool alert = false;
  std::optional<CloseReason> closed;
};

Answer AnswerTo(const std::vector<std::string>& order) {
  Endpoint server(Role::kServer, "192.0.2.2:2000", "192.0.2.1:1000", 1);
  server.Start(kStart);
  for (const std::string& name : order) {
    std::vector<uint8_t> datagram = ReadFlight(name);
    server.HandleDatagram(kStart, {server.local(), server.remote(), datagram});
  }
  Answer answer;
  uint8_t buffer[1200];
  while (server.PollTransmit(kStart, buffer)) {
    ++answer.datagrams;
    answer.alert = answer.alert || buffer[0] == 21;
  }
  answer.closed = server.closed();
  return answer;
}

TEST(Transport, AnswersAClientHelloInOneDatagram) {
  for (const char* name : {"firefox153-dtls12-00-client.bin",
                           "firefox153client-chromium156server-dtls12-00-client.bin"}) {
    const Answer answer = AnswerTo({name});
    EXPECT_GE(answer.datagrams, 1u) << name;
    EXPECT_FALSE(answer.alert) << name;
    EXPECT_FALSE(answer.closed) << name;
  }
}

// Checklist 15.
TEST(Transport, AnswersAClientHelloInTwoDatagramsOrSaysThatItCannot) {
  const std::pair<std::string, std::string> kBrowsers[] = {
      {"chromium156-dtls13-00-client.bin", "chromium156-dtls13-01-client.bin"},
      {"firefox153-dtls13-00-client.bin", "firefox153-dtls13-01-client.bin"}};
  for (const auto& [first, second] : kBrowsers) {
    // What comes, and whether it is enough: 3.6.6 begins anew when the first part comes twice.
    const std::vector<std::pair<std::vector<std::string>, bool>> orders = {
        {{first, second}, true},                        // In order.
        {{second, first}, true},                        // Swapped.
        {{first, second, second}, true},                // The second one twice.
        {{first, first, second}, false},                // The first one twice,
        {{first, first, second, first, second}, true},  // and then all repeated.
        {{second, first, second}, true},                // The first one lost, all repeated.
        {{first}, false},                               // The second one lost,
        {{first, first, second}, false},                // all repeated,
        {{first, first, second, first, second}, true},  // twice.
    };
    for (const auto& [order, enough] : orders) {
      SCOPED_TRACE(first + ", " + std::to_string(order.size()) + " datagrams");
      const Answer answer = AnswerTo(order);
      if (CanReassembleClientHello()) {
        EXPECT_FALSE(answer.closed);
        EXPECT_FALSE(answer.alert);
        EXPECT_EQ(answer.datagrams > 0, enough);
      } else {
        EXPECT_EQ(answer.closed, CloseReason::kFragmentedClientHello);
        EXPECT_EQ(answer.datagrams, 0u);
      }
    }
  }
}

// Checklist 15: with the records that Chromium really repeated.
TEST(Transport, AnswersARepeatedClientHello) {
  if (!CanReassembleClientHello()) GTEST_SKIP() << "needs mbedTLS 3.6.6";
  const Answer answer =
      AnswerTo({"chromium156-dtls13-00-client.bin", "retransmit-chromium156-00-seq2.bin",
                "retransmit-chromium156-01-seq3.bin"});
  EXPECT_FALSE(answer.closed);
  EXPECT_FALSE(answer.alert);
  EXPECT_GE(answer.datagrams, 1u);
}

// They answer another ClientHello, so the handshake cannot go on; but nothing worse happens.
TEST(Transport, SurvivesFlightsOfAnotherHandshake) {
  for (const char* name : {"firefox153-dtls12-01-server.bin",
                           "firefox153client-chromium156server-dtls12-01-server.bin",
                           "chromium156-dtls13-02-server.bin", "firefox153-dtls13-02-server.bin",
                           "firefox153-dtls12-02-client.bin", "firefox153-dtls12-03-server.bin"}) {
    Endpoint client(Role::kClient, "192.0.2.1:1000", "192.0.2.2:2000", 1);
    client.Start(kStart);
    std::vector<uint8_t> datagram = ReadFlight(name);
    client.HandleDatagram(kStart, {client.local(), client.remote(), datagram});
    EXPECT_FALSE(client.connected()) << name;
  }
}

}  // namespace
}  // namespace ocellus::dtls
