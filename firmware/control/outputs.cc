// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/outputs.h"

#include <algorithm>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/base/log.h"

namespace ocellus::control {
namespace {

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxOutputName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace

const char* ToString(OutputKind kind) {
  switch (kind) {
    case OutputKind::kLight:
      return "light";
    case OutputKind::kInfrared:
      return "infrared";
    case OutputKind::kRelay:
      return "relay";
  }
  return "unknown";
}

Result<Outputs> Outputs::Open(hal::Gpio& gpio, const std::vector<OutputConfig>& configs) {
  if (configs.size() > kMaxOutputs) {
    return Status(StatusCode::kResourceExhausted,
                  Format("%u outputs, at most %u", static_cast<unsigned>(configs.size()),
                         static_cast<unsigned>(kMaxOutputs)));
  }
  Outputs outputs;
  outputs.gpio_ = &gpio;
  for (const OutputConfig& config : configs) {
    const char* name = config.name.c_str();
    if (!IsName(config.name)) {
      return Status(StatusCode::kInvalidArgument,
                    Format("an output's name is of 1 to %u letters, digits, '-' and '_', unlike "
                           "\"%s\"",
                           static_cast<unsigned>(kMaxOutputName), name));
    }
    for (const Slot& other : outputs.slots_) {
      if (other.config.name == config.name) {
        return Status(StatusCode::kInvalidArgument, Format("there are two outputs \"%s\"", name));
      }
      if (other.config.line == config.line) {
        return Status(StatusCode::kInvalidArgument,
                      Format("the outputs \"%s\" and \"%s\" have the same line",
                             other.config.name.c_str(), name));
      }
    }
    outputs.slots_.push_back(Slot{config, nullptr, false, Status()});
  }
  for (Slot& slot : outputs.slots_) {
    TakeLine(gpio, slot);
    if (!slot.status.ok()) {
      LOG_ERROR("output %s: %s", slot.config.name.c_str(), slot.status.ToString().c_str());
    }
  }
  return outputs;
}

void Outputs::TakeLine(hal::Gpio& gpio, Slot& slot) {
  slot.line.reset();  // Nobody gets a line twice.
  slot.on = false;
  Result<std::unique_ptr<hal::GpioOutput>> line = gpio.OpenOutput(slot.config.line);
  slot.status = line.status();
  if (line.ok()) slot.line = std::move(*line);
}

void Outputs::Switch(Slot& slot, bool on) {
  slot.status = slot.line->Set(on);
  if (slot.status.ok()) slot.on = on;
}

Status Outputs::Set(std::string_view name, bool on) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(), [name](const Slot& candidate) {
    return candidate.config.name == name;
  });
  if (slot == slots_.end()) {
    std::string names;
    for (const Slot& known : slots_) names += (names.empty() ? "" : ", ") + known.config.name;
    return Status(
        StatusCode::kNotFound,
        "no output of that name" + (names.empty() ? "; there are none" : "; there are " + names));
  }
  if (slot->line != nullptr) Switch(*slot, on);
  // It could not be had so far, or it has gone with its chip, which may be back: it is taken anew.
  if (!slot->status.ok()) {
    TakeLine(*gpio_, *slot);
    if (slot->line != nullptr) Switch(*slot, on);
  }
  return slot->status;
}

std::vector<Outputs::Output> Outputs::List() const {
  std::vector<Output> list;
  for (const Slot& slot : slots_) {
    list.push_back(Output{slot.config.name, slot.config.kind, slot.on, slot.status});
  }
  return list;
}

}  // namespace ocellus::control
