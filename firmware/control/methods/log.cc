// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "firmware/base/limits.h"
#include "firmware/control/call.h"
#include "firmware/control/methods/groups.h"
#include "firmware/control/to_json.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

Outcome Tail(const Call& call) {
  const auto after = static_cast<uint64_t>(call.arguments["after"].AsInteger().value_or(0));
  const auto most = static_cast<size_t>(
      call.arguments["most"].AsInteger().value_or(int64_t{kMaxControlLogLines}));
  json::Value result = Wrap("lines", ToJsonArray(call.services.log.Read(after, most)));
  result.Set("newest", call.services.log.newest());
  return result;
}

constexpr Method kMethods[] = {
    {"log.tail",
     Role::kAdmin,
     "The last lines of the log.",
     {{"after", Integer(0, json::kMaxExactInteger), Need::kOptional,
       "Only lines that came after the one of this number."},
      {"most", Integer(1, kMaxControlLogLines), Need::kOptional, "Of more, the newest."}},
     "`lines`, the oldest first: `number`, `unix_ms`, `level` (debug, info, warn or error), "
     "`text`; "
     "and the number of the `newest`.",
     R"({"after": 814, "most": 20})",
     R"({"lines": [{"number": 815, "unix_ms": 1790000000000, "level": "info", )"
     R"("text": "viewer 4Fz1 connected"}], "newest": 815})",
     Tail},
};

}  // namespace

const MethodGroup kLog = {"Log", "", kMethods};

}  // namespace ocellus::control::methods
