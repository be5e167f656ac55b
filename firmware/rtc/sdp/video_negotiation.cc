// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/video_negotiation.h"

#include <algorithm>

#include "firmware/base/text.h"
#include "firmware/rtc/sdp/line_reader.h"

namespace ocellus::sdp {
namespace {

constexpr uint32_t kVideoClockRate = 90'000;  // RFC 6184 section 8.1, in Hz.

// What we offer: dynamic payload types (RFC 3551 section 3) and header extension ids.
constexpr uint8_t kFirstPayloadType = 102;
constexpr std::string_view kExtensionUris[] = {extension_uri::kMid, extension_uri::kTransportCc,
                                               extension_uri::kPlayoutDelay,
                                               extension_uri::kAbsCaptureTime};
constexpr std::string_view kFeedback[] = {"nack", "nack pli", "ccm fir", "transport-cc",
                                          "goog-remb"};

// RFC 8285 section 4.2: the ids and the most bytes of a one-byte header's element.
constexpr uint16_t kMaxOneByteId = 14;
constexpr size_t kMaxOneByteElement = 16;

template <typename List, typename Item>
bool Contains(const List& list, const Item& item) {
  return std::find(std::begin(list), std::end(list), item) != std::end(list);
}

bool IsH264(const Codec& codec) {
  return codec.Is("H264", kVideoClockRate) && codec.Parameter("packetization-mode") == "1";
}

std::optional<ProfileLevelId> ProfileOf(const Codec& codec) {
  const auto text = codec.Parameter("profile-level-id");
  return text ? ProfileLevelId::Parse(*text) : kDefaultProfileLevelId;
}

// How far the decoder that `offered` asks for goes beyond a stream of `ours`; nullopt when it
// cannot decode it.
std::optional<unsigned> Excess(const ProfileLevelId& offered, const ProfileLevelId& ours) {
  if (offered.profile_idc == ours.profile_idc && offered.profile_iop == ours.profile_iop) return 0;
  const auto decoder = offered.profile();
  const auto stream = ours.profile();
  return decoder && stream ? DecoderExcess(*decoder, *stream) : std::nullopt;
}

const Codec* ChooseH264(const MediaDescription& offered, const ProfileLevelId& ours) {
  const Codec* best = nullptr;
  std::optional<unsigned> best_excess;
  for (const Codec& codec : offered.codecs) {
    const auto profile = ProfileOf(codec);
    if (!IsH264(codec) || !profile) continue;
    const auto excess = Excess(*profile, ours);
    if (!excess || (best_excess && *excess >= *best_excess)) continue;
    best = &codec;
    best_excess = excess;
  }
  return best;
}

// RFC 4588 section 8.6: the payload type that retransmits `codec`.
const Codec* FindRtx(const MediaDescription& media, const Codec& codec) {
  for (const Codec& rtx : media.codecs) {
    const auto apt = rtx.Parameter("apt");
    if (rtx.Is("rtx", kVideoClockRate) && apt &&
        ParseNumber<uint8_t>(*apt) == codec.payload_type.value()) {
      return &rtx;
    }
  }
  return nullptr;
}

Codec MakeRtx(PayloadType payload_type, PayloadType retransmitted) {
  Codec rtx;
  rtx.payload_type = payload_type;
  rtx.name = "rtx";
  rtx.clock_rate = kVideoClockRate;
  rtx.parameters = "apt=" + std::to_string(retransmitted.value());
  return rtx;
}

Codec MakeH264(PayloadType payload_type, const ProfileLevelId& profile_level_id) {
  Codec codec;
  codec.payload_type = payload_type;
  codec.name = "H264";
  codec.clock_rate = kVideoClockRate;
  codec.parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" +
                     profile_level_id.ToString();
  codec.feedback.assign(std::begin(kFeedback), std::end(kFeedback));
  return codec;
}

MediaDescription MakeOffer(Direction direction) {
  MediaDescription media;
  media.mid = "0";
  media.direction = direction;
  media.rtcp_mux = true;
  media.rtcp_rsize = true;
  for (const std::string_view uri : kExtensionUris) {
    const auto id = static_cast<uint16_t>(media.extmaps.size() + 1);
    media.extmaps.push_back({id, std::nullopt, std::string(uri)});
  }
  return media;
}

void AddSources(const LocalVideo& video, bool with_rtx, MediaDescription& media) {
  media.msid = video.msid;
  media.sources.push_back({video.ssrc, video.cname});
  if (!with_rtx) return;
  media.ssrc_groups.push_back({"FID", {video.ssrc, video.rtx_ssrc}});
  media.sources.push_back({video.rtx_ssrc, video.cname});
}

// The extensions of ours that the offerer wants to receive, under its ids. RFC 8285 section 6: a
// direction that was given is answered with one that it allows.
std::vector<Extmap> AnswerExtmaps(const MediaDescription& offered) {
  std::vector<Extmap> answered;
  for (const Extmap& extmap : offered.extmaps) {
    if (!Contains(kExtensionUris, extmap.uri) || extmap.id > kMaxOneByteId) continue;
    if (extmap.direction && !CanReceive(*extmap.direction)) continue;
    if (extmap.uri == extension_uri::kMid &&
        (!offered.mid || offered.mid->size() > kMaxOneByteElement)) {
      continue;
    }
    answered.push_back(extmap);
    if (extmap.direction) answered.back().direction = Direction::kSendOnly;
  }
  return answered;
}

bool HasExtension(const MediaDescription& media, std::string_view uri) {
  return std::any_of(media.extmaps.begin(), media.extmaps.end(),
                     [uri](const Extmap& extmap) { return extmap.uri == uri; });
}

// RFC 6184 section 8.2.2: the profile stays as offered; the level is our own where each direction
// may have its own, and otherwise at most the offered one.
std::string AnswerParameters(const Codec& offered, const ProfileLevelId& ours) {
  const ProfileLevelId profile = *ProfileOf(offered);
  const bool asymmetric = offered.Parameter("level-asymmetry-allowed") == "1";
  const bool own_level = asymmetric || ours.level_rank() < profile.level_rank();
  return std::string(asymmetric ? "level-asymmetry-allowed=1;" : "") +
         "packetization-mode=1;profile-level-id=" +
         (own_level ? profile.AtLevelOf(ours) : profile).ToString();
}

Status Refusal(const MediaDescription& media, const std::string& why) {
  return {StatusCode::kUnsupported, media.Where() + ": " + why};
}

Status CheckCanReceive(const MediaDescription& offered) {
  if (offered.is_rejected()) return Refusal(offered, "disabled (port 0), expected a port");
  if (!offered.is_rtp()) {
    return Refusal(offered, Quoted(offered.protocol) + ", expected UDP/TLS/RTP/SAVPF");
  }
  if (!CanReceive(offered.direction)) {
    return Refusal(offered,
                   std::string(ToString(offered.direction)) + ", expected recvonly or sendrecv");
  }
  return {};
}

}  // namespace

MediaDescription OfferVideoToSend(const LocalVideo& video) {
  MediaDescription media = MakeOffer(Direction::kSendOnly);
  const PayloadType payload_type(kFirstPayloadType);
  media.codecs.push_back(MakeH264(payload_type, video.profile_level_id));
  if (video.rtx) media.codecs.push_back(MakeRtx(PayloadType(kFirstPayloadType + 1), payload_type));
  AddSources(video, video.rtx, media);
  return media;
}

MediaDescription OfferVideoToReceive(const ViewerMedia& viewer) {
  MediaDescription media = MakeOffer(Direction::kRecvOnly);
  uint8_t next = kFirstPayloadType;
  for (const ProfileLevelId& profile : viewer.profiles) {
    const PayloadType payload_type(next++);
    media.codecs.push_back(MakeH264(payload_type, profile));
    if (viewer.rtx) media.codecs.push_back(MakeRtx(PayloadType(next++), payload_type));
  }
  return media;
}

Result<MediaDescription> AnswerVideo(const MediaDescription& offered, const LocalVideo& video) {
  RETURN_IF_ERROR(CheckCanReceive(offered));
  const Codec* codec = ChooseH264(offered, video.profile_level_id);
  if (codec == nullptr) {
    return Refusal(offered, "no H264 with packetization-mode=1 that decodes profile-level-id " +
                                video.profile_level_id.ToString() + ", expected one");
  }
  MediaDescription answer;
  answer.media = offered.media;
  answer.protocol = offered.protocol;
  answer.mid = offered.mid;
  answer.direction = Direction::kSendOnly;
  answer.extmaps = AnswerExtmaps(offered);
  answer.rtcp_mux = true;
  answer.rtcp_rsize = offered.rtcp_rsize;
  answer.codecs.push_back(*codec);
  Codec& answered = answer.codecs.back();
  answered.parameters = AnswerParameters(*codec, video.profile_level_id);
  answered.feedback.clear();
  for (const std::string& feedback : codec->feedback) {
    const bool usable =
        feedback != "transport-cc" || HasExtension(answer, extension_uri::kTransportCc);
    if (usable && Contains(kFeedback, feedback)) answered.feedback.push_back(feedback);
  }
  const Codec* rtx = video.rtx ? FindRtx(offered, *codec) : nullptr;
  if (rtx != nullptr) answer.codecs.push_back(MakeRtx(rtx->payload_type, codec->payload_type));
  AddSources(video, rtx != nullptr, answer);
  return answer;
}

MediaDescription OnlyOffered(const MediaDescription& offered, const MediaDescription& answer) {
  MediaDescription agreed = answer;
  agreed.codecs.clear();
  for (Codec codec : answer.codecs) {
    const Codec* known = offered.FindCodec(codec.payload_type);
    if (known == nullptr || !known->Is(codec.name, codec.clock_rate)) continue;
    const auto unknown = [known](const std::string& name) { return !known->HasFeedback(name); };
    codec.feedback.erase(std::remove_if(codec.feedback.begin(), codec.feedback.end(), unknown),
                         codec.feedback.end());
    agreed.codecs.push_back(std::move(codec));
  }
  const auto unknown = [&offered](const Extmap& extmap) {
    return std::none_of(
        offered.extmaps.begin(), offered.extmaps.end(),
        [&extmap](const Extmap& own) { return own.id == extmap.id && own.uri == extmap.uri; });
  };
  agreed.extmaps.erase(std::remove_if(agreed.extmaps.begin(), agreed.extmaps.end(), unknown),
                       agreed.extmaps.end());
  return agreed;
}

std::optional<NegotiatedVideo> ReadVideo(const MediaDescription& answer, size_t m_line_index) {
  const auto codec = std::find_if(answer.codecs.begin(), answer.codecs.end(), IsH264);
  if (codec == answer.codecs.end()) return std::nullopt;
  NegotiatedVideo video;
  video.mid = answer.mid.value_or("");
  video.m_line_index = m_line_index;
  video.payload_type = codec->payload_type;
  if (const Codec* rtx = FindRtx(answer, *codec)) video.rtx_payload_type = rtx->payload_type;
  video.profile_level_id = ProfileOf(*codec).value_or(kDefaultProfileLevelId);
  video.nack = codec->HasFeedback("nack");
  video.pli = codec->HasFeedback("nack pli");
  video.fir = codec->HasFeedback("ccm fir");
  video.goog_remb = codec->HasFeedback("goog-remb");
  video.rtcp_rsize = answer.rtcp_rsize;
  for (const Extmap& extmap : answer.extmaps) {
    const Direction direction = extmap.direction.value_or(answer.direction);
    const bool used = CanSend(answer.direction) ? CanSend(direction) : CanReceive(direction);
    if (!used || extmap.id > kMaxOneByteId) continue;
    const ExtensionId id(static_cast<uint8_t>(extmap.id));
    if (extmap.uri == extension_uri::kMid && answer.mid) video.extensions.mid = id;
    if (extmap.uri == extension_uri::kTransportCc) video.extensions.transport_cc = id;
    if (extmap.uri == extension_uri::kPlayoutDelay) video.extensions.playout_delay = id;
    if (extmap.uri == extension_uri::kAbsCaptureTime) video.extensions.abs_capture_time = id;
  }
  video.transport_cc = codec->HasFeedback("transport-cc") && video.extensions.transport_cc;
  return video;
}

}  // namespace ocellus::sdp
