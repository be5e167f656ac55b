// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sctp/record_list.h"

#include <gtest/gtest.h>

#include "firmware/rtc/sctp/chunk.h"

namespace ocellus::sctp {
namespace {

TEST(RecordList, GivesBackWhatTheBufferWasGiven) {
  RecordBuffer<GapBlock, 2> buffer;
  EXPECT_EQ(buffer.size(), 0u);
  EXPECT_TRUE(buffer.list().empty());
  ASSERT_TRUE(buffer.Add({2, 3}));
  ASSERT_TRUE(buffer.Add({5, 0xFFFF}));
  const RecordList<GapBlock> list = buffer.list();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].first, 2);
  EXPECT_EQ(list[0].last, 3);
  EXPECT_EQ(list[1].first, 5);
  EXPECT_EQ(list[1].last, 0xFFFF);
}

TEST(RecordList, BufferTakesNoMoreThanItHolds) {
  RecordBuffer<DuplicateTsn, 1> buffer;
  ASSERT_TRUE(buffer.Add({Tsn(7)}));
  EXPECT_TRUE(buffer.full());
  EXPECT_FALSE(buffer.Add({Tsn(8)}));
  ASSERT_EQ(buffer.list().size(), 1u);
  EXPECT_EQ(buffer.list()[0].tsn, Tsn(7));
  buffer.Clear();
  EXPECT_TRUE(buffer.Add({Tsn(8)}));
  EXPECT_EQ(buffer.list()[0].tsn, Tsn(8));
}

}  // namespace
}  // namespace ocellus::sctp
