// SPDX-License-Identifier: Apache-2.0
// Any bytes as a .h264 file: reading ends, gives away nothing that is not in it, and the same
// again after a rewind.
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "drivers/file_camera/access_unit_reader.h"

namespace ocellus::drivers {
namespace {

struct Summary {
  size_t size = 0;
  bool keyframe = false;
  bool b_slices = false;
};

std::vector<Summary> ReadAll(AccessUnitReader& reader, Bytes file) {
  std::vector<Summary> units;
  size_t total = 0;
  while (true) {
    const auto unit = reader.Next();
    CHECK(unit.ok(), "%zu bytes: %s", file.size(), unit.status().ToString().c_str());
    if (!unit->has_value()) return units;
    const AccessUnit& found = **unit;
    total += found.data.size();
    CHECK(!found.data.empty() && total <= file.size(), "%zu bytes of %zu", total, file.size());
    units.push_back({found.data.size(), found.keyframe, found.b_slices});
  }
}

void Run(Bytes file) {
  const int fd = memfd_create("file.h264", 0);
  CHECK(fd >= 0 && write(fd, file.data(), file.size()) == static_cast<ssize_t>(file.size()),
        "no file of %zu bytes", file.size());
  auto reader = AccessUnitReader::Open("/proc/self/fd/" + std::to_string(fd));
  CHECK(reader.ok(), "%s", reader.status().ToString().c_str());
  const std::vector<Summary> first = ReadAll(*reader, file);
  reader->Rewind();
  const std::vector<Summary> second = ReadAll(*reader, file);
  CHECK(first.size() == second.size(), "%zu access units, then %zu", first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].size == second[i].size && first[i].keyframe == second[i].keyframe &&
              first[i].b_slices == second[i].b_slices,
          "access unit %zu is another after the rewind", i);
  }
  close(fd);
}

}  // namespace
}  // namespace ocellus::drivers

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::drivers::Run({data, size});
  return 0;
}
