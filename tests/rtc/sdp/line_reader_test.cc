// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/line_reader.h"

#include <gmock/gmock.h>

namespace ocellus::sdp {
namespace {

using testing::ElementsAre;

// The lines as "number type value", and the error where reading stopped.
std::vector<std::string> ReadAll(std::string_view text) {
  std::vector<std::string> lines;
  LineReader reader(text);
  while (true) {
    const auto line = reader.Next();
    if (!line.ok()) {
      lines.push_back(line.status().message());
      return lines;
    }
    if (!line->has_value()) return lines;
    lines.push_back(Format("%u %c ", static_cast<unsigned>((*line)->number), (*line)->type) +
                    std::string((*line)->value));
  }
}

TEST(LineReader, TakesCrLfAndLf) {
  EXPECT_THAT(ReadAll("v=0\r\ns=a b\na=x:y"), ElementsAre("1 v 0", "2 s a b", "3 a x:y"));
}

TEST(LineReader, TakesEmptyLinesAtTheEndOnly) {
  EXPECT_THAT(ReadAll("v=0\r\n\r\n\r\n"), ElementsAre("1 v 0"));
  EXPECT_THAT(ReadAll("v=0\n\ns=-\n"),
              ElementsAre("1 v 0", "SDP line 2: empty line, expected type=value"));
  EXPECT_THAT(ReadAll(""), ElementsAre());
}

// Checklist 46.
TEST(LineReader, NamesTheLineOfANulByte) {
  EXPECT_THAT(ReadAll(std::string_view("v=0\r\ns=\0\r\n", 11)),
              ElementsAre("1 v 0", "SDP line 2: control character 0x00, expected text"));
}

TEST(LineReader, RefusesACarriageReturnInsideALine) {
  EXPECT_THAT(ReadAll("s=a\rb\n"),
              ElementsAre("SDP line 1: control character 0x0d, expected text"));
}

TEST(LineReader, RefusesWhatIsNotTypeAndValue) {
  for (const char* text : {"v", "v:0", "V=0", "=0", " v=0", "ab=c"}) {
    EXPECT_THAT(ReadAll(text),
                ElementsAre(std::string("SDP line 1: '") + text + "', expected type=value"));
  }
}

TEST(LineReader, TakesBytesAboveAscii) {
  EXPECT_THAT(ReadAll("s=\xc3\xa9t\xc3\xa9"), ElementsAre("1 s \xc3\xa9t\xc3\xa9"));
}

TEST(Quoted, CutsLongTextAndHidesControls) {
  EXPECT_EQ(Quoted("abc"), "'abc'");
  EXPECT_EQ(Quoted(std::string_view("a\0b", 3)), "'a?b'");
  EXPECT_EQ(Quoted("\xc3-"), "'?-'");
  EXPECT_EQ(Quoted(std::string(100, 'x')), "'" + std::string(40, 'x') + "...'");
}

TEST(IsToken, FollowsTheGrammar) {
  EXPECT_TRUE(IsToken("BUNDLE"));
  EXPECT_TRUE(IsToken("a-1_~!"));
  EXPECT_FALSE(IsToken(""));
  EXPECT_FALSE(IsToken("a b"));
  EXPECT_FALSE(IsToken("a:b"));
  EXPECT_FALSE(IsToken("\xc3\xa9"));
}

}  // namespace
}  // namespace ocellus::sdp
