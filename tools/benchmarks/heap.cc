// SPDX-License-Identifier: Apache-2.0
// The heap that a viewer costs, and allocations per packet, by the library that asked: camera and
// viewers in one process and virtual time. tools/bench reads its lines of name and value.
//
//   bench_heap PROFILE VIEWERS
//
// PROFILE is gcm or cm: see ParseProfile.
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "firmware/base/text.h"
#include "tools/benchmarks/heap_meter.h"
#include "tools/benchmarks/studio.h"

namespace ocellus::benchmarks {
namespace {

constexpr int kSceneFrames = 150;  // 5 s.
constexpr Duration kIdle = std::chrono::seconds(10);

std::array<HeapUse, kHeapOwners> TakeSnapshot() {
  std::array<HeapUse, kHeapOwners> uses;
  for (size_t i = 0; i < kHeapOwners; ++i) uses[i] = ScopedHeap(static_cast<HeapOwner>(i));
  return uses;
}

// Live bytes per viewer since `before`: together, and of each owner.
void PrintHeap(const char* what, const std::array<HeapUse, kHeapOwners>& before, size_t viewers) {
  const auto now = TakeSnapshot();
  int64_t all = 0;
  for (size_t i = 0; i < kHeapOwners; ++i) {
    const int64_t bytes = now[i].bytes - before[i].bytes;
    all += bytes;
    std::printf("%s_%s %.0f\n", what, ToString(static_cast<HeapOwner>(i)),
                static_cast<double>(bytes) / static_cast<double>(viewers));
  }
  std::printf("%s %.0f\n", what, static_cast<double>(all) / static_cast<double>(viewers));
}

void Measure(srtp::Profile profile, size_t viewers) {
  VirtualStudio studio(profile, viewers + 1);
  studio.Connect();  // What libraries set up once is there then.
  studio.FilmScene(2);
  studio.Advance(kIdle);
  const auto before = TakeSnapshot();
  studio.ConnectAll();
  for (Duration idle{}; idle < kIdle; idle += kFrameInterval) studio.Advance(kFrameInterval);
  PrintHeap("idle", before, viewers);
  studio.FilmScene(kSceneFrames);
  PrintHeap("streaming", before, viewers);

  const auto streaming = TakeSnapshot();
  const uint64_t sent = studio.packets_sent();
  studio.FilmScene(kSceneFrames);
  const auto after = TakeSnapshot();
  const auto packets = static_cast<double>(studio.packets_sent() - sent);
  for (size_t i = 0; i < kHeapOwners; ++i) {
    std::printf("allocations_%s %.4f\n", ToString(static_cast<HeapOwner>(i)),
                static_cast<double>(after[i].allocations - streaming[i].allocations) / packets);
  }
}

int Main(const std::vector<std::string>& arguments) {
  const bool complete = arguments.size() == 2;
  const auto profile = complete ? ParseProfile(arguments[0]) : std::nullopt;
  const auto viewers = complete ? ParseNumber<uint32_t>(arguments[1]) : std::nullopt;
  if (!profile || !viewers || *viewers == 0) {
    std::fputs("usage: bench_heap gcm|cm VIEWERS\n", stderr);
    return 2;
  }
  Measure(*profile, *viewers);
  return 0;
}

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) { return ocellus::benchmarks::Main({argv + 1, argv + argc}); }
