// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/topic.h"

#include <gtest/gtest.h>

#include "firmware/json/json.h"

namespace ocellus::control {
namespace {

TEST(Topic, IsFoundByItsName) {
  EXPECT_EQ(Topics().size(), kTopics);
  for (const TopicInfo& info : Topics()) {
    EXPECT_EQ(FindTopic(info.name), &info);
    EXPECT_EQ(&Info(info.topic), &info) << "the table is in the order of the enumeration";
  }
  EXPECT_EQ(FindTopic("weather"), nullptr);
  EXPECT_EQ(FindTopic(""), nullptr);
}

TEST(Topic, HasAnExampleThatIsJson) {
  for (const TopicInfo& info : Topics()) {
    const Result<json::Value> example = json::Value::Parse(info.example);
    ASSERT_TRUE(example.ok()) << info.name << ": " << example.status().ToString();
    EXPECT_EQ(example->view().type(), json::Type::kObject) << info.name;
  }
}

TEST(TopicSet, HasWhatWasAddedAndNotRemoved) {
  TopicSet topics;
  EXPECT_TRUE(topics.empty());
  topics.Add(Topic::kLog);
  topics.Add(Topic::kFiles);
  topics.Remove(Topic::kLog);
  topics.Remove(Topic::kImage);
  EXPECT_FALSE(topics.has(Topic::kLog));
  EXPECT_TRUE(topics.has(Topic::kFiles));
  TopicSet other;
  EXPECT_NE(other, topics);
  other.Add(topics);
  EXPECT_EQ(other, topics);
}

}  // namespace
}  // namespace ocellus::control
