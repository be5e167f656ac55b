// SPDX-License-Identifier: Apache-2.0
// A Server with a whole camera of fakes behind it, in virtual time, for tests and the fuzzer.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "firmware/control/file_library.h"
#include "firmware/control/outputs.h"
#include "firmware/control/ptz_controller.h"
#include "firmware/control/server.h"
#include "tests/control/fake_services.h"
#include "tests/hal/fake_gpio.h"
#include "tests/hal/fake_storage.h"

namespace ocellus::control {

class ControlRig {
 public:
  ControlRig() {
    gpio.AddLine("gpiochip0", 17);
    outputs = std::move(
        *Outputs::Open(gpio, {OutputConfig{"porch", OutputKind::kLight, {"gpiochip0", 17}}}));
    media::VideoStatus status;
    status.digital_view = true;
    ptz.SetCapabilities(now, status);
    log.Add("viewer 4Fz1 connected");
    CHECK(files.AddSnapshot(kNobodyWaits, "snapshot-20261121041500", {1, 2, 3}, 1'795'234'500'000)
              .ok(),
          "a snapshot of %u bytes", 3u);
    while (files.has_work()) files.PollCompletion();
  }

  ClientId Open(auth::Role role = auth::Role::kAdmin) {
    return server.Open(now, role, *SocketAddress::Parse("192.0.2.7:5000"));
  }

  // Goes on to `duration` later, with all deadlines on the way.
  void Wait(Duration duration) {
    const Time end = now + duration;
    while (server.next_deadline() <= end) {
      now = std::max(now, server.next_deadline());
      server.HandleTimeout(now);
    }
    now = end;
  }

  // What the server has for `client`, a message a line.
  std::string Read(ClientId client) {
    std::string text;
    while (std::optional<OutgoingMessage> message = server.PollMessage()) {
      if (message->client != client) continue;
      if (!text.empty()) text += '\n';
      text += message->text;
    }
    return text;
  }
  // What comes back at once.
  std::string Ask(ClientId client, std::string_view text) {
    server.HandleMessage(now, client, text);
    return Read(client);
  }
  std::string Call(ClientId client, const std::string& method, const std::string& params = "{}") {
    return Ask(client,
               R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + '}');
  }
  // The result as JSON, or the whole answer where that is something else.
  std::string ResultOf(ClientId client, const std::string& method,
                       const std::string& params = "{}") {
    const std::string answer = Call(client, method, params);
    constexpr std::string_view kBegin = R"({"jsonrpc":"2.0","id":1,"result":)";
    if (answer.substr(0, kBegin.size()) != kBegin) return answer;
    return answer.substr(kBegin.size(), answer.size() - kBegin.size() - 1);
  }
  // "-32602 ptz.move: ...", or the whole answer where that is no error.
  std::string ErrorOf(ClientId client, const std::string& method,
                      const std::string& params = "{}") {
    return ErrorIn(Call(client, method, params));
  }
  static std::string ErrorIn(const std::string& answer) {
    const Result<json::Value> json = json::Value::Parse(answer);
    if (!json.ok() || !json->view()["error"].exists()) return answer;
    const json::View error = json->view()["error"];
    return error["code"].Write() + ' ' + std::string(*error["message"].AsString());
  }
  // Answers everything that the camera was asked.
  void FinishAll(const std::string& result = "{}") {
    for (const Ticket ticket : std::exchange(camera.tickets, {})) {
      server.Finish(ticket, json::Value::Parse(result));
    }
  }

  Time now{std::chrono::hours(1)};
  FakeDevice device;
  FakeCameraService camera;
  FakeSettings settings;
  hal::FakeStorage storage;
  PtzController ptz{storage};
  hal::FakeGpio gpio;
  Outputs outputs;
  FakeLogHistory log;
  FileLibrary files{nullptr};
  Server server{Services{device, camera, settings, ptz, outputs, log, files}};
};

}  // namespace ocellus::control
