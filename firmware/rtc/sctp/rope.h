// SPDX-License-Identifier: Apache-2.0
// Bytes that are put together from both ends: one buffer while they come in order, and several
// where two ropes were joined, for joining copies nothing. So the work is in proportion to the
// bytes, in whatever order a peer sends them. io thread only.
#pragma once

#include <list>
#include <utility>
#include <vector>

#include "firmware/base/bytes.h"

namespace ocellus::sctp {

class Rope {
 public:
  size_t size() const { return size_; }
  // Buffers that it consists of.
  size_t pieces() const { return pieces_.size(); }

  void Append(Bytes bytes) {
    if (pieces_.empty()) pieces_.emplace_back();
    pieces_.back().insert(pieces_.back().end(), bytes.begin(), bytes.end());
    size_ += bytes.size();
  }

  // Leaves `other` empty.
  void Append(Rope& other) {
    pieces_.splice(pieces_.end(), other.pieces_);
    size_ += std::exchange(other.size_, 0);
  }

  void Clear() {
    pieces_.clear();
    size_ = 0;
  }

  // All of it in one buffer; this is empty then.
  std::vector<uint8_t> Take() {
    std::vector<uint8_t> whole;
    if (!pieces_.empty()) whole = std::exchange(pieces_.front(), {});
    whole.reserve(size_);
    for (auto piece = pieces_.begin(); piece != pieces_.end(); ++piece) {
      whole.insert(whole.end(), piece->begin(), piece->end());
    }
    Clear();
    return whole;
  }

 private:
  std::list<std::vector<uint8_t>> pieces_;
  size_t size_ = 0;
};

}  // namespace ocellus::sctp
