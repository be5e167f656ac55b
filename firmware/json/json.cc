// SPDX-License-Identifier: Apache-2.0
#include "firmware/json/json.h"

#include <cjson/cJSON.h>

#include "firmware/base/limits.h"

namespace ocellus::json {
namespace {

// U+FFFD, what Unicode (section 3.9, "substitution of maximal subparts") writes for bytes that are
// no character.
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

// The size of the UTF-8 sequence (RFC 3629 section 4) that `text` begins with, or 0 when it begins
// with none: overlong forms, surrogates and what lies past U+10FFFF are none.
size_t SequenceSize(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return 1;
  const size_t size = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  const auto second = static_cast<uint8_t>(text[1]);
  const uint8_t lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const uint8_t highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (second < lowest || second > highest) return 0;
  for (size_t i = 2; i < size; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  return size;
}

// `text` as valid UTF-8 without NUL characters, which cJSON's strings cannot hold.
std::string Sanitize(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const size_t size = text[0] == '\0' ? 0 : SequenceSize(text);
    clean += size == 0 ? kReplacement : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return clean;
}

// How deep `text` nests. Brackets in strings count too, which only makes us stricter.
size_t Depth(std::string_view text) {
  size_t depth = 0;
  size_t deepest = 0;
  for (const char c : text) {
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

}  // namespace

View View::operator[](const char* name) const {
  return View(cJSON_GetObjectItemCaseSensitive(node_, name));
}

View View::at(size_t index) const {
  if (!cJSON_IsArray(node_) || index >= size()) return View();
  return View(cJSON_GetArrayItem(node_, static_cast<int>(index)));
}

size_t View::size() const {
  if (!cJSON_IsArray(node_) && !cJSON_IsObject(node_)) return 0;
  return static_cast<size_t>(cJSON_GetArraySize(node_));
}

std::optional<std::string_view> View::AsString() const {
  if (!cJSON_IsString(node_)) return std::nullopt;
  return node_->valuestring;
}

std::optional<double> View::AsNumber() const {
  if (!cJSON_IsNumber(node_)) return std::nullopt;
  return node_->valuedouble;
}

std::optional<bool> View::AsBool() const {
  if (!cJSON_IsBool(node_)) return std::nullopt;
  return cJSON_IsTrue(node_) != 0;
}

void Value::Deleter::operator()(cJSON* node) const { cJSON_Delete(node); }

Value Value::Object() { return Value(cJSON_CreateObject()); }

Value Value::Array() { return Value(cJSON_CreateArray()); }

Result<Value> Value::Parse(std::string_view text) {
  if (Depth(text) > kMaxJsonDepth) {
    return Status(StatusCode::kResourceExhausted,
                  Format("JSON nests deeper than %u", static_cast<unsigned>(kMaxJsonDepth)));
  }
  const char* end = nullptr;
  Value json(
      cJSON_ParseWithLengthOpts(text.data(), text.size(), &end, /*require_null_terminated=*/0));
  size_t position = end == nullptr ? 0 : static_cast<size_t>(end - text.data());
  if (json.node_ != nullptr) {
    position = text.find_first_not_of(" \t\r\n", position);
    if (position == std::string_view::npos) return json;
  }
  return Status(StatusCode::kMalformed,
                Format("JSON makes no sense at byte %u", static_cast<unsigned>(position)));
}

Value& Value::Add(const char* name, cJSON* value) {
  CHECK(cJSON_IsObject(node_.get()), "member \"%s\" of what is not an object", name);
  cJSON_AddItemToObject(node_.get(), name, value);
  return *this;
}

Value& Value::Set(const char* name, std::string_view text) {
  return Add(name, cJSON_CreateString(Sanitize(text).c_str()));
}

Value& Value::Set(const char* name, bool value) { return Add(name, cJSON_CreateBool(value)); }

Value& Value::Set(const char* name, double number) { return Add(name, cJSON_CreateNumber(number)); }

Value& Value::Set(const char* name, Value value) { return Add(name, value.node_.release()); }

Value& Value::SetNull(const char* name) { return Add(name, cJSON_CreateNull()); }

Value& Value::Append(Value value) {
  CHECK(cJSON_IsArray(node_.get()), "element of what is not an array, type %d", node_->type);
  cJSON_AddItemToArray(node_.get(), value.node_.release());
  return *this;
}

Value& Value::Append(std::string_view text) {
  return Append(Value(cJSON_CreateString(Sanitize(text).c_str())));
}

std::string Value::Write() const {
  char* text = cJSON_PrintUnformatted(node_.get());
  CHECK(text != nullptr, "cJSON could not print a value of type %d", node_->type);
  std::string written(text);
  cJSON_free(text);
  return written;
}

}  // namespace ocellus::json
