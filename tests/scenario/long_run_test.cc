// SPDX-License-Identifier: Apache-2.0
// Hours of work, in virtual time.
#include <gtest/gtest.h>
#include <malloc.h>

#include "tests/sim/peer_pair.h"

namespace ocellus::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

size_t HeapInUse() { return mallinfo2().uordblks; }

// A picture every 10 s; between them consent and reports go on. 72 hours give the same.
TEST(LongRun, HoursTakeNoMemory) {
  PeerPairOptions options;
  options.film.interval = seconds(10);
  options.film.frame_size = 1000;
  PeerPair pair(options);
  pair.Negotiate();
  ASSERT_TRUE(pair.RunUntilFirstPicture(seconds(20)));
  pair.network().RunFor(hours(1));
  const auto kept_by_test = [&] {
    return pair.viewer().pictures().capacity() * sizeof(ViewerNode::Picture);
  };
  const size_t before = HeapInUse() - kept_by_test();
  pair.network().RunFor(hours(4));
  EXPECT_FALSE(pair.camera().closed().has_value());
  EXPECT_GE(pair.viewer().pictures().size(), 5u * 360 - 10);
  EXPECT_LE(HeapInUse() - kept_by_test(), before + 4096);
}

// Uptimes at which 32 bits of milliseconds or microseconds wrap.
TEST(LongRun, NothingStallsWhereCountersOfTimeWrap) {
  for (const Duration uptime :
       {Duration(milliseconds(int64_t{1} << 32)), Duration(int64_t{1} << 32),
        Duration(milliseconds(int64_t{1} << 31)), Duration(int64_t{1} << 31)}) {
    PeerPairOptions options;
    options.start = Time(uptime - seconds(20));
    options.conditions.delay = milliseconds(20);
    options.conditions.loss = 0.05;
    PeerPair pair(options);
    pair.Negotiate();
    ASSERT_TRUE(pair.RunUntilFirstPicture());
    pair.network().RunFor(seconds(40));
    EXPECT_LE(pair.viewer().LongestGap(pair.network().now()), milliseconds(500));
    EXPECT_GT(pair.camera().peer().stats().video.retransmissions_sent, 10u);
  }
}

}  // namespace
}  // namespace ocellus::sim
