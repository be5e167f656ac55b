// SPDX-License-Identifier: Apache-2.0
#include "firmware/json/writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace ocellus::json {
namespace {

TEST(Writer, WritesWholeNumbersInFull) {
  EXPECT_EQ(NumberText(0), "0");
  EXPECT_EQ(NumberText(-0.0), "0");
  EXPECT_EQ(NumberText(-17), "-17");
  EXPECT_EQ(NumberText(1e15), "1000000000000000");
  EXPECT_EQ(NumberText(kMaxExactInteger), "9007199254740991");
  EXPECT_EQ(NumberText(-kMaxExactInteger), "-9007199254740991");
}

TEST(Writer, WritesNumbersThatReadBackTheSame) {
  for (const double number : {0.1, 1.0 / 3, 29.97, 1e-300, 1.7976931348623157e308, 1e300,
                              0.12345678901234568, 9007199254740993.0, 5e-324}) {
    const Result<Value> json = Value::Parse('[' + NumberText(number) + ']');
    ASSERT_TRUE(json.ok()) << NumberText(number);
    EXPECT_EQ(json->view().at(0).AsNumber(), number) << NumberText(number);
  }
  EXPECT_EQ(NumberText(0.1), "0.1");
}

TEST(Writer, WritesNullForWhatIsNotFinite) {
  EXPECT_EQ(NumberText(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(NumberText(std::numeric_limits<double>::quiet_NaN()), "null");
}

// RFC 8259 section 7: quotation mark, reverse solidus and control characters "MUST be escaped".
TEST(Writer, EscapesText) {
  EXPECT_EQ(QuoteText("\"\\/\b\f\n\r\t\x01\x1f\x7f"),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
  EXPECT_EQ(QuoteText("K\xC3\xA4se"), "\"K\xC3\xA4se\"");
}

TEST(Writer, WritesEveryKindOfValueAsItWasRead) {
  constexpr const char* kText =
      R"({"a":[1,-2.5,"x\n",true,false,null,[],{}],"":{"b":"\"","b":0},"c":9007199254740991})";
  const Result<Value> json = Value::Parse(kText);
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  EXPECT_EQ(WriteText(json->view()), kText);
  EXPECT_EQ(WriteText(json->view()["a"].at(2)), R"("x\n")");
  EXPECT_EQ(WriteText(View()), "null");
}

}  // namespace
}  // namespace ocellus::json
