// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/method_table.h"

#include <gtest/gtest.h>

#include <set>

#include "firmware/control/arguments.h"
#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

std::vector<const Method*> AllMethods() {
  std::vector<const Method*> methods;
  for (const MethodGroup* group : MethodGroups()) {
    for (const Method& method : group->methods) methods.push_back(&method);
  }
  return methods;
}

// Whether both have the same members of the same types all the way down. Of arrays the first
// elements count: lists are longer or shorter.
std::string Difference(json::View example, json::View actual, const std::string& where) {
  if (example.type() != actual.type()) {
    return where + " is " + ToString(actual.type()) + ", not " + ToString(example.type());
  }
  if (example.type() == json::Type::kArray) {
    if (example.size() == 0 || actual.size() == 0) return "";
    return Difference(example.at(0), actual.at(0), where + "[0]");
  }
  for (const json::View member : example) {
    const std::string name(member.name());
    const std::string difference = Difference(member, actual[name.c_str()], where + '.' + name);
    if (!difference.empty()) return difference;
  }
  return "";
}

TEST(MethodTable, HasEachMethodOnceAndFindsIt) {
  std::set<std::string> names;
  for (const Method* method : AllMethods()) {
    EXPECT_TRUE(names.insert(method->name).second) << method->name;
    EXPECT_EQ(FindMethod(method->name), method);
  }
  EXPECT_EQ(FindMethod("ptz"), nullptr);
  EXPECT_EQ(FindMethod(""), nullptr);
}

TEST(MethodTable, HasAllThatTheProtocolPromises) {
  for (const char* name : {"session.get",      "session.log_in",     "rpc.discover",
                           "device.get",       "device.restart",     "stats.get",
                           "events.subscribe", "events.unsubscribe", "settings.list",
                           "settings.get",     "settings.set",       "settings.reset",
                           "image.list",       "image.set",          "image.reset",
                           "ptz.get",          "ptz.move",           "ptz.step",
                           "ptz.drive",        "ptz.stop",           "ptz.home",
                           "ptz.save_preset",  "ptz.go_to_preset",   "ptz.delete_preset",
                           "stream.get",       "stream.set",         "stream.request_keyframe",
                           "snapshot.take",    "outputs.list",       "outputs.set",
                           "files.list",       "files.delete",       "log.tail"}) {
    EXPECT_NE(FindMethod(name), nullptr) << name;
  }
}

TEST(MethodTable, NamesAndDescribesEverything) {
  for (const Method* method : AllMethods()) {
    EXPECT_NE(std::string_view(method->name).find('.'), std::string_view::npos) << method->name;
    EXPECT_STRNE(method->summary, "") << method->name;
    EXPECT_STRNE(method->result, "") << method->name;
    EXPECT_NE(method->handler, nullptr) << method->name;
    for (size_t i = 0; i < method->parameter_count(); ++i) {
      EXPECT_STRNE(method->parameters[i].description, "") << method->name;
      EXPECT_NE(method->parameters[i].type.Words(), "") << method->name;
    }
  }
}

TEST(MethodTable, HasExamplesThatWork) {
  for (const Method* method : AllMethods()) {
    const Result<json::Value> example = json::Value::Parse(method->example);
    ASSERT_TRUE(example.ok()) << method->name << ": " << example.status().ToString();
    const Result<Arguments> arguments = Arguments::Bind(*method, example->view());
    EXPECT_TRUE(arguments.ok()) << method->name << ": " << arguments.status().ToString();

    ControlRig rig;
    const ClientId client = rig.Open();
    ASSERT_TRUE(rig.ptz.SavePreset(rig.now, "Door", PresetId(1)).ok());
    if (std::string_view(method->name) == "ptz.delete_preset") {
      ASSERT_TRUE(rig.ptz.SavePreset(rig.now, "Gate", PresetId(2)).ok());
    }
    const std::string result = rig.ResultOf(client, method->name, method->example);
    const Result<json::Value> expected = json::Value::Parse(method->answer);
    ASSERT_TRUE(expected.ok()) << method->name << ": " << expected.status().ToString();
    const Result<json::Value> actual = json::Value::Parse(result);
    ASSERT_TRUE(actual.ok()) << method->name << ": " << result;
    EXPECT_EQ(Difference(expected->view(), actual->view(), method->name), "") << result;
  }
}

TEST(MethodTable, DescribesItselfToPrograms) {
  const json::Value document = OpenRpcDocument();
  const json::View methods = document.view()["methods"];
  EXPECT_EQ(document.view()["openrpc"].AsString(), "1.3.2");
  EXPECT_EQ(methods.size(), AllMethods().size());
  for (const json::View method : methods) {
    if (method["name"].AsString() != "ptz.drive") continue;
    EXPECT_EQ(method["x-role"].AsString(), "operator");
    EXPECT_EQ(method["params"].at(3).Write(),
              R"({"name":"for_ms","description":"For how many milliseconds, 1000 without it.",)"
              R"("required":false,"schema":{"type":"integer","minimum":0,"maximum":5000}})");
  }
}

}  // namespace
}  // namespace ocellus::control
