// SPDX-License-Identifier: Apache-2.0
// An HTTP server that does the HTTP and leaves the meaning to the caller: requests are polled, and
// answered now or later by their id. It bounds what a client can make it hold: header and body
// sizes, connections, and the time that a request may take to arrive.
//
// io thread only; the driver may run a thread of its own and then talks through mailboxes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/base/bytes.h"
#include "firmware/base/socket_address.h"

namespace ocellus::hal {

using HttpRequestId = uint64_t;
using HttpHeader = std::pair<std::string, std::string>;

struct HttpRequest {
  HttpRequestId id = 0;
  std::string method;  // As sent: "GET". Methods are case-sensitive.
  std::string path;    // Percent-decoded, starts with '/', without query; no "." and ".." segments.
  std::string query;   // What follows '?', as sent; may be empty.
  std::vector<HttpHeader> headers;  // Names in lower case. Only those that the driver knows.
  std::string body;
  SocketAddress remote;

  // The value of a header, or nullopt. `name` in lower case.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const HttpHeader& header : headers) {
      if (header.first == name) return header.second;
    }
    return std::nullopt;
  }
};

struct HttpResponse {
  int status = 200;
  std::vector<HttpHeader> headers;  // Content-Length is the driver's.
  std::string body;                 // Not sent for HEAD, 204 and 304.
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;

  virtual uint16_t port() const = 0;
  // The next complete request, or nullopt.
  virtual std::optional<HttpRequest> PollRequest() = 0;
  // Answers a request, once. Does nothing when its client has gone.
  virtual void Respond(HttpRequestId id, HttpResponse response) = 0;
};

}  // namespace ocellus::hal
