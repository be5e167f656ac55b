// SPDX-License-Identifier: Apache-2.0
// Any text as a session description and as a trickle fragment: what is taken can be written and
// read again, and answered.
#include <cstdint>

#include "firmware/base/bytes.h"
#include "firmware/rtc/sdp/fragment.h"
#include "firmware/rtc/sdp/negotiation.h"

using ocellus::Result;
using namespace ocellus::sdp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = ocellus::AsText(ocellus::Bytes(data, size));
  const Result<Fragment> fragment = Fragment::Parse(text);
  // A fragment of unknown attributes only says nothing.
  if (const std::string written = fragment.ok() ? fragment->Write() : ""; !written.empty()) {
    const Result<Fragment> again = Fragment::Parse(written);
    CHECK(again.ok() && again->Write() == written, "fragment: %s",
          again.status().ToString().c_str());
  }

  const Result<SessionDescription> offer = SessionDescription::Parse(text);
  if (!offer.ok()) return 0;
  const std::string written = offer->Write();
  const Result<SessionDescription> again = SessionDescription::Parse(written);
  // Session attributes are repeated for each media, so what was within the limits may not be.
  if (again.ok()) CHECK(again->Write() == written, "%zu bytes change", written.size());

  LocalSession session;
  session.ufrag = "F7gI";
  session.pwd = "x9cml/YzichV2+XlhiMu8g12";
  session.fingerprint = "sha-256 0B:30";
  LocalVideo video;
  video.profile_level_id = {0x42, 0xc0, 0x1f};
  if (const Result<Answer> answer = CreateAnswer(*offer, session, {video, true}); answer.ok()) {
    CHECK(answer->answer.media.size() == offer->media.size() && (answer->video || answer->data),
          "%zu m-lines", answer->answer.media.size());
  }
  const SessionDescription own = CreateCameraOffer(session, {video, true});
  (void)ApplyAnswer(own, *offer).ok();
  (void)ApplyAnswer(*offer, *offer).ok();
  return 0;
}
