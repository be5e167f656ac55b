// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/parameter_type.h"

#include <cmath>
#include <utility>

#include "firmware/base/status.h"
#include "firmware/json/writer.h"

namespace ocellus::control {

bool ParameterType::Accepts(json::View value) const {
  switch (value.type()) {
    case json::Type::kAbsent:
    case json::Type::kNull:
    case json::Type::kObject:
      return false;
    case json::Type::kBoolean:
      return has(kBoolean);
    case json::Type::kNumber: {
      const double number = *value.AsNumber();
      if (!(number >= minimum_ && number <= maximum_)) return false;
      if (has(kNumber)) return true;
      return has(kInteger) && value.AsInteger() && std::fmod(number - minimum_, step_) == 0;
    }
    case json::Type::kString: {
      const size_t size = value.AsString()->size();
      return has(kText) && size >= 1 && size <= most_bytes_;
    }
    case json::Type::kArray:
      if (!has(kTexts) || value.size() < 1 || value.size() > most_texts_) return false;
      for (const json::View element : value) {
        if (!element.AsString()) return false;
      }
      return true;
  }
  return false;
}

std::string ParameterType::Words() const {
  std::string words;
  for (const Kind kind : {kText, kNumber, kInteger, kBoolean, kTexts}) {
    if (!has(kind)) continue;
    if (!words.empty()) words += ", or ";
    words += Words(kind);
  }
  return words;
}

std::string ParameterType::Words(Kind kind) const {
  const std::string range =
      is_bounded() ? " from " + json::NumberText(minimum_) + " to " + json::NumberText(maximum_)
                   : "";
  switch (kind) {
    case kNumber:
      return "a number" + range;
    case kInteger:
      return "a whole number" + range +
             (step_ == 1 ? "" : " in steps of " + json::NumberText(step_));
    case kBoolean:
      return "true or false";
    case kText:
      return Format("a string of 1 to %u bytes", static_cast<unsigned>(most_bytes_));
    case kTexts:
      return Format("an array of 1 to %u strings", static_cast<unsigned>(most_texts_));
  }
  return "";
}

json::Value ParameterType::Schema() const {
  json::Value several = json::Value::Array();
  for (const Kind kind : {kText, kNumber, kInteger, kBoolean, kTexts}) {
    if (!has(kind)) continue;
    if (kinds_ == kind) return Schema(kind);
    several.Append(Schema(kind));
  }
  json::Value schema = json::Value::Object();
  schema.Set("anyOf", std::move(several));
  return schema;
}

json::Value ParameterType::Schema(Kind kind) const {
  json::Value schema = json::Value::Object();
  switch (kind) {
    case kNumber:
    case kInteger:
      schema.Set("type", kind == kNumber ? "number" : "integer");
      if (is_bounded()) schema.Set("minimum", minimum_).Set("maximum", maximum_);
      // All minima are multiples of their step, so that JSON Schema can say it too.
      if (step_ != 1) schema.Set("multipleOf", step_);
      break;
    case kBoolean:
      schema.Set("type", "boolean");
      break;
    case kText:
      schema.Set("type", "string").Set("minLength", 1).Set("maxLength", most_bytes_);
      break;
    case kTexts: {
      json::Value items = json::Value::Object();
      items.Set("type", "string");
      schema.Set("type", "array").Set("items", std::move(items));
      schema.Set("minItems", 1).Set("maxItems", most_texts_);
      break;
    }
  }
  return schema;
}

}  // namespace ocellus::control
