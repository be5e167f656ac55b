// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/image_controls.h"

#include <gtest/gtest.h>

#include "tests/control/fake_services.h"

namespace ocellus::control {
namespace {

TEST(ImageControls, LeaveTheMotorsOut) {
  const FakeCameraService camera;
  std::string names;
  for (const hal::CameraControl& control : ImageControls(camera)) names += control.name + ' ';
  EXPECT_EQ(names, "brightness power-line-frequency horizontal-flip ");
}

}  // namespace
}  // namespace ocellus::control
