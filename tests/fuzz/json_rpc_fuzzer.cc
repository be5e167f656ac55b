// SPDX-License-Identifier: Apache-2.0
// The whole control server with a camera of fakes behind it, under any sequence of messages. Each
// line of the input is a step, its first character says which: 1, 2 and 3 are messages of a viewer,
// an operator and an admin, h and H bodies over HTTP of two of them; t lets time pass, f and F
// finish what waits, p makes the camera slow or quick, c opens the channels anew, x breaks
// something.
#include <algorithm>
#include <array>

#include "firmware/base/bytes.h"
#include "firmware/base/text.h"
#include "firmware/json/syntax.h"
#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

class Driver {
 public:
  Driver() { OpenAll(); }

  void Run(std::string_view script) {
    while (!script.empty()) {
      const std::string_view line = TakeUntil(script, '\n');
      if (line.empty()) continue;
      Step(line[0], line.substr(1));
      Drain();
    }
    // Whatever waits is answered, by a time-out at last.
    rig_.Wait(Server::kCallTimeout);
    Drain();
    CHECK(http_waiting_ == 0, "%u HTTP requests without an answer", http_waiting_);
    for (const ClientId client : clients_) rig_.server.Close(client);
    rig_.Wait(std::chrono::seconds(1));
    CHECK(rig_.server.next_deadline() == kNever, "a deadline with %u clients",
          static_cast<unsigned>(rig_.server.client_count()));
  }

 private:
  void OpenAll() {
    for (size_t i = 0; i < clients_.size(); ++i) {
      rig_.server.Close(clients_[i]);
      clients_[i] = rig_.Open(static_cast<auth::Role>(i));
    }
  }

  void Step(char kind, std::string_view text) {
    switch (kind) {
      case '1':
      case '2':
      case '3':
        return rig_.server.HandleMessage(rig_.now, clients_[static_cast<size_t>(kind - '1')], text);
      case 'h':
      case 'H':
        ++http_waiting_;
        return rig_.server.HandleHttp(
            rig_.now, ++last_http_, kind == 'h' ? auth::Role::kViewer : auth::Role::kAdmin,
            *SocketAddress::Parse(kind == 'h' ? "192.0.2.1:1" : "192.0.2.2:1"), text);
      case 't':
        return rig_.Wait(std::chrono::milliseconds(50) * (1 + std::min<size_t>(text.size(), 200)));
      case 'f':
        return rig_.FinishAll();
      case 'F':
        for (const Ticket ticket : std::exchange(rig_.camera.tickets, {})) {
          rig_.server.Finish(ticket, Status(StatusCode::kUnavailable, std::string(text)));
        }
        return;
      case 'p':
        rig_.camera.pends = !rig_.camera.pends;
        return;
      case 'c':
        return OpenAll();
      case 'x':
        // More than a client takes is enough: each quote costs time.
        rig_.device.filling =
            std::string(std::min(text.size() * 10'000, kMaxControlReplySize), '"');
        rig_.log.Add(std::string(text));
        rig_.camera.status =
            text.empty() ? Status() : Status(StatusCode::kInternal, std::string(text));
        rig_.server.NotifyFilesChanged(FileArea::kFirmware);
        return;
    }
  }

  // All that comes out is JSON.
  void Drain() {
    while (const std::optional<OutgoingMessage> message = rig_.server.PollMessage()) {
      Check(message->text);
    }
    while (const std::optional<HttpAnswer> answer = rig_.server.PollHttp()) {
      CHECK(http_waiting_ > 0, "an answer too many, to %u", static_cast<unsigned>(answer->id));
      --http_waiting_;
      if (answer->status != 204) Check(answer->body);
    }
    while (rig_.server.PollKicked()) {
    }
    while (rig_.ptz.PollCommand()) {
    }
    CHECK(rig_.camera.tickets.size() < 10'000, "%u calls",
          static_cast<unsigned>(rig_.camera.tickets.size()));
  }

  static void Check(const std::string& text) {
    const Status status = json::CheckSyntax(text);
    CHECK(status.ok(), "%s in %s", status.ToString().c_str(), text.c_str());
    CHECK(text.size() <= kMaxControlReplySize, "%u bytes", static_cast<unsigned>(text.size()));
  }

  ControlRig rig_;
  std::array<ClientId, 3> clients_;
  hal::HttpRequestId last_http_ = 0;
  unsigned http_waiting_ = 0;
};

}  // namespace
}  // namespace ocellus::control

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocellus::control::Driver().Run(ocellus::AsText(ocellus::Bytes(data, size)));
  return 0;
}
