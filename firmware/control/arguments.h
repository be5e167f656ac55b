// SPDX-License-Identifier: Apache-2.0
// The parameters of one request, checked against their method's declaration.
#pragma once

#include <array>

#include "firmware/base/status.h"
#include "firmware/control/method.h"
#include "firmware/json/json.h"

namespace ocellus::control {

class Arguments {
 public:
  // `params` is what the request has: an object (by name), an array (by position) or absent; all
  // borrowed. Errors: kInvalidArgument, such as
  //   "pan" must be a number from -1 to 1, not 7
  static Result<Arguments> Bind(const Method& method, json::View params);

  // A parameter that the method declares; absent when it is optional and not there. Its type is
  // right, so a required one can be read without asking.
  json::View operator[](std::string_view name) const;

 private:
  explicit Arguments(const Method& method) : method_(&method) {}
  Status BindByName(json::View params);
  Status BindByPosition(json::View params);
  Status CheckTypes() const;
  Status CheckNeeds() const;

  const Method* method_;
  std::array<json::View, kMaxParameters> values_;
};

// What `value` is, for an error message: 7, "abc", an array of 3.
std::string DescribeValue(json::View value);
// A text in quotes, cut to where one still recognises it.
std::string QuoteValue(std::string_view text);

}  // namespace ocellus::control
