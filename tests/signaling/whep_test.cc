// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/whep.h"

#include <gmock/gmock.h>

#include "firmware/base/limits.h"
#include "tests/signaling/fake_viewer_sessions.h"

namespace ocellus::signaling {
namespace {

using hal::HttpHeader;
using hal::HttpRequest;
using hal::HttpResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kFragmentType = "application/trickle-ice-sdpfrag";

const SocketAddress kHome = *SocketAddress::Parse("192.168.1.9:50000");

// Whoever asks from home may watch.
auth::Access OpenAccess() {
  return auth::Access({"admin-token", {}, {}}, auth::Viewing::kOpenInLocalNetwork);
}

auth::Access GuardedAccess() {
  return auth::Access({"admin-token", "operator-token", "viewer-token"}, auth::Viewing::kWithToken);
}

std::vector<std::string> Headers(const HttpResponse& response, std::string_view name) {
  std::vector<std::string> values;
  for (const HttpHeader& header : response.headers) {
    if (header.first == name) values.push_back(header.second);
  }
  return values;
}

// The value of a header that must be there once.
std::string Header(const HttpResponse& response, std::string_view name) {
  const std::vector<std::string> values = Headers(response, name);
  EXPECT_EQ(values.size(), 1u) << name;
  return values.empty() ? "" : values[0];
}

class WhepTest : public ::testing::Test {
 protected:
  HttpResponse Send(const char* method, std::string path, std::vector<HttpHeader> headers = {},
                    std::string body = "") {
    HttpRequest request;
    request.method = method;
    request.path = std::move(path);
    request.headers = std::move(headers);
    request.body = std::move(body);
    request.remote = kHome;
    return whep_.Handle(now_, request);
  }
  HttpResponse Post(std::string body = "v=0") {
    return Send("POST", "/whep", {{"content-type", "application/sdp"}}, std::move(body));
  }
  HttpResponse PatchIce(const char* if_match, std::string body = "a=candidate:1") {
    return Send("PATCH", "/whep/session1",
                {{"content-type", kFragmentType}, {"if-match", if_match}}, std::move(body));
  }

  Time now_{std::chrono::seconds(100)};
  FakeViewerSessions sessions_;
  auth::Access access_ = OpenAccess();
  Whep whep_{sessions_, access_, {}};
};

TEST_F(WhepTest, KnowsItsPaths) {
  EXPECT_TRUE(Whep::IsWhepPath("/whep"));
  EXPECT_TRUE(Whep::IsWhepPath("/main/whep"));
  EXPECT_TRUE(Whep::IsWhepPath("/whep/4Fz1"));
  EXPECT_TRUE(Whep::IsWhepPath("/main/whep/4Fz1"));
  EXPECT_FALSE(Whep::IsWhepPath("/whepx"));
  EXPECT_FALSE(Whep::IsWhepPath("/whep/"));
  EXPECT_FALSE(Whep::IsWhepPath("/other/whep"));
  EXPECT_FALSE(Whep::IsWhepPath("/"));
}

// Draft section 4.3.1: "return a '201 Created' response with a content type of 'application/sdp',
// the SDP answer as the body, and a Location header field". Section 4.6.1: "MUST be returned in an
// ETag header field".
TEST_F(WhepTest, AnswersAnOffer) {
  const HttpResponse response = Post("v=0 offer");
  EXPECT_EQ(sessions_.last_sdp, "v=0 offer");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, "v=0 answer");
  EXPECT_EQ(Header(response, "Content-Type"), "application/sdp");
  EXPECT_EQ(Header(response, "Location"), "/whep/session1");
  EXPECT_EQ(Header(response, "ETag"), "\"gen1\"");
  EXPECT_EQ(Header(response, "Accept-Patch"), "application/trickle-ice-sdpfrag, application/sdp");
  EXPECT_EQ(Header(response, "Cache-Control"), "no-store");
  EXPECT_TRUE(Headers(response, "Link").empty());
}

TEST_F(WhepTest, PutsTheSessionUnderTheEndpointThatWasAsked) {
  const HttpResponse response =
      Send("POST", "/main/whep", {{"content-type", "Application/SDP; charset=utf-8"}}, "v=0");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(Header(response, "Location"), "/main/whep/session1");
}

// Gives every asker a credential of its own, as time-limited ones are.
class CountingIceServers final : public IceServers {
 public:
  std::vector<IceServer> ForViewer(Time) override {
    ++asked;
    std::vector<IceServer> answer = servers;
    for (IceServer& server : answer) {
      if (!server.username.empty()) server.username += std::to_string(asked);
    }
    return answer;
  }

  std::vector<IceServer> servers;
  int asked = 0;
};

class WhepIceServersTest : public WhepTest {
 protected:
  std::vector<std::string> LinksOf(const char* method, std::vector<HttpHeader> headers = {}) {
    HttpRequest request;
    request.method = method;
    request.path = "/whep";
    request.headers = std::move(headers);
    request.headers.emplace_back("content-type", "application/sdp");
    request.remote = kHome;
    return Headers(whep_with_servers_.Handle(now_, request), "Link");
  }

  // The Link of a server with these credentials, or "" when there is none.
  std::string LinkWith(std::string username, std::string credential,
                       std::string url = "turn:turn.example.net") {
    servers_.servers = {{std::move(url), std::move(username), std::move(credential)}};
    const std::vector<std::string> links = LinksOf("OPTIONS");
    EXPECT_LE(links.size(), 1u);
    return links.empty() ? "" : links[0];
  }

  CountingIceServers servers_;
  Whep whep_with_servers_{sessions_, access_, {&servers_}};
};

// RFC 9725 section 4.6.
TEST_F(WhepIceServersTest, AreNamedOnEveryAnswerWithFreshCredentials) {
  servers_.servers = {{"stun:stun.example.net", "", ""},
                      {"turn:turn.example.net?transport=udp", "user", "pass\"word"},
                      {"turns:turn.example.net:443?transport=tcp", "user", "pass\"word"}};
  const auto links_with = [](const std::string& user) {
    const std::string credentials = "; username=\"" + user +
                                    "\"; credential=\"pass\\\"word\"; "
                                    "credential-type=\"password\"";
    return ElementsAre(
        "<stun:stun.example.net>; rel=\"ice-server\"",
        "<turn:turn.example.net?transport=udp>; rel=\"ice-server\"" + credentials,
        "<turns:turn.example.net:443?transport=tcp>; rel=\"ice-server\"" + credentials);
  };
  EXPECT_THAT(LinksOf("POST"), links_with("user1"));
  EXPECT_THAT(LinksOf("POST"), links_with("user2"));
  EXPECT_THAT(LinksOf("OPTIONS"), links_with("user3"));
  // On a counter-offer too.
  sessions_.accept_status = Status(StatusCode::kUnsupported, "no H.264");
  EXPECT_THAT(LinksOf("POST"), links_with("user4"));
}

// RFC 9725 section 4.6: no credentials on a preflight, which comes without authorization.
TEST_F(WhepIceServersTest, AreNotOnAPreflight) {
  servers_.servers = {{"turn:turn.example.net", "user", "password"}};
  EXPECT_THAT(LinksOf("OPTIONS", {{"access-control-request-method", "POST"}}), IsEmpty());
  EXPECT_THAT(LinksOf("OPTIONS", {{"access-control-request-method", ""}}), IsEmpty());
  EXPECT_THAT(LinksOf("GET"), IsEmpty());
  EXPECT_EQ(servers_.asked, 0);
}

// Checklist 54.
TEST_F(WhepIceServersTest, AreForThoseOnlyWhoMayWatch) {
  servers_.servers = {{"turn:turn.example.net", "user", "password"}};
  auth::Access access = GuardedAccess();
  Whep guarded(sessions_, access, {&servers_});
  const auto links = [&](const char* method, std::vector<HttpHeader> headers) {
    HttpRequest request;
    request.method = method;
    request.path = "/whep";
    request.headers = std::move(headers);
    request.headers.emplace_back("content-type", "application/sdp");
    return Headers(guarded.Handle(now_, request), "Link").size();
  };
  EXPECT_EQ(links("OPTIONS", {}), 0u);
  EXPECT_EQ(links("OPTIONS", {{"authorization", "Bearer guess"}}), 0u);
  EXPECT_EQ(links("POST", {{"authorization", "Bearer guess"}}), 0u);
  EXPECT_EQ(servers_.asked, 0);
  EXPECT_EQ(links("OPTIONS", {{"authorization", "Bearer viewer-token"}}), 1u);
  EXPECT_EQ(links("OPTIONS", {{"authorization", "Bearer viewer-token"},
                              {"access-control-request-method", "POST"}}),
            0u);
}

// RFC 8288 section 3, RFC 9110 section 5.6.4: whatever a name or password has in it, it stays what
// it is, and one Link stays one Link.
TEST_F(WhepIceServersTest, AreQuotedWhateverTheirCredentialsHold) {
  EXPECT_THAT(LinkWith("1795219604:cam,era", "a\\b\"; rel=\"next"),
              HasSubstr("; username=\"1795219604:cam,era1\"; "
                        "credential=\"a\\\\b\\\"; rel=\\\"next\"; "));
  EXPECT_THAT(LinkWith("<u>", "a, <turn:evil.example>; b"),
              HasSubstr("credential=\"a, <turn:evil.example>; b\"; "));
  // Octets beyond ASCII are allowed in a quoted string.
  EXPECT_THAT(LinkWith("k\xC3\xA4se", "+/=="), HasSubstr("username=\"k\xC3\xA4se"));
}

TEST_F(WhepIceServersTest, AreLeftOutWhereNoHeaderCanHoldThem) {
  EXPECT_EQ(LinkWith("user\r\nSet-Cookie: a", "password"), "");
  EXPECT_EQ(LinkWith("user", "pass\nword"), "");
  EXPECT_EQ(LinkWith("user", std::string("pass\0word", 9)), "");
  EXPECT_EQ(LinkWith("user", "password\x7F"), "");
  for (const char* url : {"", "turn:a>; rel=\"next", "turn:a b", "turn:a\r\n", "turn:\xC3\xA4",
                          "turn:a\"", "turn:a\\"}) {
    EXPECT_EQ(LinkWith("user", "password", url), "") << url;
  }
  EXPECT_NE(LinkWith("user", "password", "turn:[2001:db8::1]:3478?transport=udp"), "");
}

// Draft section 4.3.3.
TEST_F(WhepTest, RefusesAnotherContentType) {
  for (const HttpResponse& response :
       {Send("POST", "/whep", {{"content-type", "application/json"}}, "{}"),
        Send("POST", "/whep", {}, "v=0")}) {
    EXPECT_EQ(response.status, 415);
    EXPECT_EQ(Header(response, "Accept-Post"), "application/sdp");
    EXPECT_EQ(Header(response, "Content-Type"), "application/problem+json");
  }
}

// Draft section 4.3.3: "or the SDP is malformed, the WHEP endpoint MUST reject".
TEST_F(WhepTest, SaysWhatIsWrongWithAnOffer) {
  sessions_.accept_status = Status(StatusCode::kMalformed, "SDP line 7: no colon");
  EXPECT_EQ(Post().status, 400);
  EXPECT_EQ(Post().body, R"({"title":"Bad Request","status":400,"detail":"SDP line 7: no colon"})");
  sessions_.accept_status = Status(StatusCode::kInvalidArgument, "no fingerprint");
  EXPECT_EQ(Post().status, 422);
}

TEST_F(WhepTest, RefusesWhenItIsFull) {
  sessions_.accept_status = Status(StatusCode::kResourceExhausted, "all 50 viewers are taken");
  const HttpResponse response = Post();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(Header(response, "Retry-After"), "5");
  EXPECT_THAT(response.body, HasSubstr("all 50 viewers are taken"));
}

TEST_F(WhepTest, RefusesAnSdpThatIsTooLarge) {
  EXPECT_EQ(Post(std::string(kMaxSdpSize, 'x')).status, 201);
  EXPECT_EQ(Post(std::string(kMaxSdpSize + 1, 'x')).status, 413);
  const HttpResponse patch = PatchIce("\"gen1\"", std::string(kMaxSdpSize + 1, 'x'));
  EXPECT_EQ(patch.status, 413);
  EXPECT_EQ(Header(patch, "Access-Control-Allow-Origin"), "*");
}

// Draft section 4.3.2.
TEST_F(WhepTest, OffersByItselfWhenTheOfferHasNothingThatWeCanSend) {
  sessions_.accept_status = Status(StatusCode::kUnsupported, "no H.264");
  const HttpResponse offer = Post();
  EXPECT_EQ(offer.status, 406);
  EXPECT_EQ(offer.body, "v=0 offer");
  EXPECT_EQ(Header(offer, "Content-Type"), "application/sdp");
  EXPECT_EQ(Header(offer, "Location"), "/whep/session1");
  EXPECT_EQ(Header(offer, "ETag"), "\"gen1\"");

  const auto answer = [this] {
    return Send("PATCH", "/whep/session1", {{"content-type", "application/sdp"}}, "v=0 answer");
  };
  // "The WHEP endpoint MUST return a '204 No Content' response."
  const HttpResponse completed = answer();
  EXPECT_EQ(completed.status, 204);
  EXPECT_TRUE(completed.body.empty());
  EXPECT_EQ(sessions_.last_sdp, "v=0 answer");
  // There is no second offer to answer.
  EXPECT_EQ(answer().status, 409);
  // "If the SDP is malformed, the WHEP endpoint MUST reject the HTTP PATCH request."
  sessions_.answer_status = Status(StatusCode::kMalformed, "SDP line 1: nonsense");
  EXPECT_EQ(answer().status, 400);
}

TEST_F(WhepTest, SaysWhyAnOfferIsRefusedWhenItHasNoneEither) {
  sessions_.accept_status = Status(StatusCode::kUnsupported, "no H.264");
  sessions_.offer_status = StatusCode::kUnsupported;
  EXPECT_EQ(Post().status, 422);
  EXPECT_THAT(Post().body, HasSubstr("no H.264"));
  sessions_.offer_status = Status(StatusCode::kResourceExhausted, "full");
  EXPECT_EQ(Post().status, 503);
}

// Draft section 4.6.2: "MUST return a '204 No Content' response without a body and MUST NOT
// include an ETag header in the response".
TEST_F(WhepTest, TakesTrickledCandidates) {
  Post();
  const HttpResponse response = PatchIce("\"gen1\"");
  EXPECT_EQ(response.status, 204);
  EXPECT_TRUE(response.body.empty());
  EXPECT_TRUE(Headers(response, "ETag").empty());
  EXPECT_EQ(sessions_.last_fragment, "a=candidate:1");
}

// Draft section 4.6.1: "a '428 Precondition Required' response for a missing entity-tag, and a '412
// Precondition Failed' response for a non-matching entity-tag".
TEST_F(WhepTest, WantsTheEntityTagOfTheCurrentIceSession) {
  Post();
  EXPECT_EQ(Send("PATCH", "/whep/session1", {{"content-type", kFragmentType}}).status, 428);
  EXPECT_EQ(PatchIce("\"gen0\"").status, 412);
  // RFC 9110 section 13.1.1: "MUST use the strong comparison function", a list of tags.
  EXPECT_EQ(PatchIce("W/\"gen1\"").status, 412);
  EXPECT_EQ(PatchIce("\"gen0\" , W/\"x\",\"gen1\"").status, 204);
  EXPECT_EQ(PatchIce("gen1").status, 400);
  EXPECT_EQ(PatchIce("\"gen1").status, 400);
  EXPECT_EQ(PatchIce("\"gen0\" \"gen1\"").status, 400);
  EXPECT_EQ(PatchIce("").status, 412);
}

TEST_F(WhepTest, SaysWhatIsWrongWithAFragment) {
  Post();
  sessions_.candidates_status = Status(StatusCode::kMalformed, "line 2: no candidate");
  EXPECT_EQ(PatchIce("\"gen1\"").status, 400);
  sessions_.candidates_status = Status(StatusCode::kInvalidArgument, "unknown ufrag");
  EXPECT_EQ(PatchIce("\"gen1\"").status, 422);
}

// Draft section 4.6.1: "a content type different than 'application/trickle-ice-sdpfrag' ... MUST
// reject the HTTP PATCH with an appropriate 4xx error response".
TEST_F(WhepTest, RefusesAnotherContentTypeForAPatch) {
  Post();
  const HttpResponse response = Send("PATCH", "/whep/session1", {{"content-type", "text/plain"}});
  EXPECT_EQ(response.status, 415);
  EXPECT_EQ(Header(response, "Accept-Patch"), "application/trickle-ice-sdpfrag, application/sdp");
}

// Draft section 4.6.3: "a '200 OK' with an 'application/trickle-ice-sdpfrag' body ... MUST contain
// the new entity-tag". The star in quotes is how the draft's own example has it.
TEST_F(WhepTest, RestartsIce) {
  Post();
  for (const char* star : {"*", "\"*\""}) {
    const HttpResponse response = PatchIce(star, "a=ice-ufrag:theirs");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "a=ice-ufrag:new");
    EXPECT_EQ(Header(response, "Content-Type"), kFragmentType);
    EXPECT_EQ(Header(response, "ETag"), "\"gen2\"");
    EXPECT_EQ(sessions_.last_fragment, "a=ice-ufrag:theirs");
  }
  EXPECT_EQ(PatchIce("\"gen1\"").status, 412);
  EXPECT_EQ(PatchIce("\"gen2\"").status, 204);
}

// Draft section 4.6.3: "MUST NOT terminate the session immediately and keep the existing ICE
// session".
TEST_F(WhepTest, KeepsTheSessionWhenARestartFails) {
  Post();
  sessions_.restart_status = Status(StatusCode::kInvalidArgument, "no new credentials");
  EXPECT_EQ(PatchIce("*").status, 422);
  sessions_.restart_status = Status(StatusCode::kFailedPrecondition, "not answered yet");
  EXPECT_EQ(PatchIce("*").status, 409);
  EXPECT_EQ(PatchIce("\"gen1\"").status, 204);
}

// Draft section 4.5. Section 4.6.1: "MUST ignore any entity-tag value ... as in the HTTP DELETE".
TEST_F(WhepTest, EndsASession) {
  Post();
  EXPECT_EQ(Send("DELETE", "/whep/session1", {{"if-match", "\"stale\""}}).status, 200);
  EXPECT_EQ(Send("DELETE", "/whep/session1").status, 404);
}

TEST_F(WhepTest, KnowsNoOtherSession) {
  for (const char* method : {"GET", "PATCH", "DELETE", "PUT"}) {
    EXPECT_EQ(Send(method, "/whep/guess").status, 404) << method;
  }
}

// Draft section 4.2: "'200 OK' status code and include a Content-Type header field with the value
// application/sdp". Section 4.1: "MUST return a 2xx successful response with no content when a GET
// request is received".
TEST_F(WhepTest, CanBeDiscovered) {
  for (const char* method : {"GET", "HEAD"}) {
    const HttpResponse response = Send(method, "/whep");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(Header(response, "Content-Type"), "application/sdp");
    EXPECT_TRUE(response.body.empty());
  }
  Post();
  EXPECT_EQ(Send("GET", "/whep/session1").status, 204);
  EXPECT_EQ(Send("HEAD", "/whep/session1").status, 204);
}

TEST_F(WhepTest, NamesTheMethodsThatItKnows) {
  const HttpResponse endpoint = Send("DELETE", "/whep");
  EXPECT_EQ(endpoint.status, 405);
  EXPECT_EQ(Header(endpoint, "Allow"), "GET, HEAD, OPTIONS, POST");
  Post();
  const HttpResponse session = Send("POST", "/whep/session1");
  EXPECT_EQ(session.status, 405);
  EXPECT_EQ(Header(session, "Allow"), "DELETE, GET, HEAD, OPTIONS, PATCH");
}

// Draft section 4.4: "The '200 OK' response to any OPTIONS request SHOULD include an 'Accept-Post'
// header".
TEST_F(WhepTest, AnswersAPreflight) {
  const HttpResponse endpoint =
      Send("OPTIONS", "/whep",
           {{"origin", "http://other.example"}, {"access-control-request-method", "POST"}});
  EXPECT_EQ(endpoint.status, 200);
  EXPECT_EQ(Header(endpoint, "Accept-Post"), "application/sdp");
  EXPECT_EQ(Header(endpoint, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(Header(endpoint, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(Header(endpoint, "Access-Control-Allow-Headers"),
            "Authorization, Content-Type, If-Match");
  EXPECT_TRUE(endpoint.body.empty());

  const HttpResponse session =
      Send("OPTIONS", "/whep/any", {{"access-control-request-method", "PATCH"}});
  EXPECT_EQ(session.status, 200);
  EXPECT_EQ(Header(session, "Accept-Patch"), "application/trickle-ice-sdpfrag, application/sdp");
  EXPECT_EQ(Header(session, "Access-Control-Allow-Methods"), "DELETE, GET, HEAD, OPTIONS, PATCH");
}

TEST_F(WhepTest, LetsOtherOriginsReadEveryAnswer) {
  for (const HttpResponse& response :
       {Post(), Send("GET", "/whep/none"), Send("PUT", "/whep"), Send("POST", "/whep")}) {
    EXPECT_EQ(Header(response, "Access-Control-Allow-Origin"), "*");
    EXPECT_THAT(Header(response, "Access-Control-Expose-Headers"),
                HasSubstr("Location, ETag, Link"));
  }
}

// Draft section 4.9.1, RFC 6750. "except the preflight OPTIONS requests for CORS".
// Checklist 54.
TEST_F(WhepTest, AsksForAToken) {
  auth::Access access = GuardedAccess();
  Whep whep(sessions_, access, {});
  const auto send = [&](const char* method, std::vector<HttpHeader> headers) {
    HttpRequest request;
    request.method = method;
    request.path = "/whep";
    request.headers = std::move(headers);
    request.headers.emplace_back("content-type", "application/sdp");
    request.remote = kHome;
    return whep.Handle(now_, request);
  };
  const HttpResponse refused = send("POST", {});
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(Header(refused, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(send("GET", {{"authorization", "Bearer viewer-toke"}}).status, 401);
  EXPECT_EQ(send("GET", {{"authorization", "Digest viewer-token"}}).status, 401);
  EXPECT_EQ(sessions_.last_sdp, "");
  EXPECT_EQ(send("GET", {{"authorization", "bearer viewer-token"}}).status, 200);
  EXPECT_EQ(send("OPTIONS", {}).status, 200);
}

TEST_F(WhepTest, TellsWhoComes) {
  auth::Access access = GuardedAccess();
  Whep whep(sessions_, access, {});
  HttpRequest request;
  request.method = "POST";
  request.path = "/whep";
  request.headers = {{"content-type", "application/sdp"},
                     {"authorization", "Bearer operator-token"}};
  request.remote = kHome;
  EXPECT_EQ(whep.Handle(now_, request).status, 201);
  EXPECT_EQ(sessions_.last_visitor.role, auth::Role::kOperator);
  EXPECT_EQ(sessions_.last_visitor.remote, kHome);
  // On a counter-offer too.
  sessions_.last_visitor = {};
  sessions_.accept_status = Status(StatusCode::kUnsupported, "no H.264");
  EXPECT_EQ(whep.Handle(now_, request).status, 406);
  EXPECT_EQ(sessions_.last_visitor.role, auth::Role::kOperator);
}

// Draft section 7: "SHOULD implement a rate limit and avalanche control mechanism".
TEST_F(WhepTest, SlowsDownAFloodOfPatches) {
  Post();
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += PatchIce("\"gen1\"").status == 429;
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 100);
  const HttpResponse response = PatchIce("\"gen1\"");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(Header(response, "Retry-After"), "1");
  now_ += std::chrono::seconds(1);
  EXPECT_EQ(PatchIce("\"gen1\"").status, 204);
  // The flood of one session does not slow another.
  EXPECT_EQ(Post().status, 201);
  EXPECT_EQ(Send("DELETE", "/whep/session2").status, 200);
}

TEST_F(WhepTest, SlowsDownTheGuessingOfSessions) {
  int refused = 0;
  for (int i = 0; i < 1000; ++i) refused += Send("DELETE", "/whep/guess").status == 429;
  EXPECT_GT(refused, 500);
  now_ += std::chrono::seconds(1);
  EXPECT_EQ(Send("DELETE", "/whep/guess").status, 404);
}

}  // namespace
}  // namespace ocellus::signaling
