// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/ice/credentials.h"

#include <algorithm>

#include "firmware/rtc/stun/message.h"

namespace ocellus::ice {
namespace {

constexpr size_t kUfragSize = 8;
constexpr size_t kPasswordSize = 24;
constexpr size_t kMaxSize = 256;  // RFC 8839 section 5.4, of both.

bool IsIceText(std::string_view text, size_t min_size) {
  const auto is_ice_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  return text.size() >= min_size && text.size() <= kMaxSize &&
         std::all_of(text.begin(), text.end(), is_ice_char);
}

}  // namespace

Credentials GenerateCredentials(Random& random) {
  return {random.IceChars(kUfragSize), random.IceChars(kPasswordSize)};
}

bool IsValid(const Credentials& credentials) {
  return IsIceText(credentials.ufrag, 4) && IsIceText(credentials.pwd, 22);
}

std::optional<std::string_view> RecipientUfrag(std::string_view username) {
  const size_t colon = username.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return username.substr(0, colon);
}

std::optional<std::string_view> RecipientUfrag(Bytes datagram) {
  const auto message = stun::Message::Parse(datagram);
  if (!message.ok() || message->message_class() != stun::MessageClass::kRequest ||
      message->method() != stun::Method::kBinding) {
    return std::nullopt;
  }
  const auto username = message->Find(stun::AttributeType::kUsername);
  if (!username) return std::nullopt;
  return RecipientUfrag(AsText(*username));
}

}  // namespace ocellus::ice
