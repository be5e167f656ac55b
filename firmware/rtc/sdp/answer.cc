// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "firmware/rtc/sdp/negotiation.h"
#include "firmware/rtc/sdp/transport_negotiation.h"
#include "firmware/rtc/sdp/video_negotiation.h"

namespace ocellus::sdp {
namespace {

// Audio codecs that are answered, so that sound can start by changing the direction only.
bool IsOurAudioCodec(const Codec& codec) {
  return (codec.Is("opus", 48'000) && codec.channels == 2) || codec.Is("PCMU", 8000) ||
         codec.Is("PCMA", 8000);
}

// RFC 8829 section 5.3.1: "the port MUST be set to zero". One format stays, as SDP's grammar asks.
MediaDescription Reject(const MediaDescription& offered) {
  MediaDescription answer;
  answer.media = offered.media;
  answer.port = 0;
  answer.protocol = offered.protocol;
  answer.formats = offered.formats;
  answer.mid = offered.mid;
  answer.direction = Direction::kInactive;
  if (!offered.codecs.empty()) {
    answer.codecs.push_back(offered.codecs.front());
    answer.codecs.back().parameters.clear();
    answer.codecs.back().feedback.clear();
  }
  return answer;
}

// Audio keeps its place in the BUNDLE group without any media; rejected when that is not possible.
MediaDescription AnswerAudio(const MediaDescription& offered) {
  const auto codec = std::find_if(offered.codecs.begin(), offered.codecs.end(), IsOurAudioCodec);
  MediaDescription answer = Reject(offered);
  if (codec == offered.codecs.end()) return answer;
  answer.port = 9;
  answer.codecs = {*codec};
  answer.codecs.front().feedback.clear();
  answer.rtcp_mux = true;
  answer.rtcp_rsize = offered.rtcp_rsize;
  return answer;
}

struct ChosenVideo {
  size_t index = 0;
  MediaDescription answer;
};

// The first video that can be answered; else the error of the first that cannot.
Result<ChosenVideo> ChooseVideo(const SessionDescription& offer, const LocalMedia& media) {
  if (!media.video) return Status(StatusCode::kUnsupported, "no video to send");
  Status first_error(StatusCode::kUnsupported, "SDP without m=video, expected one to send to");
  bool tried = false;
  for (size_t i = 0; i < offer.media.size(); ++i) {
    if (offer.media[i].kind() != MediaKind::kVideo) continue;
    Result<MediaDescription> answer = AnswerVideo(offer.media[i], *media.video);
    if (answer.ok()) return ChosenVideo{i, std::move(*answer)};
    if (!tried) first_error = answer.status();
    tried = true;
  }
  return first_error;
}

// RFC 9143 section 7.3: rejected m-lines leave the group, and the first that stays is the tagged
// one, whatever the offer's was.
Group AnswerBundle(const Group& offered, const SessionDescription& answer) {
  Group group{offered.semantics, {}};
  for (const std::string& mid : offered.mids) {
    const MediaDescription* media = answer.FindMedia(mid);
    if (media != nullptr && !media->is_rejected() && !group.Contains(mid)) {
      group.mids.push_back(mid);
    }
  }
  return group;
}

size_t IndexOf(const SessionDescription& description, const std::string& mid) {
  return static_cast<size_t>(description.FindMedia(mid) - description.media.data());
}

// `description` with our decision for each m-line of `offer`, but no transport yet.
SessionDescription DecideMedia(const SessionDescription& offer, ChosenVideo video,
                               const Group* bundle) {
  SessionDescription description;
  for (size_t i = 0; i < offer.media.size(); ++i) {
    const MediaDescription& offered = offer.media[i];
    const bool bundled = bundle != nullptr && offered.mid && bundle->Contains(*offered.mid);
    const bool audio = offered.kind() == MediaKind::kAudio && offered.is_rtp();
    if (i == video.index) {
      description.media.push_back(std::move(video.answer));
    } else if (audio && bundled && !offered.is_rejected()) {
      description.media.push_back(AnswerAudio(offered));
    } else {
      description.media.push_back(Reject(offered));
    }
  }
  return description;
}

}  // namespace

Result<Answer> CreateAnswer(const SessionDescription& offer, const LocalSession& session,
                            const LocalMedia& media) {
  Result<ChosenVideo> video = ChooseVideo(offer, media);
  if (!video.ok()) return video.status();
  const size_t video_index = video->index;
  const MediaDescription& offered_video = offer.media[video_index];
  const Group* bundle = offered_video.mid ? offer.FindBundle(*offered_video.mid) : nullptr;

  Answer result;
  SessionDescription& answer = result.answer;
  answer = DecideMedia(offer, std::move(*video), bundle);
  size_t tagged = video_index;
  if (bundle != nullptr) {
    answer.groups.push_back(AnswerBundle(*bundle, answer));
    tagged = IndexOf(answer, answer.groups.front().mids.front());
  }

  const MediaDescription& transport = TransportOf(offer, offer.media[tagged]);
  Result<RemoteTransport> remote = ReadTransport(offer, transport);
  if (!remote.ok()) return remote.status();
  const Result<Setup> role = RoleOfOfferer(transport);
  if (!role.ok()) return role.status();
  if (!transport.rtcp_mux && !offered_video.rtcp_mux) {
    return Status(StatusCode::kUnsupported,
                  offered_video.Where() + ": no a=rtcp-mux, expected RTCP on the port of RTP");
  }
  result.remote = std::move(*remote);
  result.remote.setup = *role;
  result.remote.mid = answer.media[tagged].mid.value_or("");

  answer.session_id = session.session_id;
  answer.session_version = session.session_version;
  answer.ice_options = {"trickle", "ice2"};
  result.remote.dtls_in_stun = session.dtls_in_stun && offer.has_ice_option(kDtlsInStunOption);
  if (result.remote.dtls_in_stun) answer.ice_options.emplace_back(kDtlsInStunOption);
  answer.extmap_allow_mixed = offer.extmap_allow_mixed;
  answer.msid_semantic = "WMS *";
  const Setup own_role = *role == Setup::kActive ? Setup::kPassive : Setup::kActive;
  AddTransport(session, own_role, tagged, answer);
  result.video = ReadVideo(answer.media[video_index], video_index);
  return result;
}

}  // namespace ocellus::sdp
