// SPDX-License-Identifier: Apache-2.0
// The tables of methods, each in the file of its subject.
#pragma once

#include "firmware/control/method.h"

namespace ocellus::control::methods {

extern const MethodGroup kSession;
extern const MethodGroup kDevice;
extern const MethodGroup kEvents;
extern const MethodGroup kSettings;
extern const MethodGroup kImage;
extern const MethodGroup kPtz;
extern const MethodGroup kStream;
extern const MethodGroup kOutputs;
extern const MethodGroup kFiles;
extern const MethodGroup kLog;

}  // namespace ocellus::control::methods
