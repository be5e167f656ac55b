// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/gathering/server_status.h"

#include "firmware/base/status.h"

namespace ocellus::gathering {
namespace {

void Append(std::string& text, const char* word, const std::vector<SocketAddress>& addresses) {
  for (size_t i = 0; i < addresses.size(); ++i) {
    text +=
        (i == 0 ? std::string(", ") + word + " " : std::string(" and ")) + addresses[i].ToString();
  }
}

}  // namespace

const char* ToString(ServerState state) {
  switch (state) {
    case ServerState::kUnused:
      return "not used";
    case ServerState::kResolving:
      return "looking up its name";
    case ServerState::kConnecting:
      return "waiting for an answer";
    case ServerState::kReady:
      return "ready";
    case ServerState::kFailed:
      return "failed";
  }
  return "?";
}

std::string ServerStatus::ToString() const {
  std::string text = url + ": " + gathering::ToString(state);
  if (address) text += " (" + address->ToString();
  if (address && rtt) text += Format(", %lld ms", static_cast<long long>(ToMilliseconds(*rtt)));
  if (address) text += ")";
  Append(text, "sees", mapped);
  Append(text, "relays", relayed);
  if (!error.empty()) text += ", " + error;
  return text;
}

}  // namespace ocellus::gathering
