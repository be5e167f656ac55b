// SPDX-License-Identifier: Apache-2.0
#include "firmware/control/control_markdown.h"

#include "firmware/base/limits.h"
#include "firmware/control/error_code.h"
#include "firmware/control/method_table.h"
#include "firmware/control/server.h"
#include "firmware/control/topic.h"

namespace ocellus::control {
namespace {

constexpr const char* kIntroduction = R"(# The control protocol

Written by `ocellus --control-markdown` from the tables in `firmware/control` (`methods/`, `topic.cc`); a test compares
them.

Cameras are steered by [JSON-RPC 2.0](https://www.jsonrpc.org/specification): over a data channel of the WebRTC
connection that shows the picture, with notifications of what changes, or over HTTP, a request at a time. Methods,
parameters, results and errors are the same.

## Over a data channel

The client opens the channel, before it makes its offer, so that the offer asks for data channels at all. Label and
protocol have to be these, and the channel reliable and ordered, as it is by default. Requests and answers are text
messages.

```js
const control = pc.createDataChannel("control", { protocol: "ocellus.control.v1" });
const waiting = new Map();
let lastId = 0;

function call(method, params = {}) {
  return new Promise((resolve, reject) => {
    waiting.set(++lastId, { resolve, reject });
    control.send(JSON.stringify({ jsonrpc: "2.0", id: lastId, method, params }));
  });
}

control.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.method) return console.log("changed:", message.method, message.params);
  const { resolve, reject } = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.error) reject(message.error);
  else resolve(message.result);
};

control.onopen = async () => {
  await call("events.subscribe", { topics: ["ptz"] });
  console.log(await call("ptz.move", { zoom: 0.5 }));
};
```

`web/control.js` is a client that is complete. The role is that of the token which opened the WHEP session;
`session.log_in` changes it.

## Over HTTP

`POST /api/v1/rpc` with the same text as its body and a token of the camera. There are no notifications.

```sh
curl http://camera:8080/api/v1/rpc -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \
  -d '{"jsonrpc": "2.0", "id": 1, "method": "ptz.move", "params": {"zoom": 0.5}}'
```

The status is 200 whatever came of a method; 204 for notifications, which nobody answers; 400 when the body is no
JSON-RPC; 401 for a missing or wrong token and 403 for one whose role is not enough; 413 and 429 for too much.

## Roles

| role | may |
|---|---|
| `viewer` | look: picture, state, snapshots |
| `operator` | also steer: image, pan and tilt, stream, outputs |
| `admin` | also configure, update and restart |

Each method below names the least role that may call it. `session.get` says which ones you may call, so that a client
shows what works and nothing else.

## What outlives a restart

| what | kept | and back again |
|---|---|---|
| settings | by `settings.set`, at once | `settings.reset` |
| image controls, such as flip, rotate, focus | by `image.set`, within 2 s | `image.reset` |
| size, frame rate and bitrate of the stream | by `stream.set`, within 2 s, as settings | `settings.reset` |
| presets | by `ptz.save_preset`, at once | `ptz.delete_preset` |
| where a camera without motors looks | by `ptz.move` and all that turns it, within 2 s | `ptz.home` |
| where motors stand | no: they stand where they are | |
| outputs | no: all are off | |
| snapshots | no | |

Image controls are set again whenever the camera comes: after a restart, and plugged in again. What the camera chooses
by itself is not kept, and neither are defaults. Where a mode rules a value out, as automatic exposure does the exposure
time, the mode has it, and the value is set again once a mode allows it. A value that the camera does not take any more,
for it is another one without that control or with another range, is left out, and stays in mind for the camera that
does; the log says so.

## Requests and answers

Parameters go by name, in an object, or by position, in an array, in the order of the tables below. What a method does
not know is an error, and so is a wrong type. A request without `id` is a notification: it is carried out and never
answered. Several requests in an array are a batch, and answered by one array. Answers may come in another order than
their requests: what takes time, such as a snapshot, does not hold up what does not.

```
> {"jsonrpc": "2.0", "id": 1, "method": "ptz.move", "params": {"pan": 7}}
< {"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "ptz.move: \"pan\" must be a number from -1 to 1, not 7"}}
```

)";

struct ErrorRow {
  int code;
  const char* meaning;
};

constexpr ErrorRow kErrors[] = {
    {kParseError, "That was no JSON. The message says at which byte."},
    {kInvalidRequest, "JSON, but no request."},
    {kMethodNotFound, "There is no such method."},
    {kInvalidParams, "A parameter is missing, of another type, or out of its range."},
    {kInternalError, "The camera failed; its log says more."},
    {kPermissionDenied,
     "Your role is not enough: `data.needed_role` would do, or with files the one that the message "
     "names. Or the token is wrong."},
    {kNotFound, "The thing that you named is not there."},
    {kUnavailable, "Not now: the camera or a device is away."},
    {kFailedPrecondition, "Right, but not in this state; the message says why."},
    {kResourceExhausted,
     "Too much: requests, wrong tokens, or what is kept. Wait, then try again."},
    {kTimeout, "It has not happened in time. Whether it will, nobody knows."},
    {kUnsupported, "This camera cannot do that."},
    {kAlreadyExists, "It is there already."},
};

constexpr const char* kFileChannels = R"(## The file channel

Files go over data channels of their own, one for each transfer, that the client opens with the label `file` and the
protocol `ocellus.file.v1`, reliable and ordered. Text messages are JSON, binary ones the next bytes of the file.
`web/files.js` is a client.

A download, where `offset` is 0 or what an attempt before has left you with:

```
> {"type": "get", "area": "snapshots", "name": "snapshot-20261121041500.jpg", "offset": 0}
< {"type": "offer", "name": "snapshot-20261121041500.jpg", "size": 81920, "offset": 0}
< (binary messages: bytes 0 to 81919)
< {"type": "end", "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
> {"type": "received"}
```

An upload. The camera says from which byte on: an attempt that was broken off goes on where it was, when name, size
and hash are the same.

```
> {"type": "put", "area": "firmware", "name": "ocellus.img", "size": 8388608, "sha256": "e3b0...b855"}
< {"type": "accept", "offset": 0}
> (binary messages: at most 16 KiB each, and no more than 1 MiB beyond what the camera has confirmed)
< {"type": "progress", "offset": 262144}
< {"type": "done", "sha256": "e3b0...b855"}
```

The client may end it by `{"type": "cancel"}`, the camera by `{"type": "error", "code": -32002, "message": "..."}`, with
the codes from above. The hash is always of the whole file.
)";

// Text for a cell of a table.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

// Appends `text` in lines of at most 120 columns.
void AppendParagraph(std::string_view text, std::string& out) {
  constexpr size_t kColumns = 120;
  while (text.size() > kColumns) {
    const size_t end = text.rfind(' ', kColumns);
    out += text.substr(0, end);
    out += '\n';
    text.remove_prefix(end + 1);
  }
  out += text;
  out += "\n\n";
}

const char* Words(Need need) {
  switch (need) {
    case Need::kRequired:
      return "required";
    case Need::kOptional:
      return "optional";
    case Need::kOneOf:
      return "one at least";
  }
  return "";
}

void AppendParameters(const Method& method, std::string& out) {
  if (method.parameter_count() == 0) return;
  out += "| parameter | takes | | meaning |\n|---|---|---|---|\n";
  for (size_t i = 0; i < method.parameter_count(); ++i) {
    const Parameter& parameter = method.parameters[i];
    out += "| `" + std::string(parameter.name) + "` | " + Cell(parameter.type.Words()) + " | " +
           Words(parameter.need) + " | " + Cell(parameter.description) + " |\n";
  }
  out += '\n';
}

void AppendMethod(const Method& method, std::string& out) {
  out += "#### `" + std::string(method.name) + "` (" + ToString(method.role) + ")\n\n";
  AppendParagraph(method.summary, out);
  AppendParameters(method, out);
  AppendParagraph("Result: " + std::string(method.result), out);
  out += "```\n> {\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"" + std::string(method.name) + '"';
  if (method.parameter_count() > 0) out += ", \"params\": " + std::string(method.example);
  out += "}\n< {\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": " + std::string(method.answer) +
         "}\n```\n\n";
}

void AppendErrors(std::string& out) {
  out += "## Errors\n\n";
  AppendParagraph(
      "`code` is for programs and `message` for people: it says what was wrong, and where.", out);
  out += "| code | meaning |\n|---|---|\n";
  for (const ErrorRow& error : kErrors) out += Format("| %d | %s |\n", error.code, error.meaning);
  out += '\n';
}

void AppendLimits(std::string& out) {
  out += "## Limits\n\n| what | limit | beyond it |\n|---|---|---|\n";
  out += Format("| message | %u KiB | error, unread |\n",
                static_cast<unsigned>(kMaxControlMessageSize / 1024));
  out += Format("| answer | %u KiB, or what the client's `a=max-message-size` takes | error |\n",
                static_cast<unsigned>(kMaxControlReplySize / 1024));
  out +=
      "| notification | as an answer | left out; of log lines, as many of the newest come as fit "
      "|\n";
  out += Format("| batch | %u requests | one error |\n", static_cast<unsigned>(kMaxControlBatch));
  out += Format("| values inside each other, values in all | %u, %u | error |\n",
                static_cast<unsigned>(kMaxJsonDepth), static_cast<unsigned>(kMaxJsonValues));
  out += Format("| `id` | %u bytes, or a number up to 2^53 - 1 | error |\n",
                static_cast<unsigned>(kMaxControlIdSize));
  out += Format("| requests | %u a second, %u at once | error, not carried out |\n",
                kControlRequestsPerSecond, kControlBurst);
  out += Format("| messages, or KiB | %u a second | the channel is closed |\n",
                kMaxControlMessagesPerSecond);
  out += Format("| calls that wait for the camera | %u | error |\n",
                static_cast<unsigned>(kMaxPendingCalls));
  out += Format("| a call | %u s | error -32006 |\n",
                static_cast<unsigned>(ToMilliseconds(Server::kCallTimeout) / 1000));
  out += Format("| answers that nobody reads | %u KiB | the channel is closed |\n\n",
                static_cast<unsigned>(kMaxControlBacklog / 1024));
}

void AppendMethods(std::string& out) {
  out += "## Methods\n\n";
  AppendParagraph("`rpc.discover` tells all of this to programs, as an OpenRPC document.", out);
  for (const MethodGroup* group : MethodGroups()) {
    out += "### " + std::string(group->title) + "\n\n";
    if (*group->about != '\0') AppendParagraph(group->about, out);
    for (const Method& method : group->methods) AppendMethod(method, out);
  }
}

void AppendTopics(std::string& out) {
  out += "## Notifications\n\n";
  AppendParagraph(
      "What a client has subscribed to by `events.subscribe` comes as requests without `id`. "
      "Changes are looked for ten times a second, so that a slider that somebody moves is told in "
      "steps.",
      out);
  for (const TopicInfo& topic : Topics()) {
    out += "#### `" + std::string(topic.name) + "` (" + ToString(topic.role) + ")\n\n";
    AppendParagraph(topic.description, out);
    out += "```\n< {\"jsonrpc\": \"2.0\", \"method\": \"" + std::string(topic.notification) +
           "\", \"params\": " + topic.example + "}\n```\n\n";
  }
}

}  // namespace

std::string ControlMarkdown() {
  std::string text = kIntroduction;
  AppendErrors(text);
  AppendLimits(text);
  AppendMethods(text);
  AppendTopics(text);
  text += kFileChannels;
  return text;
}

}  // namespace ocellus::control
