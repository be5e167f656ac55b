// SPDX-License-Identifier: Apache-2.0
// The fakes keep the same contracts as the drivers that they stand for.
#include "tests/hal/camera_conformance.h"
#include "tests/hal/encoder_conformance.h"
#include "tests/hal/fake_camera.h"
#include "tests/hal/fake_codecs.h"

namespace ocellus::hal {
namespace {

template <PixelFormat kFormat>
struct FakeCameraRig final : CameraRig {
  FakeCameraRig() {
    fake.format = VideoFormat{kFormat, 640, 480, 30};
    fake.images = {{1, 2, 3}};
  }
  Camera& camera() override { return fake; }

  FakeCamera fake{clock};
};

INSTANTIATE_TEST_SUITE_P(FakeI420, CameraConformance, testing::Values([] {
                           return std::make_unique<FakeCameraRig<PixelFormat::kI420>>();
                         }));
INSTANTIATE_TEST_SUITE_P(FakeH264, CameraConformance, testing::Values([] {
                           return std::make_unique<FakeCameraRig<PixelFormat::kH264>>();
                         }));
INSTANTIATE_TEST_SUITE_P(Fake, EncoderConformance,
                         testing::Values([] { return std::make_unique<FakeEncoder>(); }));

}  // namespace
}  // namespace ocellus::hal
