// SPDX-License-Identifier: Apache-2.0
// The bytes of one HTTP connection: the parser must find the same requests in them however they are
// cut, and whatever it finds must be within the bounds and go through the front end.
#include <optional>
#include <vector>

#include "drivers/libwebsockets_http_server/http1.h"
#include "firmware/base/check.h"
#include "firmware/signaling/http_front_end.h"
#include "tests/signaling/fake_viewer_sessions.h"

namespace ocellus {
namespace {

using drivers::Http1Parser;

// Up to the first refusal, which ends the connection.
struct Parsed {
  std::vector<hal::HttpRequest> requests;
  int refusal = 0;
};

// `step` bytes come at a time.
Parsed Parse(std::string_view bytes, size_t step) {
  Parsed parsed;
  Http1Parser parser;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, step);
    bytes.remove_prefix(piece.size());
    while (!piece.empty()) {
      const Http1Parser::State state = parser.Parse(piece);
      if (state == Http1Parser::State::kRefused) {
        parsed.refusal = parser.refusal().status;
        return parsed;
      }
      if (state == Http1Parser::State::kComplete) {
        parsed.requests.push_back(parser.TakeRequest());
      } else {
        CHECK(piece.empty(), "%zu bytes left in state %d", piece.size(), static_cast<int>(state));
      }
    }
  }
  return parsed;
}

// Hands over the requests, and wants every one answered once.
class ReplayServer final : public hal::HttpServer {
 public:
  explicit ReplayServer(std::vector<hal::HttpRequest> requests) : requests_(std::move(requests)) {}

  uint16_t port() const override { return 8080; }
  std::optional<hal::HttpRequest> PollRequest() override {
    if (next_ == requests_.size()) return std::nullopt;
    requests_[next_].id = next_;
    return requests_[next_++];
  }
  void Respond(hal::HttpRequestId id, hal::HttpResponse response) override {
    std::string out;
    drivers::WriteHttp1Response(response, requests_[id].method, drivers::Persistence::kKeepAlive,
                                "", out);
    ++answers_;
  }
  bool AllAnswered() const { return answers_ == requests_.size(); }

 private:
  std::vector<hal::HttpRequest> requests_;
  size_t next_ = 0;
  size_t answers_ = 0;
};

class NoCamera final : public signaling::AppInfo {
 public:
  signaling::StatusReport GetStatus(Time) override { return {}; }
  Status RequestSnapshot(Time) override { return Status(); }
  void HandleRpc(Time, auth::Role, const hal::HttpRequest& request) override {
    rpc_calls.push_back(request.id);
  }

  std::vector<hal::HttpRequestId> rpc_calls;
};

void Run(std::string_view bytes) {
  Parsed whole = Parse(bytes, bytes.size());
  const Parsed cut = Parse(bytes, 1);
  CHECK(whole.refusal == cut.refusal && whole.requests.size() == cut.requests.size(),
        "refusal %d or %d, %zu or %zu requests", whole.refusal, cut.refusal, whole.requests.size(),
        cut.requests.size());
  for (size_t i = 0; i < whole.requests.size(); ++i) {
    const hal::HttpRequest& request = whole.requests[i];
    CHECK(request.path == cut.requests[i].path && request.body == cut.requests[i].body &&
              request.headers == cut.requests[i].headers,
          "request %zu depends on how it is cut", i);
    CHECK(request.path[0] == '/' && request.path.find("/../") == std::string::npos, "path %s",
          request.path.c_str());
    CHECK(request.body.size() <= kMaxHttpBodySize, "body of %zu", request.body.size());
  }

  for (hal::HttpRequest& request : whole.requests) {
    request.remote = *SocketAddress::Parse("192.168.1.9:50000");
  }
  ReplayServer server(std::move(whole.requests));
  signaling::FakeViewerSessions sessions;
  NoCamera app;
  auth::Access access({"admin-token", {}, {}}, auth::Viewing::kOpenInLocalNetwork);
  signaling::HttpFrontEnd front_end(server, sessions, app, access, {}, {});
  front_end.Pump(Time());
  for (const hal::HttpRequestId id : app.rpc_calls) front_end.RespondToRpc(id, 200, "{}");
  front_end.DeliverSnapshot(AsBytes("jpeg"));
  CHECK(server.AllAnswered(), "a request has no answer, or two");
}

}  // namespace
}  // namespace ocellus

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::Run(ocellus::AsText({data, size}));
  return 0;
}
