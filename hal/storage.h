// SPDX-License-Identifier: Apache-2.0
// Small things that must outlive the program: settings, presets, tokens. Each has a name and is
// replaced as a whole, so that a power cut leaves the old or the new one. io thread only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/status.h"

namespace ocellus::hal {

struct StorageWritten {
  std::string name;
  Status status;  // kResourceExhausted (no space), kPermissionDenied, kInternal; names the place.
};

class Storage {
 public:
  virtual ~Storage() = default;

  // The content, at most kMaxStoredSize bytes. Blocks: for when the program starts only.
  // `name` is of a-z, 0-9, '-' and '.'. Errors: kNotFound (never written),
  // kPermissionDenied (others may read it), kResourceExhausted (larger), kInternal.
  virtual Result<std::string> Read(std::string_view name) = 0;

  // Replaces the content, or removes it (nullopt). Does not block; PollWritten tells what came of
  // it. Of several writes that wait for the disk only the last is made. Nobody but our user may
  // read what is written.
  virtual void Write(std::string_view name, std::optional<std::string> content) = 0;

  // What became of the next write, or nullopt. The platform wakes the io thread when there is one.
  virtual std::optional<StorageWritten> PollWritten() = 0;
};

}  // namespace ocellus::hal
