// SPDX-License-Identifier: Apache-2.0
// An HTTP server without a network: tests put requests in and look at the answers.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "hal/http_server.h"

namespace ocellus::hal {

class FakeHttpServer final : public hal::HttpServer {
 public:
  uint16_t port() const override { return 8080; }
  std::optional<HttpRequest> PollRequest() override {
    if (requests_.empty()) return std::nullopt;
    HttpRequest request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }
  void Respond(HttpRequestId id, HttpResponse response) override {
    EXPECT_TRUE(responses_.emplace(id, std::move(response)).second) << id << " answered twice";
  }

  HttpRequestId Request(const char* method, std::string path, std::string query = "",
                        std::string body = "") {
    HttpRequest request;
    request.id = ++last_id_;
    request.method = method;
    request.path = std::move(path);
    request.query = std::move(query);
    request.body = std::move(body);
    request.headers = {{"content-type", "application/sdp"}};
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    request.remote = remote;
    requests_.push_back(std::move(request));
    return last_id_;
  }
  bool answered(HttpRequestId id) const { return responses_.count(id) == 1; }
  const HttpResponse& response(HttpRequestId id) const { return responses_.at(id); }

  // Where the next requests come from, and what they show.
  SocketAddress remote = *SocketAddress::Parse("192.168.1.9:50000");
  std::string token;

 private:
  HttpRequestId last_id_ = 0;
  std::deque<HttpRequest> requests_;
  std::map<HttpRequestId, HttpResponse> responses_;
};

}  // namespace ocellus::hal
