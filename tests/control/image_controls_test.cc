// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/image_controls.h"

#include <gtest/gtest.h>

#include "tests/control/fake_services.h"

namespace ocellus::control {
namespace {

TEST(ImageControls, AreAllButTheMotors) {
  const FakeCameraService camera;
  std::string names;
  for (const hal::CameraControl& control : ImageControls(camera)) names += control.name + ' ';
  EXPECT_EQ(names, "brightness power-line-frequency horizontal-flip ");
  for (const char* motor : {"pan", "tilt", "zoom", "pan-speed", "tilt-speed", "zoom-speed"}) {
    EXPECT_FALSE(IsImageControl(motor)) << motor;
  }
  EXPECT_TRUE(IsImageControl("panorama"));
}

}  // namespace
}  // namespace ocellus::control
