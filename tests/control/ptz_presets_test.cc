// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/ptz_presets.h"

#include <gtest/gtest.h>

#include "tests/hal/fake_storage.h"

namespace ocellus::control {
namespace {

const PtzTarget kDoor{-0.5, 0.25, 0.75};

TEST(PtzPresets, BeginsWithoutAny) {
  hal::FakeStorage storage;
  const PtzPresets presets(storage);
  EXPECT_TRUE(presets.list().empty());
  EXPECT_EQ(presets.Find(PresetId(1)), nullptr);
  EXPECT_TRUE(storage.stored.empty());
}

TEST(PtzPresets, OutlivesTheProgram) {
  hal::FakeStorage storage;
  {
    PtzPresets presets(storage);
    ASSERT_TRUE(presets.Save("Door \"A\" \xc3\xbc", {}, kDoor).ok());
    ASSERT_TRUE(presets.Save("Far", PresetId(32), {{}, {}, 1.0 / 3}).ok());
  }
  const PtzPresets presets(storage);
  ASSERT_EQ(presets.list().size(), 2u);
  EXPECT_EQ(presets.list()[0], (PtzPreset{PresetId(1), "Door \"A\" \xc3\xbc", kDoor}));
  EXPECT_EQ(presets.list()[1], (PtzPreset{PresetId(32), "Far", {{}, {}, 1.0 / 3}}));
}

TEST(PtzPresets, TakesTheLeastFreeId) {
  hal::FakeStorage storage;
  PtzPresets presets(storage);
  EXPECT_EQ(*presets.Save("a", {}, kDoor), PresetId(1));
  EXPECT_EQ(*presets.Save("c", PresetId(3), kDoor), PresetId(3));
  EXPECT_EQ(*presets.Save("b", {}, kDoor), PresetId(2));
  EXPECT_EQ(*presets.Save("d", {}, kDoor), PresetId(4));
  ASSERT_TRUE(presets.Delete(PresetId(2)).ok());
  EXPECT_EQ(*presets.Save("e", {}, kDoor), PresetId(2));
  EXPECT_EQ(presets.list()[1].name, "e");
}

TEST(PtzPresets, ReplacesByIdAndDeletes) {
  hal::FakeStorage storage;
  PtzPresets presets(storage);
  ASSERT_TRUE(presets.Save("old", PresetId(5), kDoor).ok());
  ASSERT_TRUE(presets.Save("new", PresetId(5), {0.0, 0.0, 0.0}).ok());
  ASSERT_EQ(presets.list().size(), 1u);
  EXPECT_EQ(presets.Find(PresetId(5))->name, "new");
  ASSERT_TRUE(presets.Delete(PresetId(5)).ok());
  EXPECT_EQ(presets.Delete(PresetId(5)).code(), StatusCode::kNotFound);
  EXPECT_TRUE(PtzPresets(storage).list().empty());
}

TEST(PtzPresets, HasRoomForItsNumberAndNoMore) {
  hal::FakeStorage storage;
  PtzPresets presets(storage);
  const std::string longest(kMaxPtzPresetName, 'n');
  for (size_t i = 0; i < kMaxPtzPresets; ++i) ASSERT_TRUE(presets.Save(longest, {}, kDoor).ok());
  EXPECT_EQ(presets.Save("more", {}, kDoor).status().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(presets.Save("instead", PresetId(7), kDoor).ok());
  EXPECT_EQ(PtzPresets(storage).list().size(), kMaxPtzPresets);
}

TEST(PtzPresets, RefusesBadNamesAndIds) {
  hal::FakeStorage storage;
  PtzPresets presets(storage);
  const std::string long_name(kMaxPtzPresetName + 1, 'n');
  const std::string with_nul("a\0b", 3);
  for (const std::string& name :
       {std::string(), long_name, std::string("a\nb"), std::string("\x7f"), with_nul,
        std::string("\xff"), std::string("\xc3")}) {
    EXPECT_EQ(presets.Save(name, {}, kDoor).status().code(), StatusCode::kInvalidArgument);
  }
  for (const uint32_t id : {0u, 33u, 0xffff'ffffu}) {
    EXPECT_EQ(presets.Save("a", PresetId(id), kDoor).status().code(), StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(presets.list().empty());
}

// A disk that lies must not keep the camera from starting.
TEST(PtzPresets, IsEmptyWhenWhatWasKeptIsDamaged) {
  for (const char* text : {
           "",
           "{",
           "null",
           "[]",
           "{}",
           "{\"presets\":{}}",
           "{\"presets\":[1]}",
           "{\"presets\":[{}]}",
           "{\"presets\":[{\"id\":0,\"name\":\"a\"}]}",
           "{\"presets\":[{\"id\":33,\"name\":\"a\"}]}",
           "{\"presets\":[{\"id\":1e300,\"name\":\"a\"}]}",
           "{\"presets\":[{\"id\":\"1\",\"name\":\"a\"}]}",
           "{\"presets\":[{\"id\":1,\"name\":\"\"}]}",
           "{\"presets\":[{\"id\":1,\"name\":7}]}",
           "{\"presets\":[{\"id\":1,\"name\":\"a\",\"pan\":2}]}",
           "{\"presets\":[{\"id\":1,\"name\":\"a\",\"zoom\":-0.1}]}",
           "{\"presets\":[{\"id\":1,\"name\":\"a\",\"tilt\":\"0\"}]}",
           "{\"presets\":[{\"id\":1,\"name\":\"good\"},{\"id\":2}]}",
       }) {
    hal::FakeStorage storage;
    storage.stored["presets"] = text;
    PtzPresets presets(storage);
    EXPECT_TRUE(presets.list().empty()) << text;
    // And what is saved next is kept again.
    ASSERT_TRUE(presets.Save("new", {}, kDoor).ok());
    EXPECT_EQ(PtzPresets(storage).list().size(), 1u) << text;
  }
}

TEST(PtzPresets, IsEmptyWhenMoreWereKeptThanThereCanBe) {
  std::string text = "{\"presets\":[";
  for (int i = 0; i < 33; ++i) text += "{\"id\":1,\"name\":\"a\"},";
  text.back() = ']';
  hal::FakeStorage storage;
  storage.stored["presets"] = text + "}";
  EXPECT_TRUE(PtzPresets(storage).list().empty());
  storage.stored["presets"] = std::string(kMaxStoredSize + 1, ' ');
  EXPECT_TRUE(PtzPresets(storage).list().empty());
}

}  // namespace
}  // namespace ocellus::control
