// SPDX-License-Identifier: Apache-2.0
// Our SCTP beside usrsctp: each talks with itself, both ends in one process, in virtual time,
// without DTLS. Prints lines of name and value.
//
//   bench_sctp compare MESSAGE_SIZE LOSS_PERCENT     all, in turns: megabytes a second of CPU time
//                                                    (the best of some runs) and of virtual time
//   bench_sctp count STACK MESSAGE_SIZE LOSS_PERCENT
//                                                    one transfer, for callgrind: what it took is
//                                                    inside of SctpPair::Transfer
//   bench_sctp checksums                             for callgrind: some, inside of sctp::Crc32c
//
// STACK is ocellus, usrsctp or usrsctp_unchecked, which leaves out checksums as ours does.
#include <cstdio>
#include <ctime>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/text.h"
#include "firmware/rtc/sctp/crc32c.h"
#include "tools/benchmarks/sctp_stack.h"

namespace ocellus::benchmarks {
namespace {

constexpr int kRuns = 7;
constexpr uint64_t kBytes = 40'000'000;
constexpr uint64_t kBytesToCount = 10'000'000;

struct Load {
  size_t message_size;
  double loss;
};

struct Figures {
  double cpu_seconds = std::numeric_limits<double>::max();
  double path_seconds = 0;
};

Figures Transfer(SctpStack stack, const Load& load, uint64_t bytes) {
  SctpWorld world(stack, load.loss);
  const std::clock_t begin = std::clock();
  const Duration took = world.pair().Transfer(bytes, load.message_size);
  return {static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC,
          static_cast<double>(took.count()) / 1e6};
}

// In turns, so that what else the machine does meets all.
void Compare(const Load& load) {
  std::map<SctpStack, Figures> best;
  for (int run = 0; run < kRuns; ++run) {
    for (const SctpStack stack : kSctpStacks) {
      const Figures figures = Transfer(stack, load, kBytes);
      if (figures.cpu_seconds < best[stack].cpu_seconds) best[stack] = figures;
    }
  }
  for (const auto& [stack, figures] : best) {
    std::printf("%s_megabytes_per_cpu_second %.1f\n", ToString(stack),
                kBytes / 1e6 / figures.cpu_seconds);
    std::printf("%s_megabytes_per_path_second %.2f\n", ToString(stack),
                kBytes / 1e6 / figures.path_seconds);
  }
}

void Count(SctpStack stack, const Load& load) {
  Transfer(stack, load, kBytesToCount);
  std::printf("bytes %llu\n", static_cast<unsigned long long>(kBytesToCount));
}

// Of packets of full size.
void Checksums() {
  constexpr uint64_t kPackets = 1000;
  std::vector<uint8_t> packet(kSctpMtu);
  for (uint64_t i = 0; i < kPackets; ++i) {
    const uint32_t checksum = sctp::Crc32c(packet);
    packet[i] = static_cast<uint8_t>(checksum);
  }
  std::printf("bytes %llu\n", static_cast<unsigned long long>(kPackets * packet.size()));
}

std::optional<SctpStack> ParseStack(std::string_view name) {
  for (const SctpStack stack : kSctpStacks) {
    if (name == ToString(stack)) return stack;
  }
  return std::nullopt;
}

std::optional<Load> ParseLoad(const std::string& size, const std::string& percent) {
  const auto message_size = ParseNumber<uint32_t>(size);
  const auto loss = ParseNumber<uint32_t>(percent);
  if (!message_size || *message_size == 0 || !loss || *loss > 50) return std::nullopt;
  return Load{*message_size, *loss / 100.0};
}

int Main(const std::vector<std::string>& arguments) {
  const std::string what = arguments.empty() ? "" : arguments[0];
  if (what == "checksums" && arguments.size() == 1) {
    Checksums();
    return 0;
  }
  if (what == "compare" && arguments.size() == 3) {
    if (const auto load = ParseLoad(arguments[1], arguments[2])) {
      Compare(*load);
      return 0;
    }
  }
  if (what == "count" && arguments.size() == 4) {
    const auto stack = ParseStack(arguments[1]);
    const auto load = ParseLoad(arguments[2], arguments[3]);
    if (stack && load) {
      Count(*stack, *load);
      return 0;
    }
  }
  std::fputs(
      "usage: bench_sctp compare MESSAGE_SIZE LOSS_PERCENT\n"
      "       bench_sctp count ocellus|usrsctp|usrsctp_unchecked MESSAGE_SIZE LOSS_PERCENT\n"
      "       bench_sctp checksums\n",
      stderr);
  return 2;
}

}  // namespace
}  // namespace ocellus::benchmarks

int main(int argc, char** argv) { return ocellus::benchmarks::Main({argv + 1, argv + argc}); }
