// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/arguments.h"

#include <utility>

#include "firmware/json/utf8.h"
#include "firmware/json/writer.h"

namespace ocellus::control {

std::string QuoteValue(std::string_view text) {
  // Enough to recognise what one has sent.
  constexpr size_t kMostBytes = 40;
  if (text.size() <= kMostBytes) return json::QuoteText(text);
  size_t end = kMostBytes;
  while ((static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;  // Inside a character.
  return json::QuoteText(text.substr(0, end)) +
         Format("... (%u bytes)", static_cast<unsigned>(text.size()));
}

std::string DescribeValue(json::View value) {
  switch (value.type()) {
    case json::Type::kNull:
    case json::Type::kBoolean:
      return value.Write();
    case json::Type::kNumber: {
      const std::string digits = value.Write();
      return digits == "null" ? "a number that large" : digits;
    }
    case json::Type::kString:
      return QuoteValue(*value.AsString());
    case json::Type::kArray:
      return Format("an array of %u", static_cast<unsigned>(value.size()));
    case json::Type::kAbsent:
    case json::Type::kObject:
      return ToString(value.type());
  }
  return "";
}

namespace {

Status Wrong(std::string what) { return Status(StatusCode::kInvalidArgument, std::move(what)); }

}  // namespace

Result<Arguments> Arguments::Bind(const Method& method, json::View params) {
  Arguments arguments(method);
  if (params.type() == json::Type::kArray) {
    RETURN_IF_ERROR(arguments.BindByPosition(params));
  } else {
    RETURN_IF_ERROR(arguments.BindByName(params));
  }
  RETURN_IF_ERROR(arguments.CheckTypes());
  RETURN_IF_ERROR(arguments.CheckNeeds());
  return arguments;
}

json::View Arguments::operator[](std::string_view name) const {
  const size_t count = method_->parameter_count();
  for (size_t i = 0; i < count; ++i) {
    if (name == method_->parameters[i].name) return values_[i];
  }
  CHECK(false, "%s has no parameter \"%.*s\"", method_->name, static_cast<int>(name.size()),
        name.data());
  return json::View();
}

// Ends at the first member that is unknown or there again, and so after kMaxParameters + 1.
Status Arguments::BindByName(json::View params) {
  const size_t count = method_->parameter_count();
  for (const json::View member : params) {
    size_t index = 0;
    while (index < count && member.name() != method_->parameters[index].name) ++index;
    if (index == count) return Wrong("no parameter " + QuoteValue(member.name()));
    if (values_[index].exists()) return Wrong(QuoteValue(member.name()) + " is there twice");
    values_[index] = member;
  }
  return {};
}

Status Arguments::BindByPosition(json::View params) {
  const size_t count = method_->parameter_count();
  if (params.size() > count) {
    return Wrong(Format("%u parameters, at most %u", static_cast<unsigned>(params.size()),
                        static_cast<unsigned>(count)));
  }
  size_t index = 0;
  for (const json::View element : params) values_[index++] = element;
  return {};
}

Status Arguments::CheckTypes() const {
  for (size_t i = 0; i < method_->parameter_count(); ++i) {
    const Parameter& parameter = method_->parameters[i];
    if (!values_[i].exists() || parameter.type.Accepts(values_[i])) continue;
    return Wrong('"' + std::string(parameter.name) + "\" must be " + parameter.type.Words() +
                 ", not " + DescribeValue(values_[i]));
  }
  return {};
}

Status Arguments::CheckNeeds() const {
  std::string alternatives;
  bool one_of_them = false;
  for (size_t i = 0; i < method_->parameter_count(); ++i) {
    const Parameter& parameter = method_->parameters[i];
    if (parameter.need == Need::kOptional) continue;
    if (parameter.need == Need::kRequired) {
      if (values_[i].exists()) continue;
      return Wrong('"' + std::string(parameter.name) + "\" is missing: it is " +
                   parameter.type.Words());
    }
    one_of_them = one_of_them || values_[i].exists();
    alternatives += (alternatives.empty() ? "\"" : ", \"") + std::string(parameter.name) + '"';
  }
  if (!alternatives.empty() && !one_of_them) return Wrong("needs one at least of " + alternatives);
  return {};
}

}  // namespace ocellus::control
