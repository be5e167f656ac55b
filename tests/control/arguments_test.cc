// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/arguments.h"

#include <gtest/gtest.h>

namespace ocellus::control {
namespace {

constexpr Method kMethod = {"door.open",
                            auth::Role::kOperator,
                            "Opens a door.",
                            {{"name", Text(8), Need::kRequired, "Which."},
                             {"width", Number(0, 1), Need::kOneOf, "How far."},
                             {"angle", Integer(0, 180), Need::kOneOf, "How far."},
                             {"slowly", Boolean(), Need::kOptional, "Without noise."}},
                            "",
                            "{}",
                            "{}",
                            nullptr};

std::string Mistake(const std::string& text) {
  const Result<json::Value> params = json::Value::Parse(text);
  EXPECT_TRUE(params.ok()) << text;
  const Result<Arguments> arguments = Arguments::Bind(kMethod, params->view());
  EXPECT_TRUE(arguments.ok() || arguments.status().code() == StatusCode::kInvalidArgument);
  return arguments.ok() ? "none" : arguments.status().message();
}

TEST(Arguments, AreReadByName) {
  const Result<json::Value> params = json::Value::Parse(R"({"angle":90,"name":"barn"})");
  const Result<Arguments> arguments = Arguments::Bind(kMethod, params->view());
  ASSERT_TRUE(arguments.ok()) << arguments.status().ToString();
  EXPECT_EQ((*arguments)["name"].AsString(), "barn");
  EXPECT_EQ((*arguments)["angle"].AsInteger(), 90);
  EXPECT_FALSE((*arguments)["width"].exists());
  EXPECT_EQ((*arguments)["slowly"].AsBool(), std::nullopt);
}

TEST(Arguments, AreReadByPosition) {
  const Result<json::Value> params = json::Value::Parse(R"(["barn",0.5])");
  const Result<Arguments> arguments = Arguments::Bind(kMethod, params->view());
  ASSERT_TRUE(arguments.ok()) << arguments.status().ToString();
  EXPECT_EQ((*arguments)["name"].AsString(), "barn");
  EXPECT_EQ((*arguments)["width"].AsNumber(), 0.5);
  EXPECT_FALSE((*arguments)["angle"].exists());
}

TEST(Arguments, SayWhatIsWrongAndWhere) {
  EXPECT_EQ(Mistake(R"({"name":"barn","angle":1})"), "none");
  EXPECT_EQ(Mistake(R"({"angle":1})"), "\"name\" is missing: it is a string of 1 to 8 bytes");
  EXPECT_EQ(Mistake(R"({"name":"barn"})"), "needs one at least of \"width\", \"angle\"");
  EXPECT_EQ(Mistake(R"({"name":"barn","angle":181})"),
            "\"angle\" must be a whole number from 0 to 180, not 181");
  EXPECT_EQ(Mistake(R"({"name":"barn","angle":1,"slow":true})"), "no parameter \"slow\"");
  EXPECT_EQ(Mistake(R"({"name":"barn","angle":1,"name":"gate"})"), "\"name\" is there twice");
  EXPECT_EQ(Mistake(R"(["barn",1,1,true,1])"), "5 parameters, at most 4");
  EXPECT_EQ(Mistake(R"(["barn",1,1,1])"), "\"slowly\" must be true or false, not 1");
  EXPECT_EQ(Mistake("[]"), "\"name\" is missing: it is a string of 1 to 8 bytes");
}

TEST(Arguments, MayBeMissingAltogether) {
  constexpr Method kWithout = {"door.count", auth::Role::kViewer, "", {}, "", "{}", "{}", nullptr};
  EXPECT_TRUE(Arguments::Bind(kWithout, json::View()).ok());
  EXPECT_EQ(Arguments::Bind(kMethod, json::View()).status().message(),
            "\"name\" is missing: it is a string of 1 to 8 bytes");
}

TEST(Arguments, DescribeValuesShortly) {
  const Result<json::Value> json = json::Value::Parse(
      R"([7.5,"abc",null,true,[1,2],{"a":1},1e999,"a long text with an umlaut at byte forty: )"
      "\xC3\xA4 and more\"]");
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  std::string described;
  for (const json::View value : json->view()) described += DescribeValue(value) + "; ";
  EXPECT_EQ(described,
            "7.5; \"abc\"; null; true; an array of 2; an object; a number that large; "
            "\"a long text with an umlaut at byte forty\"... (53 bytes); ");
  EXPECT_EQ(QuoteValue(std::string(39, 'x') + "\xC3\xA4"),
            '"' + std::string(39, 'x') + "\"... (41 bytes)");
}

}  // namespace
}  // namespace ocellus::control
