// SPDX-License-Identifier: Apache-2.0
// ViewerSessions with answers set by the test, which keeps the rules of the real one: ids are
// handed out and forgotten, a generation is current or stale.
#pragma once

#include <map>
#include <string>

#include "firmware/signaling/viewer_sessions.h"

namespace ocellus::signaling {

class FakeViewerSessions final : public ViewerSessions {
 public:
  Result<AcceptedOffer> Accept(Time, const Visitor& visitor, std::string_view offer_sdp) override {
    last_visitor = visitor;
    last_sdp = offer_sdp;
    if (!accept_status.ok()) return accept_status;
    const SessionId id = "session" + std::to_string(++count_);
    sessions_[id] = {"gen1", /*offered=*/false};
    return AcceptedOffer{id, "v=0 answer", "gen1"};
  }

  Result<CounterOffer> Offer(Time, const Visitor& visitor) override {
    last_visitor = visitor;
    if (!offer_status.ok()) return offer_status;
    const SessionId id = "session" + std::to_string(++count_);
    sessions_[id] = {"gen1", /*offered=*/true};
    return CounterOffer{id, "v=0 offer", "gen1"};
  }

  Status HandleAnswer(Time, const SessionId& id, std::string_view answer_sdp) override {
    last_sdp = answer_sdp;
    if (!answer_status.ok()) return answer_status;
    if (!sessions_[id].offered) return Status(StatusCode::kFailedPrecondition, "no offer is open");
    sessions_[id].offered = false;
    return Status();
  }

  Status AddCandidates(Time, const SessionId& id, std::string_view ice_generation,
                       std::string_view sdp_fragment) override {
    if (!candidates_status.ok()) return candidates_status;
    if (ice_generation != sessions_[id].generation) return StatusCode::kFailedPrecondition;
    last_fragment = sdp_fragment;
    return Status();
  }

  Result<RestartedIce> RestartIce(Time, const SessionId& id,
                                  std::string_view sdp_fragment) override {
    if (!restart_status.ok()) return restart_status;
    last_fragment = sdp_fragment;
    sessions_[id].generation = "gen2";
    return RestartedIce{"a=ice-ufrag:new", "gen2"};
  }

  Status Close(Time, const SessionId& id) override {
    return sessions_.erase(id) == 1 ? Status() : Status(StatusCode::kNotFound);
  }

  bool Exists(const SessionId& id) const override { return sessions_.count(id) == 1; }

  Status accept_status;
  Status offer_status;
  Status answer_status;
  Status candidates_status;
  Status restart_status;
  Visitor last_visitor;
  std::string last_sdp;
  std::string last_fragment;

 private:
  struct Session {
    std::string generation;
    bool offered = false;
  };

  int count_ = 0;
  std::map<SessionId, Session> sessions_;
};

}  // namespace ocellus::signaling
