// SPDX-License-Identifier: Apache-2.0
#include "firmware/signaling/http_front_end.h"

#include <gmock/gmock.h>

#include "tests/hal/fake_http_server.h"
#include "tests/signaling/fake_viewer_sessions.h"

namespace ocellus::signaling {
namespace {

using hal::HttpRequest;
using hal::HttpRequestId;
using hal::HttpResponse;
using ::testing::HasSubstr;
using ::testing::Not;

class FakeApp final : public AppInfo {
 public:
  StatusReport GetStatus(Time) override { return report; }
  Status RequestSnapshot(Time) override {
    ++snapshots_requested;
    return snapshot_status;
  }

  void HandleRpc(Time, auth::Role role, const HttpRequest& request) override {
    rpc_role = role;
    rpc_body = request.body;
    rpc_id = request.id;
  }

  StatusReport report;
  std::optional<auth::Role> rpc_role;
  std::string rpc_body;
  HttpRequestId rpc_id = 0;
  Status snapshot_status;
  int snapshots_requested = 0;
};

std::string Header(const HttpResponse& response, std::string_view name) {
  for (const hal::HttpHeader& header : response.headers) {
    if (header.first == name) return header.second;
  }
  return "(none)";
}

constexpr uint8_t kHtml[] = {'<', 'p', '>'};
constexpr uint8_t kScript[] = {'l', 'e', 't'};
constexpr StaticPage kPages[] = {
    {"/", "text/html; charset=utf-8", Bytes(kHtml)},
    {"/viewer.js", "text/javascript; charset=utf-8", Bytes(kScript)},
};

class HttpFrontEndTest : public ::testing::Test {
 protected:
  HttpResponse Get(const char* path, const char* query = "") { return Send("GET", path, query); }
  HttpResponse Send(const char* method, const char* path, const char* query = "") {
    const HttpRequestId id = server_.Request(method, path, query);
    front_end_.Pump(now_);
    EXPECT_TRUE(server_.answered(id)) << method << ' ' << path;
    return server_.answered(id) ? server_.response(id) : HttpResponse();
  }

  Time now_{std::chrono::seconds(100)};
  hal::FakeHttpServer server_;
  FakeViewerSessions sessions_;
  FakeApp app_;
  auth::Access access_{{"admin-token", {}, {}}, auth::Viewing::kOpenInLocalNetwork};
  HttpFrontEnd front_end_{server_, sessions_, app_, access_, kPages, {}};
};

TEST_F(HttpFrontEndTest, ServesThePageAndItsFiles) {
  const HttpResponse page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body, "<p>");
  EXPECT_EQ(Header(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(Header(page, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(Header(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(Header(page, "Cache-Control"), "no-store");
  EXPECT_EQ(Get("/viewer.js").body, "let");
  EXPECT_EQ(Send("HEAD", "/").status, 200);
}

TEST_F(HttpFrontEndTest, RoutesWhep) {
  EXPECT_EQ(Send("POST", "/whep").status, 201);
  EXPECT_EQ(Send("POST", "/main/whep").status, 201);
  EXPECT_EQ(Send("DELETE", "/whep/session1").status, 200);
}

TEST_F(HttpFrontEndTest, ReportsTheStatus) {
  app_.report.version = "0.1.0";
  const HttpResponse response = Get("/status");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(Header(response, "Content-Type"), "application/json");
  EXPECT_THAT(response.body, HasSubstr(R"("version":"0.1.0")"));
}

// Checklist 63.
TEST_F(HttpFrontEndTest, TellsAViewerOfItselfAndHowManyWatch) {
  app_.report.viewers.resize(2);
  app_.report.viewers[0].id = "abcd";
  app_.report.viewers[1].id = "efgh";
  const std::string own = Get("/status", "viewer=efghijklmnopqrstuvwxyz").body;
  EXPECT_THAT(own, HasSubstr(R"("viewer_count":2)"));
  EXPECT_THAT(own, HasSubstr(R"("id":"efgh")"));
  EXPECT_THAT(own, Not(HasSubstr(R"("id":"abcd")")));
  for (const char* everybody : {"", "viewer="}) {
    const std::string all = Get("/status", everybody).body;
    EXPECT_THAT(all, HasSubstr(R"("viewer_count":2)"));
    EXPECT_THAT(all, HasSubstr(R"("viewers":[])"));
  }
}

TEST_F(HttpFrontEndTest, TellsAnAdminOfEverybody) {
  app_.report.viewers.resize(2);
  app_.report.viewers[0].id = "abcd";
  app_.report.viewers[1].id = "efgh";
  server_.token = "admin-token";
  const std::string all = Get("/status").body;
  EXPECT_THAT(all, HasSubstr(R"("id":"abcd")"));
  EXPECT_THAT(all, HasSubstr(R"("id":"efgh")"));
}

TEST_F(HttpFrontEndTest, IsHealthyEvenWithoutACamera) {
  EXPECT_EQ(Get("/healthz").body, "ok\n");
  app_.report.source.state = "lost";
  app_.report.source.error = "/dev/video0 is gone";
  const HttpResponse response = Get("/healthz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok, but the camera is lost: /dev/video0 is gone\n");
}

TEST_F(HttpFrontEndTest, RefusesOtherPathsAndMethods) {
  EXPECT_EQ(Get("/favicon.ico").status, 404);
  EXPECT_EQ(Get("/", "action=stream").status, 200);
  const HttpResponse response = Send("POST", "/status");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(Header(response, "Allow"), "GET, HEAD");
}

TEST_F(HttpFrontEndTest, SharesOneSnapshotAmongAllWhoWait) {
  const std::vector<HttpRequestId> ids = {server_.Request("GET", "/snapshot.jpg"),
                                          server_.Request("GET", "/snapshot"),
                                          server_.Request("GET", "/", "action=snapshot"),
                                          server_.Request("GET", "/", "action=snapshot&t=123")};
  front_end_.Pump(now_);
  EXPECT_EQ(app_.snapshots_requested, 1);
  EXPECT_FALSE(server_.answered(ids[0]));
  front_end_.DeliverSnapshot(AsBytes("jpeg"));
  for (const HttpRequestId id : ids) {
    ASSERT_TRUE(server_.answered(id));
    EXPECT_EQ(server_.response(id).status, 200);
    EXPECT_EQ(server_.response(id).body, "jpeg");
    EXPECT_EQ(Header(server_.response(id), "Content-Type"), "image/jpeg");
    EXPECT_EQ(Header(server_.response(id), "Cache-Control"), "no-store");
  }
  server_.Request("GET", "/snapshot.jpg");
  front_end_.Pump(now_);
  EXPECT_EQ(app_.snapshots_requested, 2);
}

TEST_F(HttpFrontEndTest, GivesUpOnASnapshotAtItsDeadline) {
  EXPECT_EQ(front_end_.next_deadline(), kNever);
  const HttpRequestId first = server_.Request("GET", "/snapshot.jpg");
  front_end_.Pump(now_);
  const Time deadline = now_ + HttpFrontEnd::kSnapshotTimeout;
  EXPECT_EQ(front_end_.next_deadline(), deadline);

  const HttpRequestId second = server_.Request("GET", "/snapshot.jpg");
  front_end_.Pump(deadline - Duration(1));
  EXPECT_FALSE(server_.answered(first));
  front_end_.Pump(deadline);
  ASSERT_TRUE(server_.answered(first));
  EXPECT_EQ(server_.response(first).status, 503);
  EXPECT_EQ(Header(server_.response(first), "Retry-After"), "1");
  EXPECT_FALSE(server_.answered(second));

  front_end_.DeliverSnapshot(AsBytes("jpeg"));
  EXPECT_EQ(server_.response(second).status, 200);
  EXPECT_EQ(front_end_.next_deadline(), kNever);
  front_end_.DeliverSnapshot(AsBytes("nobody waits"));
}

TEST_F(HttpFrontEndTest, SaysWhyThereIsNoSnapshot) {
  app_.snapshot_status = Status(StatusCode::kUnavailable, "the camera is unplugged");
  const HttpResponse refused = Get("/snapshot.jpg");
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr("the camera is unplugged"));

  app_.snapshot_status = Status();
  const HttpRequestId id = server_.Request("GET", "/snapshot.jpg");
  front_end_.Pump(now_);
  front_end_.FailSnapshot(Status(StatusCode::kInternal, "no JPEG encoder"));
  EXPECT_EQ(server_.response(id).status, 503);
  EXPECT_THAT(server_.response(id).body, HasSubstr("no JPEG encoder"));
}

TEST_F(HttpFrontEndTest, BoundsHowManyWaitForASnapshot) {
  for (size_t i = 0; i < kMaxSnapshotWaiters; ++i) server_.Request("GET", "/snapshot.jpg");
  const HttpRequestId extra = server_.Request("GET", "/snapshot.jpg");
  front_end_.Pump(now_);
  ASSERT_TRUE(server_.answered(extra));
  EXPECT_EQ(server_.response(extra).status, 503);
}

// Checklist 54.
TEST_F(HttpFrontEndTest, ShowsNothingWithoutATokenWhereOneIsNeeded) {
  server_.remote = *SocketAddress::Parse("203.0.113.7:50000");
  EXPECT_EQ(Get("/status").status, 401);
  EXPECT_EQ(Header(Get("/status"), "WWW-Authenticate"), "Bearer");
  const HttpResponse refused = Get("/snapshot.jpg");
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(Header(refused, "WWW-Authenticate"), HasSubstr("Basic realm="));
  EXPECT_EQ(Send("POST", "/whep").status, 401);
  EXPECT_EQ(Send("POST", "/api/v1/rpc").status, 401);
  EXPECT_EQ(app_.snapshots_requested, 0);
  EXPECT_FALSE(app_.rpc_role.has_value());
  // The page tells nothing, and asks for the token.
  EXPECT_EQ(Get("/").status, 200);
  EXPECT_EQ(Get("/healthz").status, 200);

  server_.token = "admin-token";
  EXPECT_EQ(Get("/status").status, 200);
}

TEST_F(HttpFrontEndTest, SlowsDownWrongTokens) {
  for (int i = 0; i < 5; ++i) {
    server_.token = "guess " + std::to_string(i);
    EXPECT_EQ(Get("/status").status, 401);
  }
  const HttpResponse refused = Get("/status");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(Header(refused, "Retry-After"), "2");
}

TEST_F(HttpFrontEndTest, HandsCallsOn) {
  server_.token = "admin-token";
  const HttpRequestId id = server_.Request("POST", "/api/v1/rpc", "", "{}");
  front_end_.Pump(now_);
  EXPECT_EQ(app_.rpc_role, auth::Role::kAdmin);
  EXPECT_EQ(app_.rpc_body, "{}");
  EXPECT_FALSE(server_.answered(id));
  front_end_.RespondToRpc(app_.rpc_id, 200, "{\"result\":1}");
  EXPECT_EQ(server_.response(id).status, 200);
  EXPECT_EQ(server_.response(id).body, "{\"result\":1}");
  EXPECT_EQ(Header(server_.response(id), "Content-Type"), "application/json");
  EXPECT_EQ(Get("/api/v1/rpc").status, 405);
}

TEST_F(HttpFrontEndTest, SaysNothingToANotification) {
  const HttpRequestId id = server_.Request("POST", "/api/v1/rpc", "", "{}");
  front_end_.Pump(now_);
  EXPECT_EQ(app_.rpc_role, auth::Role::kViewer);
  front_end_.RespondToRpc(app_.rpc_id, 200, "");
  EXPECT_EQ(server_.response(id).status, 204);
}

}  // namespace
}  // namespace ocellus::signaling
