// SPDX-License-Identifier: Apache-2.0
#include "firmware/media/keyframe_policy.h"

#include <algorithm>

namespace ocellus::media {

void KeyframePolicy::Request(Time now) { due_ = std::min(due_, std::max(now, earliest_)); }

void KeyframePolicy::HandleKeyframe(Time now) {
  due_ = kNever;
  earliest_ = now + interval_;
}

bool KeyframePolicy::TakeDue(Time now) {
  if (now < due_) return false;
  due_ = kNever;
  earliest_ = now + interval_;
  return true;
}

}  // namespace ocellus::media
