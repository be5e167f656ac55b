// SPDX-License-Identifier: Apache-2.0
#include "firmware/json/syntax.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"

namespace ocellus::json {
namespace {

std::string Repeat(std::string_view text, size_t count) {
  std::string repeated;
  for (size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

TEST(Syntax, TakesWhatRfc8259Allows) {
  for (const char* text :
       {"null", " true ", "false", "0", "-0", "10", "-1.5e+3", "0.25", "1E5", "\"\"", "[]", "{}",
        "[1, 2 ,3]", "\t{\"a\" : {\"b\":[{}]} }\r\n", R"("\"\\\/\b\f\n\r\t\u00e4")",
        R"("\uD83D\uDCF7")", "\"K\xC3\xA4se \xF0\x9F\x93\xB7\"", R"({"a":1,"a":2})"}) {
    EXPECT_TRUE(CheckSyntax(text).ok()) << text << ": " << CheckSyntax(text).ToString();
  }
}

struct Mistake {
  std::string_view text;
  const char* message;
};

TEST(Syntax, SaysWhatIsWrongAndWhere) {
  constexpr Mistake kMistakes[] = {
      {"", "JSON, byte 0: the text ends where a value should be"},
      {"[1,", "JSON, byte 3: the text ends where a value should be"},
      {"{} x", "JSON, byte 3: nothing may follow the value"},
      {"nul", "JSON, byte 0: no value begins like this"},
      {"True", "JSON, byte 0: no value begins like this"},
      {"+1", "JSON, byte 0: no value begins like this"},
      {".5", "JSON, byte 0: no value begins like this"},
      {"NaN", "JSON, byte 0: no value begins like this"},
      {"\xEF\xBB\xBF{}", "JSON, byte 0: no value begins like this"},  // A byte order mark.
      {"[1,]", "JSON, byte 3: no value begins like this"},
      {"01", "JSON, byte 1: nothing may follow the value"},
      {"0x10", "JSON, byte 1: nothing may follow the value"},
      {"-", "JSON, byte 1: a digit should be here"},
      {"1.", "JSON, byte 2: a digit should be here"},
      {"1e", "JSON, byte 2: a digit should be here"},
      {"1e+", "JSON, byte 3: a digit should be here"},
      {"[1 2]", "JSON, byte 3: ',' or ']' should be here"},
      {"[1}", "JSON, byte 2: ',' or ']' should be here"},
      {"{1:2}", "JSON, byte 1: the name of a member should be here"},
      {"{\"a\":1,}", "JSON, byte 7: the name of a member should be here"},
      {"{\"a\" 1}", "JSON, byte 5: ':' should be here"},
      {"{\"a\":1", "JSON, byte 6: ',' or '}' should be here"},
      {"\"abc", "JSON, byte 4: the text ends inside a string"},
      {"\"abc\\", "JSON, byte 5: no such escape"},
      {"\"a\nb\"", "JSON, byte 2: a control character in a string"},
      {R"("\x41")", "JSON, byte 2: no such escape"},
      {R"("\u12g4")", "JSON, byte 5: a hexadecimal digit should be here"},
      {R"("\uD83D")", "JSON, byte 7: half a surrogate pair"},
      {R"("\uD83D\u0041")", "JSON, byte 13: half a surrogate pair"},
      {R"("\uDCF7")", "JSON, byte 7: half a surrogate pair"},
      {"\"\xC3(\"", "JSON, byte 1: not UTF-8"},
      {"\"\xED\xA0\x80\"", "JSON, byte 1: not UTF-8"},
  };
  for (const Mistake& mistake : kMistakes) {
    const Status status = CheckSyntax(mistake.text);
    EXPECT_EQ(status.code(), StatusCode::kMalformed) << mistake.text;
    EXPECT_EQ(status.message(), mistake.message) << mistake.text;
  }
}

// cJSON's numbers would end there.
TEST(Syntax, RefusesNumbersOfTooManyDigits) {
  EXPECT_TRUE(CheckSyntax("[0." + Repeat("3", 61) + ']').ok());
  const Status status = CheckSyntax("[0." + Repeat("3", 62) + ']');
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_EQ(status.message(), "JSON, byte 65: too long a number");
}

// cJSON's strings would end there.
TEST(Syntax, RefusesNulCharactersInAnyForm) {
  EXPECT_EQ(CheckSyntax(R"("a\u0000b")").message(), "JSON, byte 8: a NUL character");
  EXPECT_EQ(CheckSyntax(R"("a\u0000b")").code(), StatusCode::kUnsupported);
  EXPECT_EQ(CheckSyntax(std::string_view("\"a\0b\"", 5)).message(),
            "JSON, byte 2: a control character in a string");
  EXPECT_EQ(CheckSyntax(std::string_view("{}\0", 3)).message(),
            "JSON, byte 2: nothing may follow the value");
  EXPECT_EQ(CheckSyntax(std::string_view("\0", 1)).message(),
            "JSON, byte 0: no value begins like this");
}

TEST(Syntax, RefusesWhatIsTooDeep) {
  const auto nested = [](size_t depth) { return Repeat("[", depth) + Repeat("]", depth); };
  EXPECT_TRUE(CheckSyntax(nested(kMaxJsonDepth)).ok());
  const Status status = CheckSyntax(nested(kMaxJsonDepth + 1));
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "JSON, byte 32: too deep");
  EXPECT_EQ(CheckSyntax(Repeat("[", 1'000'000)).message(), "JSON, byte 32: too deep");
  EXPECT_EQ(CheckSyntax(Repeat("{\"a\":", 1'000'000)).message(), "JSON, byte 160: too deep");
  EXPECT_TRUE(CheckSyntax('"' + Repeat("[", 1'000) + '"').ok());
}

TEST(Syntax, RefusesTooManyValues) {
  const auto array = [](size_t count) { return '[' + Repeat("0,", count - 1) + "0]"; };
  EXPECT_TRUE(CheckSyntax(array(kMaxJsonValues - 1)).ok());
  EXPECT_EQ(CheckSyntax(array(kMaxJsonValues)).code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace ocellus::json
