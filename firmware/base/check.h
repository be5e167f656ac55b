// SPDX-License-Identifier: Apache-2.0
// CHECK guards our own invariants, in release builds too: a failure is our bug, never a peer's
// input. It prints the values and aborts, and the supervisor restarts the daemon.
#pragma once

namespace ocellus {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, const char* format,
                              ...) __attribute__((format(printf, 4, 5)));

}  // namespace ocellus

// CHECK(condition, "format", values...): the format says what the values are.
#define CHECK(condition, ...)                        \
  (__builtin_expect(static_cast<bool>(condition), 1) \
       ? static_cast<void>(0)                        \
       : ::ocellus::CheckFailed(__FILE__, __LINE__, #condition, __VA_ARGS__))
