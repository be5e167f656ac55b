// SPDX-License-Identifier: Apache-2.0
// The server side of WHEP (draft-ietf-wish-whep-04): turns HTTP requests into calls of
// ViewerSessions and their results into HTTP responses. Does no HTTP itself (hal::HttpServer does)
// and knows nothing of media. io thread only. Owned by HttpFrontEnd.
//
//   endpoint  /whep        POST an offer: 201 with the answer, or 406 with a counter-offer;
//                          OPTIONS: the ICE servers, for players that want them before they offer
//   session   /whep/<id>   PATCH candidates (204), an ICE restart (200) or an answer (204); DELETE
//
// Errors carry problem details (RFC 9457), every response the CORS headers that let a page of
// another origin read it.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "firmware/auth/access.h"
#include "firmware/base/time.h"
#include "firmware/base/token_bucket.h"
#include "firmware/signaling/viewer_sessions.h"
#include "hal/http_server.h"

namespace ocellus::signaling {

// A STUN or TURN server for viewers, one URL of it. RFC 9725 section 4.6.
struct IceServer {
  std::string url;         // "stun:stun.example.net", "turn:turn.example.net?transport=udp".
  std::string username;    // Empty for STUN.
  std::string credential;  // Empty for STUN.
};

// The servers that viewers are told of. Asked at each response, so that every viewer can have TURN
// credentials of its own, which end soon. The app implements it.
class IceServers {
 public:
  virtual ~IceServers() = default;
  virtual std::vector<IceServer> ForViewer(Time now) = 0;
};

struct WhepOptions {
  // Borrowed, for the life of Whep. Null: viewers get none.
  IceServers* ice_servers = nullptr;
};

class Whep {
 public:
  // `sessions` and `access` must outlive this.
  Whep(ViewerSessions& sessions, auth::Access& access, WhepOptions options);

  // True for the paths above, and for the same ones with the stream's name: "/main/whep".
  static bool IsWhepPath(std::string_view path);

  // Answers a request for which IsWhepPath holds.
  hal::HttpResponse Handle(Time now, const hal::HttpRequest& request);

 private:
  hal::HttpResponse HandleEndpoint(Time now, const hal::HttpRequest& request);
  hal::HttpResponse HandleSession(Time now, const hal::HttpRequest& request, const SessionId& id);
  hal::HttpResponse Post(Time now, const hal::HttpRequest& request, auth::Role role);
  hal::HttpResponse CounterOfferTo(Time now, const hal::HttpRequest& request,
                                   const Visitor& visitor, const Status& refusal);
  hal::HttpResponse SessionResponse(Time now, int status, const hal::HttpRequest& request,
                                    const SessionId& id, std::string_view ice_generation);
  void AddIceServers(Time now, hal::HttpResponse& response);
  hal::HttpResponse Patch(Time now, const hal::HttpRequest& request, const SessionId& id);
  hal::HttpResponse PatchIce(Time now, const hal::HttpRequest& request, const SessionId& id);
  hal::HttpResponse Restart(Time now, const SessionId& id, std::string_view fragment);

  bool AllowRequest(Time now, const SessionId& id);

  ViewerSessions& sessions_;
  auth::Access& access_;
  WhepOptions options_;
  TokenBucket offers_;
  TokenBucket unknown_sessions_;
  // For sessions that exist; the others are dropped when it grows past kMaxMaxViewers.
  std::unordered_map<SessionId, TokenBucket> buckets_;
};

}  // namespace ocellus::signaling
