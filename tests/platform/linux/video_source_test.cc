// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/video_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/linux/file.h"
#include "tests/platform/linux/temporary_directory.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(VideoSource, KnowsItsKinds) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileAtomically(directory / "a.h264", {}, FileAccess::kPublic).ok());
  EXPECT_EQ(*ParseVideoSource("auto"), VideoSource::kAuto);
  EXPECT_EQ(*ParseVideoSource("test-pattern"), VideoSource::kTestPattern);
  EXPECT_EQ(*ParseVideoSource("/dev/video0"), VideoSource::kV4l2);
  EXPECT_EQ(*ParseVideoSource("/dev/v4l/by-id/not-plugged-in"), VideoSource::kV4l2);
  EXPECT_EQ(*ParseVideoSource(directory / "a.h264"), VideoSource::kFile);
}

TEST(VideoSource, RefusesWhatIsNoneOfThem) {
  const TemporaryDirectory directory;
  for (const std::string& source : {std::string("testpattern"), directory / "missing.h264"}) {
    const Status status = ParseVideoSource(source).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(), AllOf(HasSubstr(source), HasSubstr("/dev/video0")));
  }
}

}  // namespace
}  // namespace ocellus::linux_platform
