// SPDX-License-Identifier: Apache-2.0
// JSON values (RFC 8259): built, written, parsed and read. The one wrapper of cJSON; for
// signaling and control, never per packet. io thread only.
//
//   Value viewer = Value::Object();
//   viewer.Set("id", "4Fz1").Set("nacks", 3);
//   std::string text = viewer.Write();
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "firmware/base/status.h"

struct cJSON;

namespace ocellus::json {

// The largest whole number up to which a double has all of them: 2^53 - 1 (RFC 8259 section 6).
constexpr double kMaxExactInteger = 9007199254740991.0;

enum class Type : uint8_t { kAbsent, kNull, kBoolean, kNumber, kString, kArray, kObject };

// "null", "a number", "an object".
const char* ToString(Type type);

// Borrows a value inside a Value, which must outlive it. Every reader answers nullopt when the
// value is absent or of another type, so that a whole path can be read without checks in between.
class View {
 public:
  // Goes over the elements of an array or the members of an object, in their order.
  class Iterator;

  View() = default;
  explicit View(const cJSON* node) : node_(node) {}

  bool exists() const { return node_ != nullptr; }
  Type type() const;
  // The member of an object; of a repeated name the first.
  View operator[](const char* name) const;
  // The element of an array.
  View at(size_t index) const;
  // Of an array or object; 0 for everything else.
  size_t size() const;
  Iterator begin() const;
  Iterator end() const;

  // Of a member of an object; empty for everything else.
  std::string_view name() const;

  std::optional<std::string_view> AsString() const;
  std::optional<double> AsNumber() const;
  // A whole number of at most kMaxExactInteger either way.
  std::optional<int64_t> AsInteger() const;
  std::optional<bool> AsBool() const;

  // As Value::Write does.
  std::string Write() const;

 private:
  friend class Value;

  const cJSON* node_ = nullptr;
};

class View::Iterator {
 public:
  explicit Iterator(const cJSON* node) : node_(node) {}

  View operator*() const { return View(node_); }
  Iterator& operator++();
  friend bool operator!=(Iterator a, Iterator b) { return a.node_ != b.node_; }

 private:
  const cJSON* node_;
};

// Owns a tree.
class Value {
 public:
  static Value Object();
  static Value Array();
  // Strict, see syntax.h, whose errors these are. Members may be repeated.
  static Result<Value> Parse(std::string_view text);

  // Adds a member to an object. `name` is not checked for duplicates. Text that is not UTF-8 or
  // has NUL characters gets U+FFFD in their place, so that the result is always valid JSON.
  // Integers are exact up to kMaxExactInteger; a number that is not finite becomes null.
  Value& Set(const char* name, std::string_view text);
  Value& Set(const char* name, const char* text) { return Set(name, std::string_view(text)); }
  Value& Set(const char* name, const std::string& text) {
    return Set(name, std::string_view(text));
  }
  Value& Set(const char* name, bool value);
  Value& Set(const char* name, double number);
  Value& Set(const char* name, Value value);
  // A copy.
  Value& Set(const char* name, View value);
  Value& SetNull(const char* name);
  template <typename Integer, typename = std::enable_if_t<std::is_integral_v<Integer>>>
  Value& Set(const char* name, Integer number) {
    return Set(name, static_cast<double>(number));
  }
  // Adds an element to an array. Text as Set takes it.
  Value& Append(Value value);
  Value& Append(std::string_view text);

  View view() const { return View(node_.get()); }
  // Without spaces and line breaks. Numbers in as few digits as make the same number again.
  std::string Write() const { return view().Write(); }

 private:
  struct Deleter {
    void operator()(cJSON* node) const;
  };

  explicit Value(cJSON* node) : node_(node) {}
  Value& Add(const char* name, cJSON* value);

  std::unique_ptr<cJSON, Deleter> node_;
};

}  // namespace ocellus::json
