// SPDX-License-Identifier: Apache-2.0
// What the tests of this folder share: captured SDP files, and descriptions compared field by
// field.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <tuple>
#include <vector>

#include "firmware/rtc/sdp/negotiation.h"

namespace ocellus::sdp {

inline std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The .sdp files below `folder`, sorted.
inline std::vector<std::filesystem::path> SdpFiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".sdp") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

constexpr const char* kCapturedSdp = "tests/data/sdp";

// Parses what must be right; the test fails otherwise.
inline SessionDescription ParseOrFail(std::string_view text) {
  Result<SessionDescription> description = SessionDescription::Parse(text);
  EXPECT_TRUE(description.ok()) << description.status().ToString();
  return description.ok() ? *std::move(description) : SessionDescription();
}
inline SessionDescription ParseFile(const std::string& name) {
  return ParseOrFail(ReadFile(std::filesystem::path(kCapturedSdp) / name));
}

// Equal in all but MediaDescription::line, which is no part of what is said.
inline bool operator==(const Extmap& a, const Extmap& b) {
  return std::tie(a.id, a.direction, a.uri) == std::tie(b.id, b.direction, b.uri);
}
inline bool operator==(const Codec& a, const Codec& b) {
  return std::tie(a.payload_type, a.name, a.clock_rate, a.channels, a.parameters, a.feedback) ==
         std::tie(b.payload_type, b.name, b.clock_rate, b.channels, b.parameters, b.feedback);
}
inline bool operator==(const Source& a, const Source& b) {
  return std::tie(a.ssrc, a.cname) == std::tie(b.ssrc, b.cname);
}
inline bool operator==(const SsrcGroup& a, const SsrcGroup& b) {
  return std::tie(a.semantics, a.ssrcs) == std::tie(b.semantics, b.ssrcs);
}
inline bool operator==(const Group& a, const Group& b) {
  return std::tie(a.semantics, a.mids) == std::tie(b.semantics, b.mids);
}
inline bool operator==(const MediaDescription& a, const MediaDescription& b) {
  const auto fields = [](const MediaDescription& m) {
    return std::tie(m.media, m.port, m.protocol, m.codecs, m.formats, m.connection, m.mid,
                    m.bundle_only, m.direction, m.extmaps, m.extmap_allow_mixed, m.msid,
                    m.ssrc_groups, m.sources, m.rtcp_mux, m.rtcp_rsize, m.ice_ufrag, m.ice_pwd,
                    m.fingerprints, m.setup, m.candidates, m.end_of_candidates, m.sctp_port,
                    m.max_message_size);
  };
  return fields(a) == fields(b);
}
inline bool operator==(const SessionDescription& a, const SessionDescription& b) {
  const auto fields = [](const SessionDescription& s) {
    return std::tie(s.session_id, s.session_version, s.groups, s.extmap_allow_mixed,
                    s.msid_semantic, s.ice_lite, s.ice_options, s.media);
  };
  return fields(a) == fields(b);
}

// Our side, the same in all tests.
inline LocalSession TestSession() {
  LocalSession session;
  session.session_id = 4611731400430051336;
  session.ufrag = "F7gI";
  session.pwd = "x9cml/YzichV2+XlhiMu8g12";
  session.fingerprint =
      "sha-256 0B:30:55:7A:9F:C4:E9:0E:33:58:7D:A2:C7:EC:11:36:5B:80:A5:CA:EF:14:39:5E:83:A8:CD:F2:"
      "17:3C:61:86";
  session.candidates = {"candidate:1 1 udp 2130706431 2001:db8::1 8555 typ host",
                        "candidate:2 1 udp 2130706175 192.0.2.1 8555 typ host"};
  return session;
}

// What a camera sends.
inline LocalMedia TestVideo(const char* profile_level_id = "42c01f") {
  LocalVideo video;
  video.profile_level_id = *ProfileLevelId::Parse(profile_level_id);
  video.ssrc = Ssrc(1111);
  video.rtx_ssrc = Ssrc(2222);
  video.cname = "camera";
  return {video};
}
// With data channels.
inline LocalMedia TestMedia(const char* profile_level_id = "42c01f") {
  LocalMedia media = TestVideo(profile_level_id);
  media.data_channels = true;
  return media;
}

}  // namespace ocellus::sdp
