// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/change_watcher.h"

#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

class ChangeWatcherTest : public testing::Test {
 protected:
  ChangeWatcherTest() {
    for (const Topic topic :
         {Topic::kSettings, Topic::kImage, Topic::kPtz, Topic::kStream, Topic::kOutputs}) {
      all_.Add(topic);
    }
  }

  // The topics that have changed, by name, and what is told of the last.
  std::string Look(const TopicSet& topics) {
    std::string names;
    for (const ChangeWatcher::Change& change : watcher_.Look(topics)) {
      names += std::string(names.empty() ? "" : " ") + Info(change.topic).name;
      params_ = change.params;
    }
    return names;
  }

  ControlRig rig_;
  const Services services_{rig_.device,  rig_.camera, rig_.settings, rig_.ptz,
                           rig_.outputs, rig_.log,    rig_.files};
  ChangeWatcher watcher_{services_};
  TopicSet all_;
  std::string params_;
};

TEST_F(ChangeWatcherTest, TellsWhatHasChangedSinceTheLastLook) {
  EXPECT_EQ(Look(all_), "");
  EXPECT_EQ(Look(all_), "");
  rig_.camera.parameters.width = 640;
  EXPECT_EQ(Look(all_), "stream");
  EXPECT_EQ(params_, R"({"width":640,"height":720,"frames_per_second":30,"bitrate_bps":2000000})");
  EXPECT_EQ(Look(all_), "");
  ASSERT_TRUE(rig_.outputs.Set("porch", true).ok());
  EXPECT_EQ(Look(all_), "outputs");
  EXPECT_EQ(params_, R"({"outputs":[{"name":"porch","kind":"light","on":true}]})");
  ASSERT_TRUE(rig_.ptz.MoveTo(rig_.now, PtzTarget{{}, {}, 1.0}).ok());
  rig_.camera.list[0].value = 5;
  EXPECT_EQ(Look(all_), "image ptz");
  EXPECT_EQ(Look(all_), "");
}

TEST_F(ChangeWatcherTest, TellsEachSettingByItself) {
  Look(all_);
  rig_.settings.settings[0].value = "1500";
  EXPECT_EQ(Look(all_), "settings");
  EXPECT_EQ(json::Value::Parse(params_)->view()["setting"]["value"].AsNumber(), 1500);
  rig_.settings.settings[0].origin = "saved";
  rig_.settings.settings[1].value = "";
  EXPECT_EQ(Look(all_), "settings settings");
  EXPECT_EQ(Look(all_), "");
}

TEST_F(ChangeWatcherTest, TellsOnlyTheControlsThatHaveChanged) {
  Look(all_);
  rig_.camera.list[1].value = 0;
  EXPECT_EQ(Look(all_), "image");
  const Result<json::Value> params = json::Value::Parse(params_);
  EXPECT_EQ(params->view()["complete"].AsBool(), false);
  EXPECT_EQ(params->view()["controls"].size(), 1u);
  EXPECT_EQ(params->view()["controls"].at(0)["name"].AsString(), "power-line-frequency");
}

TEST_F(ChangeWatcherTest, TellsAllControlsWhenOthersAreThere) {
  Look(all_);
  rig_.camera.list.erase(rig_.camera.list.begin());
  EXPECT_EQ(Look(all_), "image");
  EXPECT_EQ(json::Value::Parse(params_)->view()["complete"].AsBool(), true);
  EXPECT_EQ(json::Value::Parse(params_)->view()["controls"].size(), 2u);
  rig_.camera.list.clear();
  EXPECT_EQ(Look(all_), "image");
  EXPECT_EQ(params_, R"({"complete":true,"controls":[]})");
}

TEST_F(ChangeWatcherTest, DoesNotTellOfMotorsTwice) {
  Look(all_);
  rig_.camera.list[3].value = 5;
  EXPECT_EQ(rig_.camera.list[3].name, "pan");
  EXPECT_EQ(Look(all_), "");
}

TEST_F(ChangeWatcherTest, DoesNotTellWhatHappenedWhileNobodyAsked) {
  Look(all_);
  Look(TopicSet());
  rig_.camera.list[0].value = 5;
  rig_.camera.parameters.width = 640;
  EXPECT_EQ(Look(all_), "");
  rig_.camera.parameters.width = 320;
  EXPECT_EQ(Look(all_), "stream");
}

TEST_F(ChangeWatcherTest, KnowsWhatItWatches) {
  EXPECT_TRUE(ChangeWatcher::WatchesAny(all_));
  EXPECT_FALSE(ChangeWatcher::WatchesAny(TopicSet()));
  TopicSet others;
  for (const Topic topic : {Topic::kStats, Topic::kLog, Topic::kFiles}) {
    others.Add(topic);
  }
  EXPECT_FALSE(ChangeWatcher::WatchesAny(others));
}

}  // namespace
}  // namespace ocellus::control
