// SPDX-License-Identifier: Apache-2.0
#include "drivers/libwebsockets_http_server/http1.h"

#include <algorithm>
#include <utility>

#include "firmware/base/text.h"
#include "hal/http_status.h"

namespace ocellus::drivers {
namespace {

// Bytes of a method; the longest registered one has 17. RFC 9110 section 9.1 wants 501 for those
// that we do not know, which is the caller's business; this is only a bound.
constexpr size_t kMaxMethodSize = 32;

// Bytes of a chunk's size and extensions. Nobody uses extensions.
constexpr size_t kMaxChunkLineSize = 256;

// RFC 9110 section 5.6.2.
bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

bool IsControl(char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }

// RFC 9110 section 5.5: what a field value may consist of.
bool IsFieldValue(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return IsControl(c) && c != '\t'; });
}

std::optional<uint8_t> HexDigit(char c) { return ParseNumber<uint8_t>({&c, 1}, 16); }

// RFC 3986 section 2.1. Nullopt for a bad escape, and for control characters: in no path of ours.
std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const std::optional<uint8_t> high = HexDigit(text[i + 1]);
      const std::optional<uint8_t> low = HexDigit(text[i + 2]);
      if (!high.has_value() || !low.has_value()) return std::nullopt;
      c = static_cast<char>(*high << 4 | *low);
      i += 2;
    }
    if (IsControl(c)) return std::nullopt;
    decoded += c;
  }
  return decoded;
}

bool HasDotSegment(std::string_view path) {
  while (!path.empty()) {
    const std::string_view segment = TakeUntil(path, '/');
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

// Whether the comma-separated `list` has `wanted`, in any case of letters.
bool ListHas(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    if (EqualsIgnoreCase(Trim(TakeUntil(list, ',')), wanted)) return true;
  }
  return false;
}

// Fields that make no sense twice; all others are lists (RFC 9110 section 5.3).
bool IsSingleton(std::string_view name) {
  for (const char* singleton : {"authorization", "content-length", "content-type", "host"}) {
    if (name == singleton) return true;
  }
  return false;
}

}  // namespace

Http1Parser::State Http1Parser::Parse(std::string_view& input) {
  if (state_ == State::kIdle) {
    // RFC 9112 section 2.2: "SHOULD ignore at least one empty line (CRLF) received prior to the
    // request-line".
    input.remove_prefix(std::min(input.find_first_not_of("\r\n"), input.size()));
    if (!input.empty()) state_ = State::kHead;
  }
  while (state_ == State::kHead && !input.empty()) {
    const char c = input[0];
    input.remove_prefix(1);
    if (c == '\n' && (head_.empty() || head_.back() != '\r')) {
      Refuse(400, "A line ends without a carriage return");
    } else if (head_.size() == kMaxHttpHeaderSize) {
      const bool in_target = head_.find('\r') == std::string::npos;
      in_target ? Refuse(414, "The URL is too long") : Refuse(431, "The header is too large");
    } else {
      head_ += c;
      if (c == '\n' && head_.size() >= 4 && head_.compare(head_.size() - 4, 4, "\r\n\r\n") == 0) {
        ParseHead();
      }
    }
  }
  if (state_ == State::kBody) ParseBody(input);
  return state_;
}

bool Http1Parser::TakeExpectsContinue() { return std::exchange(expects_continue_, false); }

hal::HttpRequest Http1Parser::TakeRequest() {
  CHECK(state_ == State::kComplete, "no complete request, state %d", static_cast<int>(state_));
  hal::HttpRequest request = std::move(request_);
  *this = Http1Parser();
  return request;
}

bool Http1Parser::Refuse(int status, const char* reason) {
  state_ = State::kRefused;
  refusal_ = {status, reason};
  keep_alive_ = false;
  return false;
}

void Http1Parser::ParseHead() {
  std::string_view rest = head_;
  bool request_line = true;
  while (true) {
    const size_t end = rest.find('\r');
    // Every LF has a CR before it, see Parse; here every CR has an LF behind it.
    if (rest[end + 1] != '\n') {
      Refuse(400, "A carriage return stands alone");
      return;
    }
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (line.empty()) break;
    if (request_line ? !ParseRequestLine(line) : !ParseField(line)) return;
    request_line = false;
  }
  if (!ParseFraming()) return;
  state_ = body_part_ == BodyPart::kSized && remaining_ == 0 ? State::kComplete : State::kBody;
  if (state_ == State::kComplete) expects_continue_ = false;
}

// method SP request-target SP HTTP-version. RFC 9112 section 3.
bool Http1Parser::ParseRequestLine(std::string_view line) {
  const std::string_view method = TakeUntil(line, ' ');
  const std::string_view target = TakeUntil(line, ' ');
  if (!IsToken(method) || target.empty()) return Refuse(400, "The request line makes no sense");
  if (method.size() > kMaxMethodSize) return Refuse(501, "Nobody knows this method");
  if (line.size() != 8 || !StartsWith(line, "HTTP/") || line[6] != '.') {
    return Refuse(400, "The request line makes no sense");
  }
  if (line[5] != '1' || line[7] < '0' || line[7] > '9') {
    return Refuse(505, "HTTP/1.1 is spoken here");
  }
  http_1_0_ = line[7] == '0';
  request_.method = method;
  return ParseTarget(target);
}

// RFC 9112 section 3.2: origin-form; absolute-form, which a server MUST accept; asterisk-form.
bool Http1Parser::ParseTarget(std::string_view target) {
  if (target == "*" && request_.method == "OPTIONS") target = "/";
  const size_t scheme_end = target.find("://");
  if (target[0] != '/' && scheme_end != std::string_view::npos) {
    const std::string_view scheme = target.substr(0, scheme_end);
    if (!EqualsIgnoreCase(scheme, "http") && !EqualsIgnoreCase(scheme, "https")) {
      return Refuse(400, "The URL makes no sense");
    }
    target.remove_prefix(scheme_end + 3);
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
  }
  std::string_view path = TakeUntil(target, '?');
  if (path.empty()) path = "/";
  for (const std::string_view part : {path, target}) {
    for (const char c : part) {
      if (c <= 0x20 || c >= 0x7F || c == '#') return Refuse(400, "The URL makes no sense");
    }
  }
  std::optional<std::string> decoded = PercentDecode(path);
  if (path[0] != '/' || !decoded.has_value() || HasDotSegment(*decoded)) {
    return Refuse(400, "The URL makes no sense");
  }
  request_.path = *std::move(decoded);
  request_.query = target;
  return true;
}

// field-name ":" OWS field-value OWS. RFC 9112 section 5.
bool Http1Parser::ParseField(std::string_view line) {
  const size_t colon = line.find(':');
  // A folded line begins with a blank (section 5.2); neither it nor a blank before the colon
  // (section 5.1) leaves a token in front of the colon.
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Refuse(400, "A header field makes no sense");
  }
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), ToLowerAscii);
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!IsFieldValue(value)) return Refuse(400, "A header field has control characters");

  for (hal::HttpHeader& header : request_.headers) {
    if (header.first != name) continue;
    if (IsSingleton(name)) return Refuse(400, "A header field that may come once comes twice");
    header.second.append(", ").append(value);
    return true;
  }
  if (request_.headers.size() == kMaxHttpHeaderFields) {
    return Refuse(431, "There are too many header fields");
  }
  request_.headers.emplace_back(std::move(name), value);
  return true;
}

// RFC 9112 section 6.3: how long the body is. Section 9.3: whether the connection persists.
bool Http1Parser::ParseFraming() {
  const auto connection = request_.header("connection").value_or("");
  keep_alive_ = http_1_0_ ? ListHas(connection, "keep-alive") : !ListHas(connection, "close");

  // RFC 9112 section 3.2: "MUST respond with a 400".
  if (!http_1_0_ && !request_.header("host").has_value()) {
    return Refuse(400, "The Host header is missing");
  }
  if (const auto expect = request_.header("expect")) {
    if (!EqualsIgnoreCase(*expect, "100-continue")) return Refuse(417, "Nothing else is expected");
    expects_continue_ = !http_1_0_;
  }

  const auto length = request_.header("content-length");
  if (const auto coding = request_.header("transfer-encoding")) {
    if (length.has_value() || http_1_0_) return Refuse(400, "The body's length has two meanings");
    if (!EqualsIgnoreCase(*coding, "chunked")) return Refuse(501, "Only chunked bodies are known");
    body_part_ = BodyPart::kChunkSize;
    return true;
  }
  if (!length.has_value()) return true;
  if (length->empty() || length->find_first_not_of("0123456789") != std::string_view::npos) {
    return Refuse(400, "Content-Length is no number");
  }
  const std::optional<uint64_t> size = ParseNumber<uint64_t>(*length);
  if (!size.has_value() || *size > kMaxHttpBodySize) return Refuse(413, "The body is too large");
  remaining_ = static_cast<size_t>(*size);
  return true;
}

void Http1Parser::ParseBody(std::string_view& input) {
  while (state_ == State::kBody && !input.empty()) {
    switch (body_part_) {
      case BodyPart::kSized:
      case BodyPart::kChunkData: {
        const size_t size = std::min(remaining_, input.size());
        request_.body.append(input.substr(0, size));
        input.remove_prefix(size);
        remaining_ -= size;
        if (remaining_ > 0) break;
        if (body_part_ == BodyPart::kSized) {
          state_ = State::kComplete;
        } else {
          body_part_ = BodyPart::kChunkEnd;
        }
        break;
      }
      case BodyPart::kChunkSize:
      case BodyPart::kChunkEnd:
      case BodyPart::kTrailer:
        if (TakeLine(input)) ParseChunkLine();
        break;
    }
  }
}

// RFC 9112 section 7.1. `line_` is complete, without its end.
void Http1Parser::ParseChunkLine() {
  const std::string line = std::exchange(line_, {});
  if (body_part_ == BodyPart::kChunkEnd) {
    body_part_ = BodyPart::kChunkSize;
    if (!line.empty()) Refuse(400, "A chunk is longer than it said");
    return;
  }
  if (body_part_ == BodyPart::kTrailer) {
    // Trailer fields are dropped: section 7.1.2 allows it, and merging them is a trap.
    trailer_size_ += line.size();
    if (trailer_size_ > kMaxHttpHeaderSize) Refuse(431, "The trailer is too large");
    if (line.empty()) state_ = State::kComplete;
    return;
  }
  std::string_view rest = line;
  const std::optional<uint64_t> size = ParseNumber<uint64_t>(TakeUntil(rest, ';'), 16);
  if (!size.has_value()) {
    Refuse(400, "A chunk's size is no number");
  } else if (*size > kMaxHttpBodySize - request_.body.size()) {
    Refuse(413, "The body is too large");
  } else if (*size == 0) {
    body_part_ = BodyPart::kTrailer;
  } else {
    remaining_ = static_cast<size_t>(*size);
    body_part_ = BodyPart::kChunkData;
  }
}

// True when line_ is complete.
bool Http1Parser::TakeLine(std::string_view& input) {
  const size_t limit = body_part_ == BodyPart::kTrailer ? kMaxHttpHeaderSize : kMaxChunkLineSize;
  while (!input.empty()) {
    const char c = input[0];
    input.remove_prefix(1);
    const bool after_return = !line_.empty() && line_.back() == '\r';
    if (after_return != (c == '\n')) return Refuse(400, "A chunk's line does not end well");
    if (c == '\n') {
      line_.pop_back();
      return true;
    }
    if (line_.size() == limit) return Refuse(431, "A chunk's line is too long");
    line_ += c;
  }
  return false;
}

void WriteHttp1Response(const hal::HttpResponse& response, std::string_view method,
                        Persistence persistence, std::string_view date, std::string& out) {
  out += "HTTP/1.1 " + std::to_string(response.status) + ' ' +
         hal::HttpReasonPhrase(response.status) + "\r\n";
  for (const hal::HttpHeader& header : response.headers) {
    out += header.first + ": ";
    for (const char c : header.second) out += IsControl(c) ? ' ' : c;
    out += "\r\n";
  }
  if (!date.empty()) out.append("Date: ").append(date).append("\r\n");
  // RFC 9110 section 8.6: no Content-Length in 1xx and 204; 304 has no body either.
  const bool bodiless = response.status < 200 || response.status == 204 || response.status == 304;
  if (!bodiless) out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  out += persistence == Persistence::kClose ? "Connection: close\r\n\r\n"
                                            : "Connection: keep-alive\r\n\r\n";
  if (!bodiless && method != "HEAD") out += response.body;
}

}  // namespace ocellus::drivers
