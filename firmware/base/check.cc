// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/check.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace ocellus {

void CheckFailed(const char* file, int line, const char* condition, const char* format, ...) {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed: ", file, line, condition);
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace ocellus
