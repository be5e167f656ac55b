// SPDX-License-Identifier: Apache-2.0
#include "firmware/rtc/sdp/line_reader.h"

#include <algorithm>

#include "firmware/base/text.h"

namespace ocellus::sdp {
namespace {

constexpr size_t kMaxQuoted = 40;

bool IsControl(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

bool IsTokenCharacter(char c) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`{|}~";
  return (c >= '0' && c <= '9') || (ToLowerAscii(c) >= 'a' && ToLowerAscii(c) <= 'z') ||
         kPunctuation.find(c) != std::string_view::npos;
}

}  // namespace

Result<std::optional<Line>> LineReader::Next() {
  if (rest_.empty()) return std::optional<Line>();
  ++number_;
  std::string_view line = TakeUntil(rest_, '\n');
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) {
    if (rest_.find_first_not_of("\r\n") != std::string_view::npos) {
      return LineError(number_, "empty line, expected type=value");
    }
    rest_ = {};
    return std::optional<Line>();
  }
  const auto control = std::find_if(line.begin(), line.end(), IsControl);
  if (control != line.end()) {
    return LineError(number_, Format("control character 0x%02x, expected text",
                                     static_cast<unsigned>(static_cast<unsigned char>(*control))));
  }
  if (line.size() < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z') {
    return LineError(number_, Quoted(line) + ", expected type=value");
  }
  return std::optional<Line>(Line{number_, line[0], line.substr(2)});
}

Status LineError(size_t line, const std::string& what) {
  return {StatusCode::kMalformed,
          Format("SDP line %u: %s", static_cast<unsigned>(line), what.c_str())};
}

std::string Quoted(std::string_view text) {
  std::string quoted = "'" + std::string(text.substr(0, kMaxQuoted));
  for (char& c : quoted) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return quoted + (text.size() > kMaxQuoted ? "...'" : "'");
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenCharacter);
}

}  // namespace ocellus::sdp
