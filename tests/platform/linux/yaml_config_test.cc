// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/yaml_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::linux_platform {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::optional<std::string> Variables(const std::string& name) {
  if (name == "PORT") return "8000";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

Result<std::vector<app::RawSetting>> Parse(std::string_view text) {
  return ParseYamlSettings(text, "ocellus.yaml", Variables);
}

std::string ValueOf(std::string_view text) {
  const auto settings = Parse(text);
  EXPECT_TRUE(settings.ok()) << settings.status().message();
  return settings.ok() && settings->size() == 1 ? settings->front().value : "(none)";
}

std::string ErrorOf(std::string_view text) { return Parse(text).status().message(); }

TEST(YamlConfig, GivesKeysWithTheirLines) {
  const auto settings = Parse("# A comment\nsource: /dev/video0\n\nhttp-port: 80  # and another\n");
  ASSERT_TRUE(settings.ok());
  ASSERT_EQ(settings->size(), 2u);
  EXPECT_EQ((*settings)[0].key, "source");
  EXPECT_EQ((*settings)[0].value, "/dev/video0");
  EXPECT_EQ((*settings)[0].origin, "ocellus.yaml:2");
  EXPECT_EQ((*settings)[1].key, "http-port");
  EXPECT_EQ((*settings)[1].value, "80");
  EXPECT_EQ((*settings)[1].origin, "ocellus.yaml:4");
}

TEST(YamlConfig, NothingIsAllowedToo) {
  EXPECT_TRUE(Parse("")->empty());
  EXPECT_TRUE(Parse("# only a comment\n")->empty());
  EXPECT_TRUE(Parse("---\n")->empty());
}

TEST(YamlConfig, QuotesAreOptional) {
  EXPECT_EQ(ValueOf("fps: 30"), "30");
  EXPECT_EQ(ValueOf("fps: \"30\""), "30");
  EXPECT_EQ(ValueOf("listen: '::'"), "::");
}

TEST(YamlConfig, VariablesAreReplaced) {
  EXPECT_EQ(ValueOf("http-port: ${PORT}"), "8000");
  EXPECT_EQ(ValueOf("http-port: ${PORT:8080}"), "8000");
  EXPECT_EQ(ValueOf("http-port: ${OTHER:8080}"), "8080");
  EXPECT_EQ(ValueOf("source: /a/${OTHER:b:c}/${PORT}"), "/a/b:c/8000");
  EXPECT_EQ(ValueOf("source: x${OTHER:}${EMPTY}y"), "xy");
  EXPECT_EQ(ValueOf("source: $$HOME"), "$HOME");
}

TEST(YamlConfig, MissingVariablesAreRefused) {
  EXPECT_THAT(ErrorOf("fps: 1\nhttp-port: ${OTHER}"),
              AllOf(HasSubstr("ocellus.yaml:2"), HasSubstr("OTHER is not set")));
}

TEST(YamlConfig, HalfAVariableIsRefused) {
  for (const char* text : {"source: $HOME", "source: ${HOME", "source: a$"}) {
    EXPECT_THAT(ErrorOf(text), AllOf(HasSubstr("ocellus.yaml:1"), HasSubstr("$$"))) << text;
  }
}

TEST(YamlConfig, DuplicateKeysAreRefused) {
  EXPECT_THAT(ErrorOf("fps: 1\nwidth: 640\nfps: 2\n"),
              AllOf(HasSubstr("ocellus.yaml:3"), HasSubstr("\"fps\""),
                    HasSubstr("already set at ocellus.yaml:1")));
}

TEST(YamlConfig, WrongTypesAreRefused) {
  EXPECT_THAT(ErrorOf("width: 640\nfps: [30, 60]\n"),
              AllOf(HasSubstr("ocellus.yaml:2"), HasSubstr("\"fps\" takes one value")));
  EXPECT_THAT(ErrorOf("fps:\n  wanted: 30\n"),
              AllOf(HasSubstr("ocellus.yaml:2"), HasSubstr("\"fps\" takes one value")));
  EXPECT_THAT(ErrorOf("- fps\n"), HasSubstr("ocellus.yaml:1"));
  EXPECT_THAT(ErrorOf("fps 30\n"), AllOf(HasSubstr("ocellus.yaml:1"), HasSubstr("key: value")));
  EXPECT_THAT(ErrorOf("[a]: b\n"), HasSubstr("a key must be plain text"));
  EXPECT_THAT(ErrorOf("fps: &a 30\nwidth: *a\n"), HasSubstr("\"width\" takes one value"));
  EXPECT_THAT(ErrorOf("fps: 30\n---\nfps: 30\n"), HasSubstr("second document"));
}

TEST(YamlConfig, BrokenYamlIsRefusedWithItsLine) {
  const auto settings = Parse("fps: 30\nsource: \"unterminated\n");
  EXPECT_EQ(settings.status().code(), StatusCode::kMalformed);
  EXPECT_THAT(settings.status().message(), HasSubstr("ocellus.yaml:"));
  EXPECT_EQ(Parse("fps: 30\n\twidth: 1\n").status().code(), StatusCode::kMalformed);
  EXPECT_FALSE(Parse(std::string_view("fps: \0 30\n", 10)).ok());
  EXPECT_FALSE(Parse("fps: \xff\xfe\n").ok());
}

TEST(YamlConfig, EmptyValuesAreLeftToTheTable) {
  EXPECT_EQ(ValueOf("fps:"), "");
  const auto settings = Parse("width: 640\nfps:\n");
  const std::vector<std::vector<app::RawSetting>> layers{*settings};
  EXPECT_THAT(app::MakeConfig(layers).status().message(),
              AllOf(HasSubstr("ocellus.yaml:2"), HasSubstr("fps"), HasSubstr("1 to 120")));
}

}  // namespace
}  // namespace ocellus::linux_platform
