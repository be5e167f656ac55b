// SPDX-License-Identifier: Apache-2.0
#include "firmware/base/limits.h"
#include "firmware/control/call.h"
#include "firmware/control/file_library.h"
#include "firmware/control/methods/groups.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

Outcome ListFiles(const Call& call) {
  return call.services.files.List(call.ticket, call.session.caller.role,
                                  *call.arguments["area"].AsString());
}

Outcome DeleteFile(const Call& call) {
  return call.services.files.Delete(call.ticket, call.session.caller.role,
                                    *call.arguments["area"].AsString(),
                                    *call.arguments["name"].AsString());
}

constexpr Method kMethods[] = {
    {"files.list",
     Role::kViewer,
     "The files of an area: viewers may see snapshots, operators recordings, admins firmware.",
     {{"area", Text(32), Need::kRequired, "`snapshots`, `recordings` or `firmware`."}},
     "`files`, the newest first, and how many the area has in `total`. The `sha256` of a file is "
     "there where it is known.",
     R"({"area": "snapshots"})",
     R"({"area": "snapshots", "total": 1, "files": [{"name": "snapshot-20261121041500.jpg", "size": 81920, )"
     R"("modified_unix_ms": 1795234500000, )"
     R"("sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}]})",
     ListFiles},
    {"files.delete",
     Role::kOperator,
     "Deletes a file: operators may delete snapshots, admins all.",
     {{"area", Text(32), Need::kRequired, "`snapshots`, `recordings` or `firmware`."},
      {"name", Text(kMaxFileNameSize), Need::kRequired, "As of `files.list`."}},
     "Nothing.",
     R"({"area": "snapshots", "name": "snapshot-20261121041500.jpg"})",
     "{}",
     DeleteFile},
};

}  // namespace

const MethodGroup kFiles = {
    "Files",
    "What one may do depends on the area, and the role that a method names is enough for one of "
    "them "
    "only. Viewers read snapshots, operators delete them and read recordings; admins delete these, "
    "and read, write and delete firmware images.",
    kMethods};

}  // namespace ocellus::control::methods
