// SPDX-License-Identifier: Apache-2.0
#include "drivers/libwebsockets_http_server/http_connection.h"

#include <gmock/gmock.h>

namespace ocellus::drivers {
namespace {

using Phase = HttpConnection::Phase;
using Timer = HttpConnection::Timer;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

// Everything that is to be sent, as if it went out.
std::string Flush(HttpConnection& connection) {
  const std::string output(connection.output());
  connection.DropOutput(output.size());
  connection.HandleFlushed(kDate);
  return output;
}

TEST(HttpConnection, CarriesOneRequestAfterTheOther) {
  HttpConnection connection;
  EXPECT_EQ(connection.timer(), Timer::kRequest);
  for (int i = 0; i < 3; ++i) {
    connection.HandleInput(kGet, kDate);
    EXPECT_EQ(connection.phase(), Phase::kWaiting);
    EXPECT_EQ(connection.timer(), Timer::kNone);
    EXPECT_FALSE(connection.wants_input());
    ASSERT_TRUE(connection.PollRequest().has_value());
    EXPECT_FALSE(connection.PollRequest().has_value());
    connection.Reply(PlainText(200, "hello"), Persistence::kKeepAlive, kDate);
    EXPECT_EQ(connection.timer(), Timer::kResponse);
    EXPECT_THAT(Flush(connection), EndsWith("keep-alive\r\n\r\nhello\n"));
    EXPECT_EQ(connection.phase(), Phase::kReading);
    EXPECT_EQ(connection.timer(), Timer::kIdle);
  }
}

TEST(HttpConnection, KeepsAPipelinedRequestUntilItsTurn) {
  HttpConnection connection;
  connection.HandleInput(std::string(kGet) + "DELETE /b HTTP/1.1\r\nHost: a\r\n\r\n", kDate);
  EXPECT_EQ(connection.PollRequest()->method, "GET");
  connection.HandleInput(kGet, kDate);
  EXPECT_FALSE(connection.PollRequest().has_value());
  connection.Reply(PlainText(200, "a"), Persistence::kKeepAlive, kDate);
  Flush(connection);
  EXPECT_EQ(connection.PollRequest()->method, "DELETE");
  connection.Reply(PlainText(200, "b"), Persistence::kKeepAlive, kDate);
  Flush(connection);
  EXPECT_EQ(connection.PollRequest()->method, "GET");
}

TEST(HttpConnection, LingersAfterTheLastAnswer) {
  HttpConnection connection;
  connection.HandleInput("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", kDate);
  connection.PollRequest();
  connection.Reply(PlainText(200, "bye"), Persistence::kKeepAlive, kDate);
  EXPECT_THAT(Flush(connection), HasSubstr("Connection: close"));
  EXPECT_EQ(connection.phase(), Phase::kLingering);
  EXPECT_TRUE(connection.wants_input());
  connection.HandleInput(kGet, kDate);
  EXPECT_FALSE(connection.PollRequest().has_value());
  EXPECT_FALSE(connection.HandleTimeout(kDate));
}

TEST(HttpConnection, RefusesOnceAndReadsNoFurther) {
  HttpConnection connection;
  connection.HandleInput("nonsense\r\n\r\n" + std::string(kGet), kDate);
  EXPECT_FALSE(connection.PollRequest().has_value());
  EXPECT_THAT(Flush(connection), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_EQ(connection.phase(), Phase::kLingering);
  EXPECT_TRUE(connection.output().empty());
}

TEST(HttpConnection, SaysWhyItRefusesAlsoAfterAHead) {
  HttpConnection connection;
  connection.HandleInput("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", kDate);
  connection.PollRequest();
  connection.Reply(PlainText(200, "page"), Persistence::kKeepAlive, kDate);
  EXPECT_THAT(Flush(connection), EndsWith("\r\n\r\n"));
  connection.HandleInput("nonsense\r\n\r\n", kDate);
  EXPECT_THAT(Flush(connection), EndsWith("The request line makes no sense\n"));
}

// Checklist 48: slow loris. The timer does not start anew while the request trickles in.
TEST(HttpConnection, GivesARequestOneTimeLimit) {
  HttpConnection connection;
  for (const char c : kGet.substr(0, 10)) {
    connection.HandleInput({&c, 1}, kDate);
    EXPECT_EQ(connection.timer(), Timer::kRequest);
  }
  EXPECT_TRUE(connection.HandleTimeout(kDate));
  EXPECT_THAT(Flush(connection), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_EQ(connection.phase(), Phase::kLingering);
}

TEST(HttpConnection, EndsWhenNothingComes) {
  HttpConnection silent;
  EXPECT_FALSE(silent.HandleTimeout(kDate));

  HttpConnection idle;
  idle.HandleInput(kGet, kDate);
  idle.PollRequest();
  // The app takes its time; that is no reason to hang up.
  EXPECT_TRUE(idle.HandleTimeout(kDate));
  idle.Reply(PlainText(200, "a"), Persistence::kKeepAlive, kDate);
  Flush(idle);
  EXPECT_FALSE(idle.HandleTimeout(kDate));
}

TEST(HttpConnection, EndsWhenTheClientDoesNotRead) {
  HttpConnection connection;
  connection.HandleInput(kGet, kDate);
  connection.PollRequest();
  connection.Reply(PlainText(200, "a"), Persistence::kKeepAlive, kDate);
  connection.DropOutput(1);
  EXPECT_FALSE(connection.HandleTimeout(kDate));
}

TEST(HttpConnection, SaysContinueBeforeTheAnswer) {
  HttpConnection connection;
  connection.HandleInput(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n", kDate);
  EXPECT_EQ(Flush(connection), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(connection.timer(), Timer::kRequest);
  connection.HandleInput("x", kDate);
  EXPECT_EQ(connection.PollRequest()->body, "x");
}

}  // namespace
}  // namespace ocellus::drivers
