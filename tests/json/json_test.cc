// SPDX-License-Identifier: Apache-2.0
#include "firmware/json/json.h"

#include <gmock/gmock.h>

#include <limits>

#include "firmware/base/limits.h"

namespace ocellus::json {
namespace {

std::string WriteString(std::string_view text) {
  Value json = Value::Object();
  json.Set("s", text);
  const std::string written = json.Write();
  return written.substr(5, written.size() - 6);
}

TEST(Value, WritesEveryKindOfValue) {
  Value list = Value::Array();
  list.Append(Value::Object()).Append("b");
  Value json = Value::Object();
  json.Set("text", "a")
      .Set("yes", true)
      .Set("count", uint64_t{999'999'999'999'999})
      .Set("rate", 29.97);
  json.Set("negative", -3).SetNull("nothing").Set("list", std::move(list));
  EXPECT_EQ(json.Write(),
            R"({"text":"a","yes":true,"count":999999999999999,"rate":29.97,"negative":-3,)"
            R"("nothing":null,"list":[{},"b"]})");
}

// RFC 8259 section 7: what MUST be escaped.
TEST(Value, EscapesText) {
  EXPECT_EQ(WriteString("\"\\/\b\f\n\r\t\x01\x1f"), R"("\"\\/\b\f\n\r\t\u0001\u001f")");
  EXPECT_EQ(WriteString("Käsekuchen \xF0\x9F\x93\xB7"), "\"Käsekuchen \xF0\x9F\x93\xB7\"");
}

// RFC 8259 section 8.1: "MUST be encoded using UTF-8".
TEST(Value, ReplacesWhatIsNotUtf8) {
  constexpr const char* kReplaced =
      "\"a\xEF\xBF\xBD"
      "b\"";
  EXPECT_EQ(WriteString("a\xFF"
                        "b"),
            kReplaced);
  EXPECT_EQ(WriteString(std::string_view("a\0b", 3)), kReplaced);
  EXPECT_EQ(WriteString("a\xC3"
                        "b"),
            kReplaced);
  const std::string three = "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"";
  EXPECT_EQ(WriteString("\xED\xA0\x80"), three);  // A surrogate.
  EXPECT_EQ(WriteString("\xE0\x80\x80"), three);  // Overlong.
  EXPECT_EQ(WriteString("\xF4\x90\x80"), three);  // Past U+10FFFF, and cut.
  EXPECT_EQ(WriteString("\xEF\xBF\xBF"), "\"\xEF\xBF\xBF\"");
}

TEST(Value, WritesNumbersThatAreNotFiniteAsNull) {
  Value json = Value::Object();
  json.Set("a", std::numeric_limits<double>::quiet_NaN());
  json.Set("b", std::numeric_limits<double>::infinity());
  EXPECT_EQ(json.Write(), R"({"a":null,"b":null})");
}

TEST(Value, ReadsWhatItWrote) {
  const Result<Value> json = Value::Parse(R"( {"a":[1,"x",true],"A":null} )");
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  const View a = json->view()["a"];
  EXPECT_EQ(a.size(), 3u);
  EXPECT_EQ(a.at(0).AsNumber(), 1.0);
  EXPECT_EQ(a.at(1).AsString(), "x");
  EXPECT_EQ(a.at(2).AsBool(), true);
  EXPECT_TRUE(json->view()["A"].exists());
  EXPECT_EQ(json->Write(), R"({"a":[1,"x",true],"A":null})");
}

TEST(Value, ReadsNothingWhereNothingIs) {
  const Result<Value> json = Value::Parse(R"({"a":[1]})");
  ASSERT_TRUE(json.ok());
  EXPECT_FALSE(json->view()["b"]["c"].at(3).exists());
  EXPECT_FALSE(json->view()["a"].at(1).exists());
  EXPECT_FALSE(json->view()["a"].AsString().has_value());
  EXPECT_FALSE(json->view()["a"].AsNumber().has_value());
  EXPECT_FALSE(json->view()["a"].AsBool().has_value());
  EXPECT_EQ(json->view()["a"].at(0).size(), 0u);
}

TEST(Value, GoesOverElementsAndMembersInOrder) {
  const Result<Value> json = Value::Parse(R"({"a":1,"b":["x","y"],"a":2})");
  ASSERT_TRUE(json.ok());
  std::string names;
  for (const View member : json->view()) names += member.name();
  EXPECT_EQ(names, "aba");
  std::string elements;
  for (const View element : json->view()["b"]) elements += *element.AsString();
  EXPECT_EQ(elements, "xy");
  for (const View nothing : json->view()["a"]) ADD_FAILURE() << nothing.Write();
  for (const View nothing : View()) ADD_FAILURE() << nothing.Write();
  EXPECT_EQ(json->view()["b"].at(0).name(), "");
}

TEST(Value, ReadsNumbersAsLongAsSyntaxTakesThem) {
  const auto parsed = Value::Parse("[0." + std::string(61, '3') + ']');
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  EXPECT_DOUBLE_EQ(parsed->view().at(0).AsNumber().value_or(0), 1.0 / 3);
}

TEST(Value, KnowsItsType) {
  const Result<Value> json = Value::Parse(R"([null,true,1,"",[],{}])");
  ASSERT_TRUE(json.ok());
  std::string types = ToString(json->view().at(6).type());
  for (const View element : json->view()) types += std::string(", ") + ToString(element.type());
  EXPECT_EQ(types, "nothing, null, a boolean, a number, a string, an array, an object");
}

TEST(Value, ReadsWholeNumbersAsFarAsTheyAreExact) {
  const Result<Value> json = Value::Parse(
      "[7,-7.0,1e3,9007199254740991,9007199254740992,1e400,-1e400,0.5,\"7\",-9007199254740991]");
  ASSERT_TRUE(json.ok());
  const View numbers = json->view();
  EXPECT_EQ(numbers.at(0).AsInteger(), 7);
  EXPECT_EQ(numbers.at(1).AsInteger(), -7);
  EXPECT_EQ(numbers.at(2).AsInteger(), 1000);
  EXPECT_EQ(numbers.at(3).AsInteger(), 9007199254740991);
  EXPECT_EQ(numbers.at(9).AsInteger(), -9007199254740991);
  for (const size_t index : {4u, 5u, 6u, 7u, 8u, 99u}) {
    EXPECT_EQ(numbers.at(index).AsInteger(), std::nullopt) << index;
  }
}

TEST(Value, CopiesWhatOtherValuesHold) {
  Value copy = Value::Object();
  {
    const Result<Value> json = Value::Parse(R"({"a":[1,{"b":"c"}]})");
    ASSERT_TRUE(json.ok());
    copy.Set("copied", json->view()["a"]);
  }
  EXPECT_EQ(copy.Write(), R"({"copied":[1,{"b":"c"}]})");
}

TEST(Value, RefusesWhatIsNotJson) {
  for (const char* text : {"", " ", "{", "{\"a\":}", "[1,]", "nul", "{} x", "\"abc"}) {
    EXPECT_EQ(Value::Parse(text).status().code(), StatusCode::kMalformed) << text;
  }
  EXPECT_EQ(Value::Parse(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']'))
                .status()
                .code(),
            StatusCode::kOk);
  EXPECT_EQ(Value::Parse(std::string(100'000, '[')).status().code(),
            StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace ocellus::json
