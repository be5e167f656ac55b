// SPDX-License-Identifier: Apache-2.0
#include "drivers/libwebsockets_http_server/libwebsockets_http_server.h"

#include <fcntl.h>
#include <libwebsockets.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "drivers/libwebsockets_http_server/http_connection.h"
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

constexpr const char* kStopping = "The camera is stopping";

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

}  // namespace

// The service thread and what it owns.
//
// Invariants:
//  1. outstanding_ counts the requests that were pushed and whose answers were not popped. It is
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
  struct Client {
    lws* wsi = nullptr;
    SocketAddress remote;
    HttpConnection connection;
    HttpConnection::Timer armed = HttpConnection::Timer::kNone;  // The timer that runs.
    uint64_t since = 0;                 // Grows: the smallest one has not moved for longest.
    hal::HttpRequestId request_id = 0;  // The last one.
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
  int Dispatch(lws* wsi, lws_callback_reasons reason, Client** user, std::string_view in);

  void AcceptAll();
  void Adopt(AcceptedSocket socket);
  bool EvictSlowest();
  void DropOneForLackOfDescriptors();

  void HandOver(Client& client, hal::HttpRequest request);
  void HandleAnswers();
  int HandleWritable(Client& client);
  void Update(Client& client);
  Duration TimeoutOf(HttpConnection::Timer timer) const;

  void StartStopping();
  bool Stopped() const;
  static void StopTimeIsOver(lws_sorted_usec_list_t* timer);

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
  std::vector<std::unique_ptr<Client>> clients_;
  std::array<unsigned char, LWS_PRE + kWriteSize> write_buffer_{};
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
  clients_.reserve(kMaxHttpConnections);

  static const lws_protocols kProtocols[] = {
      {kProtocolName, Callback, sizeof(Client*), 0, 0, nullptr, 0},
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
        "invariant 1: more answers than requests, id %llu", static_cast<unsigned long long>(id));
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
  return service->Dispatch(wsi, reason, static_cast<Client**>(user), data);
}

// `user` is what libwebsockets keeps for a connection: the pointer to ours, null for the listener.
// A result other than 0 closes the connection.
int LibwebsocketsHttpServer::Service::Dispatch(lws* wsi, lws_callback_reasons reason, Client** user,
                                               std::string_view in) {
  switch (reason) {
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
      HandleAnswers();
      if (stop_ && !stopping_) StartStopping();
      return 0;
    case LWS_CALLBACK_RAW_RX_FILE:
      AcceptAll();
      return 0;
    case LWS_CALLBACK_RAW_ADOPT:
      clients_.push_back(std::make_unique<Client>());
      *user = clients_.back().get();
      (*user)->wsi = wsi;
      (*user)->remote = adopting_.remote;
      Update(**user);
      return 0;
    case LWS_CALLBACK_RAW_RX:
      (*user)->connection.HandleInput(in, HttpDate());
      Update(**user);
      return 0;
    case LWS_CALLBACK_RAW_WRITEABLE:
      return HandleWritable(**user);
    case LWS_CALLBACK_TIMER:
      if (!(*user)->connection.HandleTimeout(HttpDate())) return -1;
      Update(**user);
      return 0;
    case LWS_CALLBACK_RAW_CLOSE: {
      const auto is_this = [wsi](const auto& client) { return client->wsi == wsi; };
      clients_.erase(std::remove_if(clients_.begin(), clients_.end(), is_this), clients_.end());
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
  if (clients_.size() >= kMaxHttpConnections && !EvictSlowest()) {
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

// Closes the connection that has not moved for longest while we read from it; an honest request
// takes milliseconds. False when all of them wait for us, or for our answers.
bool LibwebsocketsHttpServer::Service::EvictSlowest() {
  const Client* slowest = nullptr;
  for (const auto& client : clients_) {
    if (!client->connection.wants_input()) continue;
    if (slowest == nullptr || client->since < slowest->since) slowest = client.get();
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

void LibwebsocketsHttpServer::Service::HandOver(Client& client, hal::HttpRequest request) {
  if (outstanding_ == kMaxHttpRequestsPending || stopping_) {
    const char* reason = stopping_ ? kStopping : "Too many requests at once";
    client.connection.Refuse(503, reason, HttpDate());
    return;
  }
  request.id = ++last_request_id_;
  request.remote = client.remote;
  client.request_id = request.id;
  ++outstanding_;
  CHECK(requests_.Push(request), "invariant 1: %zu requests outstanding", outstanding_);
  io_.Wake();
}

void LibwebsocketsHttpServer::Service::HandleAnswers() {
  while (std::optional<Answer> answer = answers_.Pop()) {
    CHECK(outstanding_ > 0, "invariant 1: request %llu was never asked, or is answered twice",
          static_cast<unsigned long long>(answer->id));
    --outstanding_;
    for (const auto& client : clients_) {
      const bool waits = client->connection.phase() == HttpConnection::Phase::kWaiting;
      if (!waits || client->request_id != answer->id) continue;
      client->connection.Reply(answer->response, Persistence::kKeepAlive, HttpDate());
      Update(*client);
      break;
    }
  }
}

int LibwebsocketsHttpServer::Service::HandleWritable(Client& client) {
  const std::string_view output = client.connection.output();
  if (output.empty()) {
    // What libwebsockets holds back has gone out too: it calls only then.
    client.connection.HandleFlushed(HttpDate());
  } else {
    const size_t size = std::min(kWriteSize, output.size());
    std::memcpy(&write_buffer_[LWS_PRE], output.data(), size);
    if (lws_write(client.wsi, &write_buffer_[LWS_PRE], size, LWS_WRITE_RAW) < 0) return -1;
    client.connection.DropOutput(size);
    lws_callback_on_writable(client.wsi);
  }
  Update(client);
  return 0;
}

// Brings libwebsockets in line with what the connection wants now.
void LibwebsocketsHttpServer::Service::Update(Client& client) {
  HttpConnection& connection = client.connection;
  if (std::optional<hal::HttpRequest> request = connection.PollRequest()) {
    HandOver(client, *std::move(request));
  }
  if (!connection.output().empty()) lws_callback_on_writable(client.wsi);
  lws_rx_flow_control(client.wsi, connection.wants_input() ? 1 : 0);

  const HttpConnection::Timer timer = connection.timer();
  if (timer == client.armed) return;
  client.armed = timer;
  client.since = ++last_since_;
  // A timer that has become pointless may fire: HandleTimeout knows. (4.1 cannot cancel one, its
  // LWS_SET_TIMER_USEC_CANCEL fires at once.)
  if (timer == HttpConnection::Timer::kNone) return;
  lws_set_timer_usecs(client.wsi, TimeoutOf(timer).count());
  if (timer == HttpConnection::Timer::kLinger) shutdown(lws_get_socket_fd(client.wsi), SHUT_WR);
}

Duration LibwebsocketsHttpServer::Service::TimeoutOf(HttpConnection::Timer timer) const {
  switch (timer) {
    case HttpConnection::Timer::kIdle:
      return options_.idle_timeout;
    case HttpConnection::Timer::kRequest:
    case HttpConnection::Timer::kNone:
      return options_.request_timeout;
    case HttpConnection::Timer::kResponse:
      return options_.response_timeout;
    case HttpConnection::Timer::kLinger:
      return kLingerTime;
  }
  return kLingerTime;
}

void LibwebsocketsHttpServer::Service::StartStopping() {
  stopping_ = true;
  lws_set_timeout(listener_, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
  for (const auto& client : clients_) {
    if (client->connection.phase() != HttpConnection::Phase::kWaiting) continue;
    client->connection.Refuse(503, kStopping, HttpDate());
    Update(*client);
  }
  stop_timer_.service = this;
  lws_sul_schedule(context_, 0, &stop_timer_.list, StopTimeIsOver, kStopTime.count());
}

bool LibwebsocketsHttpServer::Service::Stopped() const {
  if (!stopping_) return false;
  const bool writing = std::any_of(clients_.begin(), clients_.end(), [](const auto& client) {
    return client->connection.phase() == HttpConnection::Phase::kWriting;
  });
  return stop_time_is_over_ || !writing;
}

void LibwebsocketsHttpServer::Service::StopTimeIsOver(lws_sorted_usec_list_t* timer) {
  reinterpret_cast<StopTimer*>(timer)->service->stop_time_is_over_ = true;
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
