// SPDX-License-Identifier: Apache-2.0
#include "drivers/libwebsockets_http_server/http_connection.h"

#include <utility>

namespace ocellus::drivers {

HttpConnection::Timer HttpConnection::timer() const {
  switch (phase_) {
    case Phase::kReading:
      // A client that connects and says nothing is as slow as one that says too little.
      return parser_.state() == Http1Parser::State::kIdle && !fresh_ ? Timer::kIdle
                                                                     : Timer::kRequest;
    case Phase::kWaiting:
      return Timer::kNone;
    case Phase::kWriting:
      return Timer::kResponse;
    case Phase::kLingering:
      return Timer::kLinger;
  }
  return Timer::kNone;
}

void HttpConnection::HandleInput(std::string_view bytes, std::string_view date) {
  if (phase_ == Phase::kLingering) return;
  unread_.append(bytes);
  if (phase_ == Phase::kReading) ParseUnread(date);
}

void HttpConnection::ParseUnread(std::string_view date) {
  std::string_view rest = unread_;
  const Http1Parser::State state = parser_.Parse(rest);
  unread_.erase(0, unread_.size() - rest.size());
  switch (state) {
    case Http1Parser::State::kIdle:
    case Http1Parser::State::kHead:
      return;
    case Http1Parser::State::kBody:
      if (parser_.TakeExpectsContinue()) output_ += "HTTP/1.1 100 Continue\r\n\r\n";
      return;
    case Http1Parser::State::kComplete:
      persistence_ = parser_.keep_alive() ? Persistence::kKeepAlive : Persistence::kClose;
      request_ = parser_.TakeRequest();
      method_ = request_->method;
      phase_ = Phase::kWaiting;
      return;
    case Http1Parser::State::kRefused:
      Refuse(parser_.refusal().status, parser_.refusal().reason, date);
      return;
  }
}

std::optional<hal::HttpRequest> HttpConnection::PollRequest() {
  return std::exchange(request_, std::nullopt);
}

void HttpConnection::Reply(const hal::HttpResponse& response, Persistence persistence,
                           std::string_view date) {
  if (persistence == Persistence::kClose) persistence_ = Persistence::kClose;
  WriteHttp1Response(response, method_, persistence_, date, output_);
  phase_ = Phase::kWriting;
  fresh_ = false;
}

void HttpConnection::Refuse(int status, const char* reason, std::string_view date) {
  Reply(PlainText(status, reason), Persistence::kClose, date);
}

bool HttpConnection::HandleTimeout(std::string_view date) {
  switch (timer()) {
    case Timer::kNone:
      return true;
    case Timer::kRequest:
      if (parser_.state() == Http1Parser::State::kIdle) return false;
      Refuse(408, "The request took too long to arrive", date);
      return true;
    case Timer::kIdle:
    case Timer::kResponse:
    case Timer::kLinger:
      return false;
  }
  return false;
}

void HttpConnection::DropOutput(size_t size) {
  sent_ += size;
  CHECK(sent_ <= output_.size(), "%zu of %zu bytes sent", sent_, output_.size());
  if (sent_ < output_.size()) return;
  output_ = std::string();  // A snapshot's memory is not kept for the next small answer.
  sent_ = 0;
}

void HttpConnection::HandleFlushed(std::string_view date) {
  if (phase_ != Phase::kWriting) return;
  if (persistence_ == Persistence::kClose) {
    phase_ = Phase::kLingering;
    unread_.clear();
    return;
  }
  phase_ = Phase::kReading;
  method_.clear();
  if (!unread_.empty()) ParseUnread(date);  // A pipelined request.
}

hal::HttpResponse PlainText(int status, const char* reason) {
  hal::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  response.body = std::string(reason) + '\n';
  return response;
}

}  // namespace ocellus::drivers
