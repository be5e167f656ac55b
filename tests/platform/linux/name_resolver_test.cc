// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/name_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "firmware/rtc/mdns/message.h"
#include "platform/linux/clock.h"
#include "tests/platform/linux/network_namespace.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const IpAddress kServer = *IpAddress::Parse("192.0.2.7");
const IpAddress kViewer = *IpAddress::Parse("10.99.0.5");

class Rig {
 public:
  explicit Rig(BackgroundLookup::LookUp look_up = FindServer)
      : loop_(std::move(*EventLoop::Open())),
        resolver_(std::move(*NameResolver::Open(clock_, std::move(look_up)))) {
    for (const Watch& watch : resolver_->watches()) CHECK(loop_->Add(watch).ok(), "Add");
  }

  static Result<std::vector<IpAddress>> FindServer(const std::string& name) {
    if (name == "turn.example.net") return std::vector<IpAddress>{kServer};
    return Status(StatusCode::kNotFound, name + ": Name or service not known");
  }

  NameResolver& resolver() { return *resolver_; }
  // Sleeps until there is an answer.
  hal::ResolvedName Await() {
    while (true) {
      if (std::optional<hal::ResolvedName> answer = resolver_->Poll()) return std::move(*answer);
      loop_->Wait(kNever);
    }
  }
  // Whether nothing more wakes the loop.
  bool Sleeps() {
    while (resolver_->Poll()) {
    }
    const Time deadline = clock_.Now() + std::chrono::milliseconds(5);
    loop_->Wait(deadline);
    return clock_.Now() >= deadline;
  }
  // Sleeps until there may be something new.
  void Wait() { loop_->Wait(kNever); }

 private:
  const LinuxClock clock_;
  const std::unique_ptr<EventLoop> loop_;
  const std::unique_ptr<NameResolver> resolver_;
};

std::vector<IpAddress> AddressesOf(const hal::ResolvedName& answer) {
  EXPECT_TRUE(answer.addresses.ok()) << answer.addresses.status().message();
  return answer.addresses.ok() ? *answer.addresses : std::vector<IpAddress>();
}

TEST(NameResolver, FindsHostsWithoutBlocking) {
  Rig rig;
  EXPECT_TRUE(rig.Sleeps());
  rig.resolver().Resolve("turn.example.net");
  rig.resolver().Resolve("gone.example.net");
  for (int i = 0; i < 2; ++i) {
    const hal::ResolvedName answer = rig.Await();
    if (answer.name == "turn.example.net") {
      EXPECT_THAT(AddressesOf(answer), ElementsAre(kServer));
    } else {
      EXPECT_EQ(answer.name, "gone.example.net");
      EXPECT_THAT(answer.addresses.status().message(), HasSubstr("gone.example.net"));
    }
  }
  EXPECT_FALSE(rig.resolver().Poll());
  EXPECT_TRUE(rig.Sleeps());
}

TEST(NameResolver, AddressesNeedNoLookingUp) {
  Rig rig([](const std::string&) -> Result<std::vector<IpAddress>> {
    ADD_FAILURE() << "was asked";
    return StatusCode::kNotFound;
  });
  for (const char* text : {"192.0.2.7", "2001:db8::7"}) {
    rig.resolver().Resolve(text);
    const hal::ResolvedName answer = rig.Await();
    EXPECT_EQ(answer.name, text);
    EXPECT_THAT(AddressesOf(answer), ElementsAre(*IpAddress::Parse(text)));
  }
  EXPECT_TRUE(rig.Sleeps());
}

TEST(NameResolver, RefusesWhatIsNoHostName) {
  Rig rig;
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a\0b", 3), std::string("turn/example"),
        std::string("[2001:db8::1]"), std::string(254, 'a')}) {
    rig.resolver().Resolve(name);
    const hal::ResolvedName answer = rig.Await();
    EXPECT_EQ(answer.name, name);
    EXPECT_EQ(answer.addresses.status().code(), StatusCode::kInvalidArgument) << name;
  }
}

TEST(NameResolver, LocalNamesOfSeveralLabelsAreInACompanysOwnDns) {
  Rig rig([](const std::string& name) -> Result<std::vector<IpAddress>> {
    EXPECT_EQ(name, "turn.office.local");
    return std::vector<IpAddress>{kServer};
  });
  rig.resolver().Resolve("turn.office.local");
  EXPECT_THAT(AddressesOf(rig.Await()), ElementsAre(kServer));
}

// A link on which multicast comes back to the other sockets of this host.
void MakeLink() {
  ASSERT_TRUE(
      Ip("link set lo up && ip link add name lan type veth peer name far && "
         "ip addr add 10.99.0.1/24 dev lan && ip link set lan up && ip link set far up"));
  // The kernel takes a moment to notice that both ends are up.
  const auto has_carrier = [] { return Ip("-o link show dev lan | grep -q 'state UP'"); };
  for (int attempt = 0; attempt < 1000 && !has_carrier(); ++attempt) {
  }
}

// A browser on the same network, which answers to "viewer.local".
class Browser {
 public:
  Browser() : socket_(std::move(*MdnsSocket::Open())) {}

  // Answers what has come. True when it was asked for its name.
  bool Serve() {
    bool asked = false;
    while (const std::optional<Datagram> datagram = socket_->Receive()) {
      const Result<mdns::Message> question = mdns::Message::Parse(datagram->payload);
      if (!question.ok() || question->is_response || question->questions.empty()) continue;
      if (question->questions[0].name != *mdns::Name::FromText("viewer.local")) continue;
      asked = true;
      mdns::Message answer;
      answer.is_response = true;
      answer.is_authoritative = true;
      answer.records = {{mdns::Section::kAnswer, question->questions[0].name, mdns::RecordType::kA,
                         mdns::kClassInternet, /*cache_flush=*/true,
                         /*ttl_seconds=*/120, std::string(AsText(kViewer.bytes()))}};
      uint8_t bytes[kMaxDatagramSize];
      socket_->Send(Bytes(bytes).first(*answer.Write(bytes)));
    }
    return asked;
  }

 private:
  const std::unique_ptr<MdnsSocket> socket_;
};

TEST(NameResolver, FindsViewersOnTheLocalNetworkByTheirNames) {
  IN_NETWORK_NAMESPACE([] {
    MakeLink();
    Browser browser;
    Rig rig;
    rig.resolver().Resolve("viewer.local");
    rig.resolver().Resolve("viewer.local.");
    std::vector<std::string> answered;
    while (answered.size() < 2) {
      browser.Serve();
      rig.Wait();
      while (const std::optional<hal::ResolvedName> answer = rig.resolver().Poll()) {
        EXPECT_THAT(AddressesOf(*answer), ElementsAre(kViewer));
        answered.push_back(answer->name);
      }
    }
    EXPECT_THAT(answered, ElementsAre("viewer.local", "viewer.local."));
    EXPECT_TRUE(rig.Sleeps()) << "nothing is under way any more";
  });
}

TEST(NameResolver, SaysWhichViewerNobodyHasHeardOf) {
  IN_NETWORK_NAMESPACE([] {
    MakeLink();
    Rig rig;
    rig.resolver().Resolve("gone.local");
    const hal::ResolvedName answer = rig.Await();  // After the 4 s of mdns::Resolver.
    EXPECT_EQ(answer.name, "gone.local");
    EXPECT_EQ(answer.addresses.status().code(), StatusCode::kNotFound);
    EXPECT_THAT(answer.addresses.status().message(), HasSubstr("gone.local: nobody"));
    EXPECT_TRUE(rig.Sleeps());
  });
}

TEST(NameResolver, SaysSoWhereThereIsNoLocalNetwork) {
  IN_NETWORK_NAMESPACE([] {
    Rig rig;
    rig.resolver().Resolve("viewer.local");
    const hal::ResolvedName answer = rig.Await();
    EXPECT_EQ(answer.addresses.status().code(), StatusCode::kUnavailable);
    EXPECT_THAT(answer.addresses.status().message(), HasSubstr("viewer.local: "));
    EXPECT_TRUE(rig.Sleeps());
  });
}

}  // namespace
}  // namespace ocellus::linux_platform
