// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/parser.h"

#include "firmware/base/limits.h"
#include "firmware/base/text.h"
#include "firmware/rtc/sdp/attributes.h"
#include "firmware/rtc/sdp/line_reader.h"

namespace ocellus::sdp {
namespace {

struct StaticPayloadType {
  uint8_t payload_type;
  const char* name;
  uint32_t clock_rate;
};
// RFC 3551 section 6: known without a=rtpmap.
constexpr StaticPayloadType kStaticPayloadTypes[] = {
    {0, "PCMU", 8000}, {8, "PCMA", 8000}, {9, "G722", 8000}};

class Parser {
 public:
  Parser(std::string_view text, Grammar grammar) : reader_(text), grammar_(grammar) {}

  Result<ParsedText> Parse() {
    while (true) {
      const Result<std::optional<Line>> line = reader_.Next();
      if (!line.ok()) return line.status();
      if (!line->has_value()) break;
      RETURN_IF_ERROR(HandleLine(**line));
    }
    RETURN_IF_ERROR(FinishMedia());
    RETURN_IF_ERROR(CheckHeader(reader_.number()));
    return ParsedText{std::move(session_), std::move(defaults_)};
  }

 private:
  // v=, o= and s= are the first three lines, t= comes before the first media.
  Status HandleLine(const Line& line) {
    constexpr std::string_view kFirstTypes = "vos";
    if (grammar_ == Grammar::kDescription && line.number <= kFirstTypes.size() &&
        line.type != kFirstTypes[line.number - 1]) {
      return LineError(line.number,
                       Format("%c=, expected %c=", line.type, kFirstTypes[line.number - 1]));
    }
    const bool in_media = !session_.media.empty();
    const char* known = in_media ? "icbkam" : "vosiuepcbtrzkam";
    if (grammar_ == Grammar::kFragment) known = "icbkam";
    if (std::string_view(known).find(line.type) == std::string_view::npos) {
      return LineError(line.number,
                       Format("%c= does not belong here, expected one of %s", line.type, known));
    }
    if (line.type == 'm') return HandleMedia(line);
    if (line.type == 'a') return HandleAttribute(line);
    if (line.type == 'c') return HandleConnection(line);
    if (line.type == 'b') return HandleBandwidth(line);
    if (line.type == 'v' && (line.number != 1 || line.value != "0")) {
      return LineError(line.number, "v=" + Quoted(line.value) + ", expected v=0 as the first line");
    }
    if (line.type == 'o') return HandleOrigin(line);
    if (line.type == 't') return HandleTiming(line);
    return {};
  }

  Status CheckHeader(size_t line) const {
    if (grammar_ == Grammar::kFragment || has_timing_) return {};
    return LineError(line, "no t= line so far, expected v=, o=, s= and t= first");
  }

  // RFC 8866 section 5.2: username, session id, version, network type, address type, address.
  Status HandleOrigin(const Line& line) {
    std::string_view value = line.value;
    const std::string_view username = TakeUntil(value, ' ');
    const auto id = ParseNumber<uint64_t>(TakeUntil(value, ' '));
    const auto version = ParseNumber<uint64_t>(TakeUntil(value, ' '));
    if (line.number != 2 || username.empty() || !id || !version || value.empty()) {
      return LineError(line.number, "o=" + Quoted(line.value) +
                                        ", expected username, session id, version, address");
    }
    session_.session_id = *id;
    session_.session_version = *version;
    return {};
  }

  Status HandleTiming(const Line& line) {
    std::string_view value = line.value;
    const auto start = ParseNumber<uint64_t>(TakeUntil(value, ' '));
    if (!start || !ParseNumber<uint64_t>(value)) {
      return LineError(line.number, "t=" + Quoted(line.value) + ", expected two numbers");
    }
    has_timing_ = true;
    return {};
  }

  Status HandleConnection(const Line& line) {
    std::string_view value = line.value;
    const std::string_view network = TakeUntil(value, ' ');
    const std::string_view family = TakeUntil(value, ' ');
    if (network != "IN" || (family != "IP4" && family != "IP6") || value.empty()) {
      return LineError(line.number, "c=" + Quoted(line.value) + ", expected IN IP4 or IP6 address");
    }
    (session_.media.empty() ? defaults_ : session_.media.back()).connection = line.value;
    return {};
  }

  static Status HandleBandwidth(const Line& line) {
    std::string_view value = line.value;
    if (!IsToken(TakeUntil(value, ':')) || !ParseNumber<uint64_t>(value)) {
      return LineError(line.number, "b=" + Quoted(line.value) + ", expected type:number");
    }
    return {};
  }

  // RFC 8866 section 5.14: media, port ["/" number of ports], protocol, formats.
  Status HandleMedia(const Line& line) {
    RETURN_IF_ERROR(FinishMedia());
    RETURN_IF_ERROR(CheckHeader(line.number));
    if (session_.media.size() == kMaxMediaDescriptions) {
      return LineError(line.number, Format("m=, expected at most %u of them",
                                           static_cast<unsigned>(kMaxMediaDescriptions)));
    }
    std::string_view value = line.value;
    MediaDescription media;
    media.line = line.number;
    media.media = TakeUntil(value, ' ');
    std::string_view ports = TakeUntil(value, ' ');
    const auto port = ParseNumber<uint16_t>(TakeUntil(ports, '/'));
    media.protocol = TakeUntil(value, ' ');
    if (!IsToken(media.media) || !port || media.protocol.empty() || value.empty()) {
      return LineError(line.number, "m=" + Quoted(line.value) +
                                        ", expected media, port (0 to 65535), protocol, formats");
    }
    media.port = *port;
    media.direction = defaults_.direction;
    media.setup = defaults_.setup;
    media.connection = defaults_.connection;
    RETURN_IF_ERROR(HandleFormats(line.number, value, media));
    session_.media.push_back(std::move(media));
    attributes_ = 0;
    return {};
  }

  static Status HandleFormats(size_t line, std::string_view formats, MediaDescription& media) {
    while (!formats.empty()) {
      const std::string_view format = TakeUntil(formats, ' ');
      if (!media.is_rtp()) {
        if (format.empty()) return LineError(line, "m= with two spaces, expected one");
        media.formats.emplace_back(format);
        continue;
      }
      const auto number = ParseNumber<uint8_t>(format);
      if (!number || *number > 127) {
        return LineError(line,
                         "m= with " + Quoted(format) + ", expected payload types from 0 to 127");
      }
      const PayloadType payload_type(*number);
      if (media.FindCodec(payload_type) == nullptr) {
        media.codecs.push_back(MakeCodec(payload_type));
      }
    }
    return {};
  }

  static Codec MakeCodec(PayloadType payload_type) {
    Codec codec;
    codec.payload_type = payload_type;
    for (const StaticPayloadType& known : kStaticPayloadTypes) {
      if (known.payload_type != payload_type.value()) continue;
      codec.name = known.name;
      codec.clock_rate = known.clock_rate;
    }
    return codec;
  }

  Status HandleAttribute(const Line& line) {
    if (++attributes_ > kMaxSdpAttributes) {
      return LineError(line.number, Format("a=, expected at most %u for a media",
                                           static_cast<unsigned>(kMaxSdpAttributes)));
    }
    const Result<Attribute> attribute = SplitAttribute(line.number, line.value);
    if (!attribute.ok()) return attribute.status();
    if (session_.media.empty()) return ApplySessionAttribute(*attribute, session_, defaults_);
    if (attribute->name == "ice-options") return ApplyIceOptions(*attribute, session_);
    return ApplyMediaAttribute(*attribute, session_.media.back());
  }

  // Gives the last media what it inherits, and checks it as a whole.
  Status FinishMedia() {
    if (session_.media.empty()) return {};
    MediaDescription& media = session_.media.back();
    if (!media.ice_ufrag) media.ice_ufrag = defaults_.ice_ufrag;
    if (!media.ice_pwd) media.ice_pwd = defaults_.ice_pwd;
    if (media.fingerprints.empty()) media.fingerprints = defaults_.fingerprints;
    if (media.extmaps.empty()) media.extmaps = defaults_.extmaps;
    if (defaults_.end_of_candidates) media.end_of_candidates = true;
    if (media.ice_ufrag.has_value() != media.ice_pwd.has_value()) {
      return LineError(media.line,
                       "only one of a=ice-ufrag and a=ice-pwd for this media, expected both");
    }
    if (media.mid && session_.FindMedia(*media.mid) != &media) {
      return LineError(media.line,
                       "a=mid:" + Quoted(*media.mid) + " as an earlier media, expected its own");
    }
    return {};
  }

  LineReader reader_;
  const Grammar grammar_;
  SessionDescription session_;
  MediaDescription defaults_;  // What the session level says for all media.
  size_t attributes_ = 0;      // Of the session, or of the last media.
  bool has_timing_ = false;
};

}  // namespace

Result<ParsedText> ParseText(std::string_view text, Grammar grammar) {
  if (text.size() > kMaxSdpSize) {
    return Status(StatusCode::kResourceExhausted,
                  Format("SDP of %u bytes, expected at most %u", static_cast<unsigned>(text.size()),
                         static_cast<unsigned>(kMaxSdpSize)));
  }
  if (text.empty()) return LineError(1, "nothing, expected a session description");
  return Parser(text, grammar).Parse();
}

Result<SessionDescription> SessionDescription::Parse(std::string_view text) {
  Result<ParsedText> parsed = ParseText(text, Grammar::kDescription);
  if (!parsed.ok()) return parsed.status();
  return std::move(parsed->description);
}

}  // namespace ocellus::sdp
