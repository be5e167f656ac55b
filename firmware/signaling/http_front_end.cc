// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/http_front_end.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "firmware/base/text.h"
#include "firmware/signaling/admission.h"
#include "firmware/signaling/problem.h"

namespace ocellus::signaling {
namespace {

using hal::HttpRequest;
using hal::HttpResponse;

// The page loads its own files only, and shows a MediaStream. It may be framed: dashboards do.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob: mediastream:; connect-src 'self'; base-uri 'none'; form-action 'none'";

// What everything but WHEP answers with: for now, for this origin, and no sniffing.
HttpResponse Answer(int status, const char* content_type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", content_type},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"}};
  response.body = std::move(body);
  return response;
}

HttpResponse Refusal(int status, std::string_view detail) {
  HttpResponse response = Problem(status, detail);
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

HttpResponse MethodNotAllowed(const char* allowed) {
  HttpResponse response = Refusal(405, std::string("Allowed here: ") + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

HttpResponse NoSnapshot(std::string_view detail) {
  HttpResponse response = Refusal(503, detail);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

bool IsSnapshot(const HttpRequest& request) {
  if (request.path == "/snapshot.jpg" || request.path == "/snapshot") return true;
  // As mjpg-streamer has it; OctoPrint and Mainsail add parameters of their own behind it.
  return request.path == "/" &&
         request.query.substr(0, request.query.find('&')) == "action=snapshot";
}

}  // namespace

HttpFrontEnd::HttpFrontEnd(hal::HttpServer& server, ViewerSessions& sessions, AppInfo& app,
                           auth::Access& access, Span<const StaticPage> pages,
                           WhepOptions whep_options)
    : server_(server),
      app_(app),
      access_(access),
      pages_(pages),
      whep_(sessions, access, std::move(whep_options)) {}

void HttpFrontEnd::Pump(Time now) {
  while (std::optional<HttpRequest> request = server_.PollRequest()) Handle(now, *request);
  while (!waiters_.empty() && waiters_.front().deadline <= now) {
    server_.Respond(waiters_.Pop().id, NoSnapshot("The camera gave no picture in time"));
    // The app may have lost track; the next client asks again.
    if (waiters_.empty()) snapshot_requested_ = false;
  }
}

Time HttpFrontEnd::next_deadline() const {
  // Waiters come in the order of their deadlines.
  return waiters_.empty() ? kNever : waiters_[0].deadline;
}

void HttpFrontEnd::Handle(Time now, const HttpRequest& request) {
  if (Whep::IsWhepPath(request.path)) {
    server_.Respond(request.id, whep_.Handle(now, request));
    return;
  }
  if (request.path == "/api/v1/rpc") {
    HandleRpc(now, request);
    return;
  }
  const StaticPage* page = FindPage(request.path);
  const bool known = page != nullptr || IsSnapshot(request) || request.path == "/status" ||
                     request.path == "/healthz";
  if (!known) {
    server_.Respond(request.id, Refusal(404, "Nothing is here"));
    return;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    server_.Respond(request.id, MethodNotAllowed("GET, HEAD"));
    return;
  }
  std::optional<auth::Role> role;
  if (IsSnapshot(request) || request.path == "/status") {
    // People open snapshots by themselves; the page fetches /status.
    const Challenge challenge = IsSnapshot(request) ? Challenge::kBasic : Challenge::kBearer;
    Admission admission = Admit(now, access_, request, challenge);
    if (!admission.role) {
      server_.Respond(request.id, std::move(admission.refusal));
      return;
    }
    role = admission.role;
  }
  if (IsSnapshot(request)) {
    HandleSnapshot(now, request);
  } else if (request.path == "/status") {
    server_.Respond(request.id, StatusPage(now, *role, request.query));
  } else if (request.path == "/healthz") {
    server_.Respond(request.id, Health(now));
  } else {
    server_.Respond(request.id, Page(*page));
  }
}

void HttpFrontEnd::HandleSnapshot(Time now, const HttpRequest& request) {
  if (waiters_.full()) {
    server_.Respond(request.id, NoSnapshot("Too many clients wait for a snapshot"));
    return;
  }
  if (!snapshot_requested_) {
    const Status status = app_.RequestSnapshot(now);
    if (!status.ok()) {
      server_.Respond(request.id, NoSnapshot(status.message()));
      return;
    }
    snapshot_requested_ = true;
  }
  CHECK(waiters_.Push({request.id, now + kSnapshotTimeout}), "%zu snapshot waiters",
        waiters_.size());
}

void HttpFrontEnd::HandleRpc(Time now, const HttpRequest& request) {
  if (request.method != "POST") {
    server_.Respond(request.id, MethodNotAllowed("POST"));
    return;
  }
  Admission admission = Admit(now, access_, request, Challenge::kBearer);
  if (admission.role) {
    app_.HandleRpc(now, *admission.role, request);
  } else {
    server_.Respond(request.id, std::move(admission.refusal));
  }
}

void HttpFrontEnd::RespondToRpc(hal::HttpRequestId id, int status, std::string body) {
  const int code = body.empty() ? 204 : status;
  server_.Respond(id, Answer(code, "application/json", std::move(body)));
}

void HttpFrontEnd::DeliverSnapshot(Bytes jpeg) {
  snapshot_requested_ = false;
  while (!waiters_.empty()) {
    server_.Respond(waiters_.Pop().id, Answer(200, "image/jpeg", std::string(AsText(jpeg))));
  }
}

void HttpFrontEnd::FailSnapshot(const Status& reason) {
  snapshot_requested_ = false;
  while (!waiters_.empty()) server_.Respond(waiters_.Pop().id, NoSnapshot(reason.message()));
}

HttpResponse HttpFrontEnd::Page(const StaticPage& page) const {
  HttpResponse response = Answer(200, page.content_type, std::string(AsText(page.body)));
  response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

HttpResponse HttpFrontEnd::StatusPage(Time now, auth::Role role, std::string_view query) {
  // Session ids are safe in a URL as they are.
  constexpr std::string_view kViewer = "viewer=";
  std::string_view viewer = StartsWith(query, kViewer) ? query.substr(kViewer.size()) : "";
  // Who the others are, and from where they watch, is for admins.
  if (viewer.empty() && !auth::Includes(role, auth::Role::kAdmin)) viewer = kNobody;
  return Answer(200, "application/json", WriteJson(app_.GetStatus(now), viewer) + '\n');
}

HttpResponse HttpFrontEnd::Health(Time now) {
  const SourceStatus source = app_.GetStatus(now).source;
  return Answer(200, "text/plain; charset=utf-8",
                source.error.empty()
                    ? "ok\n"
                    : "ok, but the camera is " + source.state + ": " + source.error + '\n');
}

const StaticPage* HttpFrontEnd::FindPage(std::string_view path) const {
  for (const StaticPage& page : pages_) {
    if (page.path == path) return &page;
  }
  return nullptr;
}

}  // namespace ocellus::signaling
