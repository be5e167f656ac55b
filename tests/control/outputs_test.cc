// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/outputs.h"

#include <gtest/gtest.h>

#include "firmware/base/limits.h"
#include "tests/hal/fake_gpio.h"

namespace ocellus::control {
namespace {

class OutputsTest : public testing::Test {
 protected:
  OutputsTest() {
    gpio_.AddLine("gpiochip0", 17);
    gpio_.AddLine("gpiochip0", 27);
  }

  Outputs Open() {
    Result<Outputs> outputs = Outputs::Open(gpio_, {kPorch, kNight});
    EXPECT_TRUE(outputs.ok()) << outputs.status().ToString();
    return std::move(*outputs);
  }
  Status Refusal(const std::vector<OutputConfig>& configs) {
    return Outputs::Open(gpio_, configs).status();
  }

  const OutputConfig kPorch{"porch", OutputKind::kLight, {"gpiochip0", 17}};
  const OutputConfig kNight{"night-vision", OutputKind::kInfrared, {"gpiochip0", 27, true}};
  hal::FakeGpio gpio_;
};

TEST_F(OutputsTest, SwitchesTheLineOfTheName) {
  Outputs outputs = Open();
  ASSERT_TRUE(outputs.Set("porch", true).ok());
  EXPECT_TRUE(gpio_.line("gpiochip0", 17).high);
  EXPECT_TRUE(gpio_.line("gpiochip0", 27).high) << "off, and active low";
  ASSERT_TRUE(outputs.Set("night-vision", true).ok());
  EXPECT_FALSE(gpio_.line("gpiochip0", 27).high);
  ASSERT_TRUE(outputs.Set("porch", false).ok());
  EXPECT_FALSE(gpio_.line("gpiochip0", 17).high);
}

TEST_F(OutputsTest, ListsWhatIsOnInTheOrderOfTheConfiguration) {
  Outputs outputs = Open();
  ASSERT_TRUE(outputs.Set("night-vision", true).ok());
  const std::vector<Outputs::Output> list = outputs.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "porch");
  EXPECT_EQ(list[0].kind, OutputKind::kLight);
  EXPECT_FALSE(list[0].on);
  EXPECT_EQ(list[1].name, "night-vision");
  EXPECT_TRUE(list[1].on);
  EXPECT_TRUE(list[1].status.ok());
}

TEST_F(OutputsTest, ListsABrokenLineWithItsErrorAndGoesOnWithTheOthers) {
  gpio_.line("gpiochip0", 17).taken = true;
  Outputs outputs = Open();
  EXPECT_EQ(outputs.List()[0].status.message(), "somebody else has line gpiochip0/17");
  EXPECT_TRUE(outputs.List()[1].status.ok());
  EXPECT_EQ(outputs.Set("porch", true).code(), StatusCode::kUnavailable);
  EXPECT_FALSE(outputs.List()[0].on);
  EXPECT_TRUE(outputs.Set("night-vision", true).ok());
}

TEST_F(OutputsTest, TakesALineOnceItCanBeHad) {
  gpio_.line("gpiochip0", 17).taken = true;
  Outputs outputs = Open();
  gpio_.line("gpiochip0", 17).taken = false;
  EXPECT_TRUE(outputs.Set("porch", true).ok());
  EXPECT_TRUE(outputs.List()[0].on);
  EXPECT_TRUE(outputs.List()[0].status.ok());
}

TEST_F(OutputsTest, TakesALineAnewWhenItsChipWasGone) {
  Outputs outputs = Open();
  ASSERT_TRUE(outputs.Set("porch", true).ok());
  gpio_.line("gpiochip0", 17).Replug();
  gpio_.line("gpiochip0", 17).taken = true;
  EXPECT_EQ(outputs.Set("porch", true).message(), "somebody else has line gpiochip0/17");
  EXPECT_FALSE(outputs.List()[0].on);
  gpio_.line("gpiochip0", 17).taken = false;
  EXPECT_TRUE(outputs.Set("porch", true).ok());
  EXPECT_TRUE(gpio_.line("gpiochip0", 17).high);
  EXPECT_TRUE(outputs.List()[0].on);
  EXPECT_TRUE(outputs.List()[0].status.ok());
}

TEST_F(OutputsTest, StaysAsItWasWhenALineDoesNotSwitch) {
  Outputs outputs = Open();
  gpio_.line("gpiochip0", 17).refuses_to_switch = Status(StatusCode::kUnavailable, "unplugged");
  EXPECT_EQ(outputs.Set("porch", true).message(), "unplugged");
  EXPECT_FALSE(outputs.List()[0].on);
  EXPECT_EQ(outputs.List()[0].status.message(), "unplugged");
  gpio_.line("gpiochip0", 17).refuses_to_switch = Status();
  EXPECT_TRUE(outputs.Set("porch", true).ok());
  EXPECT_TRUE(outputs.List()[0].status.ok());
}

TEST_F(OutputsTest, NamesThoseThatThereAreWhenThereIsNoSuch) {
  EXPECT_EQ(Open().Set("barn", true).message(),
            "no output of that name; there are porch, night-vision");
  EXPECT_EQ(Outputs().Set("barn", true).message(), "no output of that name; there are none");
  EXPECT_EQ(Outputs().Set("barn", true).code(), StatusCode::kNotFound);
  EXPECT_TRUE(Outputs().List().empty());
}

TEST_F(OutputsTest, RefusesAConfigurationThatMakesNoSense) {
  OutputConfig same_line = kPorch;
  same_line.name = "barn";
  EXPECT_EQ(Refusal({kPorch, kPorch}).message(), "there are two outputs \"porch\"");
  EXPECT_EQ(Refusal({kPorch, same_line}).message(),
            "the outputs \"porch\" and \"barn\" have the same line");
  for (const char* name : {"", "a b", "a.b", "\xC3\xA4", "a-name-that-is-longer-than-32-bytes"}) {
    OutputConfig config = kPorch;
    config.name = name;
    EXPECT_EQ(Refusal({config}).code(), StatusCode::kInvalidArgument) << name;
  }
  const std::vector<OutputConfig> many(kMaxOutputs + 1, kPorch);
  EXPECT_EQ(Refusal(many).message(), "33 outputs, at most 32");
}

TEST_F(OutputsTest, GivesItsLinesBack) {
  { const Outputs outputs = Open(); }
  EXPECT_FALSE(gpio_.line("gpiochip0", 17).taken);
  EXPECT_FALSE(gpio_.line("gpiochip0", 27).taken);
}

}  // namespace
}  // namespace ocellus::control
