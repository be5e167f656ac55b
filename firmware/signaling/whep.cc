// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/whep.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/base/text.h"
#include "firmware/signaling/admission.h"
#include "firmware/signaling/problem.h"

namespace ocellus::signaling {
namespace {

using hal::HttpRequest;
using hal::HttpResponse;

constexpr std::string_view kSdp = "application/sdp";
constexpr std::string_view kSdpFragment = "application/trickle-ice-sdpfrag";  // RFC 8840 section 9.

constexpr const char* kEndpointMethods = "GET, HEAD, OPTIONS, POST";
constexpr const char* kSessionMethods = "DELETE, GET, HEAD, OPTIONS, PATCH";
constexpr const char* kAcceptPatch = "application/trickle-ice-sdpfrag, application/sdp";

// The draft's section 7: "SHOULD implement a rate limit and avalanche control mechanism" for POST,
// PATCH and DELETE. A browser sends up to ten PATCHes while it connects, and a page that polls a
// full camera one POST a second.
constexpr int kOfferBurst = 400;
constexpr int kOffersPerSecond = 200;
constexpr int kSessionBurst = 40;
constexpr int kSessionRequestsPerSecond = 10;
constexpr int kUnknownSessionBurst = 100;
constexpr int kUnknownSessionsPerSecond = 50;

// Seconds that a refused viewer is asked to wait for a free slot, and for what comes by itself: an
// address after a cable was out, say.
constexpr const char* kRetryWhenFull = "5";
constexpr const char* kRetrySoon = "1";

struct WhepPath {
  std::string_view endpoint;  // "/whep", "/main/whep".
  std::string_view session;   // What follows "<endpoint>/"; empty for the endpoint itself.
};

std::optional<WhepPath> ParsePath(std::string_view path) {
  for (const std::string_view endpoint :
       {std::string_view("/whep"), std::string_view("/main/whep")}) {
    if (path == endpoint) return WhepPath{endpoint, {}};
    if (StartsWith(path, endpoint) && path.size() > endpoint.size() + 1 &&
        path[endpoint.size()] == '/') {
      return WhepPath{endpoint, path.substr(endpoint.size() + 1)};
    }
  }
  return std::nullopt;
}

// Whether the content type is `wanted`, with or without parameters.
bool HasContentType(const HttpRequest& request, std::string_view wanted) {
  std::string_view type = request.header("content-type").value_or("");
  return EqualsIgnoreCase(Trim(TakeUntil(type, ';')), wanted);
}

void AddHeader(HttpResponse& response, const char* name, std::string value) {
  response.headers.emplace_back(name, std::move(value));
}

// RFC 9110 section 8.8.3: a strong entity tag.
std::string EntityTag(std::string_view ice_generation) {
  return '"' + std::string(ice_generation) + '"';
}

// RFC 9110 section 5.6.4: a quoted-string. nullopt when `text` has control characters, which none
// may have: a line break would begin a header of its own.
std::optional<std::string> QuotedString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7F) return std::nullopt;
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

// Whether `url` has only characters that RFC 3986 allows in a URI: none of them ends it early.
bool IsUri(std::string_view url) {
  constexpr std::string_view kSpecial = "-._~:/?#[]@!$&'()*+,;=%";
  return !url.empty() && std::all_of(url.begin(), url.end(), [&](char c) {
    const char lower = ToLowerAscii(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           kSpecial.find(c) != std::string_view::npos;
  });
}

// RFC 9725 section 4.6, RFC 8288 section 3: <turn:turn.example.net>; rel="ice-server"; ...
// nullopt for a server that cannot be written so.
std::optional<std::string> ToLink(const IceServer& server) {
  if (!IsUri(server.url)) return std::nullopt;
  std::string link = '<' + server.url + ">; rel=\"ice-server\"";
  if (server.username.empty()) return link;
  const std::optional<std::string> username = QuotedString(server.username);
  const std::optional<std::string> credential = QuotedString(server.credential);
  if (!username || !credential) return std::nullopt;
  return link + "; username=" + *username + "; credential=" + *credential +
         "; credential-type=\"password\"";
}

HttpResponse MethodNotAllowed(const char* allowed) {
  HttpResponse response = Problem(405, std::string("Allowed here: ") + allowed);
  AddHeader(response, "Allow", allowed);
  return response;
}

HttpResponse TooManyRequests() {
  HttpResponse response = Problem(429, "Too many requests: wait a second");
  AddHeader(response, "Retry-After", "1");
  return response;
}

HttpResponse NoContent() {
  HttpResponse response;
  response.status = 204;
  return response;
}

// A browser's question whether a page of another origin may ask (CORS). It has no authorization.
bool IsPreflight(const HttpRequest& request) {
  return request.header("access-control-request-method").has_value();
}

// The draft's section 4.4: "The '200 OK' response to any OPTIONS request SHOULD include an
// 'Accept-Post' header".
HttpResponse Options(const HttpRequest& request, const char* methods) {
  HttpResponse response;
  AddHeader(response, "Allow", methods);
  AddHeader(response, "Accept-Post", std::string(kSdp));
  if (IsPreflight(request)) {
    AddHeader(response, "Access-Control-Allow-Methods", methods);
    AddHeader(response, "Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match");
    AddHeader(response, "Access-Control-Max-Age", "86400");
  }
  return response;
}

HttpResponse UnknownSession() {
  return Problem(404, "No such session: it has ended, or never was");
}

HttpResponse TooLarge() {
  return Problem(413, Format("More than %u bytes of SDP", static_cast<unsigned>(kMaxSdpSize)));
}

// What went wrong with an SDP or a fragment of one, as ViewerSessions says it.
HttpResponse FromStatus(const Status& status) {
  switch (status.code()) {
    case StatusCode::kMalformed:
    case StatusCode::kTruncated:
      return Problem(400, status.message());
    case StatusCode::kInvalidArgument:
    case StatusCode::kUnsupported:
      return Problem(422, status.message());
    case StatusCode::kNotFound:
      return UnknownSession();
    case StatusCode::kFailedPrecondition:
    case StatusCode::kAlreadyExists:
      return Problem(409, status.message());
    case StatusCode::kResourceExhausted:
    case StatusCode::kUnavailable:
    case StatusCode::kTimeout: {
      HttpResponse response = Problem(503, status.message());
      const bool is_full = status.code() == StatusCode::kResourceExhausted;
      AddHeader(response, "Retry-After", is_full ? kRetryWhenFull : kRetrySoon);
      return response;
    }
    case StatusCode::kOk:
    case StatusCode::kPermissionDenied:
    case StatusCode::kInternal:
      break;
  }
  return Problem(500, status.message());
}

// The opaque part of the first entity tag in `list`, which is taken off it: RFC 9110 section
// 8.8.3, without the quotes. Weak tags come with their W/, so that they match nothing, as strong
// comparison (section 8.8.3.2) wants. Nullopt when what comes next is no entity tag.
std::optional<std::string_view> TakeEntityTag(std::string_view& list) {
  list = Trim(list);
  const size_t open = StartsWith(list, "W/") ? 2 : 0;
  if (list.size() <= open || list[open] != '"') return std::nullopt;
  const size_t close = list.find('"', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view tag = open == 0 ? list.substr(1, close - 1) : list.substr(0, close + 1);
  list = Trim(list.substr(close + 1));
  if (!list.empty()) {
    if (list[0] != ',') return std::nullopt;
    list.remove_prefix(1);
  }
  return tag;
}

}  // namespace

Whep::Whep(ViewerSessions& sessions, auth::Access& access, WhepOptions options)
    : sessions_(sessions),
      access_(access),
      options_(std::move(options)),
      offers_(kOfferBurst, kOffersPerSecond),
      unknown_sessions_(kUnknownSessionBurst, kUnknownSessionsPerSecond) {}

bool Whep::IsWhepPath(std::string_view path) { return ParsePath(path).has_value(); }

HttpResponse Whep::Handle(Time now, const HttpRequest& request) {
  const std::optional<WhepPath> path = ParsePath(request.path);
  CHECK(path.has_value(), "not a path of WHEP: %s", request.path.c_str());

  HttpResponse response = path->session.empty()
                              ? HandleEndpoint(now, request)
                              : HandleSession(now, request, SessionId(path->session));

  // The draft's section 4.4: "WHEP endpoints MUST support OPTIONS requests for Cross-Origin
  // Resource Sharing". A page may read only those headers that are exposed.
  AddHeader(response, "Access-Control-Allow-Origin", "*");
  AddHeader(response, "Access-Control-Expose-Headers",
            "Location, ETag, Link, Accept-Patch, Accept-Post, Retry-After");
  AddHeader(response, "Cache-Control", "no-store");
  AddHeader(response, "X-Content-Type-Options", "nosniff");
  return response;
}

HttpResponse Whep::HandleEndpoint(Time now, const HttpRequest& request) {
  if (request.method == "OPTIONS") {
    HttpResponse response = Options(request, kEndpointMethods);
    // RFC 9725 section 4.6: not on a preflight, and to nobody who may not watch.
    if (!IsPreflight(request) && Admit(now, access_, request, Challenge::kBearer).role) {
      AddIceServers(now, response);
    }
    return response;
  }
  Admission admission = Admit(now, access_, request, Challenge::kBearer);
  if (!admission.role) return std::move(admission.refusal);
  // The draft's sections 4.1 and 4.2: 2xx without content for GET, and the content type that
  // players discover endpoints by.
  if (request.method == "GET" || request.method == "HEAD") {
    HttpResponse response;
    AddHeader(response, "Content-Type", std::string(kSdp));
    AddHeader(response, "Accept-Post", std::string(kSdp));
    return response;
  }
  if (request.method == "POST") return Post(now, request, *admission.role);
  return MethodNotAllowed(kEndpointMethods);
}

HttpResponse Whep::HandleSession(Time now, const HttpRequest& request, const SessionId& id) {
  // A preflight tells nothing about the session, so it needs none.
  if (request.method == "OPTIONS") {
    HttpResponse response = Options(request, kSessionMethods);
    AddHeader(response, "Accept-Patch", kAcceptPatch);
    return response;
  }
  Admission admission = Admit(now, access_, request, Challenge::kBearer);
  if (!admission.role) return std::move(admission.refusal);
  if (!sessions_.Exists(id)) {
    return unknown_sessions_.Take(now) ? UnknownSession() : TooManyRequests();
  }
  if (request.method == "GET" || request.method == "HEAD") return NoContent();
  if (request.method != "PATCH" && request.method != "DELETE") {
    return MethodNotAllowed(kSessionMethods);
  }
  if (!AllowRequest(now, id)) return TooManyRequests();
  if (request.method == "PATCH") return Patch(now, request, id);

  // The draft's section 4.5: entity tags are ignored here.
  buckets_.erase(id);
  const Status closed = sessions_.Close(now, id);
  return closed.ok() ? HttpResponse() : FromStatus(closed);
}

HttpResponse Whep::Post(Time now, const HttpRequest& request, auth::Role role) {
  if (!HasContentType(request, kSdp)) {
    HttpResponse response = Problem(415, "An offer has the content type application/sdp");
    AddHeader(response, "Accept-Post", std::string(kSdp));
    return response;
  }
  if (request.body.size() > kMaxSdpSize) return TooLarge();
  if (!offers_.Take(now)) return TooManyRequests();

  const Visitor visitor{role, request.remote};
  Result<AcceptedOffer> accepted = sessions_.Accept(now, visitor, request.body);
  if (!accepted.ok()) {
    return accepted.status().code() == StatusCode::kUnsupported
               ? CounterOfferTo(now, request, visitor, accepted.status())
               : FromStatus(accepted.status());
  }
  HttpResponse response =
      SessionResponse(now, 201, request, accepted->id, accepted->ice_generation);
  response.body = std::move(accepted->answer_sdp);
  return response;
}

// The draft's section 4.3.2. Without a "valid-until" parameter the offer holds for 30 seconds.
HttpResponse Whep::CounterOfferTo(Time now, const HttpRequest& request, const Visitor& visitor,
                                  const Status& refusal) {
  Result<CounterOffer> offer = sessions_.Offer(now, visitor);
  if (!offer.ok()) {
    return FromStatus(offer.status().code() == StatusCode::kUnsupported ? refusal : offer.status());
  }
  HttpResponse response = SessionResponse(now, 406, request, offer->id, offer->ice_generation);
  response.body = std::move(offer->offer_sdp);
  return response;
}

// What 201 and 406 have in common: where the session is, and how to trickle to it.
HttpResponse Whep::SessionResponse(Time now, int status, const HttpRequest& request,
                                   const SessionId& id, std::string_view ice_generation) {
  HttpResponse response;
  response.status = status;
  AddHeader(response, "Content-Type", std::string(kSdp));
  AddHeader(response, "Location", request.path + '/' + id);
  AddHeader(response, "ETag", EntityTag(ice_generation));
  AddHeader(response, "Accept-Patch", kAcceptPatch);
  AddIceServers(now, response);
  return response;
}

void Whep::AddIceServers(Time now, HttpResponse& response) {
  if (options_.ice_servers == nullptr) return;
  for (const IceServer& server : options_.ice_servers->ForViewer(now)) {
    std::optional<std::string> link = ToLink(server);
    if (link) AddHeader(response, "Link", std::move(*link));
  }
}

HttpResponse Whep::Patch(Time now, const HttpRequest& request, const SessionId& id) {
  const bool answer = HasContentType(request, kSdp);
  if (!answer && !HasContentType(request, kSdpFragment)) {
    HttpResponse response = Problem(
        415, "A PATCH carries application/trickle-ice-sdpfrag, or the answer to a counter-offer");
    AddHeader(response, "Accept-Patch", kAcceptPatch);
    return response;
  }
  if (request.body.size() > kMaxSdpSize) return TooLarge();
  if (!answer) return PatchIce(now, request, id);

  const Status status = sessions_.HandleAnswer(now, id, request.body);
  return status.ok() ? NoContent() : FromStatus(status);
}

// The draft's section 4.6.1. What If-Match says decides: "*" restarts, a tag trickles.
HttpResponse Whep::PatchIce(Time now, const HttpRequest& request, const SessionId& id) {
  const std::optional<std::string_view> if_match = request.header("if-match");
  // RFC 6585 section 3.
  if (!if_match.has_value()) {
    return Problem(428, "If-Match is missing: the ETag to add candidates, * to restart ICE");
  }
  // The draft's own example puts the star in quotes.
  std::string_view tags = Trim(*if_match);
  if (tags == "*" || tags == "\"*\"") return Restart(now, id, request.body);

  while (!tags.empty()) {
    const std::optional<std::string_view> tag = TakeEntityTag(tags);
    if (!tag.has_value()) return Problem(400, "If-Match is neither * nor a list of entity tags");
    const Status status = sessions_.AddCandidates(now, id, *tag, request.body);
    // "MUST return a '204 No Content' response without a body and MUST NOT include an ETag".
    if (status.ok()) return NoContent();
    if (status.code() != StatusCode::kFailedPrecondition) return FromStatus(status);
  }
  // RFC 9110 section 13.1.1.
  return Problem(412, "If-Match names an ICE session that has been restarted since");
}

// The draft's section 4.6.3: "MUST NOT terminate the session immediately" when it fails.
HttpResponse Whep::Restart(Time now, const SessionId& id, std::string_view fragment) {
  Result<RestartedIce> restarted = sessions_.RestartIce(now, id, fragment);
  if (!restarted.ok()) return FromStatus(restarted.status());
  HttpResponse response;
  AddHeader(response, "Content-Type", std::string(kSdpFragment));
  AddHeader(response, "ETag", EntityTag(restarted->ice_generation));
  response.body = std::move(restarted->sdp_fragment);
  return response;
}

bool Whep::AllowRequest(Time now, const SessionId& id) {
  if (buckets_.size() >= kMaxMaxViewers) {
    for (auto it = buckets_.begin(); it != buckets_.end();) {
      it = sessions_.Exists(it->first) ? std::next(it) : buckets_.erase(it);
    }
  }
  return buckets_.try_emplace(id, kSessionBurst, kSessionRequestsPerSecond).first->second.Take(now);
}

}  // namespace ocellus::signaling
