// SPDX-License-Identifier: Apache-2.0
// Real sockets on the loopback interface. Nothing here depends on how long something takes, but
// everything has a deadline.
#include "drivers/libwebsockets_http_server/libwebsockets_http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>

#include "drivers/libwebsockets_http_server/listening_socket.h"

namespace ocellus::drivers {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int kDeadlineMs = 10'000;

class EventFdWaker final : public hal::Waker {
 public:
  void Wake() override {
    const uint64_t one = 1;
    ASSERT_EQ(write(fd_.get(), &one, sizeof(one)), static_cast<ssize_t>(sizeof(one)));
  }
  // False when nobody woke us in time.
  bool Wait() {
    pollfd poll_fd{fd_.get(), POLLIN, 0};
    uint64_t count = 0;
    return poll(&poll_fd, 1, kDeadlineMs) == 1 &&
           read(fd_.get(), &count, sizeof(count)) == static_cast<ssize_t>(sizeof(count));
  }

 private:
  UniqueFd fd_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

// A client that sends exactly the bytes that it is told to.
class Client {
 public:
  explicit Client(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }

  bool connected() const { return connected_; }
  void Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // The server has closed: the answer says why.
      text.remove_prefix(static_cast<size_t>(sent));
    }
  }
  // Everything until `end` has come, or until the server closes.
  std::string ReceiveUntil(std::string_view end) {
    while (received_.find(end) == std::string::npos && Receive()) {
    }
    const size_t found = received_.find(end);
    const size_t size = found == std::string::npos ? received_.size() : found + end.size();
    const std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }
  // Everything until the server closes.
  std::string ReceiveAll() {
    while (Receive()) {
    }
    return std::exchange(received_, {});
  }
  bool closed() const { return closed_; }

 private:
  bool Receive() {
    pollfd poll_fd{fd_.get(), POLLIN, 0};
    char buffer[65536];
    if (poll(&poll_fd, 1, kDeadlineMs) != 1) return false;
    const ssize_t size = recv(fd_.get(), buffer, sizeof(buffer), 0);
    closed_ = size <= 0;
    if (size > 0) received_.append(buffer, static_cast<size_t>(size));
    return size > 0;
  }

  UniqueFd fd_;
  bool connected_ = false;
  bool closed_ = false;
  std::string received_;
};

class LibwebsocketsHttpServerTest : public ::testing::Test {
 protected:
  void Open(LibwebsocketsHttpServerOptions options = {}) {
    options.port = 0;
    auto server = LibwebsocketsHttpServer::Open(options, waker_);
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = std::move(*server);
  }

  // The next request; one without a method when none comes in time.
  hal::HttpRequest NextRequest() {
    while (true) {
      if (auto request = server_->PollRequest()) return *std::move(request);
      if (!waker_.Wait()) {
        ADD_FAILURE() << "no request within the deadline";
        return {};
      }
    }
  }

  static hal::HttpResponse Text(std::string body) {
    hal::HttpResponse response;
    response.headers = {{"Content-Type", "text/plain"}};
    response.body = std::move(body);
    return response;
  }

  EventFdWaker waker_;
  std::unique_ptr<LibwebsocketsHttpServer> server_;
};

TEST_F(LibwebsocketsHttpServerTest, CarriesARequestAndItsAnswer) {
  Open();
  Client client(server_->port());
  client.Send("PATCH /whep/x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  const hal::HttpRequest request = NextRequest();
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.path, "/whep/x");
  EXPECT_EQ(request.query, "y");
  EXPECT_EQ(request.body, "abc");
  EXPECT_EQ(request.remote.ip, *IpAddress::Parse("127.0.0.1"));
  server_->Respond(request.id, Text("hello"));
  const std::string answer = client.ReceiveUntil("hello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: "));
  EXPECT_THAT(answer, EndsWith("Content-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"));
}

TEST_F(LibwebsocketsHttpServerTest, KeepsTheConnectionForTheNextRequest) {
  Open();
  Client client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.Send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    const hal::HttpRequest request = NextRequest();
    EXPECT_EQ(request.path, "/" + std::to_string(i));
    server_->Respond(request.id, Text("answer"));
    EXPECT_THAT(client.ReceiveUntil("answer"), HasSubstr("keep-alive"));
  }
}

TEST_F(LibwebsocketsHttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  Open();
  Client client(server_->port());
  client.Send(
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
      "GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const hal::HttpRequest first = NextRequest();
  EXPECT_EQ(first.path, "/a");
  EXPECT_FALSE(server_->PollRequest().has_value());
  server_->Respond(first.id, Text("first"));
  const hal::HttpRequest second = NextRequest();
  EXPECT_EQ(second.path, "/b");
  server_->Respond(second.id, Text("second"));
  EXPECT_THAT(client.ReceiveUntil("first"), EndsWith("first"));
  EXPECT_THAT(client.ReceiveAll(), EndsWith("Connection: close\r\n\r\nsecond"));
  EXPECT_TRUE(client.closed());
}

TEST_F(LibwebsocketsHttpServerTest, AnswersOutOfOrderToDifferentClients) {
  Open();
  Client slow(server_->port());
  slow.Send("GET /snapshot.jpg HTTP/1.1\r\nHost: a\r\n\r\n");
  const hal::HttpRequest snapshot = NextRequest();
  Client quick(server_->port());
  quick.Send("GET /status HTTP/1.1\r\nHost: a\r\n\r\n");
  server_->Respond(NextRequest().id, Text("status"));
  EXPECT_THAT(quick.ReceiveUntil("status"), EndsWith("status"));
  server_->Respond(snapshot.id, Text("snapshot"));
  EXPECT_THAT(slow.ReceiveUntil("snapshot"), EndsWith("snapshot"));
}

TEST_F(LibwebsocketsHttpServerTest, SendsLargeBodies) {
  Open();
  Client client(server_->port());
  client.Send("GET /snapshot.jpg HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  std::string body(3'000'000, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  server_->Respond(NextRequest().id, Text(body));
  const std::string answer = client.ReceiveAll();
  const size_t head = answer.find("\r\n\r\n") + 4;
  EXPECT_TRUE(answer.substr(head) == body);
}

TEST_F(LibwebsocketsHttpServerTest, AnswersHeadWithoutABody) {
  Open();
  Client client(server_->port());
  client.Send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  server_->Respond(NextRequest().id, Text("page"));
  EXPECT_THAT(client.ReceiveAll(), EndsWith("Content-Length: 4\r\nConnection: close\r\n\r\n"));
}

TEST_F(LibwebsocketsHttpServerTest, SaysContinueToAClientThatWaits) {
  Open();
  Client client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReceiveUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hi");
  const hal::HttpRequest request = NextRequest();
  EXPECT_EQ(request.body, "hi");
  server_->Respond(request.id, Text("ok"));
  EXPECT_THAT(client.ReceiveUntil("ok"), StartsWith("HTTP/1.1 200"));
}

// Checklist 48: body over the limit. The answer arrives although the client is still sending.
TEST_F(LibwebsocketsHttpServerTest, RefusesAndClosesWhenTheBodyIsOverTheLimit) {
  Open();
  Client client(server_->port());
  client.Send("POST /whep HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  client.Send(std::string(500'000, 'x'));
  EXPECT_THAT(client.ReceiveAll(), StartsWith("HTTP/1.1 413 Content Too Large\r\n"));
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(server_->PollRequest().has_value());
}

// Checklist 48: bad chunking.
TEST_F(LibwebsocketsHttpServerTest, RefusesAndClosesWhenAChunkIsBad) {
  Open();
  Client client(server_->port());
  client.Send("POST /whep HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  EXPECT_THAT(client.ReceiveAll(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(server_->PollRequest().has_value());
}

// Checklist 48: two Content-Lengths. What follows must not be taken for a request.
TEST_F(LibwebsocketsHttpServerTest, RefusesAndClosesWhenThereAreTwoContentLengths) {
  Open();
  Client client(server_->port());
  client.Send(
      "POST /whep HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 35\r\n\r\n"
      "DELETE /whep/x HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.ReceiveAll();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_EQ(answer.find("HTTP/1.1", 8), std::string::npos);
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(server_->PollRequest().has_value());
}

// Checklist 48: slow loris. A byte now and then does not earn more time.
TEST_F(LibwebsocketsHttpServerTest, DisconnectsAClientThatNeverFinishesItsRequest) {
  LibwebsocketsHttpServerOptions options;
  options.request_timeout = std::chrono::milliseconds(100);
  Open(options);
  Client client(server_->port());
  client.Send("GET / HTTP/1.1\r\nX-a: ");
  EXPECT_THAT(client.ReceiveAll(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_TRUE(client.closed());
}

TEST_F(LibwebsocketsHttpServerTest, DisconnectsAClientThatSaysNothing) {
  LibwebsocketsHttpServerOptions options;
  options.request_timeout = std::chrono::milliseconds(100);
  options.idle_timeout = std::chrono::milliseconds(100);
  Open(options);
  Client silent(server_->port());
  EXPECT_EQ(silent.ReceiveAll(), "");
  EXPECT_TRUE(silent.closed());

  Client idle(server_->port());
  idle.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  server_->Respond(NextRequest().id, Text("page"));
  EXPECT_THAT(idle.ReceiveAll(), EndsWith("page"));
  EXPECT_TRUE(idle.closed());
}

// Checklist 48: a hundred slow clients do not lock out an honest one.
TEST_F(LibwebsocketsHttpServerTest, MakesRoomByDroppingTheSlowest) {
  Open();
  std::vector<std::unique_ptr<Client>> slow;
  for (size_t i = 0; i < kMaxHttpConnections; ++i) {
    slow.push_back(std::make_unique<Client>(server_->port()));
    slow.back()->Send("GET / HTTP/1.1\r\nX-a: ");
  }
  Client honest(server_->port());
  honest.Send("GET /status HTTP/1.1\r\nHost: a\r\n\r\n");
  server_->Respond(NextRequest().id, Text("status"));
  EXPECT_THAT(honest.ReceiveUntil("status"), EndsWith("status"));
  slow.front()->ReceiveAll();
  EXPECT_TRUE(slow.front()->closed());
}

TEST_F(LibwebsocketsHttpServerTest, RefusesWhenEveryConnectionWaitsForUs) {
  Open();
  std::vector<std::unique_ptr<Client>> waiting;
  std::vector<hal::HttpRequestId> ids;
  for (size_t i = 0; i < kMaxHttpConnections; ++i) {
    waiting.push_back(std::make_unique<Client>(server_->port()));
    waiting.back()->Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    ids.push_back(NextRequest().id);
  }
  Client refused(server_->port());
  EXPECT_THAT(refused.ReceiveAll(), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  for (const hal::HttpRequestId id : ids) server_->Respond(id, Text("page"));
  for (const auto& client : waiting) EXPECT_THAT(client->ReceiveUntil("page"), EndsWith("page"));
}

TEST_F(LibwebsocketsHttpServerTest, DoesNotMindAClientThatHasGone) {
  Open();
  hal::HttpRequest request;
  {
    Client client(server_->port());
    client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    request = NextRequest();
  }
  server_->Respond(request.id, Text("too late"));
  Client next(server_->port());
  next.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  server_->Respond(NextRequest().id, Text("page"));
  EXPECT_THAT(next.ReceiveUntil("page"), EndsWith("page"));
}

TEST_F(LibwebsocketsHttpServerTest, AnswersWhatIsPendingWhenItStops) {
  Open();
  Client client(server_->port());
  client.Send("GET /snapshot.jpg HTTP/1.1\r\nHost: a\r\n\r\n");
  NextRequest();
  server_.reset();
  EXPECT_THAT(client.ReceiveAll(), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_TRUE(client.closed());
}

TEST_F(LibwebsocketsHttpServerTest, NamesThePortThatIsTaken) {
  Open();
  LibwebsocketsHttpServerOptions options;
  options.port = server_->port();
  const auto second = LibwebsocketsHttpServer::Open(options, waker_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), StatusCode::kAlreadyExists);
  EXPECT_THAT(second.status().message(), HasSubstr(std::to_string(server_->port())));
}

TEST_F(LibwebsocketsHttpServerTest, ListensOnIpv6Too) {
  Open();
  UniqueFd fd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(server_->port());
  address.sin6_addr = in6addr_loopback;
  if (!fd || connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    GTEST_SKIP() << "no IPv6 on this machine";
  }
  constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_EQ(send(fd.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(kRequest.size()));
  const hal::HttpRequest request = NextRequest();
  EXPECT_EQ(request.remote.ip, *IpAddress::Parse("::1"));
  server_->Respond(request.id, Text("page"));
}

}  // namespace
}  // namespace ocellus::drivers
