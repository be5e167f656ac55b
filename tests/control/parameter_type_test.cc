// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/parameter_type.h"

#include <gtest/gtest.h>

namespace ocellus::control {
namespace {

bool Accepts(const ParameterType& type, const std::string& text) {
  const Result<json::Value> json = json::Value::Parse('[' + text + ']');
  EXPECT_TRUE(json.ok()) << text;
  return type.Accepts(json->view().at(0));
}

TEST(ParameterType, AcceptsNumbersInTheirRange) {
  for (const char* text : {"-1", "1", "0.3", "-0", "1e-9"})
    EXPECT_TRUE(Accepts(Number(-1, 1), text));
  for (const char* text : {"-1.1", "2", "1e999", "\"0\"", "null", "true", "[0]", "{}"}) {
    EXPECT_FALSE(Accepts(Number(-1, 1), text)) << text;
  }
}

TEST(ParameterType, AcceptsWholeNumbersInTheirSteps) {
  for (const char* text : {"16", "18", "3840", "640.0"}) {
    EXPECT_TRUE(Accepts(Integer(16, 3840, 2), text)) << text;
  }
  for (const char* text : {"14", "17", "17.5", "3842", "\"16\""}) {
    EXPECT_FALSE(Accepts(Integer(16, 3840, 2), text)) << text;
  }
  EXPECT_TRUE(Accepts(Integer(), "-9007199254740991"));
  EXPECT_FALSE(Accepts(Integer(), "9007199254740992"));
  EXPECT_FALSE(Accepts(Integer(), "0.5"));
}

TEST(ParameterType, AcceptsTextsOfTheirSize) {
  EXPECT_TRUE(Accepts(Text(4), "\"abcd\""));
  EXPECT_TRUE(Accepts(Text(4), "\"\xC3\xA4\xC3\xA4\""));
  for (const char* text : {"\"\"", "\"abcde\"", "1", "null"}) EXPECT_FALSE(Accepts(Text(4), text));
  EXPECT_TRUE(Accepts(Texts(2), R"(["a",""])"));
  for (const char* text : {"[]", "[1]", R"(["a","b","c"])", R"("a")", R"(["a",["b"]])"}) {
    EXPECT_FALSE(Accepts(Texts(2), text)) << text;
  }
  EXPECT_TRUE(Accepts(Boolean(), "false"));
  EXPECT_FALSE(Accepts(Boolean(), "0"));
}

TEST(ParameterType, AcceptsWhatEitherOfSeveralDoes) {
  constexpr ParameterType kType = Text(4) | Integer(1, 9) | Boolean();
  for (const char* text : {"\"a\"", "9", "true"}) EXPECT_TRUE(Accepts(kType, text)) << text;
  for (const char* text : {"\"abcde\"", "10", "1.5", "null", "[\"a\"]"}) {
    EXPECT_FALSE(Accepts(kType, text)) << text;
  }
}

TEST(ParameterType, AcceptsNothingThatIsNotThere) {
  EXPECT_FALSE((Number(-1, 1) | Boolean() | Text(9) | Texts(9)).Accepts(json::View()));
}

TEST(ParameterType, SaysInWordsWhatItTakes) {
  EXPECT_EQ(Number(-1, 0.5).Words(), "a number from -1 to 0.5");
  EXPECT_EQ(Integer(16, 3840, 2).Words(), "a whole number from 16 to 3840 in steps of 2");
  EXPECT_EQ((Integer() | Boolean()).Words(), "a whole number, or true or false");
  EXPECT_EQ(Text(64).Words(), "a string of 1 to 64 bytes");
  EXPECT_EQ(Texts(8).Words(), "an array of 1 to 8 strings");
}

TEST(ParameterType, SaysAsJsonSchemaWhatItTakes) {
  EXPECT_EQ(Number(-1, 1).Schema().Write(), R"({"type":"number","minimum":-1,"maximum":1})");
  EXPECT_EQ(Integer(16, 3840, 2).Schema().Write(),
            R"({"type":"integer","minimum":16,"maximum":3840,"multipleOf":2})");
  EXPECT_EQ((Integer() | Boolean()).Schema().Write(),
            R"({"anyOf":[{"type":"integer"},{"type":"boolean"}]})");
  EXPECT_EQ(Text(64).Schema().Write(), R"({"type":"string","minLength":1,"maxLength":64})");
  EXPECT_EQ(Texts(8).Schema().Write(),
            R"({"type":"array","items":{"type":"string"},"minItems":1,"maxItems":8})");
}

}  // namespace
}  // namespace ocellus::control
