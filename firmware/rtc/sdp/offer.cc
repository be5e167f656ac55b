// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/data_negotiation.h"
#include "firmware/rtc/sdp/negotiation.h"
#include "firmware/rtc/sdp/transport_negotiation.h"
#include "firmware/rtc/sdp/video_negotiation.h"

namespace ocellus::sdp {
namespace {

SessionDescription MakeOffer(const LocalSession& session, Setup setup,
                             std::vector<MediaDescription> media) {
  SessionDescription offer;
  offer.session_id = session.session_id;
  offer.session_version = session.session_version;
  offer.ice_options = {"trickle", "ice2"};
  if (session.dtls_in_stun) offer.ice_options.emplace_back(kDtlsInStunOption);
  Group bundle{"BUNDLE", {}};
  for (const MediaDescription& bundled : media) bundle.mids.push_back(*bundled.mid);
  offer.groups.push_back(std::move(bundle));
  offer.extmap_allow_mixed = true;
  offer.msid_semantic = "WMS *";
  offer.media = std::move(media);
  AddTransport(session, setup, 0, offer);
  return offer;
}

}  // namespace

SessionDescription CreateCameraOffer(const LocalSession& session, const LocalMedia& media) {
  CHECK(media.video, "an offer without video, session %llu",
        static_cast<unsigned long long>(session.session_id));
  std::vector<MediaDescription> offered = {OfferVideoToSend(*media.video)};
  if (media.data_channels) offered.push_back(OfferData("1"));
  return MakeOffer(session, Setup::kActive, std::move(offered));
}

SessionDescription CreateViewerOffer(const LocalSession& session, const ViewerMedia& media) {
  std::vector<MediaDescription> offered;
  if (!media.profiles.empty()) offered.push_back(OfferVideoToReceive(media));
  if (media.data_channels) offered.push_back(OfferData(std::to_string(offered.size())));
  CHECK(!offered.empty(), "an offer of nothing, session %llu",
        static_cast<unsigned long long>(session.session_id));
  return MakeOffer(session, Setup::kActPass, std::move(offered));
}

}  // namespace ocellus::sdp
