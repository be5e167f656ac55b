// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/load_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/linux/file.h"
#include "tests/platform/linux/temporary_directory.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class LoadConfigTest : public testing::Test {
 protected:
  void WriteFile(std::string_view text) {
    ASSERT_TRUE(WriteFileAtomically(path_, AsBytes(text), FileAccess::kPublic).ok());
  }
  static Result<LoadedConfig> Load(std::vector<std::string> arguments,
                                   std::vector<std::string> environment = {}) {
    std::vector<const char*> argument_pointers;
    for (const std::string& argument : arguments) argument_pointers.push_back(argument.c_str());
    std::vector<const char*> environment_pointers;
    for (const std::string& variable : environment)
      environment_pointers.push_back(variable.c_str());
    return LoadConfig(argument_pointers, environment_pointers);
  }
  static std::string ErrorOf(const Result<LoadedConfig>& loaded) {
    EXPECT_FALSE(loaded.ok());
    return loaded.status().message();
  }

  const TemporaryDirectory directory_;
  const std::string path_ = directory_ / "ocellus.yaml";
};

TEST_F(LoadConfigTest, FlagsBeatTheEnvironmentWhichBeatsTheFile) {
  WriteFile("fps: 10\nwidth: 320\nheight: 240\n");
  const auto loaded =
      Load({"--config", path_, "--fps=30"}, {"OCELLUS_FPS=20", "OCELLUS_WIDTH=800", "HOME=/root"});
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  EXPECT_EQ(loaded->config.fps, 30u);
  EXPECT_EQ(loaded->config.width, 800u);
  EXPECT_EQ(loaded->config.height, 240u);
  EXPECT_EQ(loaded->config.config_file, path_);
}

TEST_F(LoadConfigTest, TheEnvironmentCanNameTheFile) {
  WriteFile("fps: ${FRAMES:10}\n");
  EXPECT_EQ(Load({}, {"OCELLUS_CONFIG=" + path_})->config.fps, 10u);
  EXPECT_EQ(Load({}, {"OCELLUS_CONFIG=" + path_, "FRAMES=15"})->config.fps, 15u);
}

TEST_F(LoadConfigTest, WithoutAFileTheDefaultsStand) {
  const auto loaded = Load({});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->config.http_port, 8080);
}

TEST_F(LoadConfigTest, MistakesInTheFileAreNamedWithFileAndLine) {
  WriteFile("fps: 10\n# A comment\nhtpp-port: 80\n");
  EXPECT_THAT(ErrorOf(Load({"--config=" + path_})),
              AllOf(HasSubstr(path_ + ":3"), HasSubstr("did you mean http-port?")));
  WriteFile("fps: 10\nhttp-port: 80000\n");
  EXPECT_THAT(ErrorOf(Load({"--config=" + path_})),
              AllOf(HasSubstr(path_ + ":2"), HasSubstr("0 to 65535")));
  WriteFile("config: other.yaml\n");
  EXPECT_THAT(ErrorOf(Load({"--config=" + path_})), HasSubstr(path_ + ":1"));
}

TEST_F(LoadConfigTest, AMissingOrHugeFileIsAnError) {
  EXPECT_THAT(ErrorOf(Load({"--config=" + path_})), HasSubstr(path_));
  WriteFile(std::string(100'000, '#'));
  EXPECT_THAT(ErrorOf(Load({"--config=" + path_})), HasSubstr(path_));
}

TEST_F(LoadConfigTest, HelpNeedsNothingElseToBeRight) {
  const auto loaded = Load({"--config=" + path_, "--help"}, {"OCELLUS_NONSENSE=1"});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->action, app::Action::kPrintHelp);
}

TEST_F(LoadConfigTest, UnknownVariablesOfOursAreRefused) {
  EXPECT_THAT(ErrorOf(Load({}, {"OCELLUS_NONSENSE=1"})), HasSubstr("OCELLUS_NONSENSE"));
}

}  // namespace
}  // namespace ocellus::linux_platform
