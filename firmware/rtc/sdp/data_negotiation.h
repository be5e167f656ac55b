// SPDX-License-Identifier: Apache-2.0
// The m-line of the data channels in an offer or answer: SCTP over DTLS (RFC 8841, RFC 8831), also
// in the form from before that RFC, which names its port by a=sctpmap. Without the transport, which
// is transport_negotiation.h's.
#pragma once

#include "firmware/rtc/sdp/negotiation.h"

namespace ocellus::sdp {

// Our m-line.
MediaDescription OfferData(std::string mid);

// Accepts `offered`, in its own form.
// Errors: kUnsupported, with the line and what is missing, when it is disabled or not for data
// channels.
Result<MediaDescription> AnswerData(const MediaDescription& offered);

// Whether an m-line of the peer lets data channels flow: what AnswerData asks of an offer, and an
// offerer of an answer. Errors: as AnswerData.
Status CheckData(const MediaDescription& media);

// What an m-line of the peer's that CheckData takes says about the peer.
NegotiatedData ReadData(const MediaDescription& media, size_t m_line_index);

}  // namespace ocellus::sdp
