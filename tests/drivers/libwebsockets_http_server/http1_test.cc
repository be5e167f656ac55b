// SPDX-License-Identifier: Apache-2.0
#include "drivers/libwebsockets_http_server/http1.h"

#include <gmock/gmock.h>

namespace ocellus::drivers {
namespace {

using State = Http1Parser::State;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Parses `text` as the first bytes of a connection; `rest` is what was not consumed.
State Parse(Http1Parser& parser, std::string_view text, std::string_view* rest = nullptr) {
  const State state = parser.Parse(text);
  if (rest != nullptr) *rest = text;
  return state;
}

// The status that a request is refused with; 0 when it is not.
int RefusalOf(std::string_view text) {
  Http1Parser parser;
  return Parse(parser, text) == State::kRefused ? parser.refusal().status : 0;
}

std::string WithField(const std::string& field) {
  return "POST / HTTP/1.1\r\nHost: camera\r\n" + field + "\r\n\r\n";
}

TEST(Http1Parser, ReadsARequestWithABody) {
  Http1Parser parser;
  std::string_view rest;
  ASSERT_EQ(
      Parse(parser,
            "PATCH /whep/4f%5Fz?a=1&b HTTP/1.1\r\nHost: camera:8080\r\n"
            "Content-Type:application/sdp\r\nIF-MATCH: \t\"x\" \r\ncontent-length: 3\r\n\r\nv=0GET",
            &rest),
      State::kComplete);
  EXPECT_EQ(rest, "GET");
  EXPECT_TRUE(parser.keep_alive());
  const hal::HttpRequest request = parser.TakeRequest();
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.path, "/whep/4f_z");
  EXPECT_EQ(request.query, "a=1&b");
  EXPECT_EQ(request.header("host"), "camera:8080");
  EXPECT_EQ(request.header("content-type"), "application/sdp");
  EXPECT_EQ(request.header("if-match"), "\"x\"");
  EXPECT_EQ(request.body, "v=0");
  EXPECT_EQ(parser.state(), State::kIdle);
}

TEST(Http1Parser, ReadsTheSameByteByByte) {
  constexpr std::string_view kText =
      "POST /whep HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;name=value\r\nv=0\r\n2\r\n\r\n\r\n0\r\nTrailer: dropped\r\n\r\n";
  Http1Parser parser;
  for (size_t i = 0; i < kText.size(); ++i) {
    ASSERT_NE(parser.state(), State::kComplete) << i;
    std::string_view byte = kText.substr(i, 1);
    ASSERT_NE(parser.Parse(byte), State::kRefused) << parser.refusal().reason << " at " << i;
    ASSERT_TRUE(byte.empty());
  }
  ASSERT_EQ(parser.state(), State::kComplete);
  EXPECT_EQ(parser.TakeRequest().body, "v=0\r\n");
}

TEST(Http1Parser, TakesAnyMethod) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "DELETE", "PATCH", "BREW"}) {
    Http1Parser parser;
    ASSERT_EQ(Parse(parser, std::string(method) + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
              State::kComplete);
    EXPECT_EQ(parser.TakeRequest().method, method);
  }
}

// RFC 9112 section 3.2.2: "a server MUST accept the absolute-form in requests".
TEST(Http1Parser, TakesTheAbsoluteForm) {
  Http1Parser parser;
  ASSERT_EQ(Parse(parser, "GET HTTP://camera:8080/status?x HTTP/1.1\r\nHost: camera\r\n\r\n"),
            State::kComplete);
  const hal::HttpRequest request = parser.TakeRequest();
  EXPECT_EQ(request.path, "/status");
  EXPECT_EQ(request.query, "x");
  ASSERT_EQ(Parse(parser, "GET http://camera HTTP/1.1\r\nHost: camera\r\n\r\n"), State::kComplete);
  EXPECT_EQ(parser.TakeRequest().path, "/");
}

// RFC 9112 section 9.3.
TEST(Http1Parser, KnowsWhichConnectionsPersist) {
  const auto persists = [](std::string_view text) {
    Http1Parser parser;
    EXPECT_EQ(Parse(parser, text), State::kComplete);
    return parser.keep_alive();
  };
  EXPECT_TRUE(persists("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(persists("GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close\r\n\r\n"));
  EXPECT_FALSE(persists("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(persists("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(Http1Parser, IgnoresEmptyLinesBeforeARequest) {
  Http1Parser parser;
  EXPECT_EQ(Parse(parser, "\r\n\r\n"), State::kIdle);
  EXPECT_EQ(Parse(parser, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), State::kComplete);
}

TEST(Http1Parser, AsksForTheBodyOfAClientThatWaits) {
  Http1Parser parser;
  ASSERT_EQ(Parse(parser, WithField("Content-Length: 1\r\nExpect: 100-Continue")), State::kBody);
  EXPECT_TRUE(parser.TakeExpectsContinue());
  EXPECT_FALSE(parser.TakeExpectsContinue());
  ASSERT_EQ(Parse(parser, "x"), State::kComplete);
  EXPECT_EQ(RefusalOf(WithField("Expect: 200-ok")), 417);
}

TEST(Http1Parser, JoinsFieldsThatAreLists) {
  Http1Parser parser;
  ASSERT_EQ(Parse(parser, WithField("If-Match: \"a\"\r\nIf-Match: \"b\"")), State::kComplete);
  EXPECT_EQ(parser.TakeRequest().header("if-match"), "\"a\", \"b\"");
}

// Checklist 48: two Content-Lengths, and the other ways to give a body two lengths.
TEST(Http1Parser, RefusesBodiesWhoseLengthIsAmbiguous) {
  EXPECT_EQ(RefusalOf(WithField("Content-Length: 3\r\nContent-Length: 5")), 400);
  EXPECT_EQ(RefusalOf(WithField("Content-Length: 3\r\nContent-Length: 3")), 400);
  EXPECT_EQ(RefusalOf(WithField("Content-Length: 3, 5")), 400);
  EXPECT_EQ(RefusalOf(WithField("Content-Length: +3")), 400);
  EXPECT_EQ(RefusalOf(WithField("Content-Length: 0x3")), 400);
  EXPECT_EQ(RefusalOf(WithField("Content-Length:")), 400);
  EXPECT_EQ(RefusalOf(WithField("Content-Length : 3")), 400);
  EXPECT_EQ(RefusalOf(WithField("Content-Length: 3\r\nTransfer-Encoding: chunked")), 400);
  EXPECT_EQ(RefusalOf(WithField("Transfer-Encoding: gzip, chunked")), 501);
  EXPECT_EQ(RefusalOf(WithField("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity")), 501);
  EXPECT_EQ(RefusalOf(WithField("Transfer-Encoding : chunked")), 400);
  EXPECT_EQ(RefusalOf("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

// Checklist 48: bad chunking.
TEST(Http1Parser, RefusesBadChunks) {
  const std::string head = WithField("Transfer-Encoding: chunked");
  EXPECT_EQ(RefusalOf(head + "\r\n"), 400);
  EXPECT_EQ(RefusalOf(head + "g\r\n"), 400);
  EXPECT_EQ(RefusalOf(head + "-1\r\n"), 400);
  EXPECT_EQ(RefusalOf(head + "0x1\r\n"), 400);
  EXPECT_EQ(RefusalOf(head + " 1\r\n"), 400);
  EXPECT_EQ(RefusalOf(head + "1\n"), 400);
  EXPECT_EQ(RefusalOf(head + "1\rx"), 400);
  EXPECT_EQ(RefusalOf(head + "1\r\nab\r\n"), 400);
  EXPECT_EQ(RefusalOf(head + "10000000000000000\r\n"), 400);
  EXPECT_EQ(RefusalOf(head + "ffffffffffffffff\r\n"), 413);
  EXPECT_EQ(RefusalOf(head + "1;" + std::string(1000, 'x')), 431);
  std::string trailers = head + "0\r\n";
  for (int i = 0; i < 1000; ++i) trailers += "a: 0123456789\r\n";
  EXPECT_EQ(RefusalOf(trailers), 431);
}

// Checklist 48: body over the limit, in one piece and in many.
TEST(Http1Parser, RefusesBodiesOverTheLimit) {
  EXPECT_EQ(RefusalOf(WithField("Content-Length: " + std::to_string(kMaxHttpBodySize))), 0);
  EXPECT_EQ(RefusalOf(WithField("Content-Length: " + std::to_string(kMaxHttpBodySize + 1))), 413);
  EXPECT_EQ(RefusalOf(WithField("Content-Length: 99999999999999999999999")), 413);
  std::string chunked = WithField("Transfer-Encoding: chunked");
  const std::string chunk = "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
  for (size_t size = 0; size <= kMaxHttpBodySize; size += 0x1000) chunked += chunk;
  EXPECT_EQ(RefusalOf(chunked), 413);
}

TEST(Http1Parser, RefusesHeadsOverTheLimit) {
  EXPECT_EQ(RefusalOf("GET /" + std::string(kMaxHttpHeaderSize, 'a')), 414);
  EXPECT_EQ(RefusalOf("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(kMaxHttpHeaderSize, 'a')),
            431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (size_t i = 0; i < kMaxHttpHeaderFields; ++i) many += "x" + std::to_string(i) + ": 1\r\n";
  EXPECT_EQ(RefusalOf(many + "\r\n"), 431);
}

TEST(Http1Parser, RefusesWhatOthersMightReadDifferently) {
  EXPECT_EQ(RefusalOf("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(RefusalOf("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf("GET / HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf("GET / HTTP/1.1\r\nHost: a\r\nNoColon\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf(std::string("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29)), 400);
  EXPECT_EQ(RefusalOf("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf("GET /\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf("G\"T / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(RefusalOf(std::string(40, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
  EXPECT_EQ(RefusalOf("PRI * HTTP/2.0\r\n\r\n"), 505);
}

TEST(Http1Parser, RefusesPathsThatLeadSomewhereElse) {
  for (const char* target :
       {"/../etc/passwd", "/a/%2e%2e/b", "/./a", "/%00", "/%0d%0a", "/%zz", "/%4", "/a#b",
        "/\xC3\xA9", "status", "ftp://camera/", "http:/status"}) {
    EXPECT_EQ(RefusalOf("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"), 400)
        << target;
  }
}

TEST(WriteHttp1Response, WritesTheHeadAndTheBody) {
  hal::HttpResponse response;
  response.status = 201;
  response.headers = {{"Location", "/whep/1"}, {"X", "a\r\nInjected: b"}};
  response.body = "v=0";
  std::string out;
  WriteHttp1Response(response, "POST", Persistence::kKeepAlive, "Sun, 06 Nov 1994 08:49:37 GMT",
                     out);
  EXPECT_EQ(out,
            "HTTP/1.1 201 Created\r\nLocation: /whep/1\r\nX: a  Injected: b\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 3\r\n"
            "Connection: keep-alive\r\n\r\nv=0");
}

// RFC 9110 section 9.3.2: HEAD is GET without the content. Section 8.6: "MUST NOT send a
// Content-Length header field in any response with a status code of ... 204".
TEST(WriteHttp1Response, KnowsWhichResponsesHaveNoBody) {
  hal::HttpResponse response;
  response.body = "picture";
  std::string out;
  WriteHttp1Response(response, "HEAD", Persistence::kClose, "", out);
  EXPECT_THAT(out, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(out, EndsWith("Connection: close\r\n\r\n"));

  out.clear();
  response.status = 204;
  WriteHttp1Response(response, "PATCH", Persistence::kKeepAlive, "", out);
  EXPECT_THAT(out, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(out, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(out, EndsWith("\r\n\r\n"));
}

}  // namespace
}  // namespace ocellus::drivers
