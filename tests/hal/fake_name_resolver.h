// SPDX-License-Identifier: Apache-2.0
// Names without servers: what a test has told is answered at the next Poll, everything else when
// the test says so, if ever.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hal/name_resolver.h"

namespace ocellus::hal {

class FakeNameResolver final : public NameResolver {
 public:
  void Resolve(const std::string& name) override {
    asked_.push_back(name);
    const auto known = known_.find(name);
    if (known != known_.end()) {
      answers_.push_back({name, known->second});
    } else {
      ++unanswered_[name];
    }
  }

  std::optional<ResolvedName> Poll() override {
    if (answers_.empty()) return std::nullopt;
    ResolvedName answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  // From now on `name` is answered at once; what was asked for it before, too.
  void Set(const std::string& name, Result<std::vector<IpAddress>> addresses) {
    known_.insert_or_assign(name, addresses);
    Answer(name, std::move(addresses));
  }
  // Answers what was asked for `name` so far, and nothing after that.
  void Answer(const std::string& name, const Result<std::vector<IpAddress>>& addresses) {
    for (int& count = unanswered_[name]; count > 0; --count) answers_.push_back({name, addresses});
  }

  // Every name that Resolve was called with, in order.
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  std::map<std::string, Result<std::vector<IpAddress>>> known_;
  std::map<std::string, int> unanswered_;
  std::deque<ResolvedName> answers_;
  std::vector<std::string> asked_;
};

}  // namespace ocellus::hal
