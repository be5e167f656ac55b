// SPDX-License-Identifier: Apache-2.0
#include "hal/camera_controls.h"

#include <gtest/gtest.h>

namespace ocellus::hal {
namespace {

TEST(CameraControls, TellImageControlsFromMotorsAndTheStreams) {
  for (const char* other :
       {"pan", "tilt", "zoom", "pan-speed", "tilt-speed", "zoom-speed", "bitrate"}) {
    EXPECT_FALSE(IsImageControl(other)) << other;
  }
  for (const char* image : {"brightness", "vertical-flip", "rotate", "panorama"}) {
    EXPECT_TRUE(IsImageControl(image)) << image;
  }
}

}  // namespace
}  // namespace ocellus::hal
