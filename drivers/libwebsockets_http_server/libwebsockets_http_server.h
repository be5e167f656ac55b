// SPDX-License-Identifier: Apache-2.0
// hal::HttpServer on libwebsockets (4.1 and later): its sockets, event loop and timers, on a thread
// of its own, which sleeps while nothing happens.
//
// The connections are libwebsockets' raw ones and HTTP/1.1 is parsed by http1.h. Its own HTTP
// parser is not used: the one of Debian 12 reads freed memory when a client sends an Upgrade header
// that it does not know (CVE-2025-11677), and it lets through what a server in front of us may read
// in another way (RFC 9112 section 11.2: two Content-Lengths, Transfer-Encoding, blanks before the
// colon).
//
// Two threads: the io thread owns this object and calls the interface; the service thread owns the
// connections. Between them are two mailboxes, a waker and lws_cancel_service.
#pragma once

#include <memory>
#include <optional>

#include "firmware/base/limits.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "hal/http_server.h"
#include "hal/waker.h"

namespace ocellus::drivers {

struct LibwebsocketsHttpServerOptions {
  // Nullopt: every address of this host, IPv4 and IPv6.
  std::optional<IpAddress> address;
  uint16_t port = 8080;  // 0: any free one, see port().

  // From a request's first byte to its last; a client that is slower is disconnected with 408.
  Duration request_timeout = std::chrono::seconds(10);
  // How long a connection may be silent between requests. Short: after the network has changed, a
  // browser tries the connections that it still has, and waits in vain on each.
  Duration idle_timeout = std::chrono::seconds(3);
  // From an answer's first byte to its last.
  Duration response_timeout = std::chrono::seconds(30);
};

class LibwebsocketsHttpServer final : public hal::HttpServer {
 public:
  // Listens, and starts the service thread. `io` is woken when PollRequest has something; it must
  // outlive the server. Errors name address and port: kAlreadyExists (the port is taken),
  // kPermissionDenied (a port below 1024), kUnavailable (no such address here, or no socket).
  static Result<std::unique_ptr<LibwebsocketsHttpServer>> Open(
      const LibwebsocketsHttpServerOptions& options, hal::Waker& io);

  // Answers what is pending with 503, closes the connections and joins the thread.
  ~LibwebsocketsHttpServer() override;

  uint16_t port() const override;
  std::optional<hal::HttpRequest> PollRequest() override;
  void Respond(hal::HttpRequestId id, hal::HttpResponse response) override;

 private:
  class Service;

  explicit LibwebsocketsHttpServer(std::unique_ptr<Service> service);

  std::unique_ptr<Service> service_;
};

}  // namespace ocellus::drivers
