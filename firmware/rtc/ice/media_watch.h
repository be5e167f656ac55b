// SPDX-License-Identifier: Apache-2.0
// Notices that a peer which used to send has fallen silent: a NAT has forgotten the path, a router
// has rebooted, a cable is out. Whoever watches video reports about it several times a second
// (RTCP), so silence says so long before the next consent check would (RFC 7675). Sends nothing
// itself. Owned by Agent, about its active pair.
#pragma once

#include <chrono>

#include "firmware/base/time.h"

namespace ocellus::ice {

// Browsers send RTCP at least once a second when they receive video (RFC 3550 section 6.2 with
// their bandwidth), and transport-wide feedback ten times.
constexpr Duration kMediaSilence = std::chrono::seconds(1);

class MediaWatch {
 public:
  // Something authentic that is not STUN has come.
  void HandleMedia(Time now) {
    *this = MediaWatch();
    next_ = now + kMediaSilence;
  }
  // The peer has answered a check: it is there. That it says nothing may be its own will; or it
  // sends to where we were before, and learns from our next checks that we have moved.
  void HandleAnswer() { answered_ = true; }

  bool is_watching() const { return next_ != kNever; }
  // When the peer is to be asked for a sign of life: after each kMediaSilence, and after
  // kMaxQuestions no more if it gives one.
  Time next_question() const {
    const bool is_over = answered_ && questions_ >= kMaxQuestions;
    return is_over ? kNever : next_;
  }
  void Ask(Time now) {
    ++questions_;
    next_ = now + kMediaSilence;
  }
  // Whether this is the first time that a question was left without an answer.
  bool is_first_doubt() const { return questions_ == 2 && !answered_; }

 private:
  static constexpr int kMaxQuestions = 3;

  Time next_ = kNever;
  int questions_ = 0;
  bool answered_ = false;
};

}  // namespace ocellus::ice
