// SPDX-License-Identifier: Apache-2.0
#include "firmware/json/syntax.h"

#include "firmware/base/limits.h"
#include "firmware/json/utf8.h"

namespace ocellus::json {
namespace {

// Characters of a number. cJSON takes no longer ones, and no double has as many digits.
constexpr size_t kMaxNumberSize = 63;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

unsigned HexValue(char c) {
  return static_cast<unsigned>(IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

// Each Read* takes what its production of RFC 8259 describes, or notes the first error and returns
// false.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  // Section 2: JSON-text = ws value ws
  Status Check() {
    if (ReadValue(1)) {
      SkipBlanks();
      if (position_ < text_.size()) Fail("nothing may follow the value");
    }
    return status_;
  }

 private:
  bool Fail(const char* why, StatusCode code = StatusCode::kMalformed) {
    status_ = Status(code, Format("JSON, byte %u: %s", static_cast<unsigned>(position_), why));
    return false;
  }

  bool AtEnd() const { return position_ >= text_.size(); }
  // The next byte, or NUL at the end, which no production takes.
  char Next() const { return AtEnd() ? '\0' : text_[position_]; }
  bool Take(char c) {
    if (AtEnd() || text_[position_] != c) return false;
    ++position_;
    return true;
  }
  void SkipBlanks() {
    while (!AtEnd() && (Next() == ' ' || Next() == '\t' || Next() == '\n' || Next() == '\r')) {
      ++position_;
    }
  }

  // Section 3. `depth` counts this value.
  bool ReadValue(size_t depth) {
    SkipBlanks();
    if (AtEnd()) return Fail("the text ends where a value should be");
    if (++values_ > kMaxJsonValues) return Fail("too many values", StatusCode::kResourceExhausted);
    switch (Next()) {
      case '{':
        return ReadObject(depth);
      case '[':
        return ReadArray(depth);
      case '"':
        return ReadString();
      case 't':
        return ReadLiteral("true");
      case 'f':
        return ReadLiteral("false");
      case 'n':
        return ReadLiteral("null");
    }
    return ReadNumber();
  }

  // Section 4.
  bool ReadObject(size_t depth) {
    if (!Enter(depth)) return false;
    if (Take('}')) return true;
    do {
      SkipBlanks();
      if (Next() != '"') return Fail("the name of a member should be here");
      if (!ReadString()) return false;
      SkipBlanks();
      if (!Take(':')) return Fail("':' should be here");
      if (!ReadValue(depth + 1)) return false;
      SkipBlanks();
    } while (Take(','));
    return Take('}') || Fail("',' or '}' should be here");
  }

  // Section 5.
  bool ReadArray(size_t depth) {
    if (!Enter(depth)) return false;
    if (Take(']')) return true;
    do {
      if (!ReadValue(depth + 1)) return false;
      SkipBlanks();
    } while (Take(','));
    return Take(']') || Fail("',' or ']' should be here");
  }

  bool Enter(size_t depth) {
    if (depth > kMaxJsonDepth) return Fail("too deep", StatusCode::kResourceExhausted);
    ++position_;
    SkipBlanks();
    return true;
  }

  bool ReadLiteral(std::string_view literal) {
    if (text_.substr(position_, literal.size()) != literal)
      return Fail("no value begins like this");
    position_ += literal.size();
    return true;
  }

  // Section 6: number = [ minus ] int [ frac ] [ exp ]
  bool ReadNumber() {
    const size_t begin = position_;
    const bool negative = Take('-');
    if (!IsDigit(Next()))
      return Fail(negative ? "a digit should be here" : "no value begins like this");
    if (!Take('0')) SkipDigits();
    if (Take('.') && !ReadDigits()) return false;
    if (Next() == 'e' || Next() == 'E') {
      ++position_;
      if (Next() == '+' || Next() == '-') ++position_;
      if (!ReadDigits()) return false;
    }
    return position_ - begin <= kMaxNumberSize ||
           Fail("too long a number", StatusCode::kUnsupported);
  }
  bool ReadDigits() {
    if (!IsDigit(Next())) return Fail("a digit should be here");
    SkipDigits();
    return true;
  }
  void SkipDigits() {
    while (IsDigit(Next())) ++position_;
  }

  // Section 7.
  bool ReadString() {
    ++position_;
    while (!AtEnd()) {
      const char c = Next();
      if (Take('"')) return true;
      if (static_cast<unsigned char>(c) < 0x20) return Fail("a control character in a string");
      if (c == '\\') {
        if (!ReadEscape()) return false;
        continue;
      }
      const size_t size = Utf8SequenceSize(text_.substr(position_));
      if (size == 0) return Fail("not UTF-8");
      position_ += size;
    }
    return Fail("the text ends inside a string");
  }

  bool ReadEscape() {
    ++position_;
    constexpr std::string_view kSingle = "\"\\/bfnrt";
    if (!AtEnd() && kSingle.find(Next()) != std::string_view::npos) {
      ++position_;
      return true;
    }
    if (Next() != 'u') return Fail("no such escape");
    unsigned unit = 0;
    if (!ReadUtf16(unit)) return false;
    if (unit == 0) return Fail("a NUL character", StatusCode::kUnsupported);
    if (unit >= 0xDC00 && unit <= 0xDFFF) return Fail("half a surrogate pair");
    if (unit < 0xD800 || unit > 0xDBFF) return true;
    unsigned low = 0;
    if (!Take('\\')) return Fail("half a surrogate pair");
    if (Next() != 'u' || !ReadUtf16(low) || low < 0xDC00 || low > 0xDFFF) {
      return Fail("half a surrogate pair");
    }
    return true;
  }

  // The 'u' and four hexadecimal digits.
  bool ReadUtf16(unsigned& unit) {
    ++position_;
    for (int i = 0; i < 4; ++i) {
      if (!IsHexDigit(Next())) return Fail("a hexadecimal digit should be here");
      unit = unit << 4 | HexValue(Next());
      ++position_;
    }
    return true;
  }

  std::string_view text_;
  size_t position_ = 0;
  size_t values_ = 0;
  Status status_;
};

}  // namespace

Status CheckSyntax(std::string_view text) { return Checker(text).Check(); }

}  // namespace ocellus::json
