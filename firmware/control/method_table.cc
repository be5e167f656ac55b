// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/method_table.h"

#include <utility>

#include "firmware/control/methods/groups.h"
#include "firmware/control/server.h"

namespace ocellus::control {
namespace {

json::Value DescribeParameters(const Method& method) {
  json::Value params = json::Value::Array();
  for (size_t i = 0; i < method.parameter_count(); ++i) {
    const Parameter& parameter = method.parameters[i];
    json::Value param = json::Value::Object();
    param.Set("name", parameter.name).Set("description", parameter.description);
    param.Set("required", parameter.need == Need::kRequired);
    param.Set("schema", parameter.type.Schema());
    params.Append(std::move(param));
  }
  return params;
}

json::Value DescribeMethod(const MethodGroup& group, const Method& method) {
  json::Value schema = json::Value::Object();
  schema.Set("type", "object");
  json::Value result = json::Value::Object();
  result.Set("name", "result").Set("description", method.result).Set("schema", std::move(schema));

  json::Value tag = json::Value::Object();
  tag.Set("name", group.title);
  json::Value tags = json::Value::Array();
  tags.Append(std::move(tag));

  json::Value description = json::Value::Object();
  description.Set("name", method.name).Set("summary", method.summary);
  description.Set("x-role", ToString(method.role)).Set("tags", std::move(tags));
  description.Set("params", DescribeParameters(method)).Set("result", std::move(result));
  return description;
}

}  // namespace

Span<const MethodGroup* const> MethodGroups() {
  static constexpr const MethodGroup* kGroups[] = {
      &methods::kSession, &methods::kDevice, &methods::kEvents, &methods::kSettings,
      &methods::kImage,   &methods::kPtz,    &methods::kStream, &methods::kOutputs,
      &methods::kFiles,   &methods::kLog,
  };
  return kGroups;
}

const Method* FindMethod(std::string_view name) {
  for (const MethodGroup* group : MethodGroups()) {
    for (const Method& method : group->methods) {
      if (name == method.name) return &method;
    }
  }
  return nullptr;
}

json::Value OpenRpcDocument() {
  json::Value info = json::Value::Object();
  info.Set("title", "Ocellus control").Set("version", Server::kChannelProtocol);
  json::Value methods = json::Value::Array();
  for (const MethodGroup* group : MethodGroups()) {
    for (const Method& method : group->methods) methods.Append(DescribeMethod(*group, method));
  }
  json::Value document = json::Value::Object();
  document.Set("openrpc", "1.3.2").Set("info", std::move(info));
  document.Set("methods", std::move(methods));
  return document;
}

}  // namespace ocellus::control
