// SPDX-License-Identifier: Apache-2.0
#include "firmware/app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ocellus::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Layers = std::vector<std::vector<RawSetting>>;

Config Defaults() { return *MakeConfig(Layers{}); }

// The message that a single setting from "test" is refused with.
std::string Refusal(const std::string& key, const std::string& value) {
  const Result<Config> config = MakeConfig(Layers{{{key, value, "ocellus.yaml:7"}}});
  EXPECT_EQ(config.status().code(), StatusCode::kInvalidArgument) << key << ": " << value;
  return config.status().message();
}

std::vector<RawSetting> FlagsOf(const std::vector<const char*>& arguments) {
  Result<CommandLine> line = ParseCommandLine(arguments);
  EXPECT_TRUE(line.ok()) << line.status().message();
  return line.ok() ? line->settings : std::vector<RawSetting>{};
}

std::string FlagError(const std::vector<const char*>& arguments) {
  return ParseCommandLine(arguments).status().message();
}

TEST(Config, DefaultsAreThoseOfTheTable) {
  const Config config = Defaults();
  EXPECT_EQ(config.source, "auto");
  EXPECT_EQ(config.width, 640u);
  EXPECT_EQ(config.height, 480u);
  EXPECT_EQ(config.fps, 30u);
  EXPECT_EQ(config.bitrate, DataRate::FromKilobitsPerSecond(2000));
  EXPECT_EQ(config.http_port, 8080);
  EXPECT_EQ(config.udp_port, 8555);
  EXPECT_EQ(config.listen, std::nullopt);
  EXPECT_FALSE(config.loopback_candidates);
  EXPECT_EQ(config.max_viewers, 50u);
  EXPECT_TRUE(config.stun_servers.empty());
  EXPECT_TRUE(config.turn_servers.empty());
  EXPECT_EQ(config.turn_username, "ocellus");
  EXPECT_FALSE(config.turn_password);
  EXPECT_FALSE(config.turn_secret);
  EXPECT_EQ(config.ice_policy, gathering::Policy::kAll);
  EXPECT_TRUE(config.ice_tcp);
  EXPECT_TRUE(config.public_addresses.empty());
  EXPECT_EQ(config.ca_file, "/etc/ssl/certs/ca-certificates.crt");
  EXPECT_EQ(config.config_file, std::nullopt);
  EXPECT_EQ(config.state_directory, std::nullopt);
  EXPECT_EQ(config.log_level, LogLevel::kInfo);
}

TEST(Config, EverySettingReachesItsMember) {
  const Result<Config> config = MakeConfig(Layers{FlagsOf(
      {"--source", "/dev/video2", "--width=1280", "--height=720", "--fps", "25", "--bitrate=1500",
       "--http-port=0", "--udp-port", "65535", "--listen=2001:db8::1", "--loopback-candidates",
       "--max-viewers=1000", "--config=a.yaml", "--state-dir=/tmp/s", "--log-level=debug"})});
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->source, "/dev/video2");
  EXPECT_EQ(config->width, 1280u);
  EXPECT_EQ(config->height, 720u);
  EXPECT_EQ(config->fps, 25u);
  EXPECT_EQ(config->bitrate, DataRate::FromKilobitsPerSecond(1500));
  EXPECT_EQ(config->http_port, 0);
  EXPECT_EQ(config->udp_port, 65535);
  EXPECT_EQ(config->listen, IpAddress::Parse("2001:db8::1"));
  EXPECT_TRUE(config->loopback_candidates);
  EXPECT_EQ(config->max_viewers, 1000u);
  EXPECT_EQ(config->config_file, "a.yaml");
  EXPECT_EQ(config->state_directory, "/tmp/s");
  EXPECT_EQ(config->log_level, LogLevel::kDebug);
}

TEST(Config, NetworkSettingsReachTheirMembers) {
  const Result<Config> config = MakeConfig(Layers{
      *ParseEnvironment(std::vector<const char*>{"OCELLUS_TURN_SECRET=only told to servers"}),
      FlagsOf({"--stun-servers", "stun:stun.example.net", "--turn-servers",
               "turn:192.0.2.1:3479, turns:turn.example.net", "--turn-username=garden",
               "--ice-policy=relay", "--ice-tcp", "false", "--public-addresses",
               "203.0.113.7,2001:db8::7", "--ca-file=/etc/ca.pem"})});
  ASSERT_TRUE(config.ok()) << config.status().message();
  ASSERT_EQ(config->stun_servers.size(), 1u);
  EXPECT_EQ(config->stun_servers[0].host, "stun.example.net");
  ASSERT_EQ(config->turn_servers.size(), 2u);
  EXPECT_EQ(config->turn_servers[0].port, 3479);
  EXPECT_EQ(config->turn_servers[1].transport, gathering::ServerTransport::kTls);
  EXPECT_EQ(config->turn_username, "garden");
  EXPECT_EQ(config->turn_secret->value, "only told to servers");
  EXPECT_EQ(config->ice_policy, gathering::Policy::kRelay);
  EXPECT_FALSE(config->ice_tcp);
  EXPECT_EQ(config->public_addresses.size(), 2u);
  EXPECT_EQ(config->ca_file, "/etc/ca.pem");
}

TEST(Config, TokensAndOutputsReachTheirMembers) {
  EXPECT_EQ(Defaults().name, "Ocellus");
  EXPECT_FALSE(Defaults().admin_token);
  EXPECT_FALSE(Defaults().open);
  EXPECT_FALSE(Defaults().show_token);
  const Result<Config> config = MakeConfig(Layers{{
      {"name", "Porch", "test"},
      {"admin-token", "0123-abcd", "test"},
      {"viewer-token", "viewer==", "test"},
      {"open", "true", "test"},
      {"outputs", "porch=light:gpiochip0/17, gate=relay:gpiochip1/3/low", "test"},
  }});
  ASSERT_TRUE(config.ok()) << config.status().message();
  EXPECT_EQ(config->name, "Porch");
  EXPECT_EQ(config->admin_token->value, "0123-abcd");
  EXPECT_EQ(config->viewer_token->value, "viewer==");
  EXPECT_TRUE(config->open);
  ASSERT_EQ(config->outputs.size(), 2u);
  EXPECT_EQ(config->outputs[0].name, "porch");
  EXPECT_EQ(config->outputs[0].kind, control::OutputKind::kLight);
  EXPECT_EQ(config->outputs[0].line, (hal::GpioLine{"gpiochip0", 17, false}));
  EXPECT_EQ(config->outputs[1].kind, control::OutputKind::kRelay);
  EXPECT_EQ(config->outputs[1].line, (hal::GpioLine{"gpiochip1", 3, true}));
}

TEST(Config, TokensThatAreWeakOrNoTokensAreRefused) {
  for (const char* token : {"short", "with blank", "with\nline", "umlaut-\xC3\xA4"}) {
    EXPECT_THAT(Refusal("admin-token", token),
                AllOf(HasSubstr("8 to 128 of"), Not(HasSubstr(token))));
  }
}

TEST(Config, OutputsThatAreNoneAreRefused) {
  for (const char* output :
       {"porch", "porch=lamp:gpiochip0/1", "porch=light:gpiochip0", "porch=light:gpiochip0/x",
        "porch=light:gpiochip0/1/high", "=light:gpiochip0/1", "porch=light:/1"}) {
    EXPECT_THAT(Refusal("outputs", output), HasSubstr("NAME=KIND:CHIP/LINE")) << output;
  }
}

TEST(Config, SecretsAreRefusedOnTheCommandLine) {
  for (const char* flag : {"--turn-secret", "--turn-password", "--turn-secret=very secret"}) {
    const std::string error = FlagError({flag, "very secret"});
    EXPECT_THAT(error, HasSubstr("OCELLUS_TURN_")) << flag;
    EXPECT_THAT(error, Not(HasSubstr("very secret"))) << flag;
  }
  EXPECT_THAT(HelpText(), Not(HasSubstr("--turn-secret")));
  EXPECT_THAT(HelpText(), HasSubstr("OCELLUS_TURN_SECRET"));
}

TEST(Config, SecretsAreNotInErrors) {
  EXPECT_THAT(Refusal("turn-secret", ""), HasSubstr("not shown"));
  const std::string error = Refusal("turn-servers", "turn:me:hunter2@turn.example.net");
  EXPECT_THAT(error, HasSubstr("without credentials"));
  EXPECT_THAT(error, Not(HasSubstr("hunter2")));
}

TEST(Config, SettingsThatDoNotGoTogetherAreRefused) {
  const auto refusal = [](std::vector<RawSetting> settings) {
    return MakeConfig(Layers{std::move(settings)}).status().message();
  };
  EXPECT_THAT(refusal({{"turn-servers", "turn:a", "file:1"}}), HasSubstr("turn-secret"));
  EXPECT_THAT(refusal({{"turn-servers", "turn:a", "file:1"},
                       {"turn-secret", "s", "file:2"},
                       {"turn-password", "p", "file:3"}}),
              HasSubstr("exclude each other"));
  EXPECT_THAT(refusal({{"ice-policy", "relay", "file:1"}}), HasSubstr("nobody could watch"));
}

TEST(Config, CheckNetworkTakesSettingsToo) {
  const auto line = ParseCommandLine(
      std::vector<const char*>{"--check-network", "--stun-servers", "stun:stun.example.net"});
  ASSERT_TRUE(line.ok()) << line.status().message();
  EXPECT_EQ(line->action, Action::kCheckNetwork);
  ASSERT_EQ(line->settings.size(), 1u);
  EXPECT_EQ(line->settings[0].key, "stun-servers");
}

TEST(Config, LaterLayersWin) {
  const Result<Config> config = MakeConfig(
      Layers{{{"fps", "10", "file:1"}, {"width", "320", "file:2"}, {"http-port", "1", "file:3"}},
             *ParseEnvironment(std::vector<const char*>{"OCELLUS_FPS=20", "OCELLUS_HTTP_PORT=2"}),
             FlagsOf({"--fps", "40", "--fps", "50"})});
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->fps, 50u);
  EXPECT_EQ(config->http_port, 2);
  EXPECT_EQ(config->width, 320u);
}

TEST(Config, OverriddenValuesMustStillBeValid) {
  const Result<Config> config =
      MakeConfig(Layers{{{"fps", "fast", "file:1"}}, {{"fps", "30", "--fps"}}});
  EXPECT_THAT(config.status().message(), HasSubstr("file:1"));
}

TEST(Config, ValuesOutOfRangeAreRefusedWithWhatIsAllowed) {
  EXPECT_THAT(Refusal("http-port", "65536"),
              AllOf(HasSubstr("ocellus.yaml:7"), HasSubstr("http-port"), HasSubstr("\"65536\""),
                    HasSubstr("0 to 65535")));
  EXPECT_THAT(Refusal("max-viewers", "0"), HasSubstr("1 to 1000"));
  EXPECT_THAT(Refusal("max-viewers", "1001"), HasSubstr("1 to 1000"));
  EXPECT_THAT(Refusal("width", "641"), HasSubstr("even numbers from 16 to 3840"));
  EXPECT_THAT(Refusal("log-level", "verbose"), HasSubstr("debug, info, warn or error"));
  EXPECT_THAT(Refusal("loopback-candidates", "yes"), HasSubstr("true or false"));
  EXPECT_THAT(Refusal("listen", "fe80::1%eth0"), HasSubstr("an IPv4 or IPv6 address"));
}

TEST(Config, ThingsThatAreNotNumbersAreRefused) {
  for (const char* value : {"", " 30", "30 ", "+30", "-1", "30.0", "0x1e", "thirty",
                            "18446744073709551646", "4294967326"}) {
    EXPECT_THAT(Refusal("fps", value), HasSubstr("1 to 120")) << value;
  }
}

TEST(Config, TextMustNotBeEmpty) {
  Refusal("source", "");
  Refusal("state-dir", "");
  Refusal("listen", "");
}

TEST(Config, UnknownKeysAreRefusedWithTheNearest) {
  EXPECT_THAT(Refusal("htpp-port", "1"),
              AllOf(HasSubstr("ocellus.yaml:7"), HasSubstr("\"htpp-port\""),
                    HasSubstr("did you mean http-port?")));
  EXPECT_THAT(Refusal("frobnicate", "1"), Not(HasSubstr("did you mean")));
  EXPECT_THAT(Refusal(std::string(100'000, 'x'), "1"), Not(HasSubstr("did you mean")));
}

TEST(Config, UnknownFlagsAreRefusedWithTheNearest) {
  EXPECT_THAT(FlagError({"--http_port=80"}),
              AllOf(HasSubstr("\"--http_port\""), HasSubstr("did you mean --http-port?")));
  EXPECT_THAT(FlagError({"-x"}), HasSubstr("unknown argument \"-x\""));
  EXPECT_THAT(FlagError({"camera.h264"}), HasSubstr("unknown argument \"camera.h264\""));
  EXPECT_THAT(FlagError({"http-port", "80"}), HasSubstr("did you mean --http-port?"));
  EXPECT_THAT(FlagError({""}), HasSubstr("unknown argument"));
}

TEST(Config, UnknownEnvironmentVariablesAreRefusedWithTheNearest) {
  const auto settings =
      ParseEnvironment(std::vector<const char*>{"PATH=/bin", "OCELLUS_HTTPPORT=80"});
  EXPECT_EQ(settings.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(settings.status().message(),
              AllOf(HasSubstr("OCELLUS_HTTPPORT"), HasSubstr("did you mean OCELLUS_HTTP_PORT?")));
}

TEST(Config, EnvironmentErrorsNameTheVariable) {
  const auto settings = ParseEnvironment(std::vector<const char*>{"OCELLUS_FPS=many"});
  ASSERT_TRUE(settings.ok());
  EXPECT_THAT(MakeConfig(Layers{*settings}).status().message(), HasSubstr("OCELLUS_FPS"));
}

TEST(Config, FlagsNeedTheirValue) {
  EXPECT_THAT(FlagError({"--fps"}), AllOf(HasSubstr("--fps"), HasSubstr("1 to 120")));
  EXPECT_THAT(FlagError({"--fps", "--width=640"}), HasSubstr("--fps needs a value"));
}

TEST(Config, BoolFlagsMayStandAlone) {
  EXPECT_EQ(FlagsOf({"--loopback-candidates", "--fps=1"})[0].value, "true");
  EXPECT_EQ(FlagsOf({"--loopback-candidates=false"})[0].value, "false");
  EXPECT_EQ(FlagsOf({"--loopback-candidates", "false"})[0].value, "false");
}

TEST(Config, ValuesMayContainEqualsSigns) {
  EXPECT_EQ(FlagsOf({"--source=/media/a=b.h264"})[0].value, "/media/a=b.h264");
}

TEST(Config, HelpAndVersionAreActions) {
  EXPECT_EQ(ParseCommandLine(std::vector<const char*>{"--fps=1", "--help"})->action,
            Action::kPrintHelp);
  EXPECT_EQ(ParseCommandLine(std::vector<const char*>{"-h"})->action, Action::kPrintHelp);
  EXPECT_EQ(ParseCommandLine(std::vector<const char*>{"--version"})->action, Action::kPrintVersion);
}

TEST(Config, FindSettingTakesTheLastLayer) {
  const Layers layers = {{{"config", "a", "OCELLUS_CONFIG"}}, {{"config", "b", "--config"}}};
  EXPECT_EQ(FindSetting(layers, "config"), "b");
  EXPECT_EQ(FindSetting(layers, "source"), std::nullopt);
}

}  // namespace
}  // namespace ocellus::app
