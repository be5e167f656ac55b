// SPDX-License-Identifier: Apache-2.0
// From the answer to keys and to the first whole picture, over a simulated network in virtual time:
// a camera and a viewer of ours, another seed for each call. Also where the time goes: to the first
// datagram of the handshake, to the camera's keys, and to its first packet of media.
//
//   bench_start_up ROUND_TRIP_MS LOSS_PERCENT CALLS [dead] [in-stun] [log]
//
// dead: three dead candidates stand in front of the good one on both sides. in-stun: both sides
// carry the DTLS handshake in STUN. log: prints who sends what when, for the last call.
#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "firmware/base/text.h"
#include "tests/sim/call_log.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::benchmarks {
namespace {

using sim::CallLog;

constexpr Duration kLimit = std::chrono::seconds(30);

struct Options {
  std::vector<uint32_t> numbers;
  std::set<std::string> words;

  bool Has(const char* word) const { return words.count(word) > 0; }
};

// One stage of a connection, in each call.
struct Stage {
  const char* name;
  std::vector<Duration> times;
};

void PrintPercentiles(Stage stage) {
  std::vector<Duration>& times = stage.times;
  std::sort(times.begin(), times.end());
  for (const size_t percent : {50, 95}) {
    std::printf("%s_p%zu_ms %.1f\n", stage.name, percent,
                static_cast<double>(times[(times.size() - 1) * percent / 100].count()) / 1000);
  }
}

// In front of the good address; nothing comes to them.
std::vector<SocketAddress> WithDeadAddresses(const SocketAddress& good) {
  std::vector<SocketAddress> addresses;
  for (int i = 1; i <= 3; ++i) {
    addresses.push_back(*SocketAddress::Parse("203.0.113." + std::to_string(good.port % 100 + i) +
                                              ":" + std::to_string(good.port)));
  }
  addresses.push_back(good);
  return addresses;
}

sim::PeerPairOptions MakeCall(const Options& options) {
  sim::PeerPairOptions call;
  call.conditions.delay = std::chrono::milliseconds(options.numbers[0]) / 2;
  call.conditions.loss = options.numbers[1] / 100.0;
  call.signaling_delay = call.conditions.delay;
  call.film.frame_size = 2'000'000 / 8 / 30;
  call.film.keyframe_size = 40'000;
  if (options.Has("in-stun")) call.viewer_handshake = peer::HandshakeInStun::kOffer;
  if (options.Has("dead")) {
    call.camera_addresses = WithDeadAddresses(call.camera_addresses.front());
    call.viewer_addresses = WithDeadAddresses(call.viewer_addresses.front());
  }
  return call;
}

int Measure(const Options& options) {
  Stage handshake{"handshake_begins", {}};
  Stage camera{"camera_connected", {}};
  Stage connected{"connected", {}};
  Stage media{"media_begins", {}};
  Stage picture{"first_picture", {}};
  sim::PeerPairOptions call = MakeCall(options);
  for (call.seed = 1; call.seed <= options.numbers[2]; ++call.seed) {
    sim::PeerPair pair(call);
    for (const auto* addresses : {&call.camera_addresses, &call.viewer_addresses}) {
      for (size_t i = 0; i + 1 < addresses->size(); ++i) {
        pair.network().RemoveAddress((*addresses)[i].ip);
      }
    }
    CallLog log(pair.network());
    pair.Negotiate();
    CHECK(pair.RunUntilConnected(kLimit) && pair.RunUntilFirstPicture(kLimit), "seed %llu",
          static_cast<unsigned long long>(call.seed));
    const Time answered = pair.answered_at();
    handshake.times.push_back(log.First(CallLog::Kind::kHandshake).value_or(answered) - answered);
    camera.times.push_back(*pair.camera().connected_at() - answered);
    connected.times.push_back(*pair.viewer().connected_at() - answered);
    media.times.push_back(log.First(CallLog::Kind::kMedia).value_or(answered) - answered);
    picture.times.push_back(pair.viewer().pictures().front().at - answered);
    if (call.seed == options.numbers[2] && options.Has("log")) {
      std::fputs(log.Print(answered).c_str(), stdout);
    }
  }
  for (const Stage& stage : {handshake, camera, connected, media, picture}) PrintPercentiles(stage);
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  Options options;
  for (const std::string& argument : arguments) {
    if (const auto number = ParseNumber<uint32_t>(argument)) {
      options.numbers.push_back(*number);
    } else {
      options.words.insert(argument);
    }
  }
  const bool known = std::all_of(options.words.begin(), options.words.end(), [](const auto& word) {
    return word == "dead" || word == "in-stun" || word == "log";
  });
  if (options.numbers.size() != 3 || options.numbers[2] == 0 || !known) {
    std::fputs("usage: bench_start_up ROUND_TRIP_MS LOSS_PERCENT CALLS [dead] [in-stun] [log]\n",
               stderr);
    return 2;
  }
  return Measure(options);
}

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) { return ocellus::benchmarks::Main({argv + 1, argv + argc}); }
