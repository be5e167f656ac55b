// SPDX-License-Identifier: Apache-2.0
// Offer and answer (RFC 3264, RFC 8829, RFC 9143): pure functions from what the peer said and what
// we have to the description that we say and the parameters that both then use.
//
// We send one H.264 video (packetization-mode 1) over one bundled transport, rtcp-mux only, with
// data channels beside it, or these alone for who steers and does not watch. Audio is answered
// inactive with a codec of ours: what carries it later only changes that answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/rtc/sdp/h264_profile.h"
#include "firmware/rtc/sdp/session_description.h"

namespace ocellus::sdp {

// Our side of the transport.
struct LocalSession {
  uint64_t session_id = 0;  // RFC 8829 section 5.2.1: 63 random bits.
  uint64_t session_version = 1;
  std::string ufrag;
  std::string pwd;
  std::string fingerprint;              // "sha-256 AB:CD:..."
  std::vector<std::string> candidates;  // "candidate:1 1 udp ..."
  bool end_of_candidates = true;        // False: more of them will trickle.
  bool dtls_in_stun = false;            // Offer it, and accept it where it is offered.
};

// The video that we send.
struct LocalVideo {
  ProfileLevelId profile_level_id;  // From the real sequence parameter set.
  bool rtx = true;                  // Retransmit by RFC 4588 where the peer can.
  Ssrc ssrc;
  Ssrc rtx_ssrc;
  std::string cname;
  std::string msid = "ocellus video";  // "stream track"
};

struct LocalMedia {
  std::optional<LocalVideo> video;
  bool data_channels = false;  // Whether to accept or offer them.
};

// What a viewer of ours (simulator, benchmark) can decode.
struct ViewerMedia {
  // None: it does not watch.
  std::vector<ProfileLevelId> profiles = {
      {0x42, 0xe0, 0x1f}, {0x4d, 0x00, 0x1f}, {0x64, 0x00, 0x1f}};
  bool rtx = true;
  bool data_channels = false;
};

// Header extension ids that both sides know; none: not negotiated.
struct VideoExtensions {
  std::optional<ExtensionId> mid;
  std::optional<ExtensionId> transport_cc;
  std::optional<ExtensionId> playout_delay;
  std::optional<ExtensionId> abs_capture_time;
};

// The video that flows, whichever side sends it.
struct NegotiatedVideo {
  std::string mid;  // Empty when the description names none; extensions.mid is then not set.
  size_t m_line_index = 0;
  PayloadType payload_type;
  std::optional<PayloadType> rtx_payload_type;
  ProfileLevelId profile_level_id;  // As in the answer.
  VideoExtensions extensions;
  bool nack = false;          // RFC 4585 generic NACK.
  bool pli = false;           // RFC 4585.
  bool fir = false;           // RFC 5104.
  bool transport_cc = false;  // Transport-wide feedback; true only with its extension.
  bool goog_remb = false;
  bool rtcp_rsize = false;
  // What a sender said about itself, where the peer is one.
  std::optional<Ssrc> remote_ssrc;
  std::optional<Ssrc> remote_rtx_ssrc;
};

// The port of SCTP inside DTLS, of ours and of who names none: browsers' own.
constexpr uint16_t kSctpPort = 5000;

// The data channels, agreed on.
struct NegotiatedData {
  size_t m_line_index = 0;
  uint16_t peer_port = kSctpPort;
  // The longest message that the peer takes, in bytes; 0: any. RFC 8841 section 6 has the default.
  size_t peer_max_message_size = 64 * 1024;
};

// The peer's side of the transport.
struct RemoteTransport {
  std::string mid;  // Of the m-line that carries the transport; empty when it names none.
  std::string ufrag;
  std::string pwd;
  std::vector<std::string> fingerprints;  // Only hashes that we accept (sha-256 and longer).
  // The role that the peer takes: kActive (it is the DTLS client) or kPassive (we are).
  Setup setup = Setup::kPassive;
  bool ice_lite = false;
  bool trickle = false;
  bool dtls_in_stun = false;  // Agreed on: STUN carries the handshake (draft-hancke-webrtc-sped).
  std::vector<std::string> candidates;  // "candidate:1 1 udp ..."
  bool end_of_candidates = false;
};

struct Negotiated {
  RemoteTransport remote;
  std::optional<NegotiatedVideo> video;  // None: the peer rejected it.
  std::optional<NegotiatedData> data;    // None: rejected, or not offered.
};

struct Answer {
  SessionDescription answer;
  RemoteTransport remote;
  std::optional<NegotiatedVideo> video;  // None: only data channels were offered.
  std::optional<NegotiatedData> data;    // None: not offered, or not acceptable.
};

// Answers a viewer's offer.
// Errors: kUnsupported when it wants video and nothing that we have can be sent by it (the message
// names the line and what it lacks), when it wants neither video nor data channels, or when its
// transport is one that we do not speak.
Result<Answer> CreateAnswer(const SessionDescription& offer, const LocalSession& session,
                            const LocalMedia& media);

// Offers our video and data channels, as in WHEP's counter-offer. `media.video` must be there.
// The setup is `active`: browsers' ClientHello comes in two datagrams, which not every mbedTLS can
// take, and every one of them answers `passive` to it.
SessionDescription CreateCameraOffer(const LocalSession& session, const LocalMedia& media);

// Offers to receive video, as a browser does, and data channels, or one of the two: for our own
// viewers. The setup is `actpass`.
SessionDescription CreateViewerOffer(const LocalSession& session, const ViewerMedia& media);

// What both sides use after `answer` to our `offer`.
// Errors: kMalformed when the answer does not fit the offer, kUnsupported when it accepts nothing.
Result<Negotiated> ApplyAnswer(const SessionDescription& offer, const SessionDescription& answer);

}  // namespace ocellus::sdp
