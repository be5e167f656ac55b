// SPDX-License-Identifier: Apache-2.0
// JSON values (RFC 8259): built, written, parsed and read. The one wrapper of cJSON; for
// signaling and control, never per packet. io thread only.
//
//   Value viewer = Value::Object();
//   viewer.Set("id", "4Fz1").Set("nacks", 3);
//   std::string text = viewer.Write();
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "firmware/base/status.h"

struct cJSON;

namespace ocellus::json {

// Borrows a value inside a Value, which must outlive it. Every reader answers nullopt when the value
// is absent or of another type, so that a whole path can be read without checks in between.
class View {
 public:
  View() = default;
  explicit View(const cJSON* node) : node_(node) {}

  bool exists() const { return node_ != nullptr; }
  // The member of an object; of a repeated name the first.
  View operator[](const char* name) const;
  // The element of an array.
  View at(size_t index) const;
  // Of an array or object; 0 for everything else.
  size_t size() const;

  std::optional<std::string_view> AsString() const;
  std::optional<double> AsNumber() const;
  std::optional<bool> AsBool() const;

 private:
  const cJSON* node_ = nullptr;
};

// Owns a tree.
class Value {
 public:
  static Value Object();
  static Value Array();
  // Errors: kMalformed (says at which byte), kResourceExhausted (deeper than cJSON follows).
  static Result<Value> Parse(std::string_view text);

  // Adds a member to an object. `name` is not checked for duplicates. Text that is not UTF-8 or
  // has NUL characters gets U+FFFD in their place, so that the result is always valid JSON.
  // Integers are exact up to 15 digits; a number that is not finite becomes null.
  Value& Set(const char* name, std::string_view text);
  Value& Set(const char* name, const char* text) { return Set(name, std::string_view(text)); }
  Value& Set(const char* name, bool value);
  Value& Set(const char* name, double number);
  Value& Set(const char* name, Value value);
  Value& SetNull(const char* name);
  template <typename Integer, typename = std::enable_if_t<std::is_integral_v<Integer>>>
  Value& Set(const char* name, Integer number) {
    return Set(name, static_cast<double>(number));
  }
  // Adds an element to an array. Text as Set takes it.
  Value& Append(Value value);
  Value& Append(std::string_view text);

  View view() const { return View(node_.get()); }
  // Without spaces and line breaks.
  std::string Write() const;

 private:
  struct Deleter {
    void operator()(cJSON* node) const;
  };

  explicit Value(cJSON* node) : node_(node) {}
  Value& Add(const char* name, cJSON* value);

  std::unique_ptr<cJSON, Deleter> node_;
};

}  // namespace ocellus::json
