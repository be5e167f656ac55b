// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/nat_call.h"

namespace ocellus::sim {
namespace {

using std::chrono::seconds;

void RunUntilGathered(Network& network, const ReachNode& a, const ReachNode& b) {
  network.RunUntilTrue([&] { return a.has_gathered() && b.has_gathered(); }, seconds(60));
}

bool IsRelayed(ice::CandidateType local, ice::CandidateType remote) {
  return local == ice::CandidateType::kRelayed || remote == ice::CandidateType::kRelayed;
}

const std::vector<srtp::Profile>& Profiles() {
  static const std::vector<srtp::Profile> profiles = {srtp::Profile::kAes128CmHmacSha1_80};
  return profiles;
}

}  // namespace

// --- AgentCall -----------------------------------------------------------------------------------

AgentCall::AgentCall(NatWorld& world, const CallOptions& options)
    : AgentCall(world, options, world.Camera(options.camera)) {}

AgentCall::AgentCall(NatWorld& world, const CallOptions& options,
                     const ReachOptions& how_camera_joins)
    : world_(world),
      options_(options),
      camera(ice::Role::kControlled, world.seed() * 2 + 1),
      viewer(ice::Role::kControlling, world.seed() * 2 + 2),
      camera_reach(world.network(), how_camera_joins),
      viewer_reach(world.network(), world.Viewer(options.viewer)) {}

void AgentCall::Signal() {
  Network& network = world_.network();
  RunUntilGathered(network, camera_reach, viewer_reach);
  camera_reach.Carry(camera, [this](Time now, ReachNode::Candidates candidates) {
    camera.agent().SetLocalCandidates(now, candidates);
  });
  viewer_reach.Carry(viewer, [this](Time now, ReachNode::Candidates candidates) {
    viewer.agent().SetLocalCandidates(now, candidates);
    if (offered_) camera.HandleCandidates(now, viewer);
  });
  network.RunFor(options_.signaling_delay);
  camera.HandleSignal(network.now(), viewer);
  offered_ = true;
  network.RunFor(options_.signaling_delay);
  viewer.HandleSignal(network.now(), camera);
}

bool AgentCall::IsOn(bool relayed) const {
  if (!is_connected()) return false;
  for (const AgentGuest* guest : {&camera, &viewer}) {
    const auto pair = guest->selected();
    if (!pair || sim::IsRelayed(pair->local_type, pair->remote_type) != relayed) return false;
  }
  return true;
}

// --- PeerCall ------------------------------------------------------------------------------------

PeerCall::PeerCall(NatWorld& world, const CallOptions& options)
    : world_(world),
      options_(options),
      random_(world.seed() * 2 + 1),
      wall_clock_{world.network().now(), NtpTime::FromUnix(kWallTimeAtStart)},
      camera(world.network(), {TestCertificate(0), Profiles(), wall_clock_, &ring_}, ring_, {},
             random_, {}),
      viewer(world.network(), {TestCertificate(1), Profiles(), wall_clock_}, {}, random_),
      camera_reach(world.network(), world.Camera(options.camera)),
      viewer_reach(world.network(), world.Viewer(options.viewer)) {}

void PeerCall::Signal() {
  Network& network = world_.network();
  RunUntilGathered(network, camera_reach, viewer_reach);
  const auto carry = [](PeerNode& guest, ReachNode& reach) {
    reach.Carry(guest, [&guest](Time now, ReachNode::Candidates candidates) {
      guest.peer().SetLocalCandidates(now, candidates);
    });
  };
  carry(camera, camera_reach);
  carry(viewer, viewer_reach);
  const auto offer = viewer.peer().OfferToReceive(network.now());
  CHECK(offer.ok(), "offer: %s", offer.status().ToString().c_str());
  network.RunFor(options_.signaling_delay);
  const auto answer = camera.peer().Answer(network.now(), *offer);
  CHECK(answer.ok(), "answer: %s", answer.status().ToString().c_str());
  network.RunFor(options_.signaling_delay);
  const Status applied = viewer.peer().HandleAnswer(network.now(), *answer);
  CHECK(applied.ok(), "answer: %s", applied.ToString().c_str());
}

void PeerCall::RestartIce() {
  Network& network = world_.network();
  const auto question = viewer.peer().RestartIce(network.now());
  CHECK(question.ok(), "restart: %s", question.status().ToString().c_str());
  network.RunFor(options_.signaling_delay);
  const auto answer = camera.peer().RestartIce(network.now(), *question);
  CHECK(answer.ok(), "restart: %s", answer.status().ToString().c_str());
  network.RunFor(options_.signaling_delay);
  const Status applied = viewer.peer().HandleRestartAnswer(network.now(), *answer);
  CHECK(applied.ok(), "restart: %s", applied.ToString().c_str());
}

bool PeerCall::RunUntilFirstPicture(Duration limit) {
  return world_.network().RunUntilTrue([this] { return !viewer.pictures().empty(); }, limit);
}

bool PeerCall::IsRelayed() {
  const peer::PeerStats stats = camera.peer().stats();
  return stats.path && sim::IsRelayed(stats.local_type, stats.remote_type);
}

}  // namespace ocellus::sim
