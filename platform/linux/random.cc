// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/random.h"

#include <sys/random.h>

#include <cerrno>

namespace ocellus::linux_platform {

void LinuxRandom::Fill(MutableBytes out) {
  while (!out.empty()) {
    const ssize_t size = getrandom(out.data(), out.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    CHECK(size > 0, "getrandom gives %zd, errno %d", size, errno);
    out = out.subspan(static_cast<size_t>(size));
  }
}

}  // namespace ocellus::linux_platform
