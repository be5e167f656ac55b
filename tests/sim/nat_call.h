// SPDX-License-Identifier: Apache-2.0
// A camera and a viewer who call each other in a NatWorld, as they do it with WHEP: the camera has
// gathered long before, the viewer gathers and offers, the camera answers. AgentCall has the two
// agents alone, and thousands of it take seconds; PeerCall has whole peers with encrypted video.
#pragma once

#include "firmware/base/frame_ring.h"
#include "tests/sim/nat_world.h"
#include "tests/sim/peer_pair.h"
#include "tests/sim/reach_node.h"

namespace ocellus::sim {

struct CallOptions {
  Servers camera = Servers::kStunAndTurn;
  Servers viewer = Servers::kStun;
  Duration signaling_delay = std::chrono::milliseconds(50);  // One way.
};

class AgentCall {
 public:
  AgentCall(NatWorld& world, const CallOptions& options);
  // With a camera that joins the network in its own way.
  AgentCall(NatWorld& world, const CallOptions& options, const ReachOptions& camera);

  // Both gather, then the candidates cross. Afterwards the viewer has the answer. What it finds
  // later it trickles (a PATCH of WHEP); the camera has no way to do so.
  void Signal();
  bool is_connected() const { return camera.is_connected() && viewer.is_connected(); }
  // Whether they have agreed on a pair that takes a relay or, for `relayed` false, takes none.
  bool IsOn(bool relayed) const;

 private:
  NatWorld& world_;
  const CallOptions options_;
  bool offered_ = false;

 public:
  AgentGuest camera;
  AgentGuest viewer;
  ReachNode camera_reach;
  ReachNode viewer_reach;
};

class PeerCall {
 public:
  PeerCall(NatWorld& world, const CallOptions& options);

  // The same. CHECKs that each understands the other.
  void Signal();
  // A restart that the viewer asks for (a PATCH of WHEP): new credentials, and the candidates as
  // they are now on both sides.
  void RestartIce();
  bool RunUntilFirstPicture(Duration limit = std::chrono::seconds(10));
  // Of the camera's path: whether either end is relayed.
  bool IsRelayed();

 private:
  NatWorld& world_;
  const CallOptions options_;
  SeededRandom random_;
  const WallClock wall_clock_;
  FrameRing ring_;

 public:
  CameraNode camera;
  ViewerNode viewer;
  ReachNode camera_reach;
  ReachNode viewer_reach;
};

}  // namespace ocellus::sim
