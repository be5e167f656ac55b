// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "firmware/rtc/sdp/data_negotiation.h"
#include "firmware/rtc/sdp/negotiation.h"
#include "firmware/rtc/sdp/transport_negotiation.h"
#include "firmware/rtc/sdp/video_negotiation.h"

namespace ocellus::sdp {
namespace {

// RFC 3264 section 6: the answer has the m-lines of the offer, in their order.
Status CheckMediaLines(const SessionDescription& offer, const SessionDescription& answer) {
  if (offer.media.size() != answer.media.size()) {
    return {StatusCode::kMalformed, Format("SDP with %u m= lines, expected %u as in the offer",
                                           static_cast<unsigned>(answer.media.size()),
                                           static_cast<unsigned>(offer.media.size()))};
  }
  for (size_t i = 0; i < offer.media.size(); ++i) {
    const MediaDescription& answered = answer.media[i];
    if (answered.media != offer.media[i].media ||
        (answered.mid && answered.mid != offer.media[i].mid)) {
      return {StatusCode::kMalformed, answered.Where() + ": expected " + offer.media[i].media +
                                          " with mid " + offer.media[i].mid.value_or("(none)") +
                                          " as in the offer"};
    }
  }
  return {};
}

// The m-line that carries the transport: the first accepted one of the BUNDLE group, or of all.
const MediaDescription* FindTagged(const SessionDescription& answer) {
  for (const Group& group : answer.groups) {
    if (group.semantics != "BUNDLE") continue;
    for (const std::string& mid : group.mids) {
      const MediaDescription* media = answer.FindMedia(mid);
      if (media != nullptr && !media->is_rejected()) return media;
    }
  }
  const auto accepted =
      std::find_if(answer.media.begin(), answer.media.end(),
                   [](const MediaDescription& media) { return !media.is_rejected(); });
  return accepted == answer.media.end() ? nullptr : &*accepted;
}

// What the peer says about the stream that it sends.
void ReadSources(const MediaDescription& answer, NegotiatedVideo& video) {
  if (!answer.sources.empty()) video.remote_ssrc = answer.sources.front().ssrc;
  for (const SsrcGroup& group : answer.ssrc_groups) {
    if (group.semantics != "FID" || group.ssrcs.size() != 2) continue;
    video.remote_ssrc = group.ssrcs[0];
    video.remote_rtx_ssrc = group.ssrcs[1];
    return;
  }
}

Result<std::optional<NegotiatedVideo>> ReadAnsweredVideo(const MediaDescription& offered,
                                                         const MediaDescription& answer,
                                                         size_t index) {
  const bool peer_receives = CanSend(offered.direction) && CanReceive(answer.direction);
  const bool peer_sends = CanReceive(offered.direction) && CanSend(answer.direction);
  if (answer.is_rejected() || (!peer_receives && !peer_sends)) {
    return std::optional<NegotiatedVideo>();
  }
  std::optional<NegotiatedVideo> video = ReadVideo(OnlyOffered(offered, answer), index);
  if (!video) {
    return Status(StatusCode::kMalformed,
                  answer.Where() + ": no H264 of the offer, expected one or port 0");
  }
  if (!answer.rtcp_mux) {
    return Status(StatusCode::kUnsupported,
                  answer.Where() + ": no a=rtcp-mux, expected RTCP on the port of RTP");
  }
  if (peer_sends) ReadSources(answer, *video);
  return video;
}

// The data channels, where they were accepted, over the transport of `tagged`.
std::optional<NegotiatedData> ReadAnsweredData(const SessionDescription& answer,
                                               const MediaDescription& tagged) {
  const Group* bundle = tagged.mid ? answer.FindBundle(*tagged.mid) : nullptr;
  for (size_t i = 0; i < answer.media.size(); ++i) {
    const MediaDescription& media = answer.media[i];
    const bool bundled = bundle != nullptr && media.mid && bundle->Contains(*media.mid);
    if (media.kind() != MediaKind::kApplication || (&media != &tagged && !bundled)) continue;
    if (CheckData(media).ok()) return ReadData(media, i);
  }
  return std::nullopt;
}

}  // namespace

Result<Negotiated> ApplyAnswer(const SessionDescription& offer, const SessionDescription& answer) {
  RETURN_IF_ERROR(CheckMediaLines(offer, answer));
  const MediaDescription* tagged = FindTagged(answer);
  if (tagged == nullptr) {
    return Status(StatusCode::kUnsupported, "SDP with every m= rejected, expected one accepted");
  }
  const MediaDescription& transport = TransportOf(answer, *tagged);
  Result<RemoteTransport> remote = ReadTransport(answer, transport);
  if (!remote.ok()) return remote.status();
  const auto tagged_index = static_cast<size_t>(tagged - answer.media.data());
  const Setup offered = offer.media[tagged_index].setup.value_or(Setup::kActPass);
  const Result<Setup> role = RoleOfAnswerer(offered, transport);
  if (!role.ok()) return role.status();

  Negotiated result;
  result.remote = std::move(*remote);
  result.remote.setup = *role;
  result.remote.dtls_in_stun =
      offer.has_ice_option(kDtlsInStunOption) && answer.has_ice_option(kDtlsInStunOption);
  for (size_t i = 0; i < answer.media.size() && !result.video; ++i) {
    if (answer.media[i].kind() != MediaKind::kVideo) continue;
    Result<std::optional<NegotiatedVideo>> video =
        ReadAnsweredVideo(offer.media[i], answer.media[i], i);
    if (!video.ok()) return video.status();
    result.video = std::move(*video);
  }
  result.data = ReadAnsweredData(answer, *tagged);
  return result;
}

}  // namespace ocellus::sdp
