// SPDX-License-Identifier: Apache-2.0
#include "drivers/file_camera/access_unit_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "drivers/openh264_decoder/openh264_decoder.h"
#include "firmware/base/limits.h"
#include "tests/drivers/file_camera/temporary_file.h"

namespace ocellus::drivers {
namespace {

struct ReadUnit {
  std::vector<uint8_t> data;
  bool keyframe = false;
  bool b_slices = false;
};

std::vector<ReadUnit> ReadAll(const std::string& path) {
  Result<AccessUnitReader> reader = AccessUnitReader::Open(path);
  CHECK(reader.ok(), "%s", reader.status().ToString().c_str());
  std::vector<ReadUnit> units;
  while (true) {
    const Result<std::optional<AccessUnit>> unit = reader->Next();
    CHECK(unit.ok(), "%s", unit.status().ToString().c_str());
    if (!unit->has_value()) return units;
    units.push_back(
        {{(*unit)->data.begin(), (*unit)->data.end()}, (*unit)->keyframe, (*unit)->b_slices});
  }
}

std::vector<ReadUnit> Split(const std::vector<std::vector<uint8_t>>& parts) {
  const TemporaryFile file(Join(parts));
  return ReadAll(file.path());
}

TEST(AccessUnitReader, CutsBeforeEachFirstSlice) {
  const auto units = Split({kSps, kPps, kIdr, kP, kP});
  ASSERT_EQ(units.size(), 3u);
  EXPECT_EQ(units[0].data, Join({kSps, kPps, kIdr}));
  EXPECT_TRUE(units[0].keyframe);
  EXPECT_EQ(units[1].data, kP);
  EXPECT_FALSE(units[1].keyframe);
  EXPECT_EQ(units[2].data, kP);
}

TEST(AccessUnitReader, KeepsTheSlicesOfAPictureTogether) {
  const auto units = Split({kSps, kPps, kIdr, kP, kSecondP, kSecondP, kP});
  ASSERT_EQ(units.size(), 3u);
  EXPECT_EQ(units[1].data, Join({kP, kSecondP, kSecondP}));
}

// ITU-T H.264 section 7.4.1.2.3.
TEST(AccessUnitReader, CutsBeforeDelimitersParameterSetsAndSei) {
  const std::vector<uint8_t> sei = {0, 0, 1, 0x06, 0x05, 0x01, 0xff, 0x80};
  const auto units =
      Split({kDelimiter, kSps, kPps, kIdr, kDelimiter, kP, sei, kP, kPps, kP, kSps, kPps, kIdr});
  ASSERT_EQ(units.size(), 5u);
  EXPECT_EQ(units[0].data, Join({kDelimiter, kSps, kPps, kIdr}));
  EXPECT_EQ(units[1].data, Join({kDelimiter, kP}));
  EXPECT_EQ(units[2].data, Join({sei, kP}));
  EXPECT_EQ(units[3].data, Join({kPps, kP}));
  EXPECT_TRUE(units[4].keyframe);
}

TEST(AccessUnitReader, SeesBSlices) {
  const auto units = Split({kSps, kPps, kIdr, kP, kB});
  ASSERT_EQ(units.size(), 3u);
  EXPECT_FALSE(units[1].b_slices);
  EXPECT_TRUE(units[2].b_slices);
}

TEST(AccessUnitReader, GivesNothingOfFilesWithoutPictures) {
  EXPECT_TRUE(Split({}).empty());
  EXPECT_TRUE(Split({kSps, kPps}).empty());
  EXPECT_TRUE(Split({std::vector<uint8_t>(1000, 0)}).empty());
  EXPECT_TRUE(Split({std::vector<uint8_t>(200'000, 0x7f)}).empty());
}

TEST(AccessUnitReader, LeavesOutALastSliceWithoutItsHeader) {
  const auto units = Split({kSps, kPps, kIdr, kP, {0, 0, 1, 0x41}});
  ASSERT_EQ(units.size(), 2u);
  EXPECT_EQ(units[1].data, kP);
}

TEST(AccessUnitReader, EndsAnywhereWithoutHarm) {
  const auto stream = Join({kDelimiter, kSps, kPps, kIdr, kP, kSecondP, kDelimiter, kP});
  for (size_t size = 0; size <= stream.size(); ++size) {
    const TemporaryFile file(Bytes(stream).first(size));
    EXPECT_LE(ReadAll(file.path()).size(), 3u);
  }
}

TEST(AccessUnitReader, FindsStartCodesAcrossItsPieces) {
  // A slice that ends just before, at and behind the 64 KiB of a piece.
  for (size_t size = 65'520; size < 65'545; ++size) {
    std::vector<uint8_t> slice = kIdr;
    slice.resize(size, 0x55);
    const auto units = Split({kSps, kPps, slice, kP, kP});
    ASSERT_EQ(units.size(), 3u) << size;
    EXPECT_EQ(units[0].data.size(), kSps.size() + kPps.size() + size);
    EXPECT_EQ(units[2].data, kP);
  }
}

TEST(AccessUnitReader, SkipsAnAccessUnitThatIsTooLargeAndGoesOn) {
  std::vector<uint8_t> giant = kP;
  giant.resize(2 * kMaxEncodedFrameBytes, 0x55);
  const TemporaryFile file(Join({kSps, kPps, kIdr, giant, kP, kSps, kPps, kIdr}));
  Result<AccessUnitReader> reader = AccessUnitReader::Open(file.path());
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(reader->Next().ok());
  int keyframes = 0;
  int errors = 0;
  for (int i = 0; i < 10; ++i) {
    const auto unit = reader->Next();
    if (!unit.ok()) {
      EXPECT_EQ(unit.status().code(), StatusCode::kMalformed);
      ++errors;
    } else if (unit->has_value() && (*unit)->keyframe) {
      ++keyframes;
    }
  }
  EXPECT_GE(errors, 1);
  EXPECT_EQ(keyframes, 1);
}

TEST(AccessUnitReader, StartsAgainAfterRewind) {
  const TemporaryFile file(Join({kSps, kPps, kIdr, kP}));
  Result<AccessUnitReader> reader = AccessUnitReader::Open(file.path());
  ASSERT_TRUE(reader.ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE((*reader->Next())->keyframe);
    EXPECT_FALSE((*reader->Next())->keyframe);
    EXPECT_FALSE(reader->Next()->has_value());
    reader->Rewind();
  }
}

TEST(AccessUnitReader, NamesTheFileThatItCannotOpen) {
  const auto missing = AccessUnitReader::Open("/nonexistent/video.h264");
  EXPECT_EQ(missing.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(missing.status().message().find("/nonexistent/video.h264"), std::string::npos);
  EXPECT_EQ(AccessUnitReader::Open(testing::TempDir()).status().code(), StatusCode::kUnsupported);
}

// JVT conformance streams: as many pictures as the reference decoder finds, and each access unit
// decodes by itself.
TEST(AccessUnitReader, CutsConformanceStreamsAsTheReferenceDecoderDoes) {
  const std::string folder = "../shared/vectors/public/h264/";
  if (access(folder.c_str(), R_OK) != 0) GTEST_SKIP() << folder << " is not there";
  const std::pair<const char*, size_t> streams[] = {{"BA1_FT_C.264", 299}, {"BAMQ1_JVC_C.264", 30},
                                                    {"BA_MW_D.264", 100},  {"MIDR_MW_D.264", 100},
                                                    {"NRF_MW_E.264", 100}, {"SVA_BA1_B.264", 17}};
  for (const auto& [name, pictures] : streams) {
    const auto units = ReadAll(folder + name);
    EXPECT_EQ(units.size(), pictures) << name;
    OpenH264Decoder decoder;
    size_t decoded = 0;
    for (const ReadUnit& unit : units) {
      const auto picture = decoder.Decode(unit.data, Time());
      decoded += picture.ok() && picture->has_value() ? 1 : 0;
      EXPECT_FALSE(unit.b_slices) << name;
    }
    EXPECT_EQ(decoded, pictures) << name;
  }
}

}  // namespace
}  // namespace ocellus::drivers
