// SPDX-License-Identifier: Apache-2.0
// A session description as WebRTC uses it: what of SDP (RFC 8866) matters to a camera and its
// viewers, as plain values. Attributes that we do not use are dropped.
//
// Attributes that may stand at session level for all media (ICE credentials, fingerprints, setup,
// direction, header extensions) are moved down to each media description that has none of its own,
// so that readers look in one place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/status.h"
#include "firmware/base/strong_id.h"

namespace ocellus::sdp {

// RFC 8866 section 6.7, from the point of view of whoever wrote the description.
enum class Direction : uint8_t { kInactive, kSendOnly, kRecvOnly, kSendRecv };

constexpr bool CanSend(Direction direction) {
  return direction == Direction::kSendOnly || direction == Direction::kSendRecv;
}
constexpr bool CanReceive(Direction direction) {
  return direction == Direction::kRecvOnly || direction == Direction::kSendRecv;
}

// RFC 4145 section 4: who starts the DTLS handshake (RFC 8842).
enum class Setup : uint8_t { kActive, kPassive, kActPass, kHoldConn };

// The words of SDP: "sendonly", "actpass".
const char* ToString(Direction direction);
const char* ToString(Setup setup);

// The form of SCTP over DTLS from before RFC 8841 (draft-ietf-mmusic-sctp-sdp-07): its format is
// the port of SCTP, and what flows there stands in a=sctpmap.
constexpr std::string_view kSctpmapProtocol = "DTLS/SCTP";

enum class MediaKind : uint8_t { kAudio, kVideo, kApplication, kOther };

// RFC 8285 section 5: what a header extension id means.
struct Extmap {
  uint16_t id = 0;  // 1 to 14 in one-byte headers, to 255 in two-byte ones; 4096 and up: to choose.
  std::optional<Direction> direction;  // None: that of the media.
  std::string uri;
};

namespace extension_uri {
constexpr std::string_view kMid = "urn:ietf:params:rtp-hdrext:sdes:mid";  // RFC 9143 section 15.2
constexpr std::string_view kTransportCc =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
constexpr std::string_view kPlayoutDelay =
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
constexpr std::string_view kAbsCaptureTime =
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
}  // namespace extension_uri

// A payload type of an RTP m-line with its a=rtpmap, a=fmtp and a=rtcp-fb.
struct Codec {
  PayloadType payload_type;
  std::string name;         // As spelled; empty when there was no rtpmap (and no static one).
  uint32_t clock_rate = 0;  // Hz.
  uint8_t channels = 1;     // Audio only.
  std::string parameters;   // a=fmtp: "apt=102", "minptime=10;useinbandfec=1".
  std::vector<std::string> feedback;  // "nack", "nack pli", "ccm fir", "transport-cc" ...

  // Whether this is `wanted` at `rate`; names compare without case (RFC 8866 section 6.6).
  bool Is(std::string_view wanted, uint32_t rate) const;
  bool HasFeedback(std::string_view wanted) const;
  // The value of one `name=value` of the parameters, borrowed.
  std::optional<std::string_view> Parameter(std::string_view wanted) const;
};

// a=ssrc (RFC 5576).
struct Source {
  Ssrc ssrc;
  std::string cname;  // Empty when not given.
};
struct SsrcGroup {
  std::string semantics;  // "FID": the media's SSRC, then that of its retransmissions (RFC 4588).
  std::vector<Ssrc> ssrcs;
};

struct MediaDescription {
  size_t line = 0;  // Where m= stands in the text that was parsed, from 1. Not written.

  std::string media = "video";
  uint16_t port = 9;  // 0: rejected or disabled, unless bundle_only.
  std::string protocol = "UDP/TLS/RTP/SAVPF";
  std::vector<Codec> codecs;         // Of RTP media, in order of preference.
  std::vector<std::string> formats;  // Of other media.
  std::string connection = "IN IP4 0.0.0.0";

  std::optional<std::string> mid;  // RFC 5888. Unique in a description.
  bool bundle_only = false;        // RFC 9143 section 6.
  Direction direction = Direction::kSendRecv;
  std::vector<Extmap> extmaps;
  bool extmap_allow_mixed = false;
  std::optional<std::string> msid;  // RFC 8830: "stream track".
  std::vector<SsrcGroup> ssrc_groups;
  std::vector<Source> sources;
  bool rtcp_mux = false;    // RFC 5761.
  bool rtcp_rsize = false;  // RFC 5506.

  std::optional<std::string> ice_ufrag;   // RFC 8839 section 5.4.
  std::optional<std::string> ice_pwd;     // Present exactly when ice_ufrag is.
  std::vector<std::string> fingerprints;  // RFC 8122, "sha-256 AB:CD:...": name in lower case.
  std::optional<Setup> setup;
  std::vector<std::string> candidates;  // RFC 8839 section 5.1: "candidate:1 1 udp ...".
  bool end_of_candidates = false;       // RFC 8840 section 8.2.

  std::optional<uint16_t> sctp_port;         // RFC 8841; of data channels.
  std::optional<uint64_t> max_message_size;  // Bytes; 0 is no limit.

  MediaKind kind() const;
  // RTP media have codecs, the others formats.
  bool is_rtp() const;
  bool is_rejected() const { return port == 0 && !bundle_only; }
  // Whether sctp_port stands in a=sctpmap.
  bool has_sctpmap() const { return protocol == kSctpmapProtocol; }
  const Codec* FindCodec(PayloadType payload_type) const;
  // "SDP line 12 (video)", for error messages.
  std::string Where() const;
};

// RFC 5888: m-lines that belong together, by mid.
struct Group {
  std::string semantics;  // "BUNDLE".
  std::vector<std::string> mids;

  bool Contains(std::string_view mid) const;
};

struct SessionDescription {
  uint64_t session_id =
      0;  // RFC 8829 section 5.2.1: 63 random bits, the same for a session's life.
  uint64_t session_version = 0;  // One more in each new description.
  std::vector<Group> groups;
  bool extmap_allow_mixed = false;  // RFC 8285 section 6.
  std::optional<std::string> msid_semantic;
  bool ice_lite = false;
  std::vector<std::string> ice_options;  // From session and media level: "trickle", "ice2".
  std::vector<MediaDescription> media;   // In the order of their m-lines.

  // Parses a whole description. Lines end with CR LF or LF.
  // Errors: kMalformed, with a message "SDP line N: what was wrong, what was expected";
  // kResourceExhausted when it is larger than limits.h allows.
  static Result<SessionDescription> Parse(std::string_view text);
  // In the order of RFC 8829 section 5.2.1; Parse gives the same description back.
  std::string Write() const;

  bool has_ice_option(std::string_view option) const;
  // The BUNDLE group that `mid` is in; nullptr when it is in none.
  const Group* FindBundle(std::string_view mid) const;
  const MediaDescription* FindMedia(std::string_view mid) const;
};

}  // namespace ocellus::sdp
