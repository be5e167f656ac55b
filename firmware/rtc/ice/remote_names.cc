// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/remote_names.h"

#include <algorithm>

#include "firmware/base/text.h"

namespace ocellus::ice {
namespace {

constexpr std::string_view kSuffix = ".local";

bool IsLabelCharacter(char c) {
  c = ToLowerAscii(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

}  // namespace

bool RemoteNames::IsResolvable(std::string_view name) {
  constexpr size_t kMaxLabel = 63;  // RFC 1035 section 2.3.4.
  if (name.size() <= kSuffix.size()) return false;
  const std::string_view label = name.substr(0, name.size() - kSuffix.size());
  return EqualsIgnoreCase(name.substr(label.size()), kSuffix) && label.size() <= kMaxLabel &&
         std::all_of(label.begin(), label.end(), IsLabelCharacter);
}

bool RemoteNames::Add(const Candidate& candidate) {
  CHECK(IsResolvable(candidate.host_name), "name of %zu bytes", candidate.host_name.size());
  const auto is_it = [&](const Waiting& waiting) { return waiting.candidate == candidate; };
  if (std::any_of(waiting_.begin(), waiting_.end(), is_it)) return true;
  if (waiting_.size() == kMaxUnresolvedCandidates) return false;
  if (Find(candidate.host_name) == nullptr) {
    if (names_.size() == kMaxRemoteNames) return false;
    names_.push_back({candidate.host_name, State::kUnasked, {}});
  }
  waiting_.push_back({candidate, 0});
  return true;
}

std::optional<std::string> RemoteNames::PollName() {
  for (Name& name : names_) {
    if (name.state != State::kUnasked) continue;
    name.state = State::kAsked;
    return name.text;
  }
  return std::nullopt;
}

void RemoteNames::Resolve(std::string_view text, Span<const IpAddress> addresses) {
  Name* name = Find(text);
  if (name == nullptr || name->state != State::kAsked) return;
  name->state = State::kAnswered;
  addresses = addresses.first(std::min(addresses.size(), kMaxAddressesPerName));
  name->addresses.assign(addresses.begin(), addresses.end());
}

std::optional<Candidate> RemoteNames::PollCandidate() {
  for (auto waiting = waiting_.begin(); waiting != waiting_.end(); ++waiting) {
    const Name& name = *Find(waiting->candidate.host_name);
    if (name.state != State::kAnswered) continue;
    Candidate candidate = waiting->candidate;
    if (!name.addresses.empty()) {
      candidate.host_name.clear();
      candidate.address.ip = name.addresses[waiting->next_address++];
    }
    if (waiting->next_address >= name.addresses.size()) waiting_.erase(waiting);
    return candidate;
  }
  return std::nullopt;
}

void RemoteNames::Clear() {
  names_.clear();
  waiting_.clear();
}

RemoteNames::Name* RemoteNames::Find(std::string_view text) {
  const auto is_it = [&](const Name& name) { return EqualsIgnoreCase(name.text, text); };
  const auto found = std::find_if(names_.begin(), names_.end(), is_it);
  return found == names_.end() ? nullptr : &*found;
}

}  // namespace ocellus::ice
