// SPDX-License-Identifier: Apache-2.0
// A file beside the video: it arrives whole, and the video does not notice.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMiB = 1024 * 1024;

// What a viewer sees of a call.
struct Watched {
  size_t pictures = 0;
  bool complete = true;  // No number is missing.
  Duration longest_gap{};
  Duration mean_delay{};  // From the camera's shutter to the whole picture.
  Duration late_delay{};  // That of the latest 5 in 100.
  size_t file_bytes = 0;
  bool file_intact = true;
  Duration file_time{};
};

Watched Watch(const PeerPairOptions& options, size_t file_size, Duration duration) {
  PeerPair pair(options);
  FileSender sender(file_size);
  FileReceiver receiver;
  pair.camera().AddChannelUser(sender);
  pair.viewer().AddChannelUser(receiver);
  pair.Negotiate();
  EXPECT_TRUE(pair.RunUntilFirstPicture());
  Network& network = pair.network();
  network.RunFor(seconds(2));
  const Time start = network.now();
  const size_t first = pair.viewer().pictures().size();
  if (file_size > 0) sender.Open(start, pair.camera().peer());
  Watched watched;
  network.RunUntilTrue([&] { return file_size > 0 && receiver.received() == file_size; }, duration);
  watched.file_time = network.now() - start;
  network.RunUntil(start + duration);

  const auto& pictures = pair.viewer().pictures();
  std::vector<Duration> delays;
  for (size_t i = first; i < pictures.size(); ++i) {
    const Time taken = options.start + options.film.interval * pictures[i].number;
    delays.push_back(pictures[i].at - taken);
    watched.mean_delay += delays.back();
    watched.complete = watched.complete && pictures[i].number == pictures[i - 1].number + 1;
    watched.longest_gap = std::max(watched.longest_gap, pictures[i].at - pictures[i - 1].at);
  }
  std::sort(delays.begin(), delays.end());
  watched.pictures = delays.size();
  watched.mean_delay /= static_cast<int64_t>(delays.size());
  watched.late_delay = delays[delays.size() * 95 / 100];
  watched.file_bytes = receiver.received();
  watched.file_intact = receiver.is_intact();
  return watched;
}

TEST(DataChannelFile, ArrivesWholeOverALossyNetworkWhileTheVideoKeepsItsRate) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(20);
  options.conditions.rate = DataRate::FromKilobitsPerSecond(50'000);
  options.conditions.loss = 0.05;
  const Duration duration = seconds(20);
  const Watched alone = Watch(options, 0, duration);
  const Watched beside = Watch(options, 20 * kMiB, duration);
  EXPECT_EQ(beside.file_bytes, 20 * kMiB);
  EXPECT_TRUE(beside.file_intact);
  EXPECT_LE(beside.file_time, seconds(10));
  EXPECT_TRUE(beside.complete);
  EXPECT_GE(beside.pictures + 10, alone.pictures);
  EXPECT_LE(beside.longest_gap, alone.longest_gap + milliseconds(200));
  EXPECT_LE(beside.mean_delay, alone.mean_delay + milliseconds(20));
}

// 4 Mbit/s, of which the video takes half. The file has the rest, and its packets do not stand in
// the video's way.
TEST(DataChannelFile, RaisesTheVideosDelayByTwentyMillisecondsAtMostOnANarrowLink) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(25);
  options.conditions.rate = DataRate::FromKilobitsPerSecond(4'000);
  options.film.frame_size = 8'300;
  const Duration duration = seconds(30);
  const Watched alone = Watch(options, 0, duration);
  const Watched beside = Watch(options, 100 * kMiB, duration);
  EXPECT_TRUE(alone.complete && beside.complete);
  EXPECT_LE(beside.mean_delay, alone.mean_delay + milliseconds(20));
  EXPECT_LE(beside.late_delay, alone.late_delay + milliseconds(20));
  EXPECT_LE(beside.longest_gap, alone.longest_gap + milliseconds(50));
  EXPECT_TRUE(beside.file_intact);
  EXPECT_GE(beside.file_bytes, 2 * kMiB);  // Of 7 that the link has left.
}

TEST(DataChannelFile, LeavesTheVideoAloneOnAWideLink) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(5);
  options.conditions.rate = DataRate::FromKilobitsPerSecond(100'000);
  options.film.frame_size = 25'000;
  const Watched alone = Watch(options, 0, seconds(5));
  const Watched beside = Watch(options, 30 * kMiB, seconds(5));
  EXPECT_TRUE(beside.complete);
  EXPECT_EQ(beside.file_bytes, 30 * kMiB);
  EXPECT_LE(beside.late_delay, alone.late_delay + milliseconds(20));
}

// More can be on its way there than the send buffer holds.
TEST(DataChannelFile, GoesOnWhenTheSendBufferWasFullOnALongFastNetwork) {
  PeerPairOptions options;
  options.conditions.delay = milliseconds(100);
  options.conditions.rate = DataRate::FromKilobitsPerSecond(400'000);
  const Watched watched = Watch(options, 50 * kMiB, seconds(20));
  EXPECT_EQ(watched.file_bytes, 50 * kMiB);
  EXPECT_TRUE(watched.file_intact && watched.complete);
}

}  // namespace
}  // namespace ocellus::sim
