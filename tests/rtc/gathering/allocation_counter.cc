// SPDX-License-Identifier: Apache-2.0
#include "tests/rtc/gathering/allocation_counter.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<size_t> allocations{0};

}  // namespace

// The others of the standard library end in these two.
void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace ocellus::gathering {

size_t AllocationsSoFar() { return allocations; }

}  // namespace ocellus::gathering
