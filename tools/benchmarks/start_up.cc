// SPDX-License-Identifier: Apache-2.0
// From the answer to keys and to the first whole picture, over a simulated network in virtual time:
// a camera and a viewer of ours, another seed for each call.
//
//   bench_start_up ROUND_TRIP_MS LOSS_PERCENT CALLS
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "firmware/base/text.h"
#include "tests/sim/peer_pair.h"

namespace ocellus::benchmarks {
namespace {

constexpr Duration kLimit = std::chrono::seconds(30);

void PrintPercentiles(const char* what, std::vector<Duration> times) {
  std::sort(times.begin(), times.end());
  for (const size_t percent : {50, 95}) {
    std::printf("%s_p%zu_ms %.1f\n", what, percent,
                static_cast<double>(times[(times.size() - 1) * percent / 100].count()) / 1000);
  }
}

int Main(const std::vector<std::string>& arguments) {
  std::vector<uint32_t> numbers;
  for (const std::string& argument : arguments) {
    if (const auto number = ParseNumber<uint32_t>(argument)) numbers.push_back(*number);
  }
  if (numbers.size() != 3 || numbers[2] == 0) {
    std::fputs("usage: bench_start_up ROUND_TRIP_MS LOSS_PERCENT CALLS\n", stderr);
    return 2;
  }
  sim::PeerPairOptions options;
  options.conditions.delay = std::chrono::milliseconds(numbers[0]) / 2;
  options.conditions.loss = numbers[1] / 100.0;
  options.signaling_delay = options.conditions.delay;
  options.film.frame_size = 2'000'000 / 8 / 30;
  options.film.keyframe_size = 40'000;

  std::vector<Duration> connected;
  std::vector<Duration> first_picture;
  for (options.seed = 1; options.seed <= numbers[2]; ++options.seed) {
    sim::PeerPair pair(options);
    pair.Negotiate();
    CHECK(pair.RunUntilConnected(kLimit) && pair.RunUntilFirstPicture(kLimit), "seed %llu",
          static_cast<unsigned long long>(options.seed));
    connected.push_back(*pair.viewer().connected_at() - pair.answered_at());
    first_picture.push_back(pair.viewer().pictures().front().at - pair.answered_at());
  }
  PrintPercentiles("connected", connected);
  PrintPercentiles("first_picture", first_picture);
  return 0;
}

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) { return ocellus::benchmarks::Main({argv + 1, argv + argc}); }
