// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/server.h"

#include <algorithm>
#include <utility>

#include "firmware/auth/access.h"
#include "firmware/base/log.h"
#include "firmware/control/arguments.h"
#include "firmware/control/call.h"
#include "firmware/control/method_table.h"
#include "firmware/control/to_json.h"

namespace ocellus::control {
namespace {

// How soon subscribers learn what has changed.
constexpr Duration kLookInterval = std::chrono::milliseconds(100);
constexpr Duration kSecond = std::chrono::seconds(1);

// Bytes that each request of a batch may have for an error, whatever the results of the others.
constexpr size_t kErrorRoom = 512;

constexpr int kHttpOk = 200;
constexpr int kHttpNoContent = 204;
constexpr int kHttpBadRequest = 400;
constexpr int kHttpForbidden = 403;
constexpr int kHttpTooManyRequests = 429;
constexpr int kHttpUnavailable = 503;

RpcError Exhausted(std::string message) {
  return RpcError{kResourceExhausted, std::move(message), {}};
}

RpcError TooManyRequests() {
  return Exhausted(Format("too many requests: %u a second, and %u at once",
                          kControlRequestsPerSecond, kControlBurst));
}

RpcError NeedsRole(const Method& method, auth::Role role) {
  return RpcError{kPermissionDenied,
                  Format("%s: needs the role %s, and you are %s", method.name,
                         ToString(method.role), ToString(role)),
                  method.role};
}

// `text` is that of the error; a message that is too long for its part of a batch loses its end.
void CutToErrorRoom(std::string_view id, RpcError error, std::string& text) {
  while (text.size() > kErrorRoom) {
    error.message.resize(error.message.size() / 2);
    text = ErrorText(id, error);
  }
}

// The status of the answer to a single request: a method that failed is no failure of HTTP.
int HttpStatus(const RpcError& error) {
  if (error.code == kParseError || error.code == kInvalidRequest) return kHttpBadRequest;
  return error.needed_role ? kHttpForbidden : kHttpOk;
}

}  // namespace

Server::Server(const Services& services) : services_(services), watcher_(services_) {}

// --- Clients -------------------------------------------------------------------------------------

ClientId Server::Open(Time now, auth::Role role, const SocketAddress& remote,
                      size_t max_message_size) {
  const ClientId id(next_client_++);
  Client& client = clients_[id];
  client.session.caller = Caller{id, role, remote};
  client.max_message_size = std::min(max_message_size, kMaxControlReplySize);
  client.last_heard = now;
  return id;
}

void Server::Close(ClientId id) { Forget(id); }

void Server::SetRole(ClientId id, auth::Role role) {
  if (Client* client = Find(id)) client->session.caller.role = role;
}

Server::Client* Server::Find(ClientId id) {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

Server::Client* Server::FindHttpClient(Time now, auth::Role role, const SocketAddress& remote) {
  const IpAddress household = auth::Household(remote.ip);
  Client* found = nullptr;
  Client* quietest = nullptr;
  size_t count = 0;
  for (auto& [id, client] : clients_) {
    if (client.session.transport != Session::Transport::kHttp) continue;
    ++count;
    if (auth::Household(client.session.caller.remote.ip) == household) found = &client;
    if (client.pending_calls > 0) continue;
    if (quietest == nullptr || client.last_heard < quietest->last_heard) quietest = &client;
  }
  if (found == nullptr) {
    if (count >= kMaxHttpControlClients) {
      if (quietest == nullptr) return nullptr;
      Forget(quietest->session.caller.client);
    }
    found = Find(Open(now, role, remote));
    found->session.transport = Session::Transport::kHttp;
  }
  found->session.caller.role = role;
  found->session.caller.remote = remote;
  found->last_heard = now;
  return found;
}

void Server::Forget(ClientId id) {
  if (clients_.erase(id) == 0) return;
  for (auto call = pending_.begin(); call != pending_.end();) {
    const bool is_of_client = exchanges_.at(call->second.exchange).client == id;
    call = is_of_client ? pending_.erase(call) : std::next(call);
  }
  for (auto exchange = exchanges_.begin(); exchange != exchanges_.end();) {
    exchange = exchange->second.client == id ? exchanges_.erase(exchange) : std::next(exchange);
  }
  const auto is_for_client = [id](const OutgoingMessage& message) { return message.client == id; };
  outgoing_.erase(std::remove_if(outgoing_.begin(), outgoing_.end(), is_for_client),
                  outgoing_.end());
}

void Server::Kick(Time now, ClientId id, const char* why) {
  if (kick_log_.Allow(now)) {
    LOG_WARN("control client %s is sent away: %s",
             Find(id)->session.caller.remote.ToString().c_str(), why);
  }
  Forget(id);
  kicked_.push_back(id);
}

void Server::KickWhoDoNotRead(Time now) {
  std::vector<ClientId> full;
  for (const auto& [id, client] : clients_) {
    // Over HTTP there are only the answers of calls that are under way, and others behind the same
    // address wait for theirs.
    if (client.session.transport == Session::Transport::kHttp) continue;
    if (client.queued_bytes > kMaxControlQueue) full.push_back(id);
  }
  for (const ClientId id : full) Kick(now, id, "it does not read");
}

// --- Requests ------------------------------------------------------------------------------------

void Server::HandleMessage(Time now, ClientId id, std::string_view text) {
  Client* client = Find(id);
  if (client == nullptr) return;
  if (!client->budget.TakeMessage(now, text.size())) return Kick(now, id, "it sends too much");
  const TopicSet before = TopicsOf(*client);
  Read(now, *client, std::nullopt, text);
  const TopicSet topics = TopicsOf(*client);
  if (topics != before) {
    if (topics.has(Topic::kLog) && !before.has(Topic::kLog)) {
      client->newest_line = services_.log.newest();
    }
    Watch(now);
  }
  KickWhoDoNotRead(now);
}

void Server::HandleHttp(Time now, hal::HttpRequestId id, auth::Role role,
                        const SocketAddress& remote, std::string_view body) {
  Client* client = FindHttpClient(now, role, remote);
  if (client == nullptr) {
    const RpcError error{kUnavailable, "too many others are calling", {}};
    http_answers_.push_back(HttpAnswer{id, kHttpUnavailable, ErrorText("null", error)});
  } else if (!client->budget.TakeMessage(now, body.size())) {
    http_answers_.push_back(
        HttpAnswer{id, kHttpTooManyRequests, ErrorText("null", TooManyRequests())});
  } else {
    Read(now, *client, id, body);
  }
}

void Server::Read(Time now, Client& client, std::optional<hal::HttpRequestId> http,
                  std::string_view text) {
  const ExchangeId id(next_exchange_++);
  Exchange& exchange = exchanges_[id];
  exchange.client = client.session.caller.client;
  exchange.http = http;
  if (const std::optional<RpcError> error = ExecuteText(now, client, id, text)) {
    exchange.http_status = kHttpBadRequest;
    Answer(id, "null", *error);
  }
  if (exchange.pending_calls == 0) Deliver(id);
}

std::optional<RpcError> Server::ExecuteText(Time now, Client& client, ExchangeId id,
                                            std::string_view text) {
  if (text.size() > kMaxControlMessageSize) {
    return Exhausted(Format("a message of %u bytes, at most %u", static_cast<unsigned>(text.size()),
                            static_cast<unsigned>(kMaxControlMessageSize)));
  }
  const Result<json::Value> json = json::Value::Parse(text);
  if (!json.ok()) return RpcError{kParseError, json.status().message(), {}};
  const json::View message = json->view();
  if (message.type() != json::Type::kArray) {
    Execute(now, client, id, message);
    return std::nullopt;
  }
  if (message.size() == 0) return RpcError{kInvalidRequest, "a batch without requests", {}};
  if (message.size() > kMaxControlBatch) {
    return Exhausted(Format("a batch of %u requests, at most %u",
                            static_cast<unsigned>(message.size()),
                            static_cast<unsigned>(kMaxControlBatch)));
  }
  Exchange& exchange = exchanges_.at(id);
  exchange.is_batch = true;
  exchange.requests = message.size();
  for (const json::View element : message) Execute(now, client, id, element);
  return std::nullopt;
}

void Server::Execute(Time now, Client& client, ExchangeId id, json::View json) {
  Exchange& exchange = exchanges_.at(id);
  RpcRequest request;
  const std::optional<RpcError> mistake = ReadRequest(json, request);
  if (!client.budget.TakeRequest(now)) {
    Answer(id, request.id, TooManyRequests());
    exchange.http_status = kHttpTooManyRequests;
    return;
  }
  if (mistake) return Answer(id, request.id, *mistake);
  const Method* method = FindMethod(request.method);
  if (method == nullptr) {
    return Answer(id, request.id,
                  RpcError{kMethodNotFound,
                           "there is no method " + QuoteValue(request.method) +
                               "; rpc.discover names those that there are",
                           {}});
  }
  const Ticket ticket(next_ticket_++);
  const Reply reply = Call(now, client, *method, request.params, ticket);
  if (!std::holds_alternative<Pending>(reply)) return Answer(id, request.id, reply);
  pending_.emplace(ticket, PendingCall{id, request.id, method, now + kCallTimeout});
  ++client.pending_calls;
  ++exchange.pending_calls;
}

Server::Reply Server::Call(Time now, Client& client, const Method& method, json::View params,
                           Ticket ticket) {
  const auth::Role role = client.session.caller.role;
  if (!Includes(role, method.role)) return NeedsRole(method, role);
  const Result<Arguments> arguments = Arguments::Bind(method, params);
  if (!arguments.ok()) return ToRpcError(method.name, arguments.status());
  if (client.pending_calls >= kMaxPendingCalls) {
    return Exhausted(Format("%s: %u calls are under way; wait for their answers", method.name,
                            static_cast<unsigned>(kMaxPendingCalls)));
  }
  Outcome outcome =
      method.handler(control::Call{now, services_, client.session, *arguments, ticket});
  if (const Status* status = std::get_if<Status>(&outcome)) return ToRpcError(method.name, *status);
  if (json::Value* value = std::get_if<json::Value>(&outcome)) return std::move(*value);
  return Pending{};
}

void Server::Finish(Ticket ticket, Result<json::Value> result) {
  const auto found = pending_.find(ticket);
  if (found == pending_.end()) return;
  const PendingCall call = std::move(found->second);
  pending_.erase(found);
  Exchange& exchange = exchanges_.at(call.exchange);
  --exchange.pending_calls;
  --clients_.at(exchange.client).pending_calls;
  if (result.ok()) {
    Answer(call.exchange, call.id, std::move(*result));
  } else {
    Answer(call.exchange, call.id, ToRpcError(call.method->name, result.status()));
  }
  if (exchange.pending_calls == 0) Deliver(call.exchange);
}

// --- Answers -------------------------------------------------------------------------------------

void Server::Answer(ExchangeId id, const std::optional<std::string>& request, const Reply& reply) {
  if (!request) return;
  Exchange& exchange = exchanges_.at(id);
  Client& client = clients_.at(exchange.client);
  std::string text;
  if (const json::Value* result = std::get_if<json::Value>(&reply)) {
    text = ResultText(*request, *result);
    const size_t others = std::min(exchange.requests * kErrorRoom, client.max_message_size);
    if (exchange.answers.size() + text.size() > client.max_message_size - others ||
        client.queued_bytes + text.size() > kMaxControlQueue) {
      text = ErrorText(*request, Exhausted(Format("the answer has %u bytes, which is too much here",
                                                  static_cast<unsigned>(text.size()))));
    }
  } else {
    const RpcError& error = std::get<RpcError>(reply);
    exchange.http_status = HttpStatus(error);
    text = ErrorText(*request, error);
    if (exchange.is_batch) CutToErrorRoom(*request, error, text);
  }
  if (!exchange.answers.empty()) exchange.answers += ',';
  exchange.answers += text;
  client.queued_bytes += text.size();
}

void Server::Deliver(ExchangeId id) {
  Exchange exchange = std::move(exchanges_.at(id));
  exchanges_.erase(id);
  Client& client = clients_.at(exchange.client);
  client.queued_bytes -= std::min(client.queued_bytes, exchange.answers.size());
  const bool is_empty = exchange.answers.empty();
  if (exchange.is_batch && !is_empty) exchange.answers = '[' + exchange.answers + ']';
  if (exchange.http) {
    const int status = is_empty            ? kHttpNoContent
                       : exchange.is_batch ? kHttpOk
                                           : exchange.http_status;
    http_answers_.push_back(HttpAnswer{*exchange.http, status, std::move(exchange.answers)});
  } else if (!is_empty) {
    Queue(client, std::move(exchange.answers));
  }
}

void Server::Queue(Client& client, std::string text) {
  client.queued_bytes += text.size();
  outgoing_.push_back(OutgoingMessage{client.session.caller.client, std::move(text)});
}

std::optional<OutgoingMessage> Server::PollMessage() {
  if (outgoing_.empty()) return std::nullopt;
  OutgoingMessage message = std::move(outgoing_.front());
  outgoing_.pop_front();
  clients_.at(message.client).queued_bytes -= message.text.size();
  return message;
}

std::optional<HttpAnswer> Server::PollHttp() {
  if (http_answers_.empty()) return std::nullopt;
  HttpAnswer answer = std::move(http_answers_.front());
  http_answers_.pop_front();
  return answer;
}

std::optional<ClientId> Server::PollKicked() {
  if (kicked_.empty()) return std::nullopt;
  const ClientId id = kicked_.front();
  kicked_.pop_front();
  return id;
}

// --- Events --------------------------------------------------------------------------------------

TopicSet Server::WantedTopics() const {
  TopicSet wanted;
  for (const auto& [id, client] : clients_) wanted.Add(TopicsOf(client));
  return wanted;
}

TopicSet Server::TopicsOf(const Client& client) {
  TopicSet topics;
  for (const TopicInfo& info : Topics()) {
    if (Has(client, info)) topics.Add(info.topic);
  }
  return topics;
}

bool Server::Has(const Client& client, const TopicInfo& info) {
  return client.session.topics.has(info.topic) && Includes(client.session.caller.role, info.role);
}

void Server::Watch(Time now) {
  const TopicSet wanted = WantedTopics();
  for (const ChangeWatcher::Change& change : watcher_.Look(wanted)) {
    Notify(change.topic, change.params);
  }
  next_look_ = ChangeWatcher::WatchesAny(wanted) ? now + kLookInterval : kNever;
  if (!wanted.has(Topic::kStats) && !wanted.has(Topic::kLog)) {
    next_second_ = kNever;
  } else if (next_second_ == kNever) {
    next_second_ = now;
  }
}

void Server::TellEverySecond(Time now) {
  for (auto& [id, client] : clients_) {
    if (const TopicInfo& stats = Info(Topic::kStats); Has(client, stats)) {
      const json::Value statistics = services_.device.ReadStatistics(now, client.session.caller);
      Tell(client, stats, statistics.Write());
    }
    if (const TopicInfo& log = Info(Topic::kLog); Has(client, log)) TellLog(client, log);
  }
}

void Server::TellLog(Client& client, const TopicInfo& info) {
  uint64_t newest = client.newest_line;
  // As many as there is room for, the newest.
  for (size_t most = kMaxControlLogLines; most > 0; most /= 2) {
    const std::vector<hal::LogLine> lines = services_.log.Read(client.newest_line, most);
    if (lines.empty()) break;
    newest = lines.back().number;
    if (Tell(client, info, Wrap("lines", ToJsonArray(lines)).Write())) break;
  }
  client.newest_line = newest;
}

void Server::Notify(Topic topic, std::string_view params) {
  const TopicInfo& info = Info(topic);
  for (auto& [id, client] : clients_) {
    if (Has(client, info)) Tell(client, info, params);
  }
}

void Server::NotifyFilesChanged(FileArea area) {
  const TopicInfo& info = Info(Topic::kFiles);
  json::Value params = json::Value::Object();
  params.Set("area", ToString(area));
  const std::string text = params.Write();
  for (auto& [id, client] : clients_) {
    const auth::Role role = client.session.caller.role;
    if (Has(client, info) && CheckFileAccess(area, FileAccess::kRead, role).ok())
      Tell(client, info, text);
  }
}

bool Server::Tell(Client& client, const TopicInfo& info, std::string_view params) {
  std::string text = NotificationText(info.notification, params);
  if (text.size() > client.max_message_size) return false;
  Queue(client, std::move(text));
  return true;
}

// --- Time ----------------------------------------------------------------------------------------

void Server::HandleTimeout(Time now) {
  while (!pending_.empty() && pending_.begin()->second.deadline <= now) {
    Finish(pending_.begin()->first,
           Status(StatusCode::kTimeout,
                  Format("nothing came of it within %u s",
                         static_cast<unsigned>(ToMilliseconds(kCallTimeout) / 1000))));
  }
  if (now >= next_look_ || now >= next_second_) Watch(now);
  if (now >= next_second_) {
    TellEverySecond(now);
    next_second_ = now + kSecond;
  }
  KickWhoDoNotRead(now);
}

Time Server::next_deadline() const {
  const Time call = pending_.empty() ? kNever : pending_.begin()->second.deadline;
  return std::min({call, next_look_, next_second_});
}

}  // namespace ocellus::control
