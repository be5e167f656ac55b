// SPDX-License-Identifier: Apache-2.0
// The control protocol, ocellus.control.v1: JSON-RPC 2.0 in the text messages of data channels, and
// in the bodies of POST /api/v1/rpc. It reads requests, checks them against the table of methods
// (method_table.h), calls what they name, and tells subscribers what has changed.
//
// Does not know channels or HTTP: the app hands messages in and takes messages out. Nothing calls
// back. io thread only. Owned by the app.
//
// Invariants:
//   1. Every request with an id is answered once: at once, by Finish, or after kCallTimeout with an
//      error; but not when its client has gone. What has no id (a notification) is never answered.
//   2. A batch is answered as one message, once all of its requests are.
//   3. What a client makes us keep is bounded: kMaxPendingCalls calls, kMaxControlQueue bytes.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "firmware/auth/role.h"
#include "firmware/base/limits.h"
#include "firmware/base/log.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"
#include "firmware/base/time.h"
#include "firmware/control/change_watcher.h"
#include "firmware/control/file_area.h"
#include "firmware/control/method.h"
#include "firmware/control/request_budget.h"
#include "firmware/control/rpc_message.h"
#include "firmware/control/services.h"
#include "firmware/control/session.h"
#include "firmware/json/json.h"
#include "hal/http_server.h"

namespace ocellus::control {

// A message for a client: to be sent as text, in this order. When its channel cannot take it (its
// buffer is full: nobody reads there), close the channel: answers are not left out.
struct OutgoingMessage {
  ClientId client;
  std::string text;
};

// The answer to HandleHttp, of type application/json; status 204 has no body.
struct HttpAnswer {
  hal::HttpRequestId id = 0;
  int status = 200;
  std::string body;
};

class Server {
 public:
  // Label and protocol of the data channel; it must be reliable and ordered.
  static constexpr std::string_view kChannelLabel = "control";
  static constexpr std::string_view kChannelProtocol = "ocellus.control.v1";

  // How long a call may take. Its caller is told then that it took too long, and what comes of it
  // later is dropped.
  static constexpr Duration kCallTimeout = std::chrono::seconds(5);

  // All of `services` must outlive this.
  explicit Server(const Services& services);

  // A control channel has opened. The owner bounds their number: one a viewer.
  // `max_message_size`, in bytes, is what the client takes: answers that are larger become errors,
  // notifications are left out.
  ClientId Open(Time now, auth::Role role, const SocketAddress& remote,
                size_t max_message_size = kMaxControlReplySize);
  // One message of it: a request, a batch of requests, or rubbish. Borrowed.
  void HandleMessage(Time now, ClientId client, std::string_view text);
  // The channel has closed: its calls are forgotten. Does nothing when the client is unknown.
  void Close(ClientId client);
  // session.log_in does this by itself.
  void SetRole(ClientId client, auth::Role role);

  // A body that was posted to /api/v1/rpc. PollHttp answers it, mostly at once.
  // `role` is what its token (or the lack of one) gives.
  void HandleHttp(Time now, hal::HttpRequestId id, auth::Role role, const SocketAddress& remote,
                  std::string_view body);

  // Answers a call that was Pending. Does nothing when its client has gone or waits no more.
  void Finish(Ticket ticket, Result<json::Value> result);

  // Files have come or gone. All else that subscribers are told of the server finds by itself,
  // while there are any. Before HandleTimeout, which sends away who reads nothing of it.
  void NotifyFilesChanged(FileArea area);

  // After any call, poll until there is nothing.
  std::optional<OutgoingMessage> PollMessage();
  std::optional<HttpAnswer> PollHttp();
  // A client that asks too much: its channel is to be closed. It is unknown here from now on.
  std::optional<ClientId> PollKicked();

  void HandleTimeout(Time now);
  // kNever while nobody has subscribed and no call is under way.
  Time next_deadline() const;

  size_t client_count() const { return clients_.size(); }

 private:
  using ExchangeId = StrongId<struct ExchangeIdTag, uint64_t>;
  // What a request comes to.
  using Reply = std::variant<json::Value, RpcError, Pending>;

  struct Client {
    Session session;
    RequestBudget budget;
    size_t max_message_size = kMaxControlReplySize;
    size_t pending_calls = 0;
    size_t queued_bytes = 0;   // In exchanges_ and outgoing_.
    uint64_t newest_line = 0;  // Of the log, that it was told.
    Time last_heard{};
  };

  // One message that came, until it is answered.
  struct Exchange {
    ClientId client;
    std::optional<hal::HttpRequestId> http;
    bool is_batch = false;
    size_t requests = 1;
    size_t pending_calls = 0;
    std::string answers;  // With commas between them.
    int http_status = 200;
  };

  struct PendingCall {
    ExchangeId exchange;
    std::optional<std::string> id;  // As in RpcRequest.
    const Method* method = nullptr;
    Time deadline;
  };

  Client* Find(ClientId id);
  // The client of a household, made when there is none; nullptr when there is no room for it.
  Client* FindHttpClient(Time now, auth::Role role, const SocketAddress& remote);
  void Forget(ClientId id);
  void Kick(Time now, ClientId id, const char* why);

  void Read(Time now, Client& client, std::optional<hal::HttpRequestId> http,
            std::string_view text);
  // Carries out the requests in `text`; or says why that is none.
  std::optional<RpcError> ExecuteText(Time now, Client& client, ExchangeId id,
                                      std::string_view text);
  void Execute(Time now, Client& client, ExchangeId id, json::View json);
  Reply Call(Time now, Client& client, const Method& method, json::View params, Ticket ticket);
  void Answer(ExchangeId id, const std::optional<std::string>& request, const Reply& reply);
  void Deliver(ExchangeId id);
  void Queue(Client& client, std::string text);
  void KickWhoDoNotRead(Time now);

  // Whether the client has subscribed to the topic, and may have it.
  static bool Has(const Client& client, const TopicInfo& info);
  static TopicSet TopicsOf(const Client& client);
  // The topics that somebody has.
  TopicSet WantedTopics() const;
  void Watch(Time now);
  void TellEverySecond(Time now);
  void TellLog(Client& client, const TopicInfo& info);
  void Notify(Topic topic, std::string_view params);
  // False when that is more than the client takes: it is left out.
  bool Tell(Client& client, const TopicInfo& info, std::string_view params);

  const Services services_;
  uint64_t next_client_ = 1;
  uint64_t next_exchange_ = 1;
  uint64_t next_ticket_ = 1;  // 0 is kNobodyWaits.
  std::map<ClientId, Client> clients_;
  std::map<ExchangeId, Exchange> exchanges_;
  std::map<Ticket, PendingCall> pending_;  // In the order of their deadlines, too.
  std::deque<OutgoingMessage> outgoing_;
  std::deque<HttpAnswer> http_answers_;
  std::deque<ClientId> kicked_;
  LogLimiter kick_log_{std::chrono::seconds(10)};
  ChangeWatcher watcher_;
  Time next_look_ = kNever;
  Time next_second_ = kNever;
};

}  // namespace ocellus::control
