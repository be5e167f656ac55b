// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/negotiation.h"
#include "firmware/rtc/sdp/transport_negotiation.h"
#include "firmware/rtc/sdp/video_negotiation.h"

namespace ocellus::sdp {
namespace {

SessionDescription MakeOffer(const LocalSession& session, Setup setup, MediaDescription video) {
  SessionDescription offer;
  offer.session_id = session.session_id;
  offer.session_version = session.session_version;
  offer.ice_options = {"trickle", "ice2"};
  if (session.dtls_in_stun) offer.ice_options.emplace_back(kDtlsInStunOption);
  offer.groups.push_back({"BUNDLE", {*video.mid}});
  offer.extmap_allow_mixed = true;
  offer.msid_semantic = "WMS *";
  offer.media.push_back(std::move(video));
  AddTransport(session, setup, 0, offer);
  return offer;
}

}  // namespace

SessionDescription CreateCameraOffer(const LocalSession& session, const LocalMedia& media) {
  CHECK(media.video, "an offer without video, session %llu",
        static_cast<unsigned long long>(session.session_id));
  return MakeOffer(session, Setup::kActive, OfferVideoToSend(*media.video));
}

SessionDescription CreateViewerOffer(const LocalSession& session, const ViewerMedia& media) {
  return MakeOffer(session, Setup::kActPass, OfferVideoToReceive(media));
}

}  // namespace ocellus::sdp
