// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "firmware/rtc/sdp/data_negotiation.h"
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

// An m-line that we accept.
struct Accepted {
  size_t index = 0;
  MediaDescription answer;
};
struct Choice {
  std::optional<Accepted> accepted;
  Status why_not;  // Where nothing is: what the first one lacks. kOk: there is none.
};

// The first m-line of a kind that `answer` can answer.
template <typename AnswerFunction>
Choice ChooseFirst(const SessionDescription& offer, MediaKind kind, AnswerFunction answer) {
  Choice choice;
  for (size_t i = 0; i < offer.media.size(); ++i) {
    if (offer.media[i].kind() != kind) continue;
    Result<MediaDescription> answered = answer(offer.media[i]);
    if (answered.ok()) return {Accepted{i, std::move(*answered)}, Status()};
    if (choice.why_not.ok()) choice.why_not = answered.status();
  }
  return choice;
}

Choice ChooseVideo(const SessionDescription& offer, const LocalMedia& media) {
  if (!media.video) return {std::nullopt, {StatusCode::kUnsupported, "no video to send"}};
  return ChooseFirst(offer, MediaKind::kVideo, [&media](const MediaDescription& offered) {
    return AnswerVideo(offered, *media.video);
  });
}

Choice ChooseData(const SessionDescription& offer, const LocalMedia& media) {
  if (!media.data_channels) return {};
  return ChooseFirst(offer, MediaKind::kApplication, AnswerData);
}

// What the answer is about.
struct Chosen {
  std::optional<Accepted> video;
  std::optional<Accepted> data;
  const Group* bundle = nullptr;  // Of the offer; nullptr: the one that is accepted stands alone.

  // The m-line for whose sake the others are bundled.
  size_t main() const { return video ? video->index : data->index; }
};

bool IsBundled(const MediaDescription& media, const Group* bundle) {
  return bundle != nullptr && media.mid && bundle->Contains(*media.mid);
}

// Who offers video wants to watch, and is told why not where that is impossible; who does not, may
// have data channels alone. Beside a video they share its transport or are rejected.
Result<Chosen> Choose(const SessionDescription& offer, const LocalMedia& media) {
  Choice video = ChooseVideo(offer, media);
  Choice data = ChooseData(offer, media);
  const bool wants_video =
      std::any_of(offer.media.begin(), offer.media.end(), [](const MediaDescription& offered) {
        return offered.kind() == MediaKind::kVideo && !offered.is_rejected();
      });
  if (!video.accepted && (wants_video || !data.accepted)) {
    if (!video.why_not.ok()) return video.why_not;
    if (!data.why_not.ok()) return data.why_not;
    return Status(StatusCode::kUnsupported, "SDP without m=video, expected one to send to");
  }
  Chosen chosen{std::move(video.accepted), std::move(data.accepted), nullptr};
  const MediaDescription& main = offer.media[chosen.main()];
  if (main.mid) chosen.bundle = offer.FindBundle(*main.mid);
  if (chosen.video && chosen.data && !IsBundled(offer.media[chosen.data->index], chosen.bundle)) {
    chosen.data.reset();
  }
  return chosen;
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

// Our decision for each m-line of `offer`, but no transport yet.
SessionDescription DecideMedia(const SessionDescription& offer, const Chosen& chosen) {
  SessionDescription description;
  for (size_t i = 0; i < offer.media.size(); ++i) {
    const MediaDescription& offered = offer.media[i];
    const bool audio = offered.kind() == MediaKind::kAudio && offered.is_rtp();
    if (chosen.video && i == chosen.video->index) {
      description.media.push_back(chosen.video->answer);
    } else if (chosen.data && i == chosen.data->index) {
      description.media.push_back(chosen.data->answer);
    } else if (audio && IsBundled(offered, chosen.bundle) && !offered.is_rejected()) {
      description.media.push_back(AnswerAudio(offered));
    } else {
      description.media.push_back(Reject(offered));
    }
  }
  return description;
}

// We have one port for RTP and RTCP (RFC 5761); either m-line may say so for the bundle.
Status CheckRtcpMux(const MediaDescription& video, const MediaDescription& transport) {
  if (video.rtcp_mux || transport.rtcp_mux) return {};
  return {StatusCode::kUnsupported,
          video.Where() + ": no a=rtcp-mux, expected RTCP on the port of RTP"};
}

}  // namespace

Result<Answer> CreateAnswer(const SessionDescription& offer, const LocalSession& session,
                            const LocalMedia& media) {
  const Result<Chosen> chosen = Choose(offer, media);
  if (!chosen.ok()) return chosen.status();

  Answer result;
  SessionDescription& answer = result.answer;
  answer = DecideMedia(offer, *chosen);
  size_t tagged = chosen->main();
  if (chosen->bundle != nullptr) {
    answer.groups.push_back(AnswerBundle(*chosen->bundle, answer));
    tagged = IndexOf(answer, answer.groups.front().mids.front());
  }

  const MediaDescription& transport = TransportOf(offer, offer.media[tagged]);
  Result<RemoteTransport> remote = ReadTransport(offer, transport);
  if (!remote.ok()) return remote.status();
  const Result<Setup> role = RoleOfOfferer(transport);
  if (!role.ok()) return role.status();
  if (chosen->video) {
    RETURN_IF_ERROR(CheckRtcpMux(offer.media[chosen->video->index], transport));
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
  if (chosen->video) {
    const size_t index = chosen->video->index;
    result.video = ReadVideo(answer.media[index], index);
  }
  if (chosen->data) {
    const size_t index = chosen->data->index;
    result.data = ReadData(offer.media[index], index);
  }
  return result;
}

}  // namespace ocellus::sdp
