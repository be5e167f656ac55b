// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/file_area.h"

#include <string>

#include "firmware/base/limits.h"

namespace ocellus::control {
namespace {

struct AreaRules {
  const char* name;
  // The least role for each; nullopt: nobody's.
  std::optional<auth::Role> read, write, remove;
  std::optional<uint64_t> quota;  // Bytes.
};

// In the order of FileArea.
constexpr AreaRules kRules[] = {
    {"snapshots", auth::Role::kViewer, std::nullopt, auth::Role::kOperator, std::nullopt},
    {"recordings", auth::Role::kOperator, std::nullopt, auth::Role::kAdmin, std::nullopt},
    {"firmware", auth::Role::kAdmin, auth::Role::kAdmin, auth::Role::kAdmin, kFirmwareAreaSize},
};

const AreaRules& RulesOf(FileArea area) { return kRules[static_cast<size_t>(area)]; }

// "read snapshots", for people.
std::string Describe(FileArea area, FileAccess access) {
  const char* verb = "";
  switch (access) {
    case FileAccess::kRead:
      verb = "read from ";
      break;
    case FileAccess::kWrite:
      verb = "write to ";
      break;
    case FileAccess::kDelete:
      verb = "delete from ";
      break;
  }
  return std::string(verb) + ToString(area);
}

std::optional<auth::Role> RoleFor(FileArea area, FileAccess access) {
  switch (access) {
    case FileAccess::kRead:
      return RulesOf(area).read;
    case FileAccess::kWrite:
      return RulesOf(area).write;
    case FileAccess::kDelete:
      return RulesOf(area).remove;
  }
  return std::nullopt;
}

}  // namespace

const char* ToString(FileArea area) { return RulesOf(area).name; }

Result<FileArea> ParseFileArea(std::string_view text) {
  for (const FileArea area : {FileArea::kSnapshots, FileArea::kRecordings, FileArea::kFirmware}) {
    if (text == ToString(area)) return area;
  }
  return Status(StatusCode::kNotFound,
                "no such area: there are snapshots, recordings and firmware");
}

Status CheckFileAccess(FileArea area, FileAccess access, auth::Role role) {
  const std::optional<auth::Role> needed = RoleFor(area, access);
  if (!needed) {
    return Status(StatusCode::kUnsupported,
                  std::string("only the camera itself may ") + Describe(area, access));
  }
  if (!auth::Includes(role, *needed)) {
    return Status(
        StatusCode::kPermissionDenied,
        Format("to %s takes the role %s", Describe(area, access).c_str(), auth::ToString(*needed)));
  }
  return {};
}

std::optional<uint64_t> FileAreaQuota(FileArea area) { return RulesOf(area).quota; }

Status CheckFileName(std::string_view name) {
  const auto refuse = [](const char* why) {
    return Status(StatusCode::kInvalidArgument, std::string("a file's name ") + why);
  };
  if (name.empty()) return refuse("cannot be empty");
  if (name.size() > kMaxFileNameSize) {
    return refuse(
        Format("has at most %u characters", static_cast<unsigned>(kMaxFileNameSize)).c_str());
  }
  for (const char c : name) {
    if (c < ' ' || c > '~') return refuse("is of printable ASCII characters");
    if (std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos) {
      return refuse("cannot have / \\ : * ? \" < > |");
    }
  }
  const auto is_edge = [](char c) { return c == '.' || c == ' '; };
  if (is_edge(name.front()) || is_edge(name.back())) {
    return refuse("cannot begin or end with a dot or a blank");
  }
  return {};
}

}  // namespace ocellus::control
