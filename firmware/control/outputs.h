// SPDX-License-Identifier: Apache-2.0
// The named outputs of the board: lights, infrared lamps and relays, each on a line of hal::Gpio.
// All are off at the start. io thread only. Owned by the app.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/status.h"
#include "hal/gpio.h"

namespace ocellus::control {

enum class OutputKind : uint8_t { kLight, kInfrared, kRelay };

// "light", "infrared", "relay".
const char* ToString(OutputKind kind);

struct OutputConfig {
  std::string name;  // "porch": letters, digits, '-' and '_', at most kMaxOutputName bytes.
  OutputKind kind = OutputKind::kLight;
  hal::GpioLine line;
};

class Outputs {
 public:
  struct Output {
    std::string name;
    OutputKind kind = OutputKind::kLight;
    bool on = false;
    Status status;  // Why it does not work, or OK.
  };

  // None.
  Outputs() = default;

  // Takes the lines. One that cannot be had, or goes with its chip, stops nobody: it is listed with
  // its error, and taken when it can be once somebody switches it. `gpio` must outlive the outputs.
  // Errors: kInvalidArgument (a name that is not allowed or is there twice, a line that is there
  // twice), kResourceExhausted (more than kMaxOutputs).
  static Result<Outputs> Open(hal::Gpio& gpio, const std::vector<OutputConfig>& configs);

  // Errors: kNotFound (no such output; names those that there are), and those of hal::Gpio.
  Status Set(std::string_view name, bool on);

  // In the order of the configuration.
  std::vector<Output> List() const;

 private:
  struct Slot {
    OutputConfig config;
    std::unique_ptr<hal::GpioOutput> line;  // Null while it cannot be had.
    bool on = false;
    Status status;
  };

  static void TakeLine(hal::Gpio& gpio, Slot& slot);
  static void Switch(Slot& slot, bool on);

  hal::Gpio* gpio_ = nullptr;
  std::vector<Slot> slots_;
};

}  // namespace ocellus::control
