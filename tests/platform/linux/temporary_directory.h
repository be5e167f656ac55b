// SPDX-License-Identifier: Apache-2.0
// A directory that is gone with all its content at the end of the test.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "firmware/base/check.h"

namespace ocellus::linux_platform {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path = (std::filesystem::temp_directory_path() / "ocellus-XXXXXX").string();
    CHECK(mkdtemp(path.data()) != nullptr, "mkdtemp(%s)", path.c_str());
    path_ = path;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace ocellus::linux_platform
