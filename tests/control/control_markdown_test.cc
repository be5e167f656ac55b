// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/control_markdown.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "firmware/base/status.h"
#include "firmware/control/error_code.h"
#include "firmware/control/method_table.h"
#include "firmware/control/topic.h"

namespace ocellus::control {
namespace {

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ControlMarkdown, IsWhatDocsControlMdHas) {
  std::ifstream file("docs/control.md");
  const std::string committed(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(committed == ControlMarkdown())
      << "docs/control.md is out of date: ocellus --control-markdown > docs/control.md";
}

TEST(ControlMarkdown, ExplainsEveryMethodTopicAndError) {
  const std::string text = ControlMarkdown();
  for (const MethodGroup* group : MethodGroups()) {
    for (const Method& method : group->methods) {
      EXPECT_TRUE(
          Contains(text, "#### `" + std::string(method.name) + "` (" + ToString(method.role)));
    }
  }
  for (const TopicInfo& topic : Topics()) {
    EXPECT_TRUE(Contains(text, "\"method\": \"" + std::string(topic.notification) + '"'));
  }
  for (int status = 1; status <= static_cast<int>(StatusCode::kInternal); ++status) {
    const int code = ErrorCode(static_cast<StatusCode>(status));
    EXPECT_TRUE(Contains(text, Format("| %d |", code))) << code;
  }
}

}  // namespace
}  // namespace ocellus::control
