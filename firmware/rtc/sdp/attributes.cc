// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/attributes.h"

#include <algorithm>

#include "firmware/base/text.h"
#include "firmware/rtc/sdp/line_reader.h"

namespace ocellus::sdp {
namespace {

Status Malformed(const Attribute& attribute, const char* expected) {
  return LineError(attribute.line, "a=" + std::string(attribute.name) + " with " +
                                       Quoted(attribute.value) + ", expected " + expected);
}

std::optional<Direction> ParseDirection(std::string_view word) {
  for (const Direction direction :
       {Direction::kInactive, Direction::kSendOnly, Direction::kRecvOnly, Direction::kSendRecv}) {
    if (word == ToString(direction)) return direction;
  }
  return std::nullopt;
}

Status HandleDirection(const Attribute& attribute, MediaDescription& media) {
  media.direction = *ParseDirection(attribute.name);
  return {};
}

Status HandleMid(const Attribute& attribute, MediaDescription& media) {
  if (!IsToken(attribute.value)) return Malformed(attribute, "a token");
  if (media.mid) return Malformed(attribute, "one mid for a media");
  media.mid = attribute.value;
  return {};
}

// RFC 8839 section 5.4: "ufrag: 4 to 256 ice-char", "pwd: 22 to 256".
bool IsIceString(std::string_view text, size_t min_size) {
  const auto is_ice_char = [](char c) {
    return (c >= '0' && c <= '9') || (ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z') ||
           c == '+' || c == '/';
  };
  return text.size() >= min_size && text.size() <= 256 &&
         std::all_of(text.begin(), text.end(), is_ice_char);
}

Status HandleIceUfrag(const Attribute& attribute, MediaDescription& media) {
  if (!IsIceString(attribute.value, 4)) return Malformed(attribute, "4 to 256 letters and digits");
  media.ice_ufrag = attribute.value;
  return {};
}

Status HandleIcePwd(const Attribute& attribute, MediaDescription& media) {
  if (!IsIceString(attribute.value, 22)) {
    // Not quoted: it is a secret.
    return LineError(attribute.line, "a=ice-pwd, expected 22 to 256 letters and digits");
  }
  media.ice_pwd = attribute.value;
  return {};
}

// RFC 8122 section 5: hash-func SP two hexadecimal digits for each byte, with colons between.
Status HandleFingerprint(const Attribute& attribute, MediaDescription& media) {
  std::string_view value = attribute.value;
  const std::string_view hash = TakeUntil(value, ' ');
  bool valid = IsToken(hash) && value.size() % 3 == 2;
  for (size_t i = 0; valid && i < value.size(); i += 3) {
    valid = ParseNumber<uint8_t>(value.substr(i, 2), 16).has_value() &&
            (i + 2 == value.size() || value[i + 2] == ':');
  }
  if (!valid) return Malformed(attribute, "a hash name and bytes like sha-256 0A:1B:...");
  std::string name(hash);
  std::transform(name.begin(), name.end(), name.begin(), ToLowerAscii);
  media.fingerprints.push_back(name + " " + std::string(value));
  return {};
}

Status HandleSetup(const Attribute& attribute, MediaDescription& media) {
  for (const Setup setup : {Setup::kActive, Setup::kPassive, Setup::kActPass, Setup::kHoldConn}) {
    if (attribute.value == ToString(setup)) {
      media.setup = setup;
      return {};
    }
  }
  return Malformed(attribute, "active, passive, actpass or holdconn");
}

// RFC 8285 section 8: id ["/" direction] SP URI [SP attributes].
Status HandleExtmap(const Attribute& attribute, MediaDescription& media) {
  constexpr const char* kExpected = "id[/direction] URI, with id 1 to 255 or 4096 to 4351";
  std::string_view value = attribute.value;
  std::string_view entry = TakeUntil(value, ' ');
  const bool has_direction = entry.find('/') != std::string_view::npos;
  const auto id = ParseNumber<uint16_t>(TakeUntil(entry, '/'));
  const std::string_view uri = TakeUntil(value, ' ');
  const bool in_range = id && ((*id >= 1 && *id <= 255) || (*id >= 4096 && *id <= 4351));
  if (!in_range || uri.empty()) return Malformed(attribute, kExpected);
  Extmap extmap{*id, std::nullopt, std::string(uri)};
  if (has_direction) {
    extmap.direction = ParseDirection(entry);
    if (!extmap.direction) return Malformed(attribute, kExpected);
  }
  for (const Extmap& other : media.extmaps) {
    if (other.id == extmap.id) return Malformed(attribute, "an id that is not in use");
  }
  media.extmaps.push_back(std::move(extmap));
  return {};
}

Codec* FindCodec(MediaDescription& media, std::string_view payload_type) {
  const auto number = ParseNumber<uint8_t>(payload_type);
  for (Codec& codec : media.codecs) {
    if (number && codec.payload_type.value() == *number) return &codec;
  }
  return nullptr;
}

// RFC 8866 section 6.6: payload-type SP name "/" rate ["/" channels]. One for a payload type that
// m= does not list says nothing.
Status HandleRtpmap(const Attribute& attribute, MediaDescription& media) {
  std::string_view value = attribute.value;
  const std::string_view payload_type = TakeUntil(value, ' ');
  const std::string_view name = TakeUntil(value, '/');
  const auto rate = ParseNumber<uint32_t>(TakeUntil(value, '/'));
  const auto channels = value.empty() ? 1 : ParseNumber<uint8_t>(value);
  if (!ParseNumber<uint8_t>(payload_type) || !IsToken(name) || !rate || !channels) {
    return Malformed(attribute, "payload type, name/rate[/channels]");
  }
  if (Codec* codec = FindCodec(media, payload_type)) {
    codec->name = name;
    codec->clock_rate = *rate;
    codec->channels = *channels;
  }
  return {};
}

Status HandleFmtp(const Attribute& attribute, MediaDescription& media) {
  std::string_view value = attribute.value;
  const std::string_view payload_type = TakeUntil(value, ' ');
  if (!media.is_rtp()) return {};
  if (!ParseNumber<uint8_t>(payload_type)) return Malformed(attribute, "payload type, parameters");
  if (Codec* codec = FindCodec(media, payload_type)) codec->parameters = Trim(value);
  return {};
}

// RFC 4585 section 4.2: payload type or "*" for all, SP feedback.
Status HandleRtcpFb(const Attribute& attribute, MediaDescription& media) {
  std::string_view value = attribute.value;
  const std::string_view payload_type = TakeUntil(value, ' ');
  const std::string feedback(Trim(value));
  if (feedback.empty()) return Malformed(attribute, "payload type or *, feedback");
  if (payload_type == "*") {
    for (Codec& codec : media.codecs) {
      if (!codec.HasFeedback(feedback)) codec.feedback.push_back(feedback);
    }
    return {};
  }
  if (!ParseNumber<uint8_t>(payload_type)) {
    return Malformed(attribute, "payload type or *, feedback");
  }
  Codec* codec = FindCodec(media, payload_type);
  if (codec != nullptr && !codec->HasFeedback(feedback)) codec->feedback.push_back(feedback);
  return {};
}

Status HandleSsrc(const Attribute& attribute, MediaDescription& media) {
  std::string_view value = attribute.value;
  const auto ssrc = ParseNumber<uint32_t>(TakeUntil(value, ' '));
  if (!ssrc) return Malformed(attribute, "a number below 2^32");
  if (media.sources.empty() || media.sources.back().ssrc != Ssrc(*ssrc)) {
    media.sources.push_back({Ssrc(*ssrc), ""});
  }
  if (TakeUntil(value, ':') == "cname") media.sources.back().cname = value;
  return {};
}

Status HandleSsrcGroup(const Attribute& attribute, MediaDescription& media) {
  std::string_view value = attribute.value;
  SsrcGroup group;
  group.semantics = TakeUntil(value, ' ');
  while (!value.empty()) {
    const auto ssrc = ParseNumber<uint32_t>(TakeUntil(value, ' '));
    if (!ssrc) return Malformed(attribute, "semantics and numbers below 2^32");
    group.ssrcs.push_back(Ssrc(*ssrc));
  }
  if (!IsToken(group.semantics)) return Malformed(attribute, "semantics and numbers below 2^32");
  media.ssrc_groups.push_back(std::move(group));
  return {};
}

Status HandleMsid(const Attribute& attribute, MediaDescription& media) {
  if (attribute.value.empty()) return Malformed(attribute, "a stream and a track");
  if (!media.msid) media.msid = attribute.value;
  return {};
}

Status HandleCandidate(const Attribute& attribute, MediaDescription& media) {
  if (attribute.value.empty()) return Malformed(attribute, "a candidate");
  media.candidates.push_back("candidate:" + std::string(attribute.value));
  return {};
}

Status HandleSctpPort(const Attribute& attribute, MediaDescription& media) {
  media.sctp_port = ParseNumber<uint16_t>(attribute.value);
  if (!media.sctp_port) return Malformed(attribute, "a number from 0 to 65535");
  return {};
}

// draft-ietf-mmusic-sctp-sdp-07 section 5: port SP protocol [SP streams]. Other protocols than
// that of data channels are not ours.
Status HandleSctpmap(const Attribute& attribute, MediaDescription& media) {
  std::string_view value = attribute.value;
  const auto port = ParseNumber<uint16_t>(TakeUntil(value, ' '));
  const std::string_view protocol = TakeUntil(value, ' ');
  if (!port || !IsToken(protocol)) {
    return Malformed(attribute, "a number from 0 to 65535 and a protocol");
  }
  if (media.has_sctpmap() && protocol == "webrtc-datachannel") media.sctp_port = port;
  return {};
}

Status HandleMaxMessageSize(const Attribute& attribute, MediaDescription& media) {
  media.max_message_size = ParseNumber<uint64_t>(attribute.value);
  if (!media.max_message_size) return Malformed(attribute, "a number of bytes");
  return {};
}

template <bool MediaDescription::*kFlag>
Status HandleFlag(const Attribute&, MediaDescription& media) {
  media.*kFlag = true;
  return {};
}

enum class Level { kMediaOnly, kSessionToo };

struct Handler {
  std::string_view name;
  Level level;
  Status (*handle)(const Attribute& attribute, MediaDescription& media);
};

constexpr Handler kHandlers[] = {
    {"inactive", Level::kSessionToo, HandleDirection},
    {"sendonly", Level::kSessionToo, HandleDirection},
    {"recvonly", Level::kSessionToo, HandleDirection},
    {"sendrecv", Level::kSessionToo, HandleDirection},
    {"ice-ufrag", Level::kSessionToo, HandleIceUfrag},
    {"ice-pwd", Level::kSessionToo, HandleIcePwd},
    {"fingerprint", Level::kSessionToo, HandleFingerprint},
    {"setup", Level::kSessionToo, HandleSetup},
    {"extmap", Level::kSessionToo, HandleExtmap},
    {"mid", Level::kMediaOnly, HandleMid},
    {"bundle-only", Level::kMediaOnly, HandleFlag<&MediaDescription::bundle_only>},
    {"extmap-allow-mixed", Level::kMediaOnly, HandleFlag<&MediaDescription::extmap_allow_mixed>},
    {"rtcp-mux", Level::kMediaOnly, HandleFlag<&MediaDescription::rtcp_mux>},
    {"rtcp-rsize", Level::kMediaOnly, HandleFlag<&MediaDescription::rtcp_rsize>},
    {"rtpmap", Level::kMediaOnly, HandleRtpmap},
    {"fmtp", Level::kMediaOnly, HandleFmtp},
    {"rtcp-fb", Level::kMediaOnly, HandleRtcpFb},
    {"ssrc", Level::kMediaOnly, HandleSsrc},
    {"ssrc-group", Level::kMediaOnly, HandleSsrcGroup},
    {"msid", Level::kMediaOnly, HandleMsid},
    {"candidate", Level::kMediaOnly, HandleCandidate},
    {"end-of-candidates", Level::kSessionToo, HandleFlag<&MediaDescription::end_of_candidates>},
    {"sctp-port", Level::kMediaOnly, HandleSctpPort},
    {"sctpmap", Level::kMediaOnly, HandleSctpmap},
    {"max-message-size", Level::kMediaOnly, HandleMaxMessageSize},
};

const Handler* FindHandler(std::string_view name) {
  for (const Handler& handler : kHandlers) {
    if (handler.name == name) return &handler;
  }
  return nullptr;
}

Status HandleGroup(const Attribute& attribute, SessionDescription& session) {
  std::string_view value = attribute.value;
  Group group;
  group.semantics = TakeUntil(value, ' ');
  while (!value.empty()) {
    const std::string_view mid = TakeUntil(value, ' ');
    if (!IsToken(mid)) return Malformed(attribute, "semantics and mids");
    group.mids.emplace_back(mid);
  }
  if (!IsToken(group.semantics)) return Malformed(attribute, "semantics and mids");
  session.groups.push_back(std::move(group));
  return {};
}

}  // namespace

Result<Attribute> SplitAttribute(size_t line, std::string_view text) {
  Attribute attribute;
  attribute.line = line;
  attribute.name = TakeUntil(text, ':');
  attribute.value = Trim(text);
  if (!IsToken(attribute.name)) {
    return LineError(line, "a=" + Quoted(attribute.name) + ", expected a=name or a=name:value");
  }
  return attribute;
}

Status ApplyIceOptions(const Attribute& attribute, SessionDescription& session) {
  std::string_view value = attribute.value;
  while (!value.empty()) {
    const std::string_view option = TakeUntil(value, ' ');
    if (!IsToken(option)) return Malformed(attribute, "tokens like trickle");
    if (!session.has_ice_option(option)) session.ice_options.emplace_back(option);
  }
  return {};
}

Status ApplyMediaAttribute(const Attribute& attribute, MediaDescription& media) {
  const Handler* handler = FindHandler(attribute.name);
  return handler == nullptr ? Status() : handler->handle(attribute, media);
}

Status ApplySessionAttribute(const Attribute& attribute, SessionDescription& session,
                             MediaDescription& defaults) {
  if (attribute.name == "group") return HandleGroup(attribute, session);
  if (attribute.name == "ice-options") return ApplyIceOptions(attribute, session);
  if (attribute.name == "ice-lite") session.ice_lite = true;
  if (attribute.name == "extmap-allow-mixed") session.extmap_allow_mixed = true;
  if (attribute.name == "msid-semantic") session.msid_semantic = attribute.value;
  if (attribute.name == "candidate") return Malformed(attribute, "candidates below an m= line");
  const Handler* handler = FindHandler(attribute.name);
  if (handler == nullptr || handler->level == Level::kMediaOnly) return {};
  return handler->handle(attribute, defaults);
}

}  // namespace ocellus::sdp
