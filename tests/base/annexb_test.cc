// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/annexb.h"

#include <gmock/gmock.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "tests/sim/seeded_random.h"

namespace ocellus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Place {
  size_t offset = 0;
  size_t size = 0;
};

std::vector<std::vector<uint8_t>> Nals(const std::vector<uint8_t>& stream) {
  std::vector<Place> places;
  FindNals(stream, places);
  std::vector<std::vector<uint8_t>> nals;
  for (const Place& place : places) {
    const Bytes nal = Bytes(stream).subspan(place.offset, place.size);
    nals.emplace_back(nal.begin(), nal.end());
  }
  return nals;
}

using Nal = std::vector<uint8_t>;

TEST(FindNals, SplitsAtBothKindsOfStartCode) {
  EXPECT_THAT(Nals({0, 0, 0, 1, 0x67, 0x42, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65, 9}),
              ElementsAre(Nal{0x67, 0x42}, Nal{0x68}, Nal{0x65, 9}));
}

TEST(FindNals, LeavesOutZerosBehindANal) {
  EXPECT_THAT(Nals({0, 0, 1, 0x65, 9, 0, 0, 0, 0, 0, 0, 1, 0x41, 7, 0, 0}),
              ElementsAre(Nal{0x65, 9}, Nal{0x41, 7}));
}

TEST(FindNals, KeepsEmulationPrevention) {
  EXPECT_THAT(Nals({0, 0, 1, 0x65, 0, 0, 3, 1, 5, 0, 0, 3}),
              ElementsAre(Nal{0x65, 0, 0, 3, 1, 5, 0, 0, 3}));
}

TEST(FindNals, FindsNothingWhereNothingIs) {
  EXPECT_THAT(Nals({}), IsEmpty());
  EXPECT_THAT(Nals({0, 0}), IsEmpty());
  EXPECT_THAT(Nals({0, 0, 1}), IsEmpty());
  EXPECT_THAT(Nals({0, 0, 1, 0, 0, 1, 0, 0, 0}), IsEmpty());
  EXPECT_THAT(Nals({0x65, 1, 2, 0, 1}), IsEmpty());
}

TEST(FindNals, SkipsWhatStandsBeforeTheFirstStartCode) {
  EXPECT_THAT(Nals({7, 7, 0, 0, 1, 0x41}), ElementsAre(Nal{0x41}));
}

// Byte by byte, as the standard's Annex B.1.1 reads.
std::vector<Nal> NalsTheSlowWay(const std::vector<uint8_t>& stream) {
  std::vector<Nal> nals;
  bool inside = false;
  for (size_t i = 0; i < stream.size(); ++i) {
    if (i + 2 < stream.size() && stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
      nals.emplace_back();
      inside = true;
      i += 2;
    } else if (inside) {
      nals.back().push_back(stream[i]);
    }
  }
  std::vector<Nal> kept;
  for (Nal& nal : nals) {
    while (!nal.empty() && nal.back() == 0) nal.pop_back();
    if (!nal.empty()) kept.push_back(nal);
  }
  return kept;
}

TEST(FindNals, AgreesWithASlowSearchOnStreamsFullOfZerosAndOnes) {
  sim::SeededRandom random(1);
  for (int round = 0; round < 5000; ++round) {
    std::vector<uint8_t> stream(random.Below(60));
    for (uint8_t& byte : stream) byte = static_cast<uint8_t>(random.Below(3));
    ASSERT_EQ(Nals(stream), NalsTheSlowWay(stream)) << round;
  }
}

TEST(FindNals, CountsTheNalsOfConformanceStreams) {
  const std::string folder = "../shared/vectors/public/h264/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not here";
  // From expected.json: how many NAL units of each type.
  const std::map<std::string, std::map<int, size_t>> expected = {
      {"BA1_FT_C.264", {{1, 599}, {5, 15}, {7, 3}, {8, 3}}},
      {"BAMQ1_JVC_C.264", {{1, 29}, {5, 1}, {7, 1}, {8, 1}}},
  };
  for (const auto& [name, counts] : expected) {
    std::ifstream file(folder + name, std::ios::binary);
    const std::vector<uint8_t> stream{std::istreambuf_iterator<char>(file), {}};
    std::map<int, size_t> found;
    NalScanner scanner(stream);
    while (const auto nal = scanner.Next()) ++found[(*nal)[0] & 0x1f];
    EXPECT_EQ(found, counts) << name;
  }
}

}  // namespace
}  // namespace ocellus
