// SPDX-License-Identifier: Apache-2.0
// Digital outputs of the board: lights, infrared lamps, relays. io thread only; never blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "firmware/base/status.h"

namespace ocellus::hal {

struct GpioLine {
  std::string chip;   // "gpiochip0", or a path in /dev; a board that has one only ignores it.
  uint32_t line = 0;  // Its offset on the chip.
  bool active_low = false;

  friend bool operator==(const GpioLine& a, const GpioLine& b) {
    return a.chip == b.chip && a.line == b.line && a.active_low == b.active_low;
  }
};

// Given back when it is destroyed; what the line does then is the board's business.
class GpioOutput {
 public:
  virtual ~GpioOutput() = default;

  // Errors: kUnavailable, names the line.
  virtual Status Set(bool on) = 0;
};

class Gpio {
 public:
  virtual ~Gpio() = default;

  // Takes a line, and makes it an output that is off. Errors name the line: kNotFound (no such chip
  // or line), kUnavailable (somebody else has it), kPermissionDenied, kUnsupported.
  virtual Result<std::unique_ptr<GpioOutput>> OpenOutput(const GpioLine& line) = 0;
};

}  // namespace ocellus::hal
