// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "firmware/rtc/sdp/session_description.h"

namespace ocellus::sdp {
namespace {

template <typename List>
std::string Joined(const List& list) {
  std::string text;
  for (const auto& item : list) {
    if (!text.empty()) text += ' ';
    text += item;
  }
  return text;
}

// Gathers lines, each ended by CR LF (RFC 8866 section 5).
class Writer {
 public:
  void Write(const SessionDescription& session) {
    Line("v=0");
    Line(Format("o=- %llu %llu IN IP4 127.0.0.1",
                static_cast<unsigned long long>(session.session_id),
                static_cast<unsigned long long>(session.session_version)));
    Line("s=-");
    Line("t=0 0");
    if (session.ice_lite) Line("a=ice-lite");
    if (!session.ice_options.empty()) Line("a=ice-options:" + Joined(session.ice_options));
    for (const Group& group : session.groups) {
      Line("a=group:" + group.semantics + (group.mids.empty() ? "" : " ") + Joined(group.mids));
    }
    if (session.extmap_allow_mixed) Line("a=extmap-allow-mixed");
    if (session.msid_semantic) Line("a=msid-semantic:" + *session.msid_semantic);
    for (const MediaDescription& media : session.media) WriteMedia(media);
  }

  std::string TakeText() { return std::move(text_); }

 private:
  void Line(std::string_view line) {
    text_ += line;
    text_ += "\r\n";
  }

  void WriteMedia(const MediaDescription& media) {
    std::string line = "m=" + media.media + " " + std::to_string(media.port) + " " + media.protocol;
    for (const Codec& codec : media.codecs) {
      line += " " + std::to_string(codec.payload_type.value());
    }
    for (const std::string& format : media.formats) line += " " + format;
    Line(line);
    Line("c=" + media.connection);
    if (media.mid) Line("a=mid:" + *media.mid);
    if (media.bundle_only) Line("a=bundle-only");
    if (media.is_rtp() || media.direction != Direction::kSendRecv) {
      Line(std::string("a=") + ToString(media.direction));
    }
    for (const Codec& codec : media.codecs) WriteCodec(codec);
    for (const Extmap& extmap : media.extmaps) WriteExtmap(extmap);
    if (media.extmap_allow_mixed) Line("a=extmap-allow-mixed");
    if (media.msid) Line("a=msid:" + *media.msid);
    WriteSources(media);
    WriteTransport(media);
    WriteSctp(media);
  }

  void WriteSctp(const MediaDescription& media) {
    if (media.sctp_port) {
      const std::string port = std::to_string(*media.sctp_port);
      // The last number is that of streams, both ways.
      Line(media.has_sctpmap() ? "a=sctpmap:" + port + " webrtc-datachannel 65535"
                               : "a=sctp-port:" + port);
    }
    if (media.max_message_size) {
      Line("a=max-message-size:" + std::to_string(*media.max_message_size));
    }
  }

  void WriteCodec(const Codec& codec) {
    const std::string payload_type = std::to_string(codec.payload_type.value());
    if (!codec.name.empty()) {
      std::string line =
          "a=rtpmap:" + payload_type + " " + codec.name + "/" + std::to_string(codec.clock_rate);
      if (codec.channels != 1) line += "/" + std::to_string(codec.channels);
      Line(line);
    }
    if (!codec.parameters.empty()) Line("a=fmtp:" + payload_type + " " + codec.parameters);
    for (const std::string& feedback : codec.feedback) {
      Line("a=rtcp-fb:" + payload_type + " " + feedback);
    }
  }

  void WriteExtmap(const Extmap& extmap) {
    std::string line = "a=extmap:" + std::to_string(extmap.id);
    if (extmap.direction) line += std::string("/") + ToString(*extmap.direction);
    Line(line + " " + extmap.uri);
  }

  void WriteSources(const MediaDescription& media) {
    for (const SsrcGroup& group : media.ssrc_groups) {
      std::string line = "a=ssrc-group:" + group.semantics;
      for (const Ssrc ssrc : group.ssrcs) line += " " + std::to_string(ssrc.value());
      Line(line);
    }
    for (const Source& source : media.sources) {
      const std::string line = "a=ssrc:" + std::to_string(source.ssrc.value());
      Line(source.cname.empty() ? line : line + " cname:" + source.cname);
    }
  }

  void WriteTransport(const MediaDescription& media) {
    if (media.ice_ufrag) Line("a=ice-ufrag:" + *media.ice_ufrag);
    if (media.ice_pwd) Line("a=ice-pwd:" + *media.ice_pwd);
    for (const std::string& fingerprint : media.fingerprints) Line("a=fingerprint:" + fingerprint);
    if (media.setup) Line(std::string("a=setup:") + ToString(*media.setup));
    if (media.rtcp_mux) Line("a=rtcp-mux");
    if (media.rtcp_rsize) Line("a=rtcp-rsize");
    for (const std::string& candidate : media.candidates) Line("a=" + candidate);
    if (media.end_of_candidates) Line("a=end-of-candidates");
  }

  std::string text_;
};

}  // namespace

std::string SessionDescription::Write() const {
  Writer writer;
  writer.Write(*this);
  return writer.TakeText();
}

}  // namespace ocellus::sdp
