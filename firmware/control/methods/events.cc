// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "firmware/control/call.h"
#include "firmware/control/methods/groups.h"

namespace ocellus::control::methods {
namespace {

using auth::Role;

// The topics of the request, all of them or an error.
Result<TopicSet> ReadTopics(const Call& call) {
  TopicSet topics;
  for (const json::View element : call.arguments["topics"]) {
    const TopicInfo* info = FindTopic(*element.AsString());
    if (info == nullptr) {
      std::string names;
      for (const TopicInfo& known : Topics())
        names += std::string(names.empty() ? "" : ", ") + known.name;
      return Status(StatusCode::kNotFound,
                    "no topic " + DescribeValue(element) + "; there are " + names);
    }
    topics.Add(info->topic);
  }
  return topics;
}

json::Value Subscribed(const TopicSet& topics) {
  json::Value names = json::Value::Array();
  for (const TopicInfo& info : Topics()) {
    if (topics.has(info.topic)) names.Append(info.name);
  }
  json::Value result = json::Value::Object();
  result.Set("topics", std::move(names));
  return result;
}

Outcome Subscribe(const Call& call) {
  if (call.session.transport == Session::Transport::kHttp) {
    return Status(StatusCode::kFailedPrecondition, "notifications need a control channel");
  }
  const Result<TopicSet> topics = ReadTopics(call);
  if (!topics.ok()) return topics.status();
  for (const TopicInfo& info : Topics()) {
    if (!topics->has(info.topic) || Includes(call.session.caller.role, info.role)) continue;
    return Status(StatusCode::kPermissionDenied,
                  Format("the topic \"%s\" needs the role %s", info.name, ToString(info.role)));
  }
  call.session.topics.Add(*topics);
  return Subscribed(call.session.topics);
}

Outcome Unsubscribe(const Call& call) {
  const Result<TopicSet> topics = ReadTopics(call);
  if (!topics.ok()) return topics.status();
  for (const TopicInfo& info : Topics()) {
    if (topics->has(info.topic)) call.session.topics.Remove(info.topic);
  }
  return Subscribed(call.session.topics);
}

constexpr Method kMethods[] = {
    {"events.subscribe",
     Role::kViewer,
     "Has changes told as notifications.",
     {{"topics", Texts(kTopics), Need::kRequired, "Names of topics: see below."}},
     "All `topics` that you have subscribed to by now. What is so already is not told: ask for it, "
     "after you have subscribed.",
     R"({"topics": ["ptz", "image"]})",
     R"({"topics": ["image", "ptz"]})",
     Subscribe},
    {"events.unsubscribe",
     Role::kViewer,
     "Ends that.",
     {{"topics", Texts(kTopics), Need::kRequired, "Names of topics, subscribed to or not."}},
     "The `topics` that remain.",
     R"({"topics": ["image"]})",
     R"({"topics": ["ptz"]})",
     Unsubscribe},
};

}  // namespace

const MethodGroup kEvents = {"Events", "", kMethods};

}  // namespace ocellus::control::methods
