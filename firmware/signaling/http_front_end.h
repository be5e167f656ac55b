// SPDX-License-Identifier: Apache-2.0
// Everything that Ocellus answers over HTTP: the page, WHEP, status, health and snapshots. Routes
// requests, and waits for snapshots; does no HTTP itself. io thread only. Owned by the app.
//
//   /                                         the viewer page, and its files
//   /whep, /main/whep, and <id> behind them   WHEP
//   /status                                   JSON, see status_report.h: of all viewers to an
//                                             admin, of their number to others; with
//                                             ?viewer=<session id> of this one and their number
//   /healthz                                  200 as long as the process serves. A lost camera is
//                                             named in the body, but is no reason to restart us:
//                                             that would throw out the viewers and bring nothing.
//   /snapshot.jpg, /snapshot, /?action=snapshot   one JPEG of the picture now
//   /api/v1/rpc                               POST: a call of the control protocol, docs/control.md
//
// All but the page and /healthz, which tell nothing about what the camera sees, want a token unless
// viewing is open: see auth::Access.
#pragma once

#include <string>

#include "firmware/auth/role.h"
#include "firmware/base/bytes.h"
#include "firmware/base/limits.h"
#include "firmware/base/ring.h"
#include "firmware/signaling/static_page.h"
#include "firmware/signaling/status_report.h"
#include "firmware/signaling/whep.h"
#include "hal/http_server.h"

namespace ocellus::signaling {

// What the front end asks of the app.
class AppInfo {
 public:
  virtual ~AppInfo() = default;

  virtual StatusReport GetStatus(Time now) = 0;
  // Asks for a JPEG of the next picture, which comes back through HttpFrontEnd::DeliverSnapshot or
  // FailSnapshot, never before this returns. Not called again while one is under way.
  // Errors: kUnavailable (no picture now, and why), kUnsupported (nothing that can make a JPEG).
  virtual Status RequestSnapshot(Time now) = 0;
  // A JSON-RPC message, to be answered by HttpFrontEnd::RespondToRpc, now or later.
  virtual void HandleRpc(Time now, auth::Role role, const hal::HttpRequest& request) = 0;
};

class HttpFrontEnd {
 public:
  // How long a client waits for a snapshot: a camera that delivers nothing for that long is lost.
  static constexpr Duration kSnapshotTimeout = std::chrono::seconds(3);

  // All of them must outlive this.
  HttpFrontEnd(hal::HttpServer& server, ViewerSessions& sessions, AppInfo& app,
               auth::Access& access, Span<const StaticPage> pages, WhepOptions whep_options);

  // Answers what has come in, and the snapshots that took too long.
  void Pump(Time now);
  // `jpeg` is borrowed. Every client that waits gets it; does nothing when none does.
  void DeliverSnapshot(Bytes jpeg);
  void FailSnapshot(const Status& reason);
  // `body` is the JSON-RPC response; empty where there is none to give (notifications): 204 then.
  void RespondToRpc(hal::HttpRequestId id, int status, std::string body);

  // When Pump must be called even though no request came: a snapshot's time is up.
  Time next_deadline() const;

 private:
  struct SnapshotWaiter {
    hal::HttpRequestId id = 0;
    Time deadline;
  };

  void Handle(Time now, const hal::HttpRequest& request);
  void HandleSnapshot(Time now, const hal::HttpRequest& request);
  void HandleRpc(Time now, const hal::HttpRequest& request);
  hal::HttpResponse Page(const StaticPage& page) const;
  hal::HttpResponse StatusPage(Time now, auth::Role role, std::string_view query);
  hal::HttpResponse Health(Time now);
  const StaticPage* FindPage(std::string_view path) const;

  hal::HttpServer& server_;
  AppInfo& app_;
  auth::Access& access_;
  Span<const StaticPage> pages_;
  Whep whep_;
  Ring<SnapshotWaiter, kMaxSnapshotWaiters> waiters_;  // Full: the next one gets 503.
  bool snapshot_requested_ = false;                    // The app owes an answer.
};

}  // namespace ocellus::signaling
