// SPDX-License-Identifier: Apache-2.0
// What a parameter of a method may be: declared in the table of methods, checked in each request,
// and told to people (Words) and programs (Schema).
//
//   Number(-1, 1)   Integer(16, 3840, 2)   Boolean()   Text(128)   Texts(8)   Integer() | Boolean()
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "firmware/json/json.h"

namespace ocellus::control {

class ParameterType {
 public:
  constexpr ParameterType() = default;

  bool Accepts(json::View value) const;
  // "a number from -1 to 1", "a whole number, or true or false".
  std::string Words() const;
  // As JSON Schema has it: {"type":"number","minimum":-1,"maximum":1}.
  json::Value Schema() const;

  // What either of them accepts. They are of different kinds.
  friend constexpr ParameterType operator|(ParameterType a, const ParameterType& b) {
    a.kinds_ |= b.kinds_;
    if (b.has(kNumber) || b.has(kInteger)) {
      a.minimum_ = b.minimum_;
      a.maximum_ = b.maximum_;
      a.step_ = b.step_;
    }
    if (b.has(kText)) a.most_bytes_ = b.most_bytes_;
    if (b.has(kTexts)) a.most_texts_ = b.most_texts_;
    return a;
  }

 private:
  enum Kind : uint8_t { kNumber = 1, kInteger = 2, kBoolean = 4, kText = 8, kTexts = 16 };

  friend constexpr ParameterType Number(double minimum, double maximum);
  friend constexpr ParameterType Integer(double minimum, double maximum, double step);
  friend constexpr ParameterType Boolean();
  friend constexpr ParameterType Text(size_t most_bytes);
  friend constexpr ParameterType Texts(size_t most_texts);

  constexpr bool has(Kind kind) const { return (kinds_ & kind) != 0; }
  std::string Words(Kind kind) const;
  json::Value Schema(Kind kind) const;
  bool is_bounded() const { return minimum_ > -json::kMaxExactInteger; }

  unsigned kinds_ = 0;
  double minimum_ = 0;  // Of numbers.
  double maximum_ = 0;
  double step_ = 1;  // Of whole numbers: minimum + n * step.
  size_t most_bytes_ = 0;
  size_t most_texts_ = 0;
};

constexpr ParameterType Number(double minimum, double maximum) {
  ParameterType type;
  type.kinds_ = ParameterType::kNumber;
  type.minimum_ = minimum;
  type.maximum_ = maximum;
  return type;
}

constexpr ParameterType Integer(double minimum = -json::kMaxExactInteger,
                                double maximum = json::kMaxExactInteger, double step = 1) {
  ParameterType type;
  type.kinds_ = ParameterType::kInteger;
  type.minimum_ = minimum;
  type.maximum_ = maximum;
  type.step_ = step;
  return type;
}

constexpr ParameterType Boolean() {
  ParameterType type;
  type.kinds_ = ParameterType::kBoolean;
  return type;
}

// Not empty, and at most so many bytes of UTF-8.
constexpr ParameterType Text(size_t most_bytes) {
  ParameterType type;
  type.kinds_ = ParameterType::kText;
  type.most_bytes_ = most_bytes;
  return type;
}

// An array of strings, not empty.
constexpr ParameterType Texts(size_t most_texts) {
  ParameterType type;
  type.kinds_ = ParameterType::kTexts;
  type.most_texts_ = most_texts;
  return type;
}

}  // namespace ocellus::control
