// SPDX-License-Identifier: Apache-2.0
// The video m-line of an offer or answer: which payload type, extensions and feedback both sides
// have. Without the transport, which is transport_negotiation.h's.
#pragma once

#include <optional>

#include "firmware/rtc/sdp/negotiation.h"

namespace ocellus::sdp {

// Our m-lines.
MediaDescription OfferVideoToSend(const LocalVideo& video);
MediaDescription OfferVideoToReceive(const ViewerMedia& viewer);

// Sends `video` as an answer to `offered`: with the H264 payload type of packetization-mode 1 whose
// profile is the stream's, or else goes the least beyond it (RFC 6184 section 8.2.2). A level that
// is lower than the stream's does not keep it from being sent: decoders go further than they say.
// Errors: kUnsupported, with the line and what is missing, when `offered` cannot receive it.
Result<MediaDescription> AnswerVideo(const MediaDescription& offered, const LocalVideo& video);

// `answer` without what `offered` does not have: a payload type, an extension or a feedback that
// the offerer never named.
MediaDescription OnlyOffered(const MediaDescription& offered, const MediaDescription& answer);

// What an answered m-line means for both sides; nullopt when it has no H264 that we speak.
std::optional<NegotiatedVideo> ReadVideo(const MediaDescription& answer, size_t m_line_index);

}  // namespace ocellus::sdp
