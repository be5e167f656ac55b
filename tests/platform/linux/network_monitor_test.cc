// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/network_monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/linux/clock.h"
#include "tests/platform/linux/network_namespace.h"

namespace ocellus::linux_platform {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

InterfaceAddress Address(const char* ip, int prefix_length = 64) {
  InterfaceAddress address;
  address.ip = *IpAddress::Parse(ip);
  address.prefix_length = prefix_length;
  address.interface_index = 2;
  address.interface_up = true;
  return address;
}

InterfaceAddress Temporary(const char* ip) {
  InterfaceAddress address = Address(ip);
  address.temporary = true;
  return address;
}

std::vector<std::string> Select(const std::vector<InterfaceAddress>& all,
                                const AddressPolicy& policy = {}) {
  std::vector<std::string> texts;
  for (const IpAddress& ip : SelectAddresses(all, policy)) texts.push_back(ip.ToString());
  return texts;
}

AddressPolicy ListenOn(const char* ip) { return {*IpAddress::Parse(ip), false}; }

TEST(NetworkMonitor, TakesAddressesOfBothFamiliesInOrder) {
  EXPECT_THAT(Select({Address("192.0.2.1", 24), Address("2001:db8::1"), Address("10.0.0.1", 8)}),
              ElementsAre("192.0.2.1", "2001:db8::1", "10.0.0.1"));
}

TEST(NetworkMonitor, LeavesOutInterfacesThatAreDown) {
  InterfaceAddress down = Address("192.0.2.1", 24);
  down.interface_up = false;
  EXPECT_THAT(Select({down, Address("192.0.2.2", 24)}), ElementsAre("192.0.2.2"));
}

TEST(NetworkMonitor, LeavesOutTentativeAndDeprecatedAddresses) {
  InterfaceAddress tentative = Address("2001:db8::1");
  tentative.usable = false;
  EXPECT_THAT(Select({tentative, Address("2001:db8::2")}), ElementsAre("2001:db8::2"));
}

TEST(NetworkMonitor, LeavesOutLinkLocalAddresses) {
  EXPECT_THAT(Select({Address("fe80::1"), Address("169.254.1.1", 16)}), IsEmpty());
}

TEST(NetworkMonitor, PrefersALastingAddressToTemporaryOnes) {
  EXPECT_THAT(
      Select({Temporary("2001:db8::aaaa"), Temporary("2001:db8::bbbb"), Address("2001:db8::1")}),
      ElementsAre("2001:db8::1"));
}

TEST(NetworkMonitor, KeepsOneTemporaryAddressOfEachPrefix) {
  EXPECT_THAT(Select({Temporary("2001:db8:0:1::a"), Temporary("2001:db8:0:1::b"),
                      Temporary("2001:db8:0:2::a")}),
              ElementsAre("2001:db8:0:1::a", "2001:db8:0:2::a"));
}

TEST(NetworkMonitor, ADeprecatedLastingAddressDoesNotHideATemporaryOne) {
  InterfaceAddress deprecated = Address("2001:db8::1");
  deprecated.usable = false;
  EXPECT_THAT(Select({deprecated, Temporary("2001:db8::a")}), ElementsAre("2001:db8::a"));
}

TEST(NetworkMonitor, LoopbackIsTheLastResort) {
  const InterfaceAddress loopback = Address("127.0.0.1", 8);
  EXPECT_THAT(Select({loopback, Address("192.0.2.1", 24)}), ElementsAre("192.0.2.1"));
  EXPECT_THAT(Select({loopback, Address("fe80::1")}), ElementsAre("127.0.0.1"));
  EXPECT_THAT(Select({loopback, Address("192.0.2.1", 24)}, {std::nullopt, true}),
              ElementsAre("192.0.2.1", "127.0.0.1"));
}

TEST(NetworkMonitor, ListenRestrictsToOneAddressOrFamily) {
  const std::vector<InterfaceAddress> all = {Address("127.0.0.1", 8), Address("192.0.2.1", 24),
                                             Address("192.0.2.2", 24), Address("2001:db8::1")};
  EXPECT_THAT(Select(all, ListenOn("192.0.2.2")), ElementsAre("192.0.2.2"));
  EXPECT_THAT(Select(all, ListenOn("127.0.0.1")), ElementsAre("127.0.0.1"));
  EXPECT_THAT(Select(all, ListenOn("0.0.0.0")), ElementsAre("192.0.2.1", "192.0.2.2"));
  EXPECT_THAT(Select(all, ListenOn("::")), ElementsAre("2001:db8::1"));
  EXPECT_THAT(Select(all, ListenOn("192.0.2.9")), IsEmpty());
}

// A monitor in a namespace, driven by a loop as in the program.
class LiveMonitor {
 public:
  LiveMonitor()
      : loop_(std::move(*EventLoop::Open())), monitor_(std::move(*NetworkMonitor::Open({}))) {
    for (const Watch& watch : monitor_->watches()) CHECK(loop_->Add(watch).ok(), "Add");
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> texts;
    for (const IpAddress& ip : monitor_->Addresses()) texts.push_back(ip.ToString());
    return texts;
  }

  // Runs until a change is told, or for a second.
  bool WaitForChange() {
    const Time end = clock_.Now() + std::chrono::seconds(1);
    while (clock_.Now() < end) {
      loop_->Wait(end);
      if (monitor_->TakeChanged()) return true;
    }
    return false;
  }

  // Whether the first news is a change already.
  bool ChangesAtOnce() {
    loop_->Wait(clock_.Now() + std::chrono::seconds(1));
    return monitor_->TakeChanged();
  }

 private:
  const LinuxClock clock_;
  const std::unique_ptr<EventLoop> loop_;
  const std::unique_ptr<NetworkMonitor> monitor_;
};

TEST(NetworkMonitor, NoticesAddressesThatComeAndGo) {
  IN_NETWORK_NAMESPACE([] {
    ASSERT_TRUE(Ip("link set lo up"));
    LiveMonitor monitor;
    ASSERT_THAT(monitor.addresses(), ::testing::Contains("127.0.0.1"));
    if (!Ip("link add name cam0 type veth peer name far0 && ip link set far0 up && "
            "ip link set cam0 up")) {
      GTEST_SKIP() << "no veth devices here";
    }
    ASSERT_TRUE(Ip("addr add 192.0.2.1/24 dev cam0"));
    ASSERT_TRUE(Ip("addr add 2001:db8::1/64 dev cam0 nodad"));
    EXPECT_TRUE(monitor.WaitForChange());
    EXPECT_THAT(monitor.addresses(), ElementsAre("192.0.2.1", "2001:db8::1"));

    ASSERT_TRUE(Ip("link set far0 down"));  // The cable is pulled.
    EXPECT_TRUE(monitor.WaitForChange());
    EXPECT_THAT(monitor.addresses(), ::testing::Contains("127.0.0.1"));
  });
}

TEST(NetworkMonitor, TheFirstAddressOfAHostCountsAtOnce) {
  IN_NETWORK_NAMESPACE([] {
    ASSERT_TRUE(Ip("link set lo up"));
    if (!Ip("link add name cam0 type veth peer name far0 && ip link set far0 up && "
            "ip link set cam0 up")) {
      GTEST_SKIP() << "no veth devices here";
    }
    LiveMonitor monitor;
    ASSERT_TRUE(Ip("addr add 192.0.2.1/24 dev cam0"));
    EXPECT_TRUE(monitor.ChangesAtOnce());
    EXPECT_THAT(monitor.addresses(), ElementsAre("192.0.2.1"));
    ASSERT_TRUE(Ip("addr add 192.0.2.2/24 dev cam0"));
    EXPECT_FALSE(monitor.ChangesAtOnce());
    EXPECT_TRUE(monitor.WaitForChange());
  });
}

TEST(NetworkMonitor, ABurstWithoutEffectIsNoChange) {
  IN_NETWORK_NAMESPACE([] {
    ASSERT_TRUE(Ip("link set lo up"));
    LiveMonitor monitor;
    ASSERT_TRUE(Ip("addr add 127.0.0.5/8 dev lo && ip addr del 127.0.0.5/8 dev lo"));
    EXPECT_FALSE(monitor.WaitForChange());
  });
}

}  // namespace
}  // namespace ocellus::linux_platform
