// SPDX-License-Identifier: Apache-2.0
// A file that is there for the length of a test, and access units to put into it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/check.h"

namespace ocellus::drivers {

class TemporaryFile {
 public:
  explicit TemporaryFile(Bytes content) : path_(testing::TempDir() + "ocellus_XXXXXX") {
    const int descriptor = mkstemp(path_.data());
    CHECK(descriptor >= 0, "no temporary file %s", path_.c_str());
    CHECK(write(descriptor, content.data(), content.size()) == static_cast<ssize_t>(content.size()),
          "%s cannot be written", path_.c_str());
    close(descriptor);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// NAL units with right headers and no pictures in them. first_mb_in_slice and slice_type are the
// first codes behind the header byte.
inline const std::vector<uint8_t> kDelimiter = {0, 0, 0, 1, 0x09, 0x10};
// 320x240, constrained baseline, 25 fps.
inline const std::vector<uint8_t> kSps = {0,    0,    0,    1,    0x67, 0x42, 0xc0, 0x1f, 0xda,
                                          0x05, 0x07, 0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00,
                                          0x40, 0x00, 0x00, 0x0c, 0xa3, 0xc6, 0x0c, 0xa8};
inline const std::vector<uint8_t> kPps = {0, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80};
inline const std::vector<uint8_t> kIdr = {0, 0, 1, 0x65, 0x88, 0x84, 0x11, 0x22};  // mb 0, I
inline const std::vector<uint8_t> kP = {0, 0, 1, 0x41, 0xc0, 0x33, 0x44};          // mb 0, P
inline const std::vector<uint8_t> kSecondP = {0, 0, 1, 0x41, 0x23, 0x80, 0x55};    // mb 3, P
inline const std::vector<uint8_t> kB = {0, 0, 1, 0x01, 0xa7, 0x66, 0x77};          // mb 0, B

inline std::vector<uint8_t> Join(const std::vector<std::vector<uint8_t>>& parts) {
  std::vector<uint8_t> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace ocellus::drivers
