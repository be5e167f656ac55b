// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/data_negotiation.h"

#include <algorithm>
#include <limits>

#include "firmware/base/limits.h"
#include "firmware/rtc/sdp/line_reader.h"

namespace ocellus::sdp {
namespace {

// RFC 8832 section 8.1.
constexpr const char* kFormat = "webrtc-datachannel";

// RFC 8841 section 4.1 has the first two. Which of them it is says nothing: ICE chooses what
// carries DTLS. The third is from before.
constexpr std::string_view kProtocols[] = {"UDP/DTLS/SCTP", "TCP/DTLS/SCTP", kSctpmapProtocol};

Status Refusal(const MediaDescription& media, const std::string& why) {
  return {StatusCode::kUnsupported, media.Where() + ": " + why};
}

// With our port and limit.
MediaDescription Describe(std::string protocol) {
  MediaDescription media;
  media.media = "application";
  media.protocol = std::move(protocol);
  media.sctp_port = kSctpPort;
  media.formats = {media.has_sctpmap() ? std::to_string(kSctpPort) : kFormat};
  media.max_message_size = kMaxChannelMessageSize;
  return media;
}

}  // namespace

MediaDescription OfferData(std::string mid) {
  MediaDescription media = Describe("UDP/DTLS/SCTP");
  media.mid = std::move(mid);
  return media;
}

Status CheckData(const MediaDescription& media) {
  if (media.is_rejected()) return Refusal(media, "disabled (port 0), expected a port");
  const auto* protocol = std::find(std::begin(kProtocols), std::end(kProtocols), media.protocol);
  if (protocol == std::end(kProtocols)) {
    return Refusal(media, Quoted(media.protocol) + ", expected UDP/DTLS/SCTP");
  }
  if (media.has_sctpmap()) {
    if (!media.sctp_port) return Refusal(media, "no a=sctpmap for webrtc-datachannel");
  } else if (std::find(media.formats.begin(), media.formats.end(), kFormat) ==
             media.formats.end()) {
    return Refusal(media, "not for webrtc-datachannel");
  }
  // RFC 8841 section 5: 0 is for closing an association.
  if (media.sctp_port == 0) return Refusal(media, "a=sctp-port:0, expected a port");
  return {};
}

Result<MediaDescription> AnswerData(const MediaDescription& offered) {
  RETURN_IF_ERROR(CheckData(offered));
  MediaDescription answer = Describe(offered.protocol);
  answer.mid = offered.mid;
  return answer;
}

NegotiatedData ReadData(const MediaDescription& media, size_t m_line_index) {
  NegotiatedData data;
  data.m_line_index = m_line_index;
  data.peer_port = media.sctp_port.value_or(kSctpPort);
  if (media.max_message_size) {
    data.peer_max_message_size = static_cast<size_t>(
        std::min<uint64_t>(*media.max_message_size, std::numeric_limits<size_t>::max()));
  }
  return data;
}

}  // namespace ocellus::sdp
