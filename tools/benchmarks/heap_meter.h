// SPDX-License-Identifier: Apache-2.0
// Whose the heap is. heap_meter.cc replaces malloc in the program that it is linked into and keeps
// the books: which library asked for how much, while a HeapScope lived. Without it, scopes cost
// and do nothing. Single-threaded programs on glibc only.
//
// A block counts with what glibc takes for it: 8 bytes of its own, rounded up to 16, at least 32.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ocellus::benchmarks {

// By the shared library that called malloc. operator new counts as ours: the libraries are C.
// kSrtp: libsrtp2 and NSS.
enum class HeapOwner { kOcellus, kMbedTls, kSrtp, kUsrsctp, kOther };
constexpr size_t kHeapOwners = 5;

const char* ToString(HeapOwner owner);

// Of allocations inside of a HeapScope, wherever they are freed.
struct HeapUse {
  int64_t bytes = 0;         // Live.
  int64_t blocks = 0;        // Live.
  uint64_t allocations = 0;  // Ever, reallocations included.
};
HeapUse ScopedHeap(HeapOwner owner);

// Scopes that live.
inline int heap_scopes = 0;

// While one lives, allocations are on the account.
class HeapScope {
 public:
  HeapScope() { ++heap_scopes; }
  ~HeapScope() { --heap_scopes; }
  HeapScope(const HeapScope&) = delete;
  HeapScope& operator=(const HeapScope&) = delete;
};

}  // namespace ocellus::benchmarks
