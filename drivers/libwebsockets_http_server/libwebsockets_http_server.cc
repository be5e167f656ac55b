// SPDX-License-Identifier: Apache-2.0
#include "drivers/libwebsockets_http_server/libwebsockets_http_server.h"

#include <fcntl.h>
#include <libwebsockets.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/libwebsockets_http_server/http1.h"
#include "drivers/libwebsockets_http_server/listening_socket.h"
#include "firmware/base/log.h"
#include "firmware/base/mailbox.h"

namespace ocellus::drivers {
namespace {

// Bytes that are given to the kernel at a time. What it does not take, libwebsockets copies.
constexpr size_t kWriteSize = 16 * 1024;

// How long we read on after the last answer of a connection, so that what the client still sends
// does not reset the connection before it has read the answer. RFC 9112 section 9.6.
constexpr Duration kLingerTime = std::chrono::seconds(2);

// How long the last answers may take when the server stops.
constexpr Duration kStopTime = std::chrono::milliseconds(500);

constexpr const char* kProtocolName = "http";

void EmitLog(int level, const char* line) {
  std::string_view text(line);
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  LOG_AT(level == LLL_ERR ? LogLevel::kError : LogLevel::kWarn, "libwebsockets: %.*s",
         static_cast<int>(text.size()), text.data());
}

// RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT". strftime would ask the locale.
std::string HttpDate() {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t seconds = std::time(nullptr);
  tm utc{};
  gmtime_r(&seconds, &utc);
  return Format("%s, %02d %s %d %02d:%02d:%02d GMT", kDays[utc.tm_wday], utc.tm_mday,
                kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

hal::HttpResponse PlainText(int status, const char* reason) {
  hal::HttpResponse response;
  response.status = status;
  response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  response.body = std::string(reason) + '\n';
  return response;
}

}  // namespace

// The service thread and what it owns.
//
// Invariants:
//  1. A connection has at most one request that is not answered: reading stops until then.
//  2. outstanding_ counts the requests that were pushed and whose answers were not popped. It is
//     at most kMaxHttpRequestsPending, so neither mailbox can be full.
class LibwebsocketsHttpServer::Service {
 public:
  static Result<std::unique_ptr<Service>> Open(const LibwebsocketsHttpServerOptions& options,
                                               hal::Waker& io);
  ~Service();

  // io thread.
  uint16_t port() const { return port_; }
  std::optional<hal::HttpRequest> PollRequest() { return requests_.Pop(); }
  void Respond(hal::HttpRequestId id, hal::HttpResponse response);

 private:
  enum class Phase {
    kReading,    // Between requests, or inside one.
    kWaiting,    // For the io thread's answer.
    kWriting,    // The answer.
    kLingering,  // Nothing comes any more; the client is about to close.
  };

  struct Connection {
    lws* wsi = nullptr;
    SocketAddress remote;
    Phase phase = Phase::kReading;
    uint64_t since = 0;  // Grows with each request: the smallest one has waited for longest.
    Http1Parser parser;
    std::string unread;  // Came in behind the current request.
    std::string method;  // Of the current request.
    Persistence persistence = Persistence::kClose;
    hal::HttpRequestId request_id = 0;  // While kWaiting.
    std::string output;                 // Behind LWS_PRE bytes of room.
    size_t sent = 0;                    // Of output, with the room.
  };

  struct Answer {
    hal::HttpRequestId id = 0;
    hal::HttpResponse response;
  };

  Service(const LibwebsocketsHttpServerOptions& options, hal::Waker& io)
      : options_(options), io_(io) {}

  Status Start();
  void Run();
  static int Callback(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size);
  int Dispatch(lws* wsi, lws_callback_reasons reason, Connection** user, std::string_view in);

  void AcceptAll();
  void Adopt(AcceptedSocket socket);
  bool EvictSlowest();
  void DropOneForLackOfDescriptors();

  int HandleInput(Connection& connection, std::string_view input);
  void ParseUnread(Connection& connection);
  void HandOver(Connection& connection);
  void HandleAnswers();
  void Reply(Connection& connection, const hal::HttpResponse& response);
  void Refuse(Connection& connection, int status, const char* reason);
  int HandleWritable(Connection& connection);
  void FinishReply(Connection& connection);
  int HandleTimer(Connection& connection);

  void StartStopping();
  bool Stopped() const;
  static void StopTimeIsOver(lws_sorted_usec_list_t* timer);
  void SetTimer(Connection& connection, Duration timeout);

  const LibwebsocketsHttpServerOptions options_;
  hal::Waker& io_;
  uint16_t port_ = 0;

  // Both threads.
  Mailbox<hal::HttpRequest, kMaxHttpRequestsPending> requests_;
  Mailbox<Answer, kMaxHttpRequestsPending> answers_;
  std::atomic<bool> stop_{false};

  // Service thread, and Start before it.
  lws_context* context_ = nullptr;
  lws_vhost* vhost_ = nullptr;
  lws* listener_ = nullptr;
  int listener_fd_ = -1;  // Owned by listener_.
  UniqueFd spare_fd_;     // Closed for a moment to accept one more when descriptors run out.
  AcceptedSocket adopting_;
  std::vector<std::unique_ptr<Connection>> connections_;
  uint64_t last_since_ = 0;
  hal::HttpRequestId last_request_id_ = 0;
  size_t outstanding_ = 0;
  bool stopping_ = false;
  bool stop_time_is_over_ = false;
  struct StopTimer {
    lws_sorted_usec_list_t list{};  // First, so that libwebsockets' pointer is ours.
    Service* service = nullptr;
  } stop_timer_;

  std::thread thread_;
};

Result<std::unique_ptr<LibwebsocketsHttpServer::Service>> LibwebsocketsHttpServer::Service::Open(
    const LibwebsocketsHttpServerOptions& options, hal::Waker& io) {
  std::unique_ptr<Service> service(new Service(options, io));
  const Status status = service->Start();
  if (!status.ok()) return status;
  return service;
}

Status LibwebsocketsHttpServer::Service::Start() {
  Result<ListeningSocket> listening = Listen(options_.address, options_.port);
  if (!listening.ok()) return listening.status();
  port_ = listening->port;
  spare_fd_ = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  connections_.reserve(kMaxHttpConnections);

  static const lws_protocols kProtocols[] = {
      {kProtocolName, Callback, sizeof(Connection*), 0, 0, nullptr, 0},
      {nullptr, nullptr, 0, 0, 0, nullptr, 0},
  };
  lws_set_log_level(LLL_ERR | LLL_WARN, EmitLog);
  lws_context_creation_info info{};
  info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;  // And no TLS initialisation.
  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.protocols = kProtocols;
  info.vhost_name = kProtocolName;
  info.user = this;
  info.gid = static_cast<decltype(info.gid)>(-1);
  info.uid = static_cast<decltype(info.uid)>(-1);
  info.count_threads = 1;
  info.fd_limit_per_thread = kMaxHttpConnections + 8;  // Listener, wake pipe, and some room.
  info.max_http_header_pool = 1;                       // Not used by raw connections.
  context_ = lws_create_context(&info);
  if (context_ == nullptr) {
    return Status(StatusCode::kUnavailable, "libwebsockets cannot start: out of memory or files");
  }
  vhost_ = lws_create_vhost(context_, &info);
  lws_sock_file_fd_type fd{};
  fd.filefd = listening->fd.get();
  if (vhost_ != nullptr) {
    listener_ =
        lws_adopt_descriptor_vhost(vhost_, LWS_ADOPT_RAW_FILE_DESC, fd, kProtocolName, nullptr);
  }
  if (listener_ == nullptr) {
    return Status(StatusCode::kUnavailable, "libwebsockets cannot watch the listening socket");
  }
  listener_fd_ = listening->fd.Release();  // Closed by libwebsockets.

  // Signals are the main thread's.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return Status();
}

LibwebsocketsHttpServer::Service::~Service() {
  if (thread_.joinable()) {
    stop_ = true;
    lws_cancel_service(context_);
    thread_.join();
  }
  if (context_ != nullptr) lws_context_destroy(context_);
}

void LibwebsocketsHttpServer::Service::Respond(hal::HttpRequestId id, hal::HttpResponse response) {
  CHECK(answers_.Push({id, std::move(response)}),
        "invariant 2: more answers than requests, id %llu", static_cast<unsigned long long>(id));
  lws_cancel_service(context_);
}

void LibwebsocketsHttpServer::Service::Run() {
  pthread_setname_np(pthread_self(), "http");
  while (!Stopped()) lws_service(context_, 0);
}

int LibwebsocketsHttpServer::Service::Callback(lws* wsi, lws_callback_reasons reason, void* user,
                                               void* in, size_t size) {
  // Some reasons come before there is a context to speak of; none of them is ours.
  lws_context* context = wsi == nullptr ? nullptr : lws_get_context(wsi);
  auto* service = context == nullptr ? nullptr : static_cast<Service*>(lws_context_user(context));
  if (service == nullptr) return 0;
  const std::string_view data(static_cast<const char*>(in), in == nullptr ? 0 : size);
  return service->Dispatch(wsi, reason, static_cast<Connection**>(user), data);
}

// `user` is what libwebsockets keeps for a connection: the pointer to ours, null for the listener.
// A result other than 0 closes the connection.
int LibwebsocketsHttpServer::Service::Dispatch(lws* wsi, lws_callback_reasons reason,
                                               Connection** user, std::string_view in) {
  switch (reason) {
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
      HandleAnswers();
      if (stop_ && !stopping_) StartStopping();
      return 0;
    case LWS_CALLBACK_RAW_RX_FILE:
      AcceptAll();
      return 0;
    case LWS_CALLBACK_RAW_ADOPT: {
      auto connection = std::make_unique<Connection>();
      connection->wsi = wsi;
      connection->remote = adopting_.remote;
      connection->since = ++last_since_;
      *user = connection.get();
      SetTimer(*connection, options_.request_timeout);
      connections_.push_back(std::move(connection));
      return 0;
    }
    case LWS_CALLBACK_RAW_RX:
      return HandleInput(**user, in);
    case LWS_CALLBACK_RAW_WRITEABLE:
      return HandleWritable(**user);
    case LWS_CALLBACK_TIMER:
      return HandleTimer(**user);
    case LWS_CALLBACK_RAW_CLOSE: {
      const auto is_this = [wsi](const auto& connection) { return connection->wsi == wsi; };
      connections_.erase(std::remove_if(connections_.begin(), connections_.end(), is_this),
                         connections_.end());
      return 0;
    }
    default:
      return 0;
  }
}

void LibwebsocketsHttpServer::Service::AcceptAll() {
  while (true) {
    Result<AcceptedSocket> accepted = Accept(listener_fd_);
    if (accepted.ok()) {
      Adopt(std::move(*accepted));
    } else if (accepted.status().code() == StatusCode::kResourceExhausted) {
      DropOneForLackOfDescriptors();
      return;
    } else {
      return;
    }
  }
}

void LibwebsocketsHttpServer::Service::Adopt(AcceptedSocket socket) {
  if (connections_.size() >= kMaxHttpConnections && !EvictSlowest()) {
    std::string refusal;
    WriteHttp1Response(PlainText(503, "Too many connections"), "GET", Persistence::kClose,
                       HttpDate(), refusal);
    // As much as the kernel takes at once: it has room for more than this.
    (void)send(socket.fd.get(), refusal.data(), refusal.size(), MSG_NOSIGNAL);
    return;
  }
  adopting_ = std::move(socket);
  lws_sock_file_fd_type fd{};
  fd.sockfd = adopting_.fd.Release();  // libwebsockets closes it, also when it fails.
  lws_adopt_descriptor_vhost(vhost_, LWS_ADOPT_SOCKET, fd, kProtocolName, nullptr);
}

// Closes the connection whose request has been on its way for longest; an honest one takes
// milliseconds. False when there is none that is still reading.
bool LibwebsocketsHttpServer::Service::EvictSlowest() {
  const Connection* slowest = nullptr;
  for (const auto& connection : connections_) {
    if (connection->phase != Phase::kReading && connection->phase != Phase::kLingering) continue;
    if (slowest == nullptr || connection->since < slowest->since) slowest = connection.get();
  }
  if (slowest == nullptr) return false;
  lws_set_timeout(slowest->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
  return true;
}

// The listening socket stays readable as long as a connection waits, and would keep this thread
// running: accept one and close it at once.
void LibwebsocketsHttpServer::Service::DropOneForLackOfDescriptors() {
  LOG_WARN("HTTP connection refused: the process has no file descriptor left");
  spare_fd_ = UniqueFd();
  { const Result<AcceptedSocket> dropped = Accept(listener_fd_); }
  spare_fd_ = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

int LibwebsocketsHttpServer::Service::HandleInput(Connection& connection, std::string_view input) {
  if (connection.phase == Phase::kLingering) return 0;
  connection.unread.append(input);
  if (connection.phase == Phase::kReading) ParseUnread(connection);
  return 0;
}

void LibwebsocketsHttpServer::Service::ParseUnread(Connection& connection) {
  Http1Parser& parser = connection.parser;
  const bool was_idle = parser.state() == Http1Parser::State::kIdle;
  std::string_view input = connection.unread;
  const Http1Parser::State state = parser.Parse(input);
  connection.unread.erase(0, connection.unread.size() - input.size());
  // One deadline for the whole request: a byte now and then does not move it (slow loris).
  if (was_idle && state != Http1Parser::State::kIdle)
    SetTimer(connection, options_.request_timeout);

  switch (state) {
    case Http1Parser::State::kIdle:
    case Http1Parser::State::kHead:
      return;
    case Http1Parser::State::kBody:
      if (parser.TakeExpectsContinue()) {
        connection.output.assign(LWS_PRE, '\0');
        connection.output += "HTTP/1.1 100 Continue\r\n\r\n";
        connection.sent = LWS_PRE;
        lws_callback_on_writable(connection.wsi);
      }
      return;
    case Http1Parser::State::kComplete:
      HandOver(connection);
      return;
    case Http1Parser::State::kRefused:
      Refuse(connection, parser.refusal().status, parser.refusal().reason);
      return;
  }
}

void LibwebsocketsHttpServer::Service::HandOver(Connection& connection) {
  connection.persistence =
      connection.parser.keep_alive() ? Persistence::kKeepAlive : Persistence::kClose;
  hal::HttpRequest request = connection.parser.TakeRequest();
  connection.method = request.method;
  if (outstanding_ == kMaxHttpRequestsPending || stopping_) {
    Refuse(connection, 503, stopping_ ? "The camera is stopping" : "Too many requests at once");
    return;
  }
  request.id = ++last_request_id_;
  request.remote = connection.remote;
  connection.request_id = request.id;
  connection.phase = Phase::kWaiting;
  lws_rx_flow_control(connection.wsi, 0);  // Invariant 1.
  ++outstanding_;
  CHECK(requests_.Push(request), "invariant 2: %zu requests outstanding", outstanding_);
  io_.Wake();
}

void LibwebsocketsHttpServer::Service::HandleAnswers() {
  while (std::optional<Answer> answer = answers_.Pop()) {
    CHECK(outstanding_ > 0, "invariant 2: request %llu was never asked, or is answered twice",
          static_cast<unsigned long long>(answer->id));
    --outstanding_;
    for (const auto& connection : connections_) {
      if (connection->phase != Phase::kWaiting || connection->request_id != answer->id) continue;
      Reply(*connection, answer->response);
      break;
    }
  }
}

void LibwebsocketsHttpServer::Service::Refuse(Connection& connection, int status,
                                              const char* reason) {
  connection.persistence = Persistence::kClose;
  Reply(connection, PlainText(status, reason));
}

void LibwebsocketsHttpServer::Service::Reply(Connection& connection,
                                             const hal::HttpResponse& response) {
  if (stopping_) connection.persistence = Persistence::kClose;
  if (connection.output.empty()) {
    connection.output.assign(LWS_PRE, '\0');
    connection.sent = LWS_PRE;
  }
  WriteHttp1Response(response, connection.method, connection.persistence, HttpDate(),
                     connection.output);
  connection.phase = Phase::kWriting;
  lws_rx_flow_control(connection.wsi, 0);
  SetTimer(connection, options_.response_timeout);
  lws_callback_on_writable(connection.wsi);
}

int LibwebsocketsHttpServer::Service::HandleWritable(Connection& connection) {
  if (connection.sent < connection.output.size()) {
    const size_t size = std::min(kWriteSize, connection.output.size() - connection.sent);
    auto* data = reinterpret_cast<unsigned char*>(&connection.output[connection.sent]);
    if (lws_write(connection.wsi, data, size, LWS_WRITE_RAW) < 0) return -1;
    connection.sent += size;
    lws_callback_on_writable(connection.wsi);
    return 0;
  }
  // What libwebsockets holds back has gone out too: it calls only then.
  connection.output.clear();
  connection.sent = 0;
  if (connection.phase == Phase::kWriting) FinishReply(connection);
  return 0;
}

void LibwebsocketsHttpServer::Service::FinishReply(Connection& connection) {
  lws_rx_flow_control(connection.wsi, 1);
  connection.since = ++last_since_;
  if (connection.persistence == Persistence::kClose) {
    connection.phase = Phase::kLingering;
    connection.unread.clear();
    shutdown(lws_get_socket_fd(connection.wsi), SHUT_WR);
    SetTimer(connection, kLingerTime);
    return;
  }
  connection.phase = Phase::kReading;
  connection.output.shrink_to_fit();
  SetTimer(connection, options_.idle_timeout);
  if (!connection.unread.empty()) ParseUnread(connection);  // A pipelined request.
}

int LibwebsocketsHttpServer::Service::HandleTimer(Connection& connection) {
  // The request did arrive in time, and now it is the app's turn, which answers each. (4.1 has no
  // way to cancel a timer: LWS_SET_TIMER_USEC_CANCEL fires at once.)
  if (connection.phase == Phase::kWaiting) return 0;
  const Http1Parser::State state = connection.parser.state();
  if (connection.phase != Phase::kReading || state == Http1Parser::State::kIdle) return -1;
  Refuse(connection, 408, "The request took too long to arrive");
  return 0;
}

void LibwebsocketsHttpServer::Service::StartStopping() {
  stopping_ = true;
  lws_set_timeout(listener_, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
  for (const auto& connection : connections_) {
    if (connection->phase == Phase::kWaiting) {
      Refuse(*connection, 503, "The camera is stopping");
    }
  }
  stop_timer_.service = this;
  lws_sul_schedule(context_, 0, &stop_timer_.list, StopTimeIsOver, kStopTime.count());
}

void LibwebsocketsHttpServer::Service::StopTimeIsOver(lws_sorted_usec_list_t* timer) {
  reinterpret_cast<StopTimer*>(timer)->service->stop_time_is_over_ = true;
}

bool LibwebsocketsHttpServer::Service::Stopped() const {
  if (!stopping_) return false;
  const bool writing =
      std::any_of(connections_.begin(), connections_.end(),
                  [](const auto& connection) { return connection->phase == Phase::kWriting; });
  return stop_time_is_over_ || !writing;
}

void LibwebsocketsHttpServer::Service::SetTimer(Connection& connection, Duration timeout) {
  lws_set_timer_usecs(connection.wsi, timeout.count());
}

Result<std::unique_ptr<LibwebsocketsHttpServer>> LibwebsocketsHttpServer::Open(
    const LibwebsocketsHttpServerOptions& options, hal::Waker& io) {
  Result<std::unique_ptr<Service>> service = Service::Open(options, io);
  if (!service.ok()) return service.status();
  return std::unique_ptr<LibwebsocketsHttpServer>(new LibwebsocketsHttpServer(std::move(*service)));
}

LibwebsocketsHttpServer::LibwebsocketsHttpServer(std::unique_ptr<Service> service)
    : service_(std::move(service)) {}

LibwebsocketsHttpServer::~LibwebsocketsHttpServer() = default;

uint16_t LibwebsocketsHttpServer::port() const { return service_->port(); }

std::optional<hal::HttpRequest> LibwebsocketsHttpServer::PollRequest() {
  return service_->PollRequest();
}

void LibwebsocketsHttpServer::Respond(hal::HttpRequestId id, hal::HttpResponse response) {
  service_->Respond(id, std::move(response));
}

}  // namespace ocellus::drivers
