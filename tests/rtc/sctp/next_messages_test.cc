// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/next_messages.h"

#include <gtest/gtest.h>

namespace ocellus::sctp {
namespace {

TEST(NextMessages, AreZeroUntilTheyAreSet) {
  NextMessages next;
  EXPECT_EQ(next.Get(StreamId(0)), 0u);
  EXPECT_EQ(next.Get(StreamId(65535)), 0u);
  next.Set(StreamId(65535), 7);
  EXPECT_EQ(next.Get(StreamId(65535)), 7u);
  EXPECT_EQ(next.Get(StreamId(65534)), 0u);
  EXPECT_EQ(next.Get(StreamId(0)), 0u);
  next.Clear();
  EXPECT_EQ(next.Get(StreamId(65535)), 0u);
}

TEST(NextMessages, KeepAllStreamsApart) {
  NextMessages next;
  for (uint32_t stream = 0; stream <= 0xFFFF; ++stream) {
    next.Set(StreamId(static_cast<uint16_t>(stream)), ~stream);
  }
  for (uint32_t stream = 0; stream <= 0xFFFF; ++stream) {
    ASSERT_EQ(next.Get(StreamId(static_cast<uint16_t>(stream))), ~stream);
  }
}

}  // namespace
}  // namespace ocellus::sctp
