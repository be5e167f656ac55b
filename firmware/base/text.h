// SPDX-License-Identifier: Apache-2.0
// Small tools for text protocols (SDP, HTTP, configuration): all strict, none allocate, none
// depend on a locale.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace ocellus {

// The whole of `text` as an unsigned number in `base` (10 or 16), or nullopt when it is empty, has
// another character (a sign, a space) or does not fit into T.
template <typename T>
std::optional<T> ParseNumber(std::string_view text, unsigned base = 10) {
  static_assert(std::numeric_limits<T>::is_integer && !std::numeric_limits<T>::is_signed);
  if (text.empty()) return std::nullopt;
  T value = 0;
  for (const char c : text) {
    unsigned digit = base;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit >= base) return std::nullopt;
    if (value > (std::numeric_limits<T>::max() - digit) / base) return std::nullopt;
    value = static_cast<T>(value * base + digit);
  }
  return value;
}

// Takes what stands before the first `separator` off `text`, and the separator too; all of it when
// there is none.
inline std::string_view TakeUntil(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

// Without the blanks (space and tab) at both ends.
inline std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

inline bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

inline char ToLowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

inline bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (ToLowerAscii(a[i]) != ToLowerAscii(b[i])) return false;
  }
  return true;
}

}  // namespace ocellus
