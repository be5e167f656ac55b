// SPDX-License-Identifier: Apache-2.0
#include "firmware/json/utf8.h"

#include <gtest/gtest.h>

namespace ocellus::json {
namespace {

TEST(Utf8, KnowsHowLongSequencesAre) {
  EXPECT_EQ(Utf8SequenceSize("a"), 1u);
  EXPECT_EQ(Utf8SequenceSize("\xC3\xA4"), 2u);
  EXPECT_EQ(Utf8SequenceSize("\xE2\x82\xAC rest"), 3u);
  EXPECT_EQ(Utf8SequenceSize("\xF0\x9F\x93\xB7"), 4u);
  EXPECT_EQ(Utf8SequenceSize("\xEF\xBF\xBF"), 3u);
}

// RFC 3629 section 3: "MUST protect against decoding invalid sequences", and section 4's grammar.
TEST(Utf8, RefusesWhatIsNone) {
  for (const char* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(Utf8SequenceSize(text), 0u) << text;
  }
}

TEST(Utf8, ReplacesEachByteThatIsNoCharacter) {
  EXPECT_EQ(MakeValidUtf8("K\xC3\xA4se"), "K\xC3\xA4se");
  EXPECT_EQ(MakeValidUtf8("a\xE2\x82"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(MakeValidUtf8(std::string_view("\0", 1)), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace ocellus::json
