// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/session_description.h"

#include <algorithm>

#include "firmware/base/text.h"

namespace ocellus::sdp {

const char* ToString(Direction direction) {
  switch (direction) {
    case Direction::kInactive:
      return "inactive";
    case Direction::kSendOnly:
      return "sendonly";
    case Direction::kRecvOnly:
      return "recvonly";
    case Direction::kSendRecv:
      return "sendrecv";
  }
  return "unknown";
}

const char* ToString(Setup setup) {
  switch (setup) {
    case Setup::kActive:
      return "active";
    case Setup::kPassive:
      return "passive";
    case Setup::kActPass:
      return "actpass";
    case Setup::kHoldConn:
      return "holdconn";
  }
  return "unknown";
}

bool Codec::Is(std::string_view wanted, uint32_t rate) const {
  return clock_rate == rate && EqualsIgnoreCase(name, wanted);
}

bool Codec::HasFeedback(std::string_view wanted) const {
  return std::find(feedback.begin(), feedback.end(), wanted) != feedback.end();
}

std::optional<std::string_view> Codec::Parameter(std::string_view wanted) const {
  std::string_view rest = parameters;
  while (!rest.empty()) {
    std::string_view value = Trim(TakeUntil(rest, ';'));
    const std::string_view found = Trim(TakeUntil(value, '='));
    if (EqualsIgnoreCase(found, wanted)) return Trim(value);
  }
  return std::nullopt;
}

MediaKind MediaDescription::kind() const {
  if (media == "audio") return MediaKind::kAudio;
  if (media == "video") return MediaKind::kVideo;
  if (media == "application") return MediaKind::kApplication;
  return MediaKind::kOther;
}

bool MediaDescription::is_rtp() const { return protocol.find("RTP/") != std::string::npos; }

const Codec* MediaDescription::FindCodec(PayloadType payload_type) const {
  const auto found = std::find_if(codecs.begin(), codecs.end(), [payload_type](const Codec& codec) {
    return codec.payload_type == payload_type;
  });
  return found == codecs.end() ? nullptr : &*found;
}

std::string MediaDescription::Where() const {
  constexpr size_t kMaxShown = 16;  // It is the peer's word.
  return Format("SDP line %u (%s)", static_cast<unsigned>(line),
                media.substr(0, kMaxShown).c_str());
}

bool Group::Contains(std::string_view mid) const {
  return std::find(mids.begin(), mids.end(), mid) != mids.end();
}

bool SessionDescription::has_ice_option(std::string_view option) const {
  return std::find(ice_options.begin(), ice_options.end(), option) != ice_options.end();
}

const Group* SessionDescription::FindBundle(std::string_view mid) const {
  const auto found = std::find_if(groups.begin(), groups.end(), [mid](const Group& group) {
    return group.semantics == "BUNDLE" && group.Contains(mid);
  });
  return found == groups.end() ? nullptr : &*found;
}

const MediaDescription* SessionDescription::FindMedia(std::string_view mid) const {
  const auto found = std::find_if(media.begin(), media.end(), [mid](const MediaDescription& m) {
    return m.mid && *m.mid == mid;
  });
  return found == media.end() ? nullptr : &*found;
}

}  // namespace ocellus::sdp
