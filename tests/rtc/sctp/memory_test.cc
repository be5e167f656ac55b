// SPDX-License-Identifier: Apache-2.0
// What an association and a channel take while they are idle.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <new>

#include "firmware/rtc/sctp/association.h"
#include "tests/rtc/sctp/channel_end.h"

namespace {

size_t live_bytes = 0;

}  // namespace

// All of this program's new and delete, with what malloc really takes.
void* operator new(size_t size) {
  void* memory = std::malloc(size);
  if (!memory) std::abort();
  live_bytes += malloc_usable_size(memory);
  return memory;
}
void operator delete(void* memory) noexcept {
  if (memory) live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }

namespace ocellus::sctp {
namespace {

class NoMoreThanItself : public PathEnd {
 public:
  explicit NoMoreThanItself(uint64_t seed)
      : random_(seed), before_(live_bytes), channels_(PacketPath::kStart, Config(), random_) {}
  DataChannels& channels() { return channels_; }
  void HandlePacket(Time now, Bytes packet) override {
    const size_t before = live_bytes;
    channels_.HandlePacket(now, packet);
    Poll(before);
  }
  void HandleTimeout(Time now) override {
    const size_t before = live_bytes;
    channels_.HandleTimeout(now);
    Poll(before);
  }
  std::optional<size_t> PollTransmit(Time now, MutableBytes out) override {
    const size_t before = live_bytes;
    const auto size = channels_.PollTransmit(now, out);
    Poll(before);
    return size;
  }
  Time next_deadline() const override { return channels_.next_deadline(); }
  void Open(Time now) {
    const size_t before = live_bytes;
    ChannelOptions options;
    options.label = "file";
    options.protocol = "ocellus.file.v1";
    ASSERT_TRUE(channels_.Open(now, options).ok());
    Poll(before);
  }
  // Heap of the channels alone: events are dropped at once.
  int64_t heap() const { return heap_; }

 private:
  void Poll(size_t before) {
    while (channels_.PollEvent()) continue;
    heap_ += static_cast<int64_t>(live_bytes) - static_cast<int64_t>(before);
  }

  sim::SeededRandom random_;
  size_t before_;
  DataChannels channels_;
  int64_t heap_ = static_cast<int64_t>(live_bytes - before_);
};

TEST(Memory, AnIdleAssociationTakesAFewKilobytesAndAChannelLessThan300Bytes) {
  NoMoreThanItself a(1);
  NoMoreThanItself b(2);
  PacketPath path(a, b, GoodPath(), 1);
  a.channels().Start(path.now(), true);
  b.channels().Start(path.now(), false);
  path.RunFor(std::chrono::seconds(5));
  ASSERT_TRUE(a.channels().is_connected());
  const auto association = static_cast<int64_t>(sizeof(DataChannels)) + a.heap();
  const int64_t before_a = a.heap();
  const int64_t before_b = b.heap();
  for (size_t i = 0; i < kMaxChannels; ++i) a.Open(path.now());
  path.RunFor(std::chrono::seconds(5));
  ASSERT_EQ(b.channels().stats().channels, kMaxChannels);
  constexpr int64_t kChannels = kMaxChannels;
  const int64_t channel_a = (a.heap() - before_a) / kChannels;
  const int64_t channel_b = (b.heap() - before_b) / kChannels;
  RecordProperty("association_bytes", std::to_string(association));
  RecordProperty("channel_bytes_opener", std::to_string(channel_a));
  RecordProperty("channel_bytes_other", std::to_string(channel_b));
  // 4.0 KB and 245 bytes with GCC 12 on x86-64.
  EXPECT_LT(association, 6 * 1024);
  EXPECT_LT(channel_a, 300);
  EXPECT_LT(channel_b, 300);
}

}  // namespace
}  // namespace ocellus::sctp
