// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/picture_shaper.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_picture_transformer.h"

namespace ocellus::media {
namespace {

using hal::PictureArea;
using hal::PictureTransform;
using hal::Rotation;

constexpr Duration kFrame = std::chrono::milliseconds(33);

class PictureShaperTest : public testing::Test {
 protected:
  PictureShaperTest() { SetPicture(1280, 720); }

  void SetPicture(int width, int height) {
    picture_ = hal::VideoFrame();
    picture_.width = width;
    picture_.height = height;
  }

  hal::VideoFrame Shape() {
    now_ += kFrame;
    return shaper_.Shape(now_, picture_, shaper_.OutputSize({picture_.width, picture_.height}));
  }

  // The transform once the view has come to rest.
  PictureTransform Settle() {
    for (int i = 0; i < 100; ++i) Shape();
    CHECK(!transformer_.transforms.empty(), "nothing was transformed");
    return transformer_.transforms.back();
  }

  Status Set(const char* name, int64_t value) { return shaper_.SetControl(name, value); }

  hal::FakePictureTransformer transformer_;
  PictureShaper shaper_{&transformer_};
  hal::VideoFrame picture_;
  Time now_{std::chrono::seconds(100)};
};

TEST_F(PictureShaperTest, LetsPicturesPassThatNeedNothing) {
  picture_.pixel_format = hal::PixelFormat::kYuyv;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Shape().pixel_format, hal::PixelFormat::kYuyv);
  EXPECT_TRUE(transformer_.transforms.empty());
}

TEST_F(PictureShaperTest, DoesNothingWithoutATransformer) {
  PictureShaper shaper(nullptr);
  shaper.SetView({4, 0.5, 0.5});
  shaper.SetSize(PictureSize{640, 360});
  EXPECT_EQ(shaper.OutputSize({1280, 720}), (PictureSize{1280, 720}));
  EXPECT_EQ(shaper.Shape(now_, picture_, {1280, 720}).width, 1280);
  EXPECT_TRUE(shaper.ListControls().empty());
  EXPECT_EQ(shaper.SetControl("rotate", 90).code(), StatusCode::kNotFound);
}

TEST_F(PictureShaperTest, ListsItsControlsWithTheirValues) {
  ASSERT_TRUE(Set("vertical-flip", 1).ok());
  ASSERT_TRUE(Set("rotate", 270).ok());
  const std::vector<hal::CameraControl> controls = shaper_.ListControls();
  ASSERT_EQ(controls.size(), 3u);
  EXPECT_EQ(controls[0].name, "horizontal-flip");
  EXPECT_EQ(controls[0].value, 0);
  EXPECT_EQ(controls[1].name, "vertical-flip");
  EXPECT_EQ(controls[1].value, 1);
  EXPECT_EQ(controls[2].name, "rotate");
  EXPECT_EQ(controls[2].value, 270);
  EXPECT_EQ(controls[2].choices.size(), 4u);
}

TEST_F(PictureShaperTest, RefusesValuesThatItDoesNotHave) {
  EXPECT_EQ(Set("rotate", 45).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Set("rotate", 360).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Set("rotate", -90).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Set("horizontal-flip", 2).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Set("brightness", 1).code(), StatusCode::kNotFound);
  Shape();
  EXPECT_TRUE(transformer_.transforms.empty());
}

TEST_F(PictureShaperTest, SwapsWidthAndHeightWhenItTurnsSideways) {
  ASSERT_TRUE(Set("rotate", 90).ok());
  const hal::VideoFrame shaped = Shape();
  EXPECT_EQ(shaped.width, 720);
  EXPECT_EQ(shaped.height, 1280);
  const PictureTransform& transform = transformer_.transforms.back();
  EXPECT_EQ(transform.area, (PictureArea{0, 0, 1280, 720}));
  EXPECT_EQ(transform.rotation, Rotation::k90);
  ASSERT_TRUE(Set("rotate", 180).ok());
  EXPECT_EQ(Shape().width, 1280);
}

TEST_F(PictureShaperTest, ScalesToASmallerSize) {
  shaper_.SetSize(PictureSize{640, 360});
  EXPECT_EQ(Shape().width, 640);
  EXPECT_EQ(transformer_.transforms.back().area, (PictureArea{0, 0, 1280, 720}));
}

TEST_F(PictureShaperTest, NeverEnlarges) {
  shaper_.SetSize(PictureSize{1920, 1080});
  EXPECT_EQ(Shape().width, 1280);
  EXPECT_TRUE(transformer_.transforms.empty());
}

TEST_F(PictureShaperTest, CutsTheMiddleOutForAnotherShape) {
  shaper_.SetSize(PictureSize{640, 480});
  EXPECT_EQ(Shape().height, 480);
  EXPECT_EQ(transformer_.transforms.back().area, (PictureArea{160, 0, 960, 720}));
  shaper_.SetSize(PictureSize{1280, 320});
  Shape();
  EXPECT_EQ(transformer_.transforms.back().area, (PictureArea{0, 200, 1280, 320}));
}

TEST_F(PictureShaperTest, ShowsTheHeldPictureInTheNewSize) {
  SetPicture(640, 480);
  now_ += kFrame;
  const hal::VideoFrame shaped = shaper_.Shape(now_, picture_, {1280, 720});
  EXPECT_EQ(shaped.width, 1280);
  EXPECT_EQ(transformer_.transforms.back().area, (PictureArea{0, 60, 640, 360}));
}

TEST_F(PictureShaperTest, ZoomsInUpToEightTimes) {
  shaper_.SetView({2, 0.5, 0.5});
  EXPECT_EQ(Settle().area, (PictureArea{320, 180, 640, 360}));
  EXPECT_EQ(transformer_.transforms.back().width, 1280);
  shaper_.SetView({8, 0.5, 0.5});
  EXPECT_EQ(Settle().area, (PictureArea{560, 316, 160, 90}));
}

TEST_F(PictureShaperTest, KeepsTheViewInsideOfThePicture) {
  shaper_.SetView({4, 0, 0});
  EXPECT_EQ(Settle().area, (PictureArea{0, 0, 320, 180}));
  shaper_.SetView({4, 1, 1});
  EXPECT_EQ(Settle().area, (PictureArea{960, 540, 320, 180}));
}

TEST_F(PictureShaperTest, KeepsTheViewEvenAndInsideWhateverIsAsked) {
  uint32_t seed = 1;
  const auto next = [&seed] {
    seed = seed * 1664525 + 1013904223;
    return static_cast<double>(seed >> 8) / (1 << 24);
  };
  for (int i = 0; i < 2000; ++i) {
    SetPicture(2 * (8 + static_cast<int>(next() * 700)), 2 * (8 + static_cast<int>(next() * 400)));
    shaper_.SetView({1 + next() * 7, next(), next()});
    ASSERT_TRUE(Set("rotate", 90 * static_cast<int>(next() * 4)).ok());
    ASSERT_TRUE(Set("horizontal-flip", static_cast<int>(next() * 2)).ok());
    shaper_.SetSize(next() < 0.5 ? std::optional(PictureSize{160, 120}) : std::nullopt);
    Shape();
    if (transformer_.transforms.empty()) continue;
    const PictureArea& area = transformer_.transforms.back().area;
    ASSERT_EQ((area.x | area.y | area.width | area.height) & 1, 0);
    ASSERT_GE(std::min(area.x, area.y), 0);
    ASSERT_GT(std::min(area.width, area.height), 0);
    ASSERT_LE(area.x + area.width, picture_.width);
    ASSERT_LE(area.y + area.height, picture_.height);
    transformer_.transforms.clear();
  }
}

// A viewer who pans to the right sees what is on the right of his picture, however it is turned.
TEST_F(PictureShaperTest, PansAsViewersSeeIt) {
  shaper_.SetView({2, 1, 0});  // The upper right quarter.
  EXPECT_EQ(Settle().area, (PictureArea{640, 0, 640, 360}));
  ASSERT_TRUE(Set("rotate", 90).ok());
  EXPECT_EQ(Settle().area, (PictureArea{0, 0, 640, 360}));
  ASSERT_TRUE(Set("rotate", 180).ok());
  EXPECT_EQ(Settle().area, (PictureArea{0, 360, 640, 360}));
  ASSERT_TRUE(Set("rotate", 270).ok());
  EXPECT_EQ(Settle().area, (PictureArea{640, 360, 640, 360}));
  ASSERT_TRUE(Set("rotate", 0).ok());
  ASSERT_TRUE(Set("horizontal-flip", 1).ok());
  EXPECT_EQ(Settle().area, (PictureArea{0, 0, 640, 360}));
  ASSERT_TRUE(Set("vertical-flip", 1).ok());
  EXPECT_EQ(Settle().area, (PictureArea{0, 360, 640, 360}));
}

TEST_F(PictureShaperTest, GlidesAStepAPicture) {
  Shape();
  shaper_.SetView({4, 0.5, 0.5});
  std::vector<int> widths;
  for (int i = 0; i < 30; ++i) {
    Shape();
    widths.push_back(transformer_.transforms.back().area.width);
  }
  EXPECT_GT(widths[0], 700);
  EXPECT_LT(widths[0], 1280);
  for (size_t i = 1; i < widths.size(); ++i) EXPECT_LE(widths[i], widths[i - 1]);
  EXPECT_GT(widths[0], widths[1]);
  EXPECT_GT(widths[1], widths[2]);
  EXPECT_EQ(widths.back(), 320);
}

TEST_F(PictureShaperTest, CostsNothingAgainOnceItIsBack) {
  shaper_.SetView({4, 0.5, 0.5});
  Settle();
  shaper_.SetView({1, 0.5, 0.5});
  Settle();
  transformer_.transforms.clear();
  Shape();
  EXPECT_TRUE(transformer_.transforms.empty());
}

TEST_F(PictureShaperTest, ShowsThePictureAsItIsWhenItCannotBeTransformed) {
  ASSERT_TRUE(Set("rotate", 90).ok());
  transformer_.error = StatusCode::kInternal;
  EXPECT_EQ(Shape().width, 1280);
}

}  // namespace
}  // namespace ocellus::media
