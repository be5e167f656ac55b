// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/video_commands.h"

#include <gtest/gtest.h>

#include "tests/media/counting_waker.h"

namespace ocellus::media {
namespace {

VideoCommand Brightness(uint64_t id, int64_t value) {
  return {VideoCommandId(id), ControlCommand{"brightness", value}};
}

TEST(VideoCommands, ArriveInTheirOrder) {
  CountingWaker waker;
  VideoCommands commands(waker);
  ASSERT_TRUE(commands.Push(Brightness(1, 10)).ok());
  ASSERT_TRUE(commands.Push({VideoCommandId(2), StreamRequest{640, 480, {}, {}}}).ok());
  const std::optional<VideoCommand> first = commands.Pop();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, VideoCommandId(1));
  EXPECT_EQ(std::get<ControlCommand>(first->what).value, 10);
  const std::optional<VideoCommand> second = commands.Pop();
  ASSERT_TRUE(second);
  EXPECT_EQ(std::get<StreamRequest>(second->what).width, 640);
  EXPECT_FALSE(commands.Pop());
}

TEST(VideoCommands, WakeTheIoThreadForEachResult) {
  CountingWaker waker;
  VideoCommands commands(waker);
  commands.Finish({VideoCommandId(7), StatusCode::kNotFound, {}, {}});
  EXPECT_EQ(waker.wakes(), 1);
  const std::optional<VideoCommandResult> result = commands.PopResult();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->id, VideoCommandId(7));
  EXPECT_EQ(result->status.code(), StatusCode::kNotFound);
  EXPECT_FALSE(commands.PopResult());
}

TEST(VideoCommands, AreRefusedWhenTooManyWait) {
  CountingWaker waker;
  VideoCommands commands(waker);
  for (size_t i = 0; i < kMaxVideoCommands; ++i) {
    ASSERT_TRUE(commands.Push(Brightness(i + 1, 0)).ok());
  }
  EXPECT_EQ(commands.Push(Brightness(99, 0)).code(), StatusCode::kResourceExhausted);
  ASSERT_TRUE(commands.Pop());
  EXPECT_TRUE(commands.Push(Brightness(99, 0)).ok());
}

TEST(VideoCommands, LoseNoResultWhenTheIoThreadIsLate) {
  CountingWaker waker;
  VideoCommands commands(waker);
  uint64_t pushed = 0;
  uint64_t done = 0;
  for (int round = 0; round < 100; ++round) {
    while (commands.Push(Brightness(pushed + 1, 0)).ok()) ++pushed;
    while (const std::optional<VideoCommand> command = commands.Pop()) {
      EXPECT_EQ(command->id, VideoCommandId(++done));
      commands.Finish({command->id, {}, {}, {}});
    }
  }
  // Results fill their mailbox, one more waits, and the rest are commands still.
  EXPECT_EQ(done, kMaxVideoCommands + 1);
  EXPECT_EQ(pushed, 2 * kMaxVideoCommands + 1);
  for (uint64_t id = 1; id <= kMaxVideoCommands; ++id) {
    const std::optional<VideoCommandResult> result = commands.PopResult();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->id, VideoCommandId(id));
  }
  EXPECT_TRUE(commands.Pop());
  EXPECT_EQ(commands.PopResult()->id, VideoCommandId(kMaxVideoCommands + 1));
}

TEST(VideoCommands, TheNewestViewCounts) {
  CountingWaker waker;
  VideoCommands commands(waker);
  EXPECT_EQ(commands.view().zoom, 1);
  EXPECT_NEAR(commands.view().center_x, 0.5, 1e-4);
  commands.SetView({2, 0.1, 0.9});
  commands.SetView({7.5, 0.25, 0.75});
  EXPECT_NEAR(commands.view().zoom, 7.5, 1e-3);
  EXPECT_NEAR(commands.view().center_x, 0.25, 1e-4);
  EXPECT_NEAR(commands.view().center_y, 0.75, 1e-4);
}

TEST(VideoCommands, KeepTheViewInsideOfThePicture) {
  CountingWaker waker;
  VideoCommands commands(waker);
  commands.SetView({100, -3, 3});
  EXPECT_EQ(commands.view().zoom, kMaxDigitalZoom);
  EXPECT_EQ(commands.view().center_x, 0);
  EXPECT_EQ(commands.view().center_y, 1);
  commands.SetView({0, 0.5, 0.5});
  EXPECT_EQ(commands.view().zoom, 1);
}

}  // namespace
}  // namespace ocellus::media
