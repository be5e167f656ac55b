// SPDX-License-Identifier: Apache-2.0
// What subscribers are told by control::Server, and when.
#include <gtest/gtest.h>

#include "tests/control/control_rig.h"

namespace ocellus::control {
namespace {

using auth::Role;

class ServerEvents : public testing::Test {
 protected:
  void Subscribe(const std::string& topics) {
    ASSERT_EQ(
        rig_.ErrorOf(client_, "events.subscribe", "{\"topics\":[" + topics + "]}").find("-32"),
        std::string::npos);
  }
  // The only notification that is there: "method params".
  std::string Read() {
    const std::string text = rig_.Read(client_);
    const Result<json::Value> json = json::Value::Parse(text);
    if (!json.ok() || json->view()["id"].exists()) return text;
    return std::string(json->view()["method"].AsString().value_or("")) + ' ' +
           json->view()["params"].Write();
  }

  ControlRig rig_;
  const ClientId client_ = rig_.Open();
};

TEST_F(ServerEvents, TellOfChangesWithinATenthOfASecond) {
  Subscribe(R"("outputs")");
  EXPECT_EQ(rig_.server.next_deadline(), rig_.now + std::chrono::milliseconds(100));
  ASSERT_TRUE(rig_.outputs.Set("porch", true).ok());
  rig_.Wait(std::chrono::milliseconds(100));
  EXPECT_EQ(Read(), R"(outputs.changed {"outputs":[{"name":"porch","kind":"light","on":true}]})");
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(Read(), "");
}

TEST_F(ServerEvents, TellNothingOfWhatWasSoBefore) {
  ASSERT_TRUE(rig_.outputs.Set("porch", true).ok());
  Subscribe(R"("outputs","image","ptz","stream","settings")");
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(Read(), "");
}

TEST_F(ServerEvents, TellWhatHappensBetweenOnesSubscriptionAndTheNext) {
  Subscribe(R"("stream")");
  rig_.camera.parameters.width = 640;
  // The other's request comes before the next look, which would otherwise be its first.
  const ClientId other = rig_.Open();
  rig_.server.HandleMessage(rig_.now, other,
                            R"({"jsonrpc":"2.0","method":"events.subscribe",)"
                            R"("params":{"topics":["outputs"]}})");
  ASSERT_TRUE(rig_.outputs.Set("porch", true).ok());
  EXPECT_EQ(Read().substr(0, 14), "stream.changed");
  rig_.Wait(std::chrono::milliseconds(100));
  EXPECT_NE(rig_.Read(other).find("outputs.changed"), std::string::npos);
}

TEST_F(ServerEvents, TellStatisticsAtOnceAndEverySecond) {
  Subscribe(R"("stats")");
  rig_.Wait(Duration(0));
  EXPECT_EQ(Read().substr(0, 13), "stats.changed");
  rig_.Wait(std::chrono::milliseconds(999));
  EXPECT_EQ(Read(), "");
  rig_.Wait(std::chrono::milliseconds(1));
  EXPECT_EQ(Read().substr(0, 13), "stats.changed");
  EXPECT_EQ(rig_.device.reads, 2);
}

TEST_F(ServerEvents, TellNewLinesOfTheLog) {
  Subscribe(R"("log")");
  rig_.Wait(std::chrono::seconds(2));
  EXPECT_EQ(Read(), "");
  rig_.log.Add("a");
  rig_.log.Add("b");
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(Read(),
            R"(log.added {"lines":[{"number":2,"unix_ms":1790000000000,"level":"info","text":"a"},)"
            R"({"number":3,"unix_ms":1790000000000,"level":"info","text":"b"}]})");
  for (int i = 0; i < 1'000; ++i) rig_.log.Add("flood");
  rig_.Wait(std::chrono::seconds(1));
  const std::string text = Read();
  EXPECT_EQ(json::Value::Parse(text.substr(text.find('{')))->view()["lines"].size(),
            kMaxControlLogLines);
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(Read(), "");
}

TEST_F(ServerEvents, LeaveOutWhatIsMoreThanAClientTakes) {
  const ClientId small = rig_.server.Open(
      rig_.now, Role::kAdmin, *SocketAddress::Parse("192.0.2.8:5000"), kMaxControlReplySize / 64);
  for (const ClientId client : {client_, small}) {
    rig_.Call(client, "events.subscribe", R"({"topics":["stats"]})");
  }
  const auto bytes_told = [this, small] {
    rig_.Wait(std::chrono::seconds(1));
    size_t whole = 0;
    size_t part = 0;
    while (const std::optional<OutgoingMessage> message = rig_.server.PollMessage()) {
      (message->client == small ? part : whole) = message->text.size();
    }
    return std::pair(whole, part);
  };
  EXPECT_GT(bytes_told().second, 0u);
  rig_.device.filling = std::string(kMaxControlReplySize / 64, 'x');
  EXPECT_GT(bytes_told().first, kMaxControlReplySize / 64);
  EXPECT_EQ(bytes_told().second, 0u);
  rig_.device.filling = std::string(kMaxControlReplySize, 'x');
  EXPECT_EQ(bytes_told().first, 0u);
  EXPECT_EQ(rig_.server.client_count(), 2u) << "nobody is sent away for it";
}

TEST_F(ServerEvents, TellAsManyLinesOfTheLogAsFit) {
  Subscribe(R"("log")");
  for (size_t i = 0; i < kMaxControlLogLines; ++i) {
    rig_.log.Add(std::string(kMaxControlReplySize / 64, 'x'));
  }
  rig_.log.Add("the newest");
  rig_.Wait(std::chrono::seconds(1));
  const std::string text = Read();
  EXPECT_LE(text.size(), kMaxControlReplySize);
  EXPECT_GT(text.size(), kMaxControlReplySize / 4);
  EXPECT_NE(text.find("the newest"), std::string::npos);
  rig_.log.Add(std::string(kMaxControlReplySize, 'x'));
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(Read(), "");
  rig_.log.Add("next");
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_NE(Read().find("next"), std::string::npos) << "the large one is behind us";
}

TEST_F(ServerEvents, TellOfFilesOnlyThoseWhoMayReadThem) {
  Subscribe(R"("files")");
  const ClientId viewer = rig_.Open(Role::kViewer);
  rig_.Call(viewer, "events.subscribe", R"({"topics":["files"]})");
  rig_.server.NotifyFilesChanged(FileArea::kFirmware);
  EXPECT_EQ(Read(), R"(files.changed {"area":"firmware"})");
  rig_.server.NotifyFilesChanged(FileArea::kFirmware);
  EXPECT_EQ(rig_.Read(viewer), "");
  rig_.server.NotifyFilesChanged(FileArea::kSnapshots);
  EXPECT_EQ(rig_.Read(viewer),
            R"({"jsonrpc":"2.0","method":"files.changed","params":{"area":"snapshots"}})");
}

TEST_F(ServerEvents, EndWithTheSubscriptionTheRoleAndTheClient) {
  Subscribe(R"("settings","stream","log")");
  rig_.server.SetRole(client_, Role::kViewer);
  rig_.settings.settings[0].value = "1500";
  rig_.log.Add("secret");
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(Read(), "") << "a viewer gets neither settings nor log";
  rig_.camera.parameters.width = 640;
  rig_.Wait(std::chrono::milliseconds(100));
  EXPECT_EQ(Read().substr(0, 14), "stream.changed");
  rig_.Call(client_, "events.unsubscribe", R"({"topics":["stream"]})");
  EXPECT_EQ(rig_.server.next_deadline(), kNever);

  Subscribe(R"("stats","image")");
  EXPECT_NE(rig_.server.next_deadline(), kNever);
  rig_.server.Close(client_);
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(rig_.server.next_deadline(), kNever);
}

TEST_F(ServerEvents, GoOnWhenTheRoleIsEnoughAgain) {
  Subscribe(R"("settings","log")");
  rig_.server.SetRole(client_, Role::kViewer);
  rig_.log.Add("not for viewers");
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(rig_.server.next_deadline(), kNever);
  rig_.Call(client_, "session.log_in", R"({"token":"correct-horse-battery-staple"})");
  rig_.settings.settings[0].value = "1500";
  rig_.Wait(std::chrono::milliseconds(100));
  EXPECT_EQ(Read().substr(0, 16), "settings.changed");
  rig_.Wait(std::chrono::seconds(1));
  EXPECT_EQ(Read(), "") << "what was logged meanwhile";
}

TEST_F(ServerEvents, LookLikeTheExamplesOfTheDocumentation) {
  Subscribe(R"("settings","image","ptz","stream","outputs","stats","log","files")");
  rig_.settings.settings[0].value = "1500";
  rig_.camera.list[0].value = 12;
  ASSERT_TRUE(rig_.ptz.MoveTo(rig_.now, PtzTarget{{}, {}, 0.5}).ok());
  rig_.camera.parameters.width = 640;
  ASSERT_TRUE(rig_.outputs.Set("porch", true).ok());
  rig_.log.Add("viewer 4Fz1 connected");
  rig_.server.NotifyFilesChanged(FileArea::kSnapshots);
  rig_.Wait(std::chrono::seconds(1));
  std::string seen;
  while (const std::optional<OutgoingMessage> message = rig_.server.PollMessage()) {
    const Result<json::Value> json = json::Value::Parse(message->text);
    const std::string method(*json->view()["method"].AsString());
    for (const TopicInfo& topic : Topics()) {
      if (method != topic.notification) continue;
      seen += topic.name + std::string(" ");
      const Result<json::Value> example = json::Value::Parse(topic.example);
      for (const json::View member : example->view()) {
        const std::string name(member.name());
        EXPECT_EQ(json->view()["params"][name.c_str()].type(), member.type()) << method << name;
      }
    }
  }
  EXPECT_EQ(seen, "files settings image ptz stream outputs stats log stats ");
}

}  // namespace
}  // namespace ocellus::control
