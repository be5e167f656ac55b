// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 on the wire (RFC 9112): requests parsed, responses written. No sockets, no time.
//
// Strict on purpose: whatever two implementations might understand differently is refused, because
// that is what request smuggling is made of (section 11.2). Refused are bare CR and LF, blanks
// before a colon, folded lines, more than one Content-Length, Host or Content-Type, Content-Length
// beside Transfer-Encoding, any transfer coding but chunked, and chunk extensions of more than a
// line. After a refusal the connection must be closed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "firmware/base/limits.h"
#include "hal/http_server.h"

namespace ocellus::drivers {

// Invariants:
//  1. head_ and line_ never hold more than kMaxHttpHeaderSize bytes, the body never more than
//     kMaxHttpBodySize.
//  2. After kComplete and kRefused nothing is consumed until TakeRequest.
class Http1Parser {
 public:
  enum class State {
    kIdle,      // Not a byte of a request so far.
    kHead,      // Inside the request line or the header fields.
    kBody,      // Inside the body.
    kComplete,  // TakeRequest has it.
    kRefused,   // See refusal().
  };

  struct Refusal {
    int status = 400;
    const char* reason = "";  // For the client, a literal.
  };

  // Takes the bytes of at most one request off the front of `input`, which is borrowed.
  State Parse(std::string_view& input);

  State state() const { return state_; }
  const Refusal& refusal() const { return refusal_; }

  // RFC 9112 section 9.3: whether the connection may carry another request after this one.
  bool keep_alive() const { return keep_alive_; }
  // RFC 9110 section 10.1.1: whether the client waits for 100 Continue before it sends the body.
  // True at most once a request, when its head is complete.
  bool TakeExpectsContinue();

  // The complete request, without id and remote; the parser is then ready for the next one.
  hal::HttpRequest TakeRequest();

 private:
  enum class BodyPart { kSized, kChunkSize, kChunkData, kChunkEnd, kTrailer };

  void ParseHead();
  bool ParseRequestLine(std::string_view line);
  bool ParseTarget(std::string_view target);
  bool ParseField(std::string_view line);
  bool ParseFraming();
  void ParseBody(std::string_view& input);
  void ParseChunkLine();
  bool TakeLine(std::string_view& input);
  bool Refuse(int status, const char* reason);

  State state_ = State::kIdle;
  Refusal refusal_;
  std::string head_;
  hal::HttpRequest request_;
  bool http_1_0_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;

  BodyPart body_part_ = BodyPart::kSized;
  size_t remaining_ = 0;  // Bytes of the sized body or of this chunk that are still to come.
  std::string line_;      // Of a chunk's size, of the trailer.
  size_t trailer_size_ = 0;
};

enum class Persistence { kKeepAlive, kClose };

// Appends `response` to `out`, with Content-Length, Connection and `date` (RFC 9110 section 5.6.7;
// left out when empty). `method` decides whether there is a body. Control characters in header
// values become blanks.
void WriteHttp1Response(const hal::HttpResponse& response, std::string_view method,
                        Persistence persistence, std::string_view date, std::string& out);

}  // namespace ocellus::drivers
