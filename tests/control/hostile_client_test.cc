// SPDX-License-Identifier: Apache-2.0
// What a client can send that it should not: each gets an exact answer, or is sent away, and the
// others notice nothing.
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

std::string Repeat(std::string_view text, size_t count) {
  std::string repeated;
  for (size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

std::string Request(const std::string& params) {
  return R"({"jsonrpc":"2.0","id":1,"method":"ptz.move","params":)" + params + '}';
}

// The answer to what is no request at all.
std::string Refusal(int code, const std::string& message) {
  json::Value error = json::Value::Object();
  error.Set("code", code).Set("message", message);
  return R"({"jsonrpc":"2.0","id":null,"error":)" + error.Write() + '}';
}

class HostileClient : public testing::Test {
 protected:
  std::string Ask(std::string_view text) { return rig_.Ask(client_, text); }
  std::string ErrorOf(std::string_view text) { return rig_.ErrorIn(Ask(text)); }

  // How many of the messages are answered before the client is sent away.
  size_t AnswersUntilKicked(const std::string& text, size_t messages) {
    size_t answers = 0;
    for (size_t i = 0; i < messages && !rig_.server.PollKicked(); ++i) {
      if (!Ask(text).empty()) ++answers;
    }
    return answers;
  }

  ControlRig rig_;
  const ClientId client_ = rig_.Open();
};

TEST_F(HostileClient, SendsWhatIsNoJson) {
  EXPECT_EQ(Ask(""), Refusal(-32700, "JSON, byte 0: the text ends where a value should be"));
  EXPECT_EQ(Ask("half a mess"), Refusal(-32700, "JSON, byte 0: no value begins like this"));
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","id":1,"meth)"),
            Refusal(-32700, "JSON, byte 29: the text ends inside a string"));
  EXPECT_EQ(Ask(std::string_view("{}\0", 3)),
            Refusal(-32700, "JSON, byte 2: nothing may follow the value"));
  EXPECT_EQ(Ask("{\"\xC3(\":1}"), Refusal(-32700, "JSON, byte 2: not UTF-8"));
  EXPECT_EQ(Ask("\xFF\xFE{"), Refusal(-32700, "JSON, byte 0: no value begins like this"));
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","id":"a\u0000b","method":"ptz.get"})"),
            Refusal(-32700, "JSON, byte 30: a NUL character"));
}

TEST_F(HostileClient, SendsWhatIsNoRequest) {
  for (const char* text : {"7", "null", "\"ptz.get\"", "true"}) {
    EXPECT_EQ(Ask(text), Refusal(-32600, std::string("a request is an object, not ") + text));
  }
  EXPECT_EQ(ErrorOf("{}"), "-32600 \"jsonrpc\" must be \"2.0\", not nothing");
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":2.0,"id":1,"method":"ptz.get"})"),
            "-32600 \"jsonrpc\" must be \"2.0\", not 2");
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1})"),
            "-32600 \"method\" must be a string, not nothing");
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":["ptz.get"]})"),
            "-32600 \"method\" must be a string, not an array of 1");
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":"ptz.get","params":"all"})"),
            "-32600 \"params\" must be an object or an array, not \"all\"");
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":"ptz.get","parms":{}})"),
            "-32600 a request has no member \"parms\"");
  // An answer to what we never asked.
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"result":{}})"),
            "-32600 a request has no member \"result\"");
}

TEST_F(HostileClient, CallsMethodsThatThereAreNot) {
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":"ptz.mov"})"),
            "-32601 there is no method \"ptz.mov\"; rpc.discover names those that there are");
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":""})"),
            "-32601 there is no method \"\"; rpc.discover names those that there are");
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"method":")" + Repeat("x", 60'000) + "\"}"),
            "-32601 there is no method \"" + Repeat("x", 40) +
                "\"... (60000 bytes); rpc.discover names those that there are");
}

TEST_F(HostileClient, SendsWrongTypes) {
  EXPECT_EQ(ErrorOf(Request(R"({"pan":7})")),
            "-32602 ptz.move: \"pan\" must be a number from -1 to 1, not 7");
  EXPECT_EQ(ErrorOf(Request(R"({"pan":"left"})")),
            "-32602 ptz.move: \"pan\" must be a number from -1 to 1, not \"left\"");
  EXPECT_EQ(ErrorOf(Request(R"({"pan":1e999})")),
            "-32602 ptz.move: \"pan\" must be a number from -1 to 1, not a number that large");
  EXPECT_EQ(ErrorOf(Request(R"({"pan":null})")),
            "-32602 ptz.move: \"pan\" must be a number from -1 to 1, not null");
  EXPECT_EQ(ErrorOf(Request(R"([[],{}])")),
            "-32602 ptz.move: \"pan\" must be a number from -1 to 1, not an array of 0");
  EXPECT_EQ(ErrorOf(Request("{}")),
            "-32602 ptz.move: needs one at least of \"pan\", \"tilt\", \"zoom\"");
}

TEST_F(HostileClient, SendsMembersTwiceOrThatThereAreNot) {
  EXPECT_EQ(ErrorOf(Request(R"({"pan":0,"pan":1})")), "-32602 ptz.move: \"pan\" is there twice");
  EXPECT_EQ(ErrorOf(Request(R"({"pan":0,"speed":1})")), "-32602 ptz.move: no parameter \"speed\"");
  EXPECT_EQ(ErrorOf(Request("[0,0,0,0]")), "-32602 ptz.move: 4 parameters, at most 3");
  EXPECT_EQ(ErrorOf(R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ptz.get"})"),
            "-32600 the member \"id\" is there twice");
  // Thousands of them end at the first that is wrong.
  EXPECT_EQ(ErrorOf(Request("{" + Repeat(R"("pan":0,)", 5'000) + R"("pan":0})")),
            "-32602 ptz.move: \"pan\" is there twice");
  EXPECT_EQ(ErrorOf("{" + Repeat(R"("id":0,)", 5'000) + R"("id":0})"),
            "-32600 the member \"id\" is there twice");
}

TEST_F(HostileClient, HasIdsThatDoNotComeBackAsTheyWent) {
  const std::string complaint =
      "\"id\" must be a string of at most 128 bytes, a number of at most 2^53 - 1, or null, not ";
  const auto with_id = [](const std::string& id) {
    return R"({"jsonrpc":"2.0","method":"stream.request_keyframe","id":)" + id + '}';
  };
  for (const char* id : {"1", "-7", "0.1", "9007199254740991", "null", "\"\"", "\"a\\\"b\\n\"",
                         "0.12345678901234568", "1e-07"}) {
    EXPECT_EQ(Ask(with_id(id)), std::string(R"({"jsonrpc":"2.0","id":)") + id + R"(,"result":{}})");
  }
  const std::string longest = '"' + Repeat("i", 128) + '"';
  EXPECT_EQ(Ask(with_id(longest)), R"({"jsonrpc":"2.0","id":)" + longest + R"(,"result":{}})");
  EXPECT_EQ(Ask(with_id('"' + Repeat("i", 129) + '"')),
            Refusal(-32600, complaint + '"' + Repeat("i", 40) + "\"... (129 bytes)"));
  EXPECT_EQ(Ask(with_id("9007199254740993")), Refusal(-32600, complaint + "9007199254740992"));
  EXPECT_EQ(Ask(with_id("1e400")), Refusal(-32600, complaint + "a number that large"));
  EXPECT_EQ(Ask(with_id("[1]")), Refusal(-32600, complaint + "an array of 1"));
  EXPECT_EQ(Ask(with_id("{}")), Refusal(-32600, complaint + "an object"));
  EXPECT_EQ(Ask(with_id("true")), Refusal(-32600, complaint + "true"));
}

TEST_F(HostileClient, SendsTooMuchAtOnce) {
  EXPECT_EQ(Ask(Repeat(" ", kMaxControlMessageSize + 1)),
            Refusal(-32005, "a message of 65537 bytes, at most 65536"));
  EXPECT_EQ(Ask(Repeat("[", kMaxControlMessageSize)), Refusal(-32700, "JSON, byte 32: too deep"));
  EXPECT_EQ(Ask(Request(Repeat("[", 31) + Repeat("]", 31))),
            R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":)"
            R"("ptz.move: \"pan\" must be a number from -1 to 1, not an array of 1"}})");
  EXPECT_EQ(Ask('[' + Repeat("0,", 20'000) + "0]"),
            Refusal(-32700, "JSON, byte 19999: too many values"));
}

TEST_F(HostileClient, SendsBatchBombs) {
  EXPECT_EQ(Ask("[]"), Refusal(-32600, "a batch without requests"));
  EXPECT_EQ(Ask('[' + Repeat("1,", 32) + "1]"),
            Refusal(-32005, "a batch of 33 requests, at most 32"));
  EXPECT_EQ(Ask("[[]]"), '[' + Refusal(-32600, "a request is an object, not an array of 0") + ']');
  // Each of 32 asks for everything: what does not fit into an answer is left out.
  rig_.device.filling = Repeat("x", 20'000);
  const std::string answer =
      Ask('[' + Repeat(R"({"jsonrpc":"2.0","id":1,"method":"stats.get"},)", 31) +
          R"({"jsonrpc":"2.0","id":2,"method":"stats.get"}])");
  EXPECT_LE(answer.size(), kMaxControlReplySize);
  EXPECT_GT(answer.size(), kMaxControlReplySize / 2);
  const Result<json::Value> json = json::Value::Parse(answer);
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  EXPECT_EQ(json->view().size(), 32u);
  EXPECT_TRUE(json->view().at(0)["result"].exists());
  EXPECT_EQ(json->view().at(31)["id"].AsNumber(), 2);
  EXPECT_EQ(json->view().at(31)["error"]["code"].AsNumber(), -32005);
}

TEST_F(HostileClient, TakesOnlySmallAnswers) {
  const ClientId small = rig_.server.Open(rig_.now, Role::kAdmin, SocketAddress(), 1024);
  EXPECT_EQ(rig_.ErrorOf(small, "rpc.discover").substr(0, 22), "-32005 the answer has ");
  EXPECT_EQ(rig_.ResultOf(small, "stream.request_keyframe"), "{}");
  const ClientId tiny = rig_.server.Open(rig_.now, Role::kAdmin, SocketAddress(), 0);
  EXPECT_EQ(rig_.ErrorOf(tiny, "stream.request_keyframe"),
            "-32005 the answer has 36 bytes, which is too much here");
}

// The parts of a batch have room for errors, however long what the camera has to say.
TEST_F(HostileClient, AsksForManyLongErrorsAtOnce) {
  const ClientId client = rig_.server.Open(rig_.now, Role::kAdmin, SocketAddress(), 64 * 1024);
  rig_.camera.status = {StatusCode::kInvalidArgument, Repeat("\xC3\xA4\x01", 2000)};
  rig_.device.filling = Repeat("x", 40'000);
  std::string batch = R"([{"jsonrpc":"2.0","id":0,"method":"stats.get"})";
  for (int i = 1; i < 32; ++i) {
    batch +=
        Format(R"(,{"jsonrpc":"2.0","id":"%s","method":"image.reset"})", Repeat("i", 128).c_str());
  }
  const std::string answers = rig_.Ask(client, batch + ']');
  EXPECT_LE(answers.size(), 64u * 1024);
  const Result<json::Value> json = json::Value::Parse(answers);
  ASSERT_TRUE(json.ok()) << json.status().message();
  EXPECT_EQ(json->view().size(), 32u);
  EXPECT_TRUE(json->view().at(0)["result"].exists());
  EXPECT_EQ(json->view().at(31)["error"]["code"].AsNumber(), -32602);
}

TEST_F(HostileClient, AsksFasterThanItMay) {
  const std::string request = R"({"jsonrpc":"2.0","id":1,"method":"stream.request_keyframe"})";
  for (unsigned i = 0; i < kControlBurst; ++i) Ask(request);
  EXPECT_EQ(rig_.camera.keyframes, 200);
  EXPECT_EQ(ErrorOf(request), "-32005 too many requests: 100 a second, and 200 at once");
  EXPECT_EQ(rig_.camera.keyframes, 200);
  // Notifications are not carried out either, and requests in batches count one by one.
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","method":"stream.request_keyframe"})"), "");
  rig_.Wait(std::chrono::milliseconds(20));
  const Result<json::Value> batch =
      json::Value::Parse(Ask('[' + request + ',' + request + ',' + request + ']'));
  EXPECT_TRUE(batch->view().at(1)["result"].exists());
  EXPECT_TRUE(batch->view().at(2)["error"].exists());
  EXPECT_EQ(rig_.camera.keyframes, 202);
}

TEST_F(HostileClient, AsksTenThousandTimesASecond) {
  const ClientId other = rig_.Open();
  const std::string request = R"({"jsonrpc":"2.0","id":1,"method":"stream.request_keyframe"})";
  size_t answers = 0;
  size_t kicks = 0;
  for (int i = 0; i < 10'000; ++i) {
    rig_.now += std::chrono::microseconds(100);
    rig_.server.HandleMessage(rig_.now, client_, request);
    if (i % 1'000 == 0) {
      EXPECT_EQ(rig_.ResultOf(other, "ptz.get").substr(0, 8), R"({"kind":)");
    }
    while (rig_.server.PollMessage()) ++answers;
    while (rig_.server.PollKicked()) ++kicks;
  }
  EXPECT_EQ(kicks, 1u);
  // 1,000 at once, and 1,000 a second until those are over.
  EXPECT_LT(answers, 1'200u);
  EXPECT_LT(rig_.camera.keyframes, 230);
  EXPECT_EQ(rig_.server.client_count(), 1u);
}

TEST_F(HostileClient, IsSentAwayForLargeMessagesToo) {
  const std::string large = '[' + Repeat("0,", 30'000) + "0]";
  EXPECT_LE(AnswersUntilKicked(large, 10'000), 1'000u / (large.size() / 1024));
  EXPECT_EQ(rig_.server.client_count(), 0u);
  EXPECT_EQ(Ask("{}"), "");
}

TEST_F(HostileClient, FillsNoLogByComingBack) {
  static int warnings;
  warnings = 0;
  SetLogSink([](LogLevel, const char*) { ++warnings; }, LogLevel::kWarn);
  const std::string half(kMaxControlMessagesPerSecond / 2 * 1024, 'x');
  for (int i = 0; i < 50; ++i) {
    const ClientId client = rig_.Open(Role::kViewer);
    for (int j = 0; j < 3; ++j) rig_.server.HandleMessage(rig_.now, client, half);
    EXPECT_EQ(rig_.server.PollKicked(), client);
  }
  SetLogSink(nullptr, LogLevel::kInfo);
  EXPECT_EQ(warnings, 1);
}

TEST_F(HostileClient, StartsManyCalls) {
  rig_.camera.pends = true;
  for (size_t i = 0; i < kMaxPendingCalls; ++i) {
    EXPECT_EQ(rig_.Call(client_, "image.set", R"({"name":"brightness","value":1})"), "");
  }
  EXPECT_EQ(rig_.ErrorOf(client_, "image.set", R"({"name":"brightness","value":1})"),
            "-32005 image.set: 16 calls are under way; wait for their answers");
  // As notifications they count, too.
  EXPECT_EQ(Ask(R"({"jsonrpc":"2.0","method":"snapshot.take"})"), "");
  EXPECT_EQ(rig_.camera.tickets.size(), kMaxPendingCalls);
  EXPECT_EQ(rig_.Call(rig_.Open(), "snapshot.take"), "");
  EXPECT_EQ(rig_.camera.tickets.size(), kMaxPendingCalls + 1);
  rig_.FinishAll();
  rig_.Read(client_);
  EXPECT_EQ(rig_.Call(client_, "snapshot.take"), "");
  EXPECT_EQ(rig_.camera.tickets.size(), 1u);
}

// Checklist 44.
TEST_F(HostileClient, NeverReads) {
  rig_.device.filling = Repeat("x", 100'000);
  rig_.Call(client_, "events.subscribe", R"({"topics":["stats"]})");
  size_t most = 0;
  for (int second = 0; second < 60 && rig_.server.client_count() == 1; ++second) {
    rig_.Wait(std::chrono::seconds(1));  // And nobody polls.
    ++most;
  }
  EXPECT_EQ(rig_.server.client_count(), 0u);
  EXPECT_LE(most, 12u);
  EXPECT_EQ(rig_.server.PollKicked(), client_);
  EXPECT_FALSE(rig_.server.PollMessage()) << "what was for it is gone";
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(rig_.server.next_deadline(), kNever);
}

TEST_F(HostileClient, LeavesAnswersWaiting) {
  // Batches that are nearly full, and wait for one call: what is kept for them is bounded.
  rig_.camera.pends = true;
  rig_.device.filling = Repeat("x", 200'000);
  const std::string batch = R"([{"jsonrpc":"2.0","id":1,"method":"stats.get"},)"
                            R"({"jsonrpc":"2.0","id":2,"method":"snapshot.take"}])";
  for (size_t i = 0; i < kMaxPendingCalls; ++i) EXPECT_EQ(Ask(batch), "");
  rig_.FinishAll();
  const std::string answers = rig_.Read(client_);
  EXPECT_LE(answers.size(), kMaxControlQueue + 16 * 1024);
  EXPECT_GT(answers.size(), kMaxControlQueue / 2);
}

// There is nothing that it does not read, and who has the same address waits for answers, too.
TEST_F(HostileClient, LeavesAnswersWaitingByHttp) {
  rig_.camera.pends = true;
  rig_.device.filling = Repeat("x", 200'000);
  std::string batch = R"([{"jsonrpc":"2.0","id":1,"method":"stats.get"},)"
                      R"({"jsonrpc":"2.0","id":2,"method":"snapshot.take"})";
  for (int i = 0; i < 30; ++i) {
    batch += Format(R"(,{"jsonrpc":"2.0","id":"%s","method":"%s"})", Repeat("i", 128).c_str(),
                    Repeat("\\u0001", 40).c_str());
  }
  const SocketAddress remote = *SocketAddress::Parse("198.51.100.1:4000");
  for (hal::HttpRequestId id = 0; id < 6; ++id) {
    rig_.server.HandleHttp(rig_.now, id, Role::kViewer, remote, batch + ']');
  }
  rig_.Wait(std::chrono::milliseconds(100));
  rig_.server.HandleTimeout(rig_.now);
  rig_.FinishAll();
  for (hal::HttpRequestId id = 0; id < 6; ++id) {
    const std::optional<HttpAnswer> answer = rig_.server.PollHttp();
    ASSERT_TRUE(answer) << id;
    EXPECT_LE(answer->body.size(), kMaxControlReplySize);
  }
}

TEST_F(HostileClient, ComesByHttpFromManyAddresses) {
  const auto from = [](size_t host) {
    return SocketAddress{*IpAddress::Parse("10.0.0." + std::to_string(host)), 4000};
  };
  const std::string request = R"({"jsonrpc":"2.0","id":1,"method":"snapshot.take"})";
  rig_.camera.pends = true;
  for (size_t host = 0; host < kMaxHttpControlClients; ++host) {
    rig_.server.HandleHttp(rig_.now, host, Role::kViewer, from(host), request);
  }
  EXPECT_FALSE(rig_.server.PollHttp());
  rig_.server.HandleHttp(rig_.now, 100, Role::kViewer, from(100), request);
  const std::optional<HttpAnswer> refused = rig_.server.PollHttp();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->body, Refusal(-32003, "too many others are calling"));
  // Once a call is over, the quietest makes room.
  rig_.FinishAll();
  while (rig_.server.PollHttp()) {
  }
  rig_.server.HandleHttp(rig_.now, 101, Role::kViewer, from(100), request);
  EXPECT_FALSE(rig_.server.PollHttp());
  EXPECT_EQ(rig_.server.client_count(), kMaxHttpControlClients + 1);  // And client_.
}

TEST_F(HostileClient, AsksFasterThanItMayByHttp) {
  const SocketAddress remote = *SocketAddress::Parse("198.51.100.1:4000");
  const std::string request = R"({"jsonrpc":"2.0","id":1,"method":"ptz.get"})";
  int served = 0;
  int refused = 0;
  for (hal::HttpRequestId id = 0; id < 10'000; ++id) {
    rig_.server.HandleHttp(rig_.now, id, Role::kViewer, remote, request);
    const std::optional<HttpAnswer> answer = rig_.server.PollHttp();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->id, id);
    served += answer->status == 200;
    refused += answer->status == 429;
  }
  EXPECT_EQ(served, 200);
  EXPECT_EQ(refused, 9'800);
  // Somebody else is served. Of IPv6, one host has as many addresses as it likes, all in one /64.
  rig_.server.HandleHttp(rig_.now, 1, Role::kViewer, *SocketAddress::Parse("198.51.100.2:1"),
                         request);
  EXPECT_EQ(rig_.server.PollHttp()->status, 200);
  served = 0;
  for (unsigned host = 1; host <= 300; ++host) {
    const SocketAddress from = *SocketAddress::Parse(Format("[2001:db8::%x]:4000", host));
    rig_.server.HandleHttp(rig_.now, host, Role::kViewer, from, request);
    served += rig_.server.PollHttp()->status == 200;
  }
  EXPECT_EQ(served, 200);
}

}  // namespace
}  // namespace ocellus::control
