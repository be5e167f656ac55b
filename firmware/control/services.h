// SPDX-License-Identifier: Apache-2.0
// What the control protocol asks of the rest of the camera. The app implements these interfaces;
// tests use fakes. io thread only. Nothing here blocks: what takes time answers later, by
// Server::Finish.
//
// Errors are told to the caller as they are, so their messages are for people and without secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "firmware/auth/role.h"
#include "firmware/base/socket_address.h"
#include "firmware/base/status.h"
#include "firmware/base/strong_id.h"
#include "firmware/base/time.h"
#include "firmware/base/units.h"
#include "firmware/json/json.h"
#include "hal/camera_controls.h"
#include "hal/log_history.h"

namespace ocellus::control {

// One viewer's control channel, or one HTTP request.
using ClientId = StrongId<struct ClientIdTag, uint64_t>;

// Names a call whose answer comes later: by Server::Finish, and never before the call returns.
using Ticket = StrongId<struct TicketTag, uint64_t>;

// The ticket of calls whose outcome nobody waits for. Finish drops it.
constexpr Ticket kNobodyWaits{};

struct Pending {};

// What a call comes to: its result, why not, or Server::Finish with its ticket.
using Outcome = std::variant<json::Value, Status, Pending>;

struct Caller {
  ClientId client;
  auth::Role role = auth::Role::kViewer;
  SocketAddress remote;
};

// The stream as the encoder makes it.
struct StreamParameters {
  int width = 0;   // Pixels, even.
  int height = 0;  // Pixels, even.
  int frames_per_second = 0;
  DataRate bitrate;
};

class DeviceService {
 public:
  virtual ~DeviceService() = default;

  // Name, version, board, camera, encoder: what stays the same while the program runs.
  virtual json::Value Describe(Time now) = 0;
  // What /status says: of all viewers, or of the caller alone where he is no admin.
  virtual json::Value ReadStatistics(Time now, const Caller& caller) = 0;
  // Takes a token for the caller's further calls. Errors: kPermissionDenied (wrong),
  // kResourceExhausted (too many wrong ones from there; says when to try again).
  virtual Result<auth::Role> LogIn(Time now, const Caller& caller, std::string_view token) = 0;
  // Ends the program a moment later and starts it anew. Errors: kUnsupported.
  virtual Status Restart(Time now) = 0;
};

class CameraService {
 public:
  virtual ~CameraService() = default;

  // As the camera told last; empty while it is away.
  virtual const std::vector<hal::CameraControl>& controls() const = 0;
  // Keeps the value across restarts. The result is the control as it is then (to_json.h). Errors:
  // as hal::CameraControls.
  virtual Outcome SetControl(Ticket ticket, const std::string& name, int64_t value) = 0;
  // Gives a control its default value, or all that are about the image (empty `name`), and keeps
  // none. Nobody is told what comes of it. Errors: kResourceExhausted.
  virtual Status ResetControls(const std::string& name) = 0;

  virtual StreamParameters stream() const = 0;
  // Takes effect within some frames, and is kept across restarts where no flag or environment
  // variable says otherwise. The result is what came of it (to_json.h). Errors:
  // kInvalidArgument, kUnsupported (a camera that encodes by itself and has no such controls),
  // kUnavailable.
  virtual Outcome SetStream(Ticket ticket, const StreamParameters& wanted) = 0;
  virtual void RequestKeyframe(Time now) = 0;
  // The result names the file that it became: {"area", "name", "size", "sha256"}.
  virtual Outcome TakeSnapshot(Time now, Ticket ticket) = 0;
};

// A setting as docs/configuration.md has it.
struct Setting {
  enum class Type : uint8_t { kInteger, kBoolean, kText, kChoice, kList };

  std::string name;  // "http-port".
  Type type = Type::kText;
  std::string value;  // As a configuration file would have it; of a secret "set" or empty.
  std::string default_value;
  std::string description;
  std::string allowed;                            // In words: "1 to 120".
  std::optional<int64_t> minimum, maximum, step;  // Of integers.
  std::vector<std::string> choices;               // Of choices.
  std::string origin;  // "default", "saved", "--bitrate", "OCELLUS_BITRATE", "ocellus.yaml:7".
  bool is_secret = false;
  bool is_fixed = false;       // A flag or the environment says it: cannot be changed from here.
  bool needs_restart = false;  // A new value takes effect with the next start.
};

class SettingsService {
 public:
  virtual ~SettingsService() = default;

  virtual std::vector<Setting> List() const = 0;
  // Keeps the value across restarts, and where it can be, uses it at once. Returns the setting as
  // it is then. Errors: kNotFound, kInvalidArgument (says what is allowed), kFailedPrecondition
  // (fixed, and by what).
  virtual Result<Setting> Set(Time now, const std::string& name, const std::string& value) = 0;
  // Forgets the value that was saved.
  virtual Result<Setting> Reset(Time now, const std::string& name) = 0;
};

class FileLibrary;
class Outputs;
class PtzController;

// Whom the methods ask.
struct Services {
  DeviceService& device;
  CameraService& camera;
  SettingsService& settings;
  PtzController& ptz;
  Outputs& outputs;
  const hal::LogHistory& log;
  FileLibrary& files;
};

}  // namespace ocellus::control
