// SPDX-License-Identifier: Apache-2.0
#include "firmware/json/json.h"

#include <cjson/cJSON.h>

#include <cmath>

#include "firmware/json/syntax.h"
#include "firmware/json/utf8.h"
#include "firmware/json/writer.h"

namespace ocellus::json {

const char* ToString(Type type) {
  switch (type) {
    case Type::kAbsent:
      return "nothing";
    case Type::kNull:
      return "null";
    case Type::kBoolean:
      return "a boolean";
    case Type::kNumber:
      return "a number";
    case Type::kString:
      return "a string";
    case Type::kArray:
      return "an array";
    case Type::kObject:
      return "an object";
  }
  return "unknown";
}

Type View::type() const {
  if (node_ == nullptr) return Type::kAbsent;
  if (cJSON_IsBool(node_)) return Type::kBoolean;
  if (cJSON_IsNumber(node_)) return Type::kNumber;
  if (cJSON_IsString(node_)) return Type::kString;
  if (cJSON_IsArray(node_)) return Type::kArray;
  if (cJSON_IsObject(node_)) return Type::kObject;
  return Type::kNull;
}

std::string View::Write() const { return WriteText(*this); }

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

View::Iterator View::begin() const {
  const bool has_children = cJSON_IsArray(node_) || cJSON_IsObject(node_);
  return Iterator(has_children ? node_->child : nullptr);
}

View::Iterator View::end() const { return Iterator(nullptr); }

View::Iterator& View::Iterator::operator++() {
  node_ = node_->next;
  return *this;
}

std::string_view View::name() const {
  if (node_ == nullptr || node_->string == nullptr) return {};
  return node_->string;
}

std::optional<std::string_view> View::AsString() const {
  if (!cJSON_IsString(node_)) return std::nullopt;
  return node_->valuestring;
}

std::optional<double> View::AsNumber() const {
  if (!cJSON_IsNumber(node_)) return std::nullopt;
  return node_->valuedouble;
}

std::optional<int64_t> View::AsInteger() const {
  const std::optional<double> number = AsNumber();
  if (!number || !(std::fabs(*number) <= kMaxExactInteger)) return std::nullopt;
  if (std::trunc(*number) != *number) return std::nullopt;
  return static_cast<int64_t>(*number);
}

std::optional<bool> View::AsBool() const {
  if (!cJSON_IsBool(node_)) return std::nullopt;
  return cJSON_IsTrue(node_) != 0;
}

void Value::Deleter::operator()(cJSON* node) const { cJSON_Delete(node); }

Value Value::Object() { return Value(cJSON_CreateObject()); }

Value Value::Array() { return Value(cJSON_CreateArray()); }

Result<Value> Value::Parse(std::string_view text) {
  RETURN_IF_ERROR(CheckSyntax(text));
  Value json(cJSON_ParseWithLength(text.data(), text.size()));
  if (json.node_ == nullptr) return Status(StatusCode::kInternal, "no memory for a JSON text");
  return json;
}

Value& Value::Add(const char* name, cJSON* value) {
  CHECK(cJSON_IsObject(node_.get()), "member \"%s\" of what is not an object", name);
  cJSON_AddItemToObject(node_.get(), name, value);
  return *this;
}

Value& Value::Set(const char* name, std::string_view text) {
  return Add(name, cJSON_CreateString(MakeValidUtf8(text).c_str()));
}

Value& Value::Set(const char* name, bool value) { return Add(name, cJSON_CreateBool(value)); }

Value& Value::Set(const char* name, double number) { return Add(name, cJSON_CreateNumber(number)); }

Value& Value::Set(const char* name, Value value) { return Add(name, value.node_.release()); }

Value& Value::Set(const char* name, View value) {
  return Add(name, cJSON_Duplicate(value.node_, /*recurse=*/1));
}

Value& Value::SetNull(const char* name) { return Add(name, cJSON_CreateNull()); }

Value& Value::Append(Value value) {
  CHECK(cJSON_IsArray(node_.get()), "element of what is not an array, type %d", node_->type);
  cJSON_AddItemToArray(node_.get(), value.node_.release());
  return *this;
}

Value& Value::Append(std::string_view text) {
  return Append(Value(cJSON_CreateString(MakeValidUtf8(text).c_str())));
}

}  // namespace ocellus::json
