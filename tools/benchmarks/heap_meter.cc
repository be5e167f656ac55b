// SPDX-License-Identifier: Apache-2.0
#include "tools/benchmarks/heap_meter.h"

#include <link.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

// glibc's own, under the names that it keeps for those who replace malloc.
extern "C" {
void* __libc_malloc(size_t size);
void __libc_free(void* block);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace ocellus::benchmarks {
namespace {

constexpr size_t kMaxLibraries = 128;

struct Library {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  HeapOwner owner = HeapOwner::kOther;
};

// Stands in front of every block.
struct alignas(16) Header {
  size_t size = 0;          // As asked for.
  uint32_t offset = 0;      // From what glibc gave to the block.
  uint8_t owner = 0;        // HeapOwner.
  bool on_account = false;  // Allocated inside of a HeapScope.
};

std::array<Library, kMaxLibraries> libraries;
size_t library_count = 0;
std::array<HeapUse, kHeapOwners> uses;

HeapOwner OwnerByName(const char* path) {
  if (*path == '\0') return HeapOwner::kOcellus;  // The program itself.
  const auto is = [path](const char* part) { return std::strstr(path, part) != nullptr; };
  if (is("libstdc++")) return HeapOwner::kOcellus;
  if (is("libmbed")) return HeapOwner::kMbedTls;
  if (is("libusrsctp")) return HeapOwner::kUsrsctp;
  if (is("libsrtp2") || is("libnss") || is("libnspr") || is("libsoftokn") || is("libfreebl") ||
      is("libplc") || is("libplds") || is("libsqlite")) {
    return HeapOwner::kSrtp;
  }
  return HeapOwner::kOther;
}

int AddLibrary(dl_phdr_info* info, size_t, void*) {
  if (library_count == kMaxLibraries) return 1;
  Library library;
  library.begin = UINTPTR_MAX;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    library.begin = std::min(library.begin, info->dlpi_addr + segment.p_vaddr);
    library.end = std::max(library.end, info->dlpi_addr + segment.p_vaddr + segment.p_memsz);
  }
  library.owner = OwnerByName(info->dlpi_name);
  libraries[library_count++] = library;
  return 0;
}

const Library* FindLibrary(uintptr_t address) {
  const auto end = libraries.begin() + static_cast<ptrdiff_t>(library_count);
  const auto found = std::find_if(libraries.begin(), end, [address](const Library& library) {
    return library.begin <= address && address < library.end;
  });
  return found == end ? nullptr : &*found;
}

HeapOwner OwnerOf(const void* caller) {
  const auto address = reinterpret_cast<uintptr_t>(caller);
  const Library* library = FindLibrary(address);
  if (library == nullptr) {  // Loaded since.
    library_count = 0;
    dl_iterate_phdr(AddLibrary, nullptr);
    library = FindLibrary(address);
  }
  return library == nullptr ? HeapOwner::kOther : library->owner;
}

// What glibc takes for a block of `size` bytes.
int64_t ChunkSize(size_t size) {
  return static_cast<int64_t>(std::max<size_t>((size + 8 + 15) / 16 * 16, 32));
}

Header& HeaderOf(void* block) { return static_cast<Header*>(block)[-1]; }

// `room` bytes in front of the block hold its header.
void* Open(void* given, size_t room, size_t size, const void* caller) {
  if (given == nullptr) {
    errno = ENOMEM;
    return nullptr;
  }
  void* block = static_cast<char*>(given) + room;
  Header& header = HeaderOf(block);
  header = {size, static_cast<uint32_t>(room), 0, heap_scopes > 0};
  if (header.on_account) {
    const HeapOwner owner = OwnerOf(caller);
    header.owner = static_cast<uint8_t>(owner);
    HeapUse& use = uses[header.owner];
    use.bytes += ChunkSize(size);
    ++use.blocks;
    ++use.allocations;
  }
  return block;
}

void* Allocate(size_t size, const void* caller) {
  return Open(__libc_malloc(size + sizeof(Header)), sizeof(Header), size, caller);
}

void* AllocateAligned(size_t alignment, size_t size, const void* caller) {
  const size_t room = std::max(alignment, sizeof(Header));
  return Open(__libc_memalign(room, size + room), room, size, caller);
}

void Free(void* block) {
  if (block == nullptr) return;
  const Header header = HeaderOf(block);
  if (header.on_account) {
    uses[header.owner].bytes -= ChunkSize(header.size);
    --uses[header.owner].blocks;
  }
  __libc_free(static_cast<char*>(block) - header.offset);
}

}  // namespace

const char* ToString(HeapOwner owner) {
  switch (owner) {
    case HeapOwner::kOcellus:
      return "ocellus";
    case HeapOwner::kMbedTls:
      return "mbedtls";
    case HeapOwner::kSrtp:
      return "srtp";
    case HeapOwner::kUsrsctp:
      return "usrsctp";
    case HeapOwner::kOther:
      return "other";
  }
  return "unknown";
}

HeapUse ScopedHeap(HeapOwner owner) { return uses[static_cast<size_t>(owner)]; }

}  // namespace ocellus::benchmarks

namespace meter = ocellus::benchmarks;

extern "C" {

void* malloc(size_t size) { return meter::Allocate(size, __builtin_return_address(0)); }

void free(void* block) { meter::Free(block); }

void* calloc(size_t count, size_t size) {
  size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* block = meter::Allocate(total, __builtin_return_address(0));
  if (block != nullptr) std::memset(block, 0, total);
  return block;
}

void* realloc(void* block, size_t size) {
  void* larger = meter::Allocate(size, __builtin_return_address(0));
  if (block == nullptr || larger == nullptr) return larger;
  std::memcpy(larger, block, std::min(size, meter::HeaderOf(block).size));
  meter::Free(block);
  return larger;
}

void* memalign(size_t alignment, size_t size) {
  return meter::AllocateAligned(alignment, size, __builtin_return_address(0));
}

void* aligned_alloc(size_t alignment, size_t size) {
  return meter::AllocateAligned(alignment, size, __builtin_return_address(0));
}

int posix_memalign(void** out, size_t alignment, size_t size) {
  *out = meter::AllocateAligned(alignment, size, __builtin_return_address(0));
  return *out == nullptr ? ENOMEM : 0;
}

size_t malloc_usable_size(void* block) {
  return block == nullptr ? 0 : meter::HeaderOf(block).size;
}

}  // extern "C"
