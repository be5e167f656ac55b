// SPDX-License-Identifier: Apache-2.0
// One method of the control protocol, as a row of a table: its name, who may call it, its
// parameters, its words for people, and the function that carries it out. Dispatch, validation,
// the text of errors, docs/control.md and rpc.discover all come from these rows.
//
// To add a method, write its function and its row in the file of its subject in methods/. Nothing
// else has to know of it.
#pragma once

#include "firmware/auth/role.h"
#include "firmware/base/bytes.h"
#include "firmware/control/parameter_type.h"
#include "firmware/control/services.h"

namespace ocellus::control {

struct Call;

// The most that a method declares; positional requests have no more either.
constexpr size_t kMaxParameters = 4;

enum class Need : uint8_t {
  kRequired,
  kOptional,
  kOneOf,  // One at least of those that say so.
};

struct Parameter {
  const char* name = nullptr;  // snake_case. nullptr: there is none.
  ParameterType type;
  Need need = Need::kRequired;
  const char* description = nullptr;
};

struct Method {
  const char* name;     // "ptz.move".
  auth::Role role;      // The least role that may call it.
  const char* summary;  // What it does.
  Parameter parameters[kMaxParameters];
  const char* result;   // What its result has.
  const char* example;  // Parameters that work.
  const char* answer;   // What they may come to.
  Outcome (*handler)(const Call& call);

  size_t parameter_count() const {
    size_t count = 0;
    while (count < kMaxParameters && parameters[count].name != nullptr) ++count;
    return count;
  }
};

// The methods of one subject.
struct MethodGroup {
  const char* title;  // "Pan, tilt and zoom".
  const char* about;  // What one has to know; empty when the methods say it all.
  Span<const Method> methods;
};

}  // namespace ocellus::control
