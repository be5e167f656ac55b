// SPDX-License-Identifier: Apache-2.0
// One client's HTTP connection as a state machine: bytes in, requests out; answers in, bytes out.
// Does not touch sockets or clocks: it says which of its owner's timers runs (timer()), and takes
// the date for its answers.
//
//   kReading -> kWaiting     a request is complete (PollRequest)
//   kReading -> kWriting     it is refused, or takes too long
//   kWaiting -> kWriting     Reply, Refuse
//   kWriting -> kReading     the answer is out, and the connection persists
//   kWriting -> kLingering   the answer is out, and was the last one
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "drivers/libwebsockets_http_server/http1.h"
#include "hal/http_server.h"

namespace ocellus::drivers {

class HttpConnection {
 public:
  enum class Phase {
    kReading,    // Between requests, or inside one.
    kWaiting,    // For the answer. Nothing more is read: one request at a time.
    kWriting,    // The answer.
    kLingering,  // Our side is closed; what the client still sends is thrown away.
  };
  enum class Timer { kIdle, kRequest, kNone, kResponse, kLinger };

  Phase phase() const { return phase_; }
  // Which time limit runs now. It starts anew when this changes, and only then: a byte now and then
  // does not earn a slow client more time.
  Timer timer() const;
  bool wants_input() const { return phase_ == Phase::kReading || phase_ == Phase::kLingering; }

  // What the client sent.
  void HandleInput(std::string_view bytes, std::string_view date);
  // The request that has just become complete, without id and remote.
  std::optional<hal::HttpRequest> PollRequest();
  // Answers it.
  void Reply(const hal::HttpResponse& response, Persistence persistence, std::string_view date);
  // Answers it, or what there is of it, with a line of text, and lets the connection end.
  void Refuse(int status, const char* reason, std::string_view date);

  // The time of timer() is up. False: close the connection.
  [[nodiscard]] bool HandleTimeout(std::string_view date);

  // What is to be sent; borrowed until the next call.
  std::string_view output() const { return std::string_view(output_).substr(sent_); }
  void DropOutput(size_t size);
  // All of the output has gone out.
  void HandleFlushed(std::string_view date);

 private:
  void ParseUnread(std::string_view date);

  Phase phase_ = Phase::kReading;
  bool fresh_ = true;  // No request has been answered yet.
  Http1Parser parser_;
  std::string unread_;  // Came in behind the current request.
  std::optional<hal::HttpRequest> request_;
  std::string method_;  // Of the current request.
  Persistence persistence_ = Persistence::kClose;
  std::string output_;
  size_t sent_ = 0;
};

// A short answer of the driver itself.
hal::HttpResponse PlainText(int status, const char* reason);

}  // namespace ocellus::drivers
