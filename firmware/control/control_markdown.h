// SPDX-License-Identifier: Apache-2.0
// docs/control.md: the control protocol for people who write clients, made of the tables of
// methods, topics and limits, so that it cannot be wrong for long. Any thread.
#pragma once

#include <string>

namespace ocellus::control {

// A test compares it with docs/control.md.
std::string ControlMarkdown();

}  // namespace ocellus::control
