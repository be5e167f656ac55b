// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/fragment.h"

#include "firmware/rtc/sdp/line_reader.h"
#include "firmware/rtc/sdp/parser.h"

namespace ocellus::sdp {
namespace {

Fragment::Media ReadMedia(const MediaDescription& parsed) {
  Fragment::Media media;
  media.media = parsed.media;
  media.protocol = parsed.protocol;
  if (!parsed.codecs.empty()) media.format = std::to_string(parsed.codecs[0].payload_type.value());
  if (!parsed.formats.empty()) media.format = parsed.formats[0];
  media.mid = parsed.mid.value_or("");
  media.candidates = parsed.candidates;
  media.end_of_candidates = parsed.end_of_candidates;
  return media;
}

}  // namespace

Result<Fragment> Fragment::Parse(std::string_view text) {
  const Result<ParsedText> parsed = ParseText(text, Grammar::kFragment);
  if (!parsed.ok()) return parsed.status();
  Fragment fragment;
  const SessionDescription& description = parsed->description;
  fragment.ice_lite = description.ice_lite;
  fragment.ice_options = description.ice_options;
  for (const Group& group : description.groups) {
    if (group.semantics == "BUNDLE") fragment.bundle = group.mids;
  }
  fragment.ufrag = parsed->defaults.ice_ufrag;
  fragment.pwd = parsed->defaults.ice_pwd;
  if (fragment.ufrag.has_value() != fragment.pwd.has_value()) {
    return LineError(1, "only one of a=ice-ufrag and a=ice-pwd for all media, expected both");
  }
  for (const MediaDescription& media : description.media) {
    if (!fragment.ufrag) {
      fragment.ufrag = media.ice_ufrag;
      fragment.pwd = media.ice_pwd;
    }
    if (media.ice_ufrag && (media.ice_ufrag != fragment.ufrag || media.ice_pwd != fragment.pwd)) {
      return LineError(media.line, "ICE credentials other than before, expected one transport");
    }
    fragment.media.push_back(ReadMedia(media));
  }
  return fragment;
}

std::string Fragment::Write() const {
  std::string text;
  const auto line = [&text](const std::string& content) { text += content + "\r\n"; };
  if (ice_lite) line("a=ice-lite");
  if (!ice_options.empty()) {
    std::string options;
    for (const std::string& option : ice_options) options += (options.empty() ? "" : " ") + option;
    line("a=ice-options:" + options);
  }
  if (!bundle.empty()) {
    std::string mids;
    for (const std::string& mid : bundle) mids += " " + mid;
    line("a=group:BUNDLE" + mids);
  }
  if (ufrag) line("a=ice-ufrag:" + *ufrag);
  if (pwd) line("a=ice-pwd:" + *pwd);
  for (const Media& part : media) {
    line("m=" + part.media + " 9 " + part.protocol + " " + part.format);
    if (!part.mid.empty()) line("a=mid:" + part.mid);
    for (const std::string& candidate : part.candidates) line("a=" + candidate);
    if (part.end_of_candidates) line("a=end-of-candidates");
  }
  return text;
}

}  // namespace ocellus::sdp
