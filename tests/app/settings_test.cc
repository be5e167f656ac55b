// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/settings.h"

#include <gmock/gmock.h>

#include "tests/hal/fake_storage.h"

namespace ocellus::app {
namespace {

using control::Setting;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Time kNow{std::chrono::hours(1)};

Setting FindIn(const Settings& settings, std::string_view name) {
  for (Setting& setting : settings.List()) {
    if (setting.name == name) return setting;
  }
  ADD_FAILURE() << "no setting " << name;
  return {};
}

class SettingsTest : public ::testing::Test {
 protected:
  Settings OpenWith(Settings::Sources sources = {}) {
    auto settings = Settings::Open(std::move(sources), storage_);
    EXPECT_TRUE(settings.ok()) << settings.status().message();
    return std::move(*settings);
  }

  hal::FakeStorage storage_;
};

TEST_F(SettingsTest, HaveTheirDefaultsAtFirst) {
  const Settings settings = OpenWith();
  const Setting bitrate = FindIn(settings, "bitrate");
  EXPECT_EQ(bitrate.value, "2000");
  EXPECT_EQ(bitrate.origin, "default");
  EXPECT_EQ(bitrate.type, Setting::Type::kInteger);
  EXPECT_EQ(bitrate.minimum, 50);
  EXPECT_FALSE(bitrate.needs_restart);
  EXPECT_TRUE(FindIn(settings, "http-port").needs_restart);
  EXPECT_EQ(FindIn(settings, "ice-policy").choices, (std::vector<std::string>{"all", "relay"}));
}

TEST_F(SettingsTest, AreKeptAcrossRestarts) {
  {
    Settings settings = OpenWith();
    const auto changed = settings.Set(kNow, "bitrate", "3000");
    ASSERT_TRUE(changed.ok()) << changed.status().message();
    EXPECT_EQ(changed->value, "3000");
    EXPECT_EQ(settings.config().bitrate, DataRate::FromKilobitsPerSecond(3000));
    EXPECT_TRUE(settings.TakeChanged());
    EXPECT_FALSE(settings.TakeChanged());
  }
  const Settings again = OpenWith();
  EXPECT_EQ(again.config().bitrate, DataRate::FromKilobitsPerSecond(3000));
  EXPECT_EQ(FindIn(again, "bitrate").origin, "saved");
}

TEST_F(SettingsTest, BeatTheFileAndNotAFlag) {
  Settings::Sources sources;
  sources.file = {{"fps", "10", "ocellus.yaml:3"}, {"width", "320", "ocellus.yaml:4"}};
  sources.environment = {{"height", "240", "OCELLUS_HEIGHT"}};
  sources.flags = {{"bitrate", "700", "--bitrate"}};
  Settings settings = OpenWith(sources);
  EXPECT_EQ(FindIn(settings, "fps").origin, "ocellus.yaml:3");
  ASSERT_TRUE(settings.Set(kNow, "fps", "15").ok());
  EXPECT_EQ(settings.config().fps, 15u);

  const Status flag = settings.Set(kNow, "bitrate", "3000").status();
  EXPECT_EQ(flag.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(flag.message(), HasSubstr("--bitrate"));
  EXPECT_THAT(settings.Set(kNow, "height", "480").status().message(), HasSubstr("OCELLUS_HEIGHT"));
  EXPECT_TRUE(FindIn(settings, "bitrate").is_fixed);
}

TEST_F(SettingsTest, RefuseWhatIsNotAllowed) {
  Settings settings = OpenWith();
  const Status status = settings.Set(kNow, "fps", "1000").status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "\"1000\" is not allowed for fps: it takes 1 to 120");
  EXPECT_EQ(settings.config().fps, 30u);
  EXPECT_EQ(storage_.Read("settings").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(settings.Set(kNow, "fpss", "10").status().code(), StatusCode::kNotFound);
  // These two do not go together.
  EXPECT_EQ(settings.Set(kNow, "ice-policy", "relay").status().code(),
            StatusCode::kInvalidArgument);
}

TEST_F(SettingsTest, RefuseWhatSaysWhereTheOthersAre) {
  Settings settings = OpenWith();
  for (const char* name : {"state-dir", "config", "show-token"}) {
    EXPECT_EQ(settings.Set(kNow, name, "true").status().code(), StatusCode::kNotFound) << name;
  }
}

TEST_F(SettingsTest, GoBackWhenTheyAreReset) {
  Settings settings = OpenWith();
  ASSERT_TRUE(settings.Set(kNow, "fps", "15").ok());
  const auto reset = settings.Reset(kNow, "fps");
  ASSERT_TRUE(reset.ok());
  EXPECT_EQ(reset->value, "30");
  EXPECT_EQ(OpenWith().config().fps, 30u);
}

TEST_F(SettingsTest, NeverShowSecrets) {
  Settings settings = OpenWith();
  const auto changed = settings.Set(kNow, "operator-token", "very-secret-token");
  ASSERT_TRUE(changed.ok()) << changed.status().message();
  EXPECT_EQ(changed->value, "set");
  EXPECT_EQ(FindIn(settings, "operator-token").value, "set");
  EXPECT_EQ(OpenWith().config().operator_token->value, "very-secret-token");
  EXPECT_THAT(settings.Set(kNow, "viewer-token", "short").status().message(),
              Not(HasSubstr("short")));
}

TEST_F(SettingsTest, LeaveOutWhatIsDamaged) {
  storage_.Write("settings", std::string("{\"bitrate\": \"30"));
  EXPECT_EQ(OpenWith().config().bitrate, DataRate::FromKilobitsPerSecond(2000));
  storage_.Write("settings",
                 std::string("{\"bitrate\":\"3000\",\"fps\":\"999\",\"gone\":\"1\",\"width\":7,"
                             "\"state-dir\":\"/tmp\"}"));
  const Settings settings = OpenWith();
  EXPECT_EQ(settings.config().bitrate, DataRate::FromKilobitsPerSecond(3000));
  EXPECT_EQ(settings.config().fps, 30u);
  EXPECT_EQ(settings.config().width, 640u);
  EXPECT_FALSE(settings.config().state_directory);
}

}  // namespace
}  // namespace ocellus::app
