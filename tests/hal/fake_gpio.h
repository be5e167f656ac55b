// SPDX-License-Identifier: Apache-2.0
// The lines of a board in memory: tests look at them, and break them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "hal/gpio.h"

namespace ocellus::hal {

class FakeGpio final : public Gpio {
 public:
  struct Line {
    bool exists = false;
    bool taken = false;
    bool high = false;       // What a meter shows: active_low is taken into account.
    Status refuses_to_open;  // What opening it comes to, when it is an error.
    Status refuses_to_switch;
    int plugged = 0;  // How often its chip has been plugged in again.

    // The chip goes and comes back: who has had the line has it no more.
    void Replug() {
      ++plugged;
      taken = high = false;
    }
  };

  void AddLine(const std::string& chip, uint32_t number) { line(chip, number).exists = true; }
  Line& line(const std::string& chip, uint32_t number) { return lines_[Name(chip, number)]; }

  Result<std::unique_ptr<GpioOutput>> OpenOutput(const GpioLine& wanted) override {
    const std::string name = Name(wanted.chip, wanted.line);
    Line& found = line(wanted.chip, wanted.line);
    if (!found.exists) return Status(StatusCode::kNotFound, "no line " + name);
    if (!found.refuses_to_open.ok()) return found.refuses_to_open;
    if (found.taken) return Status(StatusCode::kUnavailable, "somebody else has line " + name);
    found.taken = true;
    return std::unique_ptr<GpioOutput>(std::make_unique<Output>(found, wanted.active_low));
  }

 private:
  class Output final : public GpioOutput {
   public:
    Output(Line& line, bool active_low)
        : line_(line), active_low_(active_low), plugged_(line.plugged) {
      line_.high = active_low_;
    }
    ~Output() override {
      if (plugged_ == line_.plugged) line_.taken = false;
    }

    Status Set(bool on) override {
      if (plugged_ != line_.plugged) return {StatusCode::kUnavailable, "its chip is gone"};
      if (line_.refuses_to_switch.ok()) line_.high = on != active_low_;
      return line_.refuses_to_switch;
    }

   private:
    Line& line_;
    const bool active_low_;
    const int plugged_;
  };

  static std::string Name(const std::string& chip, uint32_t number) {
    return chip + "/" + std::to_string(number);
  }

  std::map<std::string, Line> lines_;
};

}  // namespace ocellus::hal
