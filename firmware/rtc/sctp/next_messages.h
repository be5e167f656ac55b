// SPDX-License-Identifier: Apache-2.0
// The number of the next ordered message of each stream: 0 until it is set. Constant time, and
// memory for what is used: pages that are made at the first message of one of their streams, 256
// KiB for all streams that there are. io thread only.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "firmware/rtc/sctp/types.h"

namespace ocellus::sctp {

class NextMessages {
 public:
  uint32_t Get(StreamId stream) const {
    const size_t page = stream.value() / kPageSize;
    return page < pages_.size() && pages_[page] ? (*pages_[page])[stream.value() % kPageSize] : 0;
  }

  void Set(StreamId stream, uint32_t next) {
    const size_t page = stream.value() / kPageSize;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) pages_[page] = std::make_unique<Page>();
    (*pages_[page])[stream.value() % kPageSize] = next;
  }

  void Clear() { pages_.clear(); }

 private:
  static constexpr size_t kPageSize = 64;
  using Page = std::array<uint32_t, kPageSize>;

  std::vector<std::unique_ptr<Page>> pages_;  // None where all of its streams are at 0.
};

}  // namespace ocellus::sctp
