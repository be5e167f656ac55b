// SPDX-License-Identifier: Apache-2.0
// The heap of our SCTP beside usrsctp's: what an association and a channel take while they are
// idle, and allocations for each packet of data, both ends together. In virtual time, without DTLS.
// Prints lines of name and value.
//
//   bench_sctp_heap
#include <cstdio>
#include <functional>
#include <memory>

#include "firmware/base/limits.h"
#include "tools/benchmarks/heap_meter.h"
#include "tools/benchmarks/sctp_stack.h"

namespace ocellus::benchmarks {
namespace {

constexpr Duration kIdle = std::chrono::seconds(10);
constexpr uint64_t kBytes = 10'000'000;
constexpr size_t kMessageSizes[] = {65'536, 1200, 100};

HeapOwner OwnerOf(SctpStack stack) {
  return stack == SctpStack::kOcellus ? HeapOwner::kOcellus : HeapOwner::kUsrsctp;
}

void Print(SctpStack stack, const char* name, double value) {
  std::printf("%s_%s %.2f\n", ToString(stack), name, value);
}

// Live bytes that `act` leaves behind.
double HeapOf(SctpStack stack, const std::function<void()>& act) {
  const HeapUse before = ScopedHeap(OwnerOf(stack));
  act();
  return static_cast<double>(ScopedHeap(OwnerOf(stack)).bytes - before.bytes);
}

// A second association, so that what is made once is there; and what another channel costs one end.
// Returns the bytes of one end with one channel.
double MeasureIdle(SctpStack stack, const SctpPair::MakeEnd& make_end,
                   const std::function<void(Time)>& open_channels = {}, size_t channels = 1) {
  SctpPair first(make_end, SctpWorld::kRoundTrip, 0, 1);
  first.Connect();
  first.RunFor(kIdle);
  std::unique_ptr<SctpPair> second;
  const double two_ends = HeapOf(stack, [&] {
    second = std::make_unique<SctpPair>(make_end, SctpWorld::kRoundTrip, 0, 2, first.now());
    second->Connect();
    second->RunFor(kIdle);
  });
  if (open_channels) {
    const double more = HeapOf(stack, [&] {
      open_channels(second->now());
      second->RunFor(kIdle);
    });
    Print(stack, "channel", more / 2 / static_cast<double>(channels));
  }
  return two_ends / 2;
}

void MeasureOurs() {
  OcellusSctpEnd* sender = nullptr;
  const auto make_end = [&sender](PacketSink& out, bool is_active) {
    auto end = std::make_unique<OcellusSctpEnd>(out, is_active);
    if (is_active) sender = end.get();
    return end;
  };
  constexpr size_t kChannels = kMaxChannels - 1;
  Print(SctpStack::kOcellus, "association",
        MeasureIdle(
            SctpStack::kOcellus, make_end,
            [&sender](Time now) {
              for (size_t i = 0; i < kChannels; ++i) sender->OpenChannel(now);
              sender->Flush(now);
            },
            kChannels));
}

// A channel of usrsctp is a pair of streams, whose state is there from the beginning.
void MeasureUsrsctp() {
  std::unique_ptr<UsrsctpLibrary> library;
  Print(SctpStack::kUsrsctp, "library", HeapOf(SctpStack::kUsrsctp, [&library] {
          library = std::make_unique<UsrsctpLibrary>(SctpPair::kStart, true);
        }));
  const auto measure = [](uint16_t streams) {
    return MeasureIdle(SctpStack::kUsrsctp, [streams](PacketSink& out, bool) {
      return std::make_unique<UsrsctpEnd>(out, streams);
    });
  };
  const double few = measure(1);
  const double many = measure(UsrsctpEnd::kStreams);
  Print(SctpStack::kUsrsctp, "association", many);
  Print(SctpStack::kUsrsctp, "association_of_one_stream", few);
  Print(SctpStack::kUsrsctp, "channel", (many - few) / (UsrsctpEnd::kStreams - 1));
}

void MeasureAllocations(SctpStack stack, size_t message_size) {
  SctpWorld world(stack, 0);
  SctpPair& pair = world.pair();
  pair.Transfer(kBytes, message_size);  // The window is open now.
  const uint64_t packets = pair.there().packets();
  const uint64_t before = ScopedHeap(OwnerOf(stack)).allocations;
  pair.Transfer(kBytes, message_size);
  const uint64_t made = ScopedHeap(OwnerOf(stack)).allocations - before;
  std::printf("%s_allocations_%zu %.3f\n", ToString(stack), message_size,
              static_cast<double>(made) / static_cast<double>(pair.there().packets() - packets));
}

void Main() {
  MeasureOurs();
  MeasureUsrsctp();
  for (const size_t message_size : kMessageSizes) {
    for (const SctpStack stack : {SctpStack::kOcellus, SctpStack::kUsrsctp}) {
      MeasureAllocations(stack, message_size);
    }
  }
}

}  // namespace
}  // namespace ocellus::benchmarks

int main() { ocellus::benchmarks::Main(); }
