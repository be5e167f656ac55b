// SPDX-License-Identifier: Apache-2.0
// What a Peer's signalling says about ICE once the descriptions are exchanged: candidates, names
// and restarts (RFC 8838, RFC 8840, RFC 8445 section 9).
#include "firmware/rtc/peer/peer.h"

namespace ocellus::peer {

void Peer::AddCandidate(Time now, std::string_view text) {
  const auto candidate = ice::Candidate::Parse(text);
  if (candidate.ok()) {
    ice_->AddRemoteCandidate(now, *candidate);
  } else if (log_limiter_.Allow(now)) {
    LOG_DEBUG("candidate left out: %s", candidate.status().ToString().c_str());
  }
}

void Peer::AddCandidates(Time now, const sdp::Fragment& fragment) {
  for (const auto& media : fragment.media) {
    for (const std::string& candidate : media.candidates) AddCandidate(now, candidate);
    if (media.end_of_candidates) ice_->EndOfRemoteCandidates(now);
  }
  Advance(now);
}

Status Peer::AddRemoteCandidates(Time now, std::string_view text) {
  if (!ice_ || state_ == State::kClosed) return WrongState("candidates");
  auto fragment = sdp::Fragment::Parse(text);
  if (!fragment.ok()) return fragment.status();
  if (restart_pending_ || (fragment->ufrag && *fragment->ufrag != remote_ufrag_)) {
    return {StatusCode::kFailedPrecondition,
            "the fragment's ice-ufrag is not that of the current ICE session"};
  }
  AddCandidates(now, *fragment);
  return {};
}

// --- Restarts ------------------------------------------------------------------------------------

Result<std::string> Peer::RestartIce(Time now) {
  if (!MayRestart()) return WrongState("an ICE restart of ours");
  ice_->Restart(now);
  restart_pending_ = true;
  return DescribeFragment(mid_);
}

Status Peer::HandleRestartAnswer(Time now, std::string_view text) {
  if (!MayRestart()) return WrongState("the answer to an ICE restart");
  auto fragment = ParseRestart(text);
  if (!fragment.ok()) return fragment.status();
  if (!restart_pending_) {
    // After a glare it comes a second time.
    if (*fragment->ufrag == remote_ufrag_) return {};
    return {StatusCode::kFailedPrecondition, "no ICE restart of ours waits for an answer"};
  }
  return TakeOver(now, *fragment);
}

// Glare, when both sides have asked for a restart at once, needs no second one: both have new
// credentials already, and each has the other's from its request. So a request that crosses ours is
// taken as its answer, too; we answer it with the credentials that ours had.
Result<std::string> Peer::RestartIce(Time now, std::string_view text) {
  if (!MayRestart()) return WrongState("an ICE restart");
  auto fragment = ParseRestart(text);
  if (!fragment.ok()) return fragment.status();
  if (*fragment->ufrag == remote_ufrag_) return NotNew();
  if (!restart_pending_) ice_->Restart(now);
  RETURN_IF_ERROR(TakeOver(now, *fragment));
  return DescribeFragment(fragment->media.empty() ? mid_ : fragment->media.front().mid);
}

bool Peer::MayRestart() const {
  return ice_ && (state_ == State::kConnecting || state_ == State::kConnected);
}

Status Peer::NotNew() {
  return {StatusCode::kFailedPrecondition,
          "an ICE restart needs credentials that were not used before"};
}

Result<sdp::Fragment> Peer::ParseRestart(std::string_view text) {
  auto fragment = sdp::Fragment::Parse(text);
  if (!fragment.ok()) return fragment.status();
  if (!fragment->ufrag || !fragment->pwd) {
    return Status(StatusCode::kMalformed, "an ICE restart needs a=ice-ufrag and a=ice-pwd");
  }
  if (!ice::IsValid({*fragment->ufrag, *fragment->pwd})) {
    return Status(StatusCode::kMalformed, "ice-ufrag or ice-pwd is not 4 or 22 to 256 ice-chars");
  }
  return fragment;
}

Status Peer::TakeOver(Time now, const sdp::Fragment& fragment) {
  if (*fragment.ufrag == remote_ufrag_) return NotNew();
  restart_pending_ = false;
  remote_ufrag_ = *fragment.ufrag;
  ice_->SetRemoteCredentials(now, {*fragment.ufrag, *fragment.pwd});
  AddCandidates(now, fragment);
  return {};
}

std::string Peer::DescribeFragment(std::string_view mid) const {
  sdp::Fragment ours;
  ours.ufrag = ice_->local_credentials().ufrag;
  ours.pwd = ice_->local_credentials().pwd;
  sdp::Fragment::Media media;
  media.mid = std::string(mid);
  for (const ice::Candidate& candidate : ice_->local_candidates()) {
    media.candidates.push_back(candidate.Write());
  }
  media.end_of_candidates = true;
  ours.media.push_back(std::move(media));
  return ours.Write();
}

// --- The network ---------------------------------------------------------------------------------

void Peer::SetLocalCandidates(Time now, Span<const ice::LocalCandidate> candidates) {
  local_candidates_.assign(candidates.begin(), candidates.end());
  if (ice_ && state_ != State::kClosed) {
    ice_->SetLocalCandidates(now, local_candidates_);
    Advance(now);
  }
}

void Peer::HandleResolvedName(Time now, std::string_view name, Span<const IpAddress> addresses) {
  if (!ice_ || state_ == State::kClosed) return;
  ice_->HandleResolvedName(now, name, addresses);
  Advance(now);
}

}  // namespace ocellus::peer
