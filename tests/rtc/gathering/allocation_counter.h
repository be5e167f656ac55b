// SPDX-License-Identifier: Apache-2.0
// Counts what this test program takes from the heap by `new`, in all of its threads.
#pragma once

#include <cstddef>

namespace ocellus::gathering {

size_t AllocationsSoFar();

}  // namespace ocellus::gathering
