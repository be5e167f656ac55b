// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "firmware/app/config.h"

namespace ocellus::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ConfigHelp, NamesEveryKeyWithRangeAndDefault) {
  EXPECT_THAT(HelpText(),
              AllOf(HasSubstr("--http-port PORT\n"), HasSubstr("(0 to 65535;\n      default 8080)"),
                    HasSubstr("--listen ADDRESS"), HasSubstr("--log-level LEVEL")));
}

TEST(ConfigHelp, DocumentIsWhatTheTableSays) {
  std::ifstream file("docs/configuration.md");
  std::stringstream document;
  document << file.rdbuf();
  EXPECT_EQ(document.str(), HelpMarkdown())
      << "Write it anew: build/debug/ocellus --help-markdown > docs/configuration.md";
}

}  // namespace
}  // namespace ocellus::app
