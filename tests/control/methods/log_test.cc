// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class LogMethods : public testing::Test {
 protected:
  std::string ResultOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ResultOf(client_, method, params);
  }
  std::string ErrorOf(const std::string& method, const std::string& params = "{}") {
    return rig_.ErrorOf(client_, method, params);
  }

  ControlRig rig_;
  const ClientId client_ = rig_.Open(Role::kAdmin);
};

TEST_F(LogMethods, TellTheLastLines) {
  rig_.log.Add("second");
  rig_.log.Add("third");
  EXPECT_EQ(ResultOf("log.tail", R"({"after":1,"most":1})"),
            R"({"lines":[{"number":3,"unix_ms":1790000000000,"level":"info","text":"third"}],)"
            R"("newest":3})");
  const Result<json::Value> all = json::Value::Parse(ResultOf("log.tail"));
  EXPECT_EQ(all->view()["lines"].size(), 3u);
  EXPECT_EQ(ResultOf("log.tail", R"({"after":3})"), R"({"lines":[],"newest":3})");
}

TEST_F(LogMethods, TellABoundedNumberOfThem) {
  for (int i = 0; i < 500; ++i) rig_.log.Add("line");
  EXPECT_EQ(json::Value::Parse(ResultOf("log.tail"))->view()["lines"].size(), kMaxControlLogLines);
  EXPECT_EQ(ErrorOf("log.tail", R"({"most":101})"),
            "-32602 log.tail: \"most\" must be a whole number from 1 to 100, not 101");
  EXPECT_EQ(ErrorOf("log.tail", R"({"after":-1})"),
            "-32602 log.tail: \"after\" must be a whole number from 0 to 9007199254740991, not -1");
}

TEST_F(LogMethods, AreForAdmins) {
  EXPECT_EQ(rig_.ErrorOf(rig_.Open(Role::kOperator), "log.tail").substr(0, 6), "-32001");
}

}  // namespace
}  // namespace ocellus::control
