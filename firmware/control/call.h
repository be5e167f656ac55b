// SPDX-License-Identifier: Apache-2.0
// What a method's function is given: one request that may be carried out. Borrowed for the call.
#pragma once

#include "firmware/base/time.h"
#include "firmware/control/arguments.h"
#include "firmware/control/services.h"
#include "firmware/control/session.h"

namespace ocellus::control {

struct Call {
  Time now;
  const Services& services;
  Session& session;
  const Arguments& arguments;
  Ticket ticket;  // For what answers later.
};

}  // namespace ocellus::control
