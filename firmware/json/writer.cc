// SPDX-License-Identifier: Apache-2.0
#include "firmware/json/writer.h"

#include <charconv>
#include <cmath>

#include "firmware/base/status.h"

namespace ocellus::json {
namespace {

// The letter of the short escape (RFC 8259 section 7), or NUL where there is none.
char ShortEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
  }
  return '\0';
}

void AppendValue(View value, std::string& out);

void AppendElements(View parent, char open, char close, std::string& out) {
  out += open;
  bool first = true;
  for (const View element : parent) {
    if (!first) out += ',';
    first = false;
    if (open == '{') {
      out += QuoteText(element.name());
      out += ':';
    }
    AppendValue(element, out);
  }
  out += close;
}

void AppendValue(View value, std::string& out) {
  switch (value.type()) {
    case Type::kAbsent:
    case Type::kNull:
      out += "null";
      return;
    case Type::kBoolean:
      out += *value.AsBool() ? "true" : "false";
      return;
    case Type::kNumber:
      out += NumberText(*value.AsNumber());
      return;
    case Type::kString:
      out += QuoteText(*value.AsString());
      return;
    case Type::kArray:
      return AppendElements(value, '[', ']', out);
    case Type::kObject:
      return AppendElements(value, '{', '}', out);
  }
}

}  // namespace

std::string WriteText(View value) {
  std::string text;
  AppendValue(value, text);
  return text;
}

std::string QuoteText(std::string_view text) {
  std::string quoted = "\"";
  quoted.reserve(text.size() + 2);
  for (const char c : text) {
    if (const char letter = ShortEscape(c); letter != '\0') {
      quoted += '\\';
      quoted += letter;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += Format("\\u%04x", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  quoted += '"';
  return quoted;
}

std::string NumberText(double number) {
  if (!std::isfinite(number)) return "null";
  if (std::trunc(number) == number && std::fabs(number) <= kMaxExactInteger) {
    return Format("%lld", static_cast<long long>(number));
  }
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, number);
  return std::string(digits, end.ptr);
}

}  // namespace ocellus::json
